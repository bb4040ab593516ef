#include "store/index/deadline_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "store/index/slot_match.h"
#include "store/time/deadline.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

// Borders of the unsigned range, where a signed comparison would go wrong, more often than others.
uint32_t SomeDeadline(SeededRandom& random) {
  static constexpr uint32_t kBorders[] = {0,          1,          0x7FFFFFFF,       0x80000000,
                                          0x80000001, 0xFFFFFFFD, kCoarseOutOfLine, kCoarseNone};
  return random.OneIn(2) ? kBorders[random.Below(8)] : static_cast<uint32_t>(random.Next());
}

SlotBlock SomeBlock(SeededRandom& random) {
  SlotBlock block = {};
  for (uint32_t& coarse : block.coarse) coarse = SomeDeadline(random);
  for (SlotGroup& group : block.group) {
    for (uint8_t& tag : group.tag) tag = static_cast<uint8_t>(1 + random.Below(255));
    for (uint8_t& fine : group.fine) fine = static_cast<uint8_t>(random.Next());
  }
  return block;
}

TEST(DeadlineScanTest, FindsWhatHasExpiredAsAPlainLoopDoes) {
  SeededRandom random(TestSeed(31));
  for (int round = 0; round < 5'000; ++round) {
    const SlotBlock block = SomeBlock(random);
    const SlotDeadline now = {
        std::min(random.OneIn(2) ? block.coarse[random.Below(kBlockSlots)] : SomeDeadline(random),
                 kCoarseOutOfLine - 1),
        static_cast<uint8_t>(random.Next())};
    uint16_t expected[kBlockGroups] = {}, expired[kBlockGroups];
    size_t count = 0;
    for (size_t slot = 0; slot < kBlockSlots; ++slot) {
      const size_t group = slot / kGroupSlots, in_group = slot % kGroupSlots;
      const SlotDeadline deadline = {block.coarse[slot], block.group[group].fine[in_group]};
      if (deadline >= now) continue;
      expected[group] |= static_cast<uint16_t>(1 << in_group);
      ++count;
    }
    ASSERT_EQ(FindExpired(block, now, expired), count);
    for (size_t group = 0; group < kBlockGroups; ++group) {
      ASSERT_EQ(expired[group], expected[group]);
      ASSERT_EQ(
          SlotsBelow(block.coarse + group * kGroupSlots, now.coarse) & ~GroupMask{expired[group]},
          0u);
    }
  }
}

TEST(DeadlineScanTest, EmptiesTheGivenSlotsAndNoOthers) {
  SeededRandom random(TestSeed(34));
  for (int round = 0; round < 5'000; ++round) {
    SlotBlock block = SomeBlock(random);
    const SlotBlock before = block;
    uint16_t slots[kBlockGroups];
    for (uint16_t& mask : slots) {
      mask = random.OneIn(4) ? 0 : random.OneIn(4) ? 0xFFFF : static_cast<uint16_t>(random.Next());
    }
    const uint32_t earliest = EmptySlots(block, slots);
    uint32_t expected = kCoarseNone;
    for (size_t slot = 0; slot < kBlockSlots; ++slot) {
      const size_t group = slot / kGroupSlots, in_group = slot % kGroupSlots;
      const bool emptied = (slots[group] >> in_group & 1) != 0;
      ASSERT_EQ(block.coarse[slot], emptied ? kCoarseNone : before.coarse[slot]);
      ASSERT_EQ(block.group[group].tag[in_group], emptied ? 0 : before.group[group].tag[in_group]);
      ASSERT_EQ(block.group[group].fine[in_group], before.group[group].fine[in_group]);
      expected = std::min(expected, block.coarse[slot]);
    }
    ASSERT_EQ(earliest, expected);
  }
}

TEST(DeadlineScanTest, FindsABlocksEarliestDeadlineWhereverItStands) {
  SeededRandom random(TestSeed(32));
  SlotBlock block = {};
  for (size_t at = 0; at < kBlockSlots; ++at) {
    for (uint32_t& c : block.coarse) c = std::max(SomeDeadline(random), 1000u);
    block.coarse[at] = static_cast<uint32_t>(random.Below(1000));
    ASSERT_EQ(EarliestIn(block), block.coarse[at]);
  }
  std::ranges::fill(block.coarse, kCoarseNone);
  EXPECT_EQ(EarliestIn(block), kCoarseNone);
}

TEST(DeadlineScanTest, FindsTheFirstThatIsDueInArraysOfEverySize) {
  SeededRandom random(TestSeed(33));
  for (size_t size = 0; size < 200; ++size) {
    std::vector<uint32_t> values(size);
    for (uint32_t& value : values) value = random.OneIn(20) ? 7 : 8 + SomeDeadline(random) / 2;
    for (size_t from = 0; from <= size; ++from) {
      size_t expected = from;
      while (expected < size && values[expected] > 7) ++expected;
      ASSERT_EQ(FirstAtMost(values.data(), from, size, 7), expected);
    }
  }
}

}  // namespace
}  // namespace dcs::store
