#include "store/index/slot_match.h"

#include <gtest/gtest.h>

#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

TEST(SlotMatchTest, OneCompareFindsExactlyTheSlotsWithATag) {
  SeededRandom random(TestSeed(8));
  uint8_t tags[kGroupSlots + 3];
  for (int i = 0; i < 10'000; ++i) {
    for (uint8_t& tag : tags) tag = static_cast<uint8_t>(random.Below(4));
    const uint8_t* const group = tags + random.Below(4);  // alignment does not matter
    for (uint8_t wanted = 0; wanted < 4; ++wanted) {
      GroupMask expected = 0;
      for (size_t slot = 0; slot < kGroupSlots; ++slot) {
        if (group[slot] == wanted) expected |= GroupMask{1} << slot;
      }
      ASSERT_EQ(MatchTag(group, wanted), expected);
      if (wanted != 0) continue;
      ASSERT_EQ(EmptySlots(group), expected);
      ASSERT_EQ(FullSlots(group), ~expected & 0xFFFF);
    }
  }
}

TEST(SlotMatchTest, TagsAreBitsEightToFifteenButNeverZero) {
  EXPECT_EQ(TagOf(0xFFFF'FFFF'FFFF'2AFF), 0x2A);
  EXPECT_EQ(TagOf(0xFFFF'FFFF'FFFF'00FF), 1);
}

TEST(SlotMatchTest, AHashFindsTheSlotsWithItsTag) {
  SeededRandom random(TestSeed(9));
  uint8_t tags[kGroupSlots];
  for (uint8_t& tag : tags) tag = static_cast<uint8_t>(random.Below(256));
  tags[3] = 0;
  tags[5] = 1;
  for (uint64_t bits = 0; bits < 256; ++bits) {
    const uint64_t hash = (random.Next() & ~uint64_t{0xFF00}) | bits << 8;
    ASSERT_EQ(MatchTagOf(tags, hash), MatchTag(tags, TagOf(hash))) << std::hex << hash;
  }
}

}  // namespace
}  // namespace dcs::store
