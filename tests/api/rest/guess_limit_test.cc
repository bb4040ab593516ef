#include "api/rest/guess_limit.h"

#include <gtest/gtest.h>

#include <string>

namespace dcs::rest {
namespace {

constexpr store::TimeMs kNow = 1'000'000;
constexpr store::TimeMs kLock = 300'000;
constexpr char kHere[] = "192.0.2.1";
constexpr char kThere[] = "192.0.2.2";

class GuessLimitTest : public testing::Test {
 protected:
  void Fail(std::string_view name, int times, std::string_view address = kHere,
            store::TimeMs now = kNow) {
    for (int i = 0; i < times; ++i) limit.Failed(name, address, now);
  }
  GuessLimit limit{kLock};
};

TEST_F(GuessLimitTest, FiveFailuresInARow_Lock) {
  Fail("AK", 4);
  EXPECT_FALSE(limit.IsLocked("AK", kHere, kNow));
  Fail("AK", 1);
  EXPECT_TRUE(limit.IsLocked("AK", kHere, kNow));
  EXPECT_TRUE(limit.IsLocked("AK", kHere, kNow + kLock - 1));
  EXPECT_FALSE(limit.IsLocked("AK", kHere, kNow + kLock));
}

TEST_F(GuessLimitTest, Success_ResetsTheCount) {
  Fail("AK", 4);
  limit.Succeeded("AK", kHere);
  EXPECT_EQ(limit.networks(), 0u);
  Fail("AK", 4);
  EXPECT_FALSE(limit.IsLocked("AK", kHere, kNow));
}

TEST_F(GuessLimitTest, SuccessElsewhere_KeepsTheCount) {
  Fail("AK", 4);
  limit.Succeeded("AK", kThere);
  limit.Succeeded("AK2", kHere);
  Fail("AK", 1);
  EXPECT_TRUE(limit.IsLocked("AK", kHere, kNow));
}

TEST_F(GuessLimitTest, AfterALockFiveFurtherFailuresAreNeeded) {
  Fail("AK", 5);
  const store::TimeMs later = kNow + kLock;
  Fail("AK", 4, kHere, later);
  EXPECT_FALSE(limit.IsLocked("AK", kHere, later));
  Fail("AK", 1, kHere, later);
  EXPECT_TRUE(limit.IsLocked("AK", kHere, later));
}

TEST_F(GuessLimitTest, OtherNamesAndAddressesAreNotLocked) {
  Fail("AK", 5);
  EXPECT_FALSE(limit.IsLocked("AK2", kHere, kNow));
  EXPECT_FALSE(limit.IsLocked("", kHere, kNow));
  EXPECT_FALSE(limit.IsLocked("AK", kThere, kNow));
  EXPECT_FALSE(limit.IsLocked("AK", "", kNow));
}

TEST_F(GuessLimitTest, Ipv6AddressesOfOnePrefixAreOneClient) {
  for (int i = 0; i < 5; ++i) limit.Failed("AK", "2001:db8::" + std::to_string(i), kNow);
  EXPECT_TRUE(limit.IsLocked("AK", "2001:db8::ffff", kNow));
  EXPECT_FALSE(limit.IsLocked("AK", "2001:db8:0:1::1", kNow));
}

TEST_F(GuessLimitTest, Clear_RemovesAllLocks) {
  Fail("AK", 5);
  limit.Clear();
  EXPECT_FALSE(limit.IsLocked("AK", kHere, kNow));
}

// ---- Bounds

// Otherwise a client could evict its own locks by inventing names.
TEST_F(GuessLimitTest, TooManyNames_LockTheWholeNetwork) {
  Fail("victim", 5);
  for (size_t i = 0; i < GuessLimit::kMaxNames; ++i) Fail("made-up" + std::to_string(i), 1);
  EXPECT_TRUE(limit.IsLocked("victim", kHere, kNow));
  EXPECT_TRUE(limit.IsLocked("another", kHere, kNow + kLock - 1));
  EXPECT_FALSE(limit.IsLocked("victim", kThere, kNow));
  EXPECT_FALSE(limit.IsLocked("victim", kHere, kNow + kLock));
}

TEST_F(GuessLimitTest, ExpiredLocks_MakeRoomForNewNames) {
  for (size_t i = 0; i < GuessLimit::kMaxNames; ++i) Fail("name" + std::to_string(i), 5);
  Fail("new", 1, kHere, kNow + kLock);
  EXPECT_FALSE(limit.IsLocked("new", kHere, kNow + kLock));
}

TEST_F(GuessLimitTest, ManyNetworks_EvictTheOldestFailure) {
  const auto address = [](size_t i) {
    return "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256);
  };
  for (size_t i = 0; i < GuessLimit::kMaxNetworks; ++i) Fail("AK", 5, address(i));
  Fail("other", 1, address(0));
  Fail("AK", 5, kHere);
  EXPECT_EQ(limit.networks(), GuessLimit::kMaxNetworks);
  EXPECT_TRUE(limit.IsLocked("AK", address(0), kNow));
  EXPECT_FALSE(limit.IsLocked("AK", address(1), kNow));
  EXPECT_TRUE(limit.IsLocked("AK", address(2), kNow));
  EXPECT_TRUE(limit.IsLocked("AK", kHere, kNow));
}

}  // namespace
}  // namespace dcs::rest
