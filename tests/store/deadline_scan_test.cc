#include "store/deadline_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "store/deadline.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

// Borders of the unsigned range, where a signed comparison would go wrong, more often than others.
uint32_t SomeDeadline(SeededRandom& random) {
  static constexpr uint32_t kBorders[] = {0,          1,          0x7FFFFFFF,       0x80000000,
                                          0x80000001, 0xFFFFFFFD, kCoarseOutOfLine, kCoarseNone};
  return random.OneIn(2) ? kBorders[random.Below(8)] : static_cast<uint32_t>(random.Next());
}

TEST(DeadlineScanTest, ComparesAGroupAsAPlainLoopDoes) {
  SeededRandom random(TestSeed(31));
  for (int round = 0; round < 20'000; ++round) {
    alignas(16) uint32_t coarse[kGroupSlots];
    alignas(16) uint8_t fine[kGroupSlots];
    for (uint32_t& c : coarse) c = SomeDeadline(random);
    for (uint8_t& f : fine) f = static_cast<uint8_t>(random.Next());
    const uint32_t limit = random.OneIn(2) ? coarse[random.Below(16)] : SomeDeadline(random);
    const auto fine_limit = static_cast<uint8_t>(random.Next());
    GroupMask up_to = 0, fine_below = 0;
    for (size_t i = 0; i < kGroupSlots; ++i) {
      up_to |= GroupMask{coarse[i] <= limit} << i;
      fine_below |= GroupMask{fine[i] < fine_limit} << i;
    }
    ASSERT_EQ(SlotsUpTo(coarse, limit), up_to);
    ASSERT_EQ(Below(fine, fine_limit), fine_below);
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
  for (size_t size = 0; size < 100; ++size) {
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
