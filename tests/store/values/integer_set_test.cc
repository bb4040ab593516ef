#include "store/values/integer_set.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "tests/failing_allocation.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

void ExpectSame(const IntegerSet& set, const std::set<int64_t>& expected) {
  ASSERT_EQ(set.size(), expected.size());
  size_t index = 0;
  for (const int64_t value : expected) ASSERT_EQ(set.At(index++), value);
}

TEST(IntegerSetTest, KeepsAscendingOrderWhileIntegersWiden) {
  IntegerSet set;
  std::set<int64_t> expected;
  EXPECT_EQ(set.bytes(), 0u);
  for (const int64_t value : {int64_t{5}, int64_t{-5}, int64_t{32'767}, int64_t{-32'768},
                              int64_t{32'768}, int64_t{-32'769}, int64_t{2'147'483'647},
                              int64_t{-2'147'483'648}, int64_t{2'147'483'648}, kMax, kMin}) {
    EXPECT_FALSE(set.Contains(value));
    EXPECT_TRUE(set.Insert(value));
    EXPECT_FALSE(set.Insert(value));
    EXPECT_TRUE(set.Contains(value));
    expected.insert(value);
    ExpectSame(set, expected);
  }
}

TEST(IntegerSetTest, IntegersTakeTheWidthOfTheWidest) {
  IntegerSet set;
  for (int i = 0; i < 10; ++i) set.Insert(i);
  EXPECT_EQ(set.bytes(), 4u + 10 * 2);
  set.Insert(-40'000);
  EXPECT_EQ(set.bytes(), 4u + 11 * 4);
  set.Insert(kMax);
  EXPECT_EQ(set.bytes(), 4u + 12 * 8);
  set.Erase(kMax);
  EXPECT_EQ(set.bytes(), 4u + 11 * 8);
}

TEST(IntegerSetTest, BehavesAsASetUnderRandomUse) {
  SeededRandom random(TestSeed(41));
  for (const unsigned shift : {56, 48, 40, 20, 0}) {
    RecordedAllocations recorded;
    IntegerSet set;
    std::set<int64_t> expected;
    for (int i = 0; i < 4'000; ++i) {
      const auto value = static_cast<int64_t>(random.Next()) >> shift;
      const bool grow = (i / 500) % 2 == 0;
      bool changed = false;
      if (random.Below(100) < (grow ? 80 : 20)) {
        recorded.During([&] { changed = set.Insert(value); });
        ASSERT_EQ(changed, expected.insert(value).second);
      } else {
        const int64_t there = expected.empty() || random.OneIn(2) ? value : *expected.begin();
        recorded.During([&] { changed = set.Erase(there); });
        ASSERT_EQ(changed, expected.erase(there) == 1);
      }
      ASSERT_EQ(set.Contains(value), expected.contains(value));
      ASSERT_EQ(set.bytes(), recorded.bytes());
    }
    ExpectSame(set, expected);
  }
}

TEST(IntegerSetTest, FailedAllocations_LeaveTheIntegers) {
  IntegerSet set;
  for (int i = 0; i < 5; ++i) set.Insert(i * 2);
  for (const int64_t value : {int64_t{3}, int64_t{100'000}, kMin}) {
    {
      const ExhaustedMemory exhausted(1);
      EXPECT_THROW(set.Insert(value), std::bad_alloc);
    }
    ExpectSame(set, {0, 2, 4, 6, 8});
  }
  {
    const ExhaustedMemory exhausted(1);
    EXPECT_TRUE(set.Erase(4));
  }
  ExpectSame(set, {0, 2, 6, 8});
  EXPECT_TRUE(set.Insert(5));
  ExpectSame(set, {0, 2, 5, 6, 8});
}

}  // namespace
}  // namespace dcs::store
