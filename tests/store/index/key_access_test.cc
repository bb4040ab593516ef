#include "store/index/key_access.h"

#include <gtest/gtest.h>

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr TimeMs kDay = 86'400'000;

// A key that is accessed again and again.
class AccessedKey {
 public:
  void Access(TimeMs now) {
    draw_ = draw_ * 747796405u + 2891336453u;
    word_ = Accessed(word_, now, draw_);
  }
  int Frequency(TimeMs now) const { return ReadAccess(word_, now).frequency; }
  int64_t IdleSeconds(TimeMs now) const { return ReadAccess(word_, now).idle_seconds; }

 private:
  AccessWord word_ = NewAccess(kNow);
  uint32_t draw_ = 1;
};

TEST(KeyAccessTest, NewKey_CounterIs5_IdleIs0) {
  const KeyAccess access = ReadAccess(NewAccess(kNow), kNow);
  EXPECT_EQ(access.frequency, 5);
  EXPECT_EQ(access.idle_seconds, 0);
}

TEST(KeyAccessTest, FirstAccessAlwaysRaisesTheCounter) {
  EXPECT_EQ(ReadAccess(Accessed(NewAccess(kNow), kNow, UINT32_MAX - 1), kNow).frequency, 6);
  EXPECT_EQ(ReadAccess(Accessed(NewAccess(kNow), kNow, 0), kNow).frequency, 6);
}

TEST(KeyAccessTest, NoAccess_ReadsAsANewKey) {
  EXPECT_EQ(ReadAccess(kNoAccess, kNow).frequency, 5);
  EXPECT_EQ(ReadAccess(kNoAccess, kNow).idle_seconds, 0);
  EXPECT_EQ(ReadAccess(Accessed(kNoAccess, kNow, 0), kNow + 9'000).idle_seconds, 9);
}

TEST(KeyAccessTest, IdleTimeCountsSecondsSinceTheLastAccess) {
  AccessedKey key;
  EXPECT_EQ(key.IdleSeconds(kNow + 61'000), 61);
  key.Access(kNow + 61'000);
  EXPECT_EQ(key.IdleSeconds(kNow + 62'000), 1);
  EXPECT_EQ(key.IdleSeconds(kNow + 61'000 + kDay * 190), 86'400 * 190);
}

TEST(KeyAccessTest, FrequencyGrowsWithTheLogarithmOfTheAccesses) {
  // Redis's own table for a factor of 10: 100 hits 10, 1000 hits 18, 100,000 hits 142.
  AccessedKey key;
  int accesses = 0;
  const auto access_until = [&](int count) {
    for (; accesses < count; ++accesses) key.Access(kNow + accesses / 1000);
    return key.Frequency(kNow + accesses / 1000);
  };
  const int hundred = access_until(100);
  EXPECT_GT(hundred, 6);
  EXPECT_LT(hundred, 16);
  const int thousand = access_until(1'000);
  EXPECT_GT(thousand, 13);
  EXPECT_LT(thousand, 26);
  const int hundred_thousand = access_until(100'000);
  EXPECT_GT(hundred_thousand, 110);
  EXPECT_LT(hundred_thousand, 180);
  EXPECT_GT(access_until(5'000'000), 240);
  EXPECT_LE(access_until(5'000'000), 255);
}

TEST(KeyAccessTest, FrequencyFallsByOneEachMinuteAndNotBelowZero) {
  AccessedKey key;
  for (int i = 0; i < 1'000; ++i) key.Access(kNow);
  const int frequency = key.Frequency(kNow);
  EXPECT_EQ(key.Frequency(kNow + 3 * 60'000), frequency - 3);
  EXPECT_EQ(key.Frequency(kNow + 1'000 * 60'000), 0);
  key.Access(kNow + 3 * 60'000);
  EXPECT_LE(key.Frequency(kNow + 3 * 60'000), frequency - 2);
}

// Another thread has read its clock before, on the other side of a minute's border.
TEST(KeyAccessTest, EarlierAccessAfterALaterOne_TakesNothingAway) {
  AccessedKey key;
  const TimeMs minute = kNow / 60'000 * 60'000 + 60'000;
  for (int i = 0; i < 1'000; ++i) key.Access(minute);
  const int frequency = key.Frequency(minute);
  EXPECT_EQ(key.Frequency(minute - 1'000), frequency);
  EXPECT_EQ(key.IdleSeconds(minute - 1'000), 0);
  key.Access(minute - 1'000);
  EXPECT_GE(key.Frequency(minute - 1'000), frequency);
  EXPECT_EQ(key.IdleSeconds(minute + 5'000), 5) << "the later access is the last one";
}

TEST(KeyAccessTest, CounterStopsAt255) {
  AccessWord word = NewAccess(kNow) | kAccessCounterMask;
  for (int i = 0; i < 10; ++i) word = Accessed(word, kNow, 0);
  EXPECT_EQ(ReadAccess(word, kNow).frequency, 255);
  EXPECT_EQ(ReadAccess(word, kNow).idle_seconds, 0);
}

}  // namespace
}  // namespace dcs::store
