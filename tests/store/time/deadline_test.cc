#include "store/time/deadline.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kEpoch = 1'700'000'000'000;

TEST(DeadlineTest, AKeyIsStillThereInTheMillisecondOfItsDeadline) {
  EXPECT_FALSE(Expired(1000, 999));
  EXPECT_FALSE(Expired(1000, 1000));
  EXPECT_TRUE(Expired(1000, 1001));
  EXPECT_FALSE(Expired(kNoDeadline, kNoDeadline - 1));
}

TEST(DeadlineTest, FiveBytesKeepEveryMillisecondOfTheWindow) {
  for (const TimeMs relative : {TimeMs{1}, TimeMs{255}, TimeMs{256}, TimeMs{257}, TimeMs{65535},
                                TimeMs{65536}, kDeadlineWindowMs / 2, kDeadlineWindowMs - 257,
                                kDeadlineWindowMs - 256, kDeadlineWindowMs - 1}) {
    const SlotDeadline slot = ToSlot(kEpoch + relative, kEpoch);
    EXPECT_LT(slot.coarse, kCoarseOutOfLine) << relative;
    EXPECT_EQ(FromSlot(slot, kEpoch), kEpoch + relative);
  }
  SeededRandom random(TestSeed(1));
  for (int i = 0; i < 100'000; ++i) {
    const auto relative = static_cast<TimeMs>(random.Below(uint64_t{kDeadlineWindowMs}));
    ASSERT_EQ(FromSlot(ToSlot(kEpoch + relative, kEpoch), kEpoch), kEpoch + relative);
  }
}

TEST(DeadlineTest, LaterDeadlinesAreOutOfLine) {
  EXPECT_EQ(ToSlot(kEpoch + kDeadlineWindowMs - 1, kEpoch).coarse, kCoarseOutOfLine - 1);
  EXPECT_EQ(ToSlot(kEpoch + kDeadlineWindowMs, kEpoch).coarse, kCoarseOutOfLine);
  EXPECT_EQ(ToSlot(kNoDeadline - 1, kEpoch).coarse, kCoarseOutOfLine);
  EXPECT_EQ(ToSlot(kNoDeadline, kEpoch).coarse, kCoarseNone);
}

TEST(DeadlineTest, DeadlinesBeforeTheEpochBecomeTheEpoch) {
  for (const TimeMs deadline :
       {kEpoch, kEpoch - 1, TimeMs{0}, TimeMs{-1}, std::numeric_limits<TimeMs>::min()}) {
    const SlotDeadline slot = ToSlot(deadline, kEpoch);
    EXPECT_EQ(slot.coarse, 0u);
    EXPECT_EQ(slot.fine, 0u);
    EXPECT_EQ(FromSlot(slot, kEpoch), kEpoch);
  }
}

TEST(DeadlineTest, AnEpochAtEitherEndOfTimeOverflowsNothing) {
  const TimeMs first = std::numeric_limits<TimeMs>::min();
  EXPECT_EQ(ToSlot(kNoDeadline - 1, first).coarse, kCoarseOutOfLine);
  EXPECT_EQ(FromSlot(ToSlot(first + 300, first), first), first + 300);
  const TimeMs last = kNoDeadline - 1;
  EXPECT_EQ(ToSlot(last, last).coarse, 0u);
}

TEST(DeadlineTest, SlotDeadlinesKeepTheOrderOfTime) {
  SeededRandom random(TestSeed(2));
  for (int i = 0; i < 100'000; ++i) {
    const TimeMs a = kEpoch + static_cast<TimeMs>(random.Below(10'000));
    const TimeMs b = kEpoch + static_cast<TimeMs>(random.Below(10'000));
    const SlotDeadline slot_a = ToSlot(a, kEpoch), slot_b = ToSlot(b, kEpoch);
    if (slot_a.coarse < slot_b.coarse) {
      ASSERT_LT(a, b);
    }
    if (a <= b) {
      ASSERT_LE(slot_a.coarse, slot_b.coarse);
    }
  }
}

TEST(DeadlineTest, SumsAndDifferencesOfTimesSaturate) {
  constexpr TimeMs kFirst = std::numeric_limits<TimeMs>::min();
  constexpr TimeMs kLast = std::numeric_limits<TimeMs>::max();
  EXPECT_EQ(SaturatingAdd(5, -7), -2);
  EXPECT_EQ(SaturatingAdd(kLast - 1, 2), kLast);
  EXPECT_EQ(SaturatingAdd(kFirst + 1, -2), kFirst);
  EXPECT_EQ(MillisecondsLeft(kNoDeadline, kFirst), kNoDeadline);
  EXPECT_EQ(MillisecondsLeft(100, 30), 70);
  EXPECT_EQ(MillisecondsLeft(100, -30), 130);
  EXPECT_EQ(MillisecondsLeft(kLast - 1, -30), kNoDeadline - 1) << "never taken for no deadline";
  EXPECT_EQ(MillisecondsLeft(kFirst, 1), kFirst);
}

TEST(DeadlineTest, ClassesGrowEightfoldFromEightSeconds) {
  const TimeMs now = kEpoch;
  EXPECT_EQ(DeadlineClass(kNoDeadline, now), 0);
  EXPECT_EQ(DeadlineClass(now - 5, now), 1);
  EXPECT_EQ(DeadlineClass(now, now), 1);
  TimeMs limit = 8'192;
  for (int deadline_class = 1; deadline_class <= 7; ++deadline_class, limit *= 8) {
    EXPECT_EQ(DeadlineClass(now + limit, now), deadline_class);
    EXPECT_EQ(DeadlineClass(now + limit + 1, now), deadline_class + 1);
  }
  EXPECT_EQ(DeadlineClass(kNoDeadline - 1, now), kDeadlineClasses - 1);
  EXPECT_EQ(DeadlineClass(std::numeric_limits<TimeMs>::min(), now), 1);
}

}  // namespace
}  // namespace dcs::store
