#include "store/access_sketch.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr uint64_t kHash = 0x1234'5678'9ABC'DEF0;

TEST(AccessSketchTest, AKeyNeverTouchedIsNeitherIdleNorUsed) {
  const AccessSketch sketch;
  EXPECT_EQ(sketch.IdleSeconds(kHash, kNow), 0);
  EXPECT_EQ(sketch.Frequency(kHash, kNow), 0);
}

TEST(AccessSketchTest, IdleTimeCountsSecondsSinceTheLastTouch) {
  AccessSketch sketch;
  sketch.Touch(kHash, kNow);
  EXPECT_EQ(sketch.IdleSeconds(kHash, kNow), 0);
  EXPECT_EQ(sketch.IdleSeconds(kHash, kNow + 61'000), 61);
  sketch.Touch(kHash, kNow + 61'000);
  EXPECT_EQ(sketch.IdleSeconds(kHash, kNow + 62'000), 1);
  EXPECT_EQ(sketch.IdleSeconds(kHash, kNow + 61'000 + TimeMs{86'400'000} * 365), 86'400 * 365);
}

TEST(AccessSketchTest, TheFirstTouchCountsAsInRedis) {
  AccessSketch sketch;
  sketch.Touch(kHash, kNow);
  EXPECT_GE(sketch.Frequency(kHash, kNow), 5);
  EXPECT_LE(sketch.Frequency(kHash, kNow), 6);
}

TEST(AccessSketchTest, FrequencyGrowsWithTheLogarithmOfTheTouches) {
  // Redis's own table for a factor of 10: 100 hits 10, 1000 hits 18, 100,000 hits 142.
  AccessSketch sketch;
  int touches = 0;
  const auto touch_until = [&](int count) {
    for (; touches < count; ++touches) sketch.Touch(kHash, kNow + touches / 1000);
    return sketch.Frequency(kHash, kNow + touches / 1000);
  };
  const int hundred = touch_until(100);
  EXPECT_GT(hundred, 6);
  EXPECT_LT(hundred, 16);
  const int thousand = touch_until(1'000);
  EXPECT_GT(thousand, 13);
  EXPECT_LT(thousand, 26);
  const int hundred_thousand = touch_until(100'000);
  EXPECT_GT(hundred_thousand, 110);
  EXPECT_LT(hundred_thousand, 180);
  EXPECT_LE(touch_until(5'000'000), 255);
  EXPECT_GT(touch_until(5'000'000), 240);
}

TEST(AccessSketchTest, FrequencyGrowsWithinOneMillisecondToo) {
  AccessSketch sketch;
  for (int i = 0; i < 100'000; ++i) sketch.Touch(kHash, kNow);
  EXPECT_GT(sketch.Frequency(kHash, kNow), 110);
  EXPECT_LT(sketch.Frequency(kHash, kNow), 180);
}

TEST(AccessSketchTest, FrequencyFallsByOneEachMinuteAndNotBelowZero) {
  AccessSketch sketch;
  for (int i = 0; i < 1'000; ++i) sketch.Touch(kHash, kNow);
  const int frequency = sketch.Frequency(kHash, kNow);
  EXPECT_EQ(sketch.Frequency(kHash, kNow + 3 * 60'000), frequency - 3);
  EXPECT_EQ(sketch.Frequency(kHash, kNow + 1'000 * 60'000), 0);
}

// Another thread has read its clock before, on the other side of a minute's border.
TEST(AccessSketchTest, AnEarlierTouchAfterALaterOneTakesNothingAway) {
  AccessSketch sketch;
  const TimeMs minute = kNow / 60'000 * 60'000 + 61'000;  // begins with second 1
  for (int i = 0; i < 1'000; ++i) sketch.Touch(kHash, minute);
  const int frequency = sketch.Frequency(kHash, minute);
  EXPECT_EQ(sketch.Frequency(kHash, minute - 1'000), frequency);
  EXPECT_EQ(sketch.IdleSeconds(kHash, minute - 1'000), 0);
  sketch.Touch(kHash, minute - 1'000);
  EXPECT_GE(sketch.Frequency(kHash, minute - 1'000), frequency);
}

TEST(AccessSketchTest, RunsRepeat) {
  AccessSketch one, other;
  for (int i = 0; i < 10'000; ++i) {
    one.Touch(kHash, kNow + i);
    other.Touch(kHash, kNow + i);
  }
  EXPECT_EQ(one.Frequency(kHash, kNow + 10'000), other.Frequency(kHash, kNow + 10'000));
}

TEST(AccessSketchTest, KeysOfOtherCellsAreLeftAlone) {
  AccessSketch sketch;
  sketch.Touch(kHash, kNow);
  EXPECT_EQ(sketch.Frequency(~kHash, kNow), 0);
}

TEST(AccessSketchTest, ThreadsMayTouchAtOnce) {
  AccessSketch sketch;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&sketch] {
      for (int i = 0; i < 10'000; ++i) sketch.Touch(kHash + static_cast<uint64_t>(i) % 7, kNow);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(sketch.Frequency(kHash, kNow), 5);
}

}  // namespace
}  // namespace dcs::store
