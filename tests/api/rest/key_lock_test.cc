#include "api/rest/key_lock.h"

#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

constexpr store::TimeMs kNow = 1'000'000;

void Fail(KeyLock& lock, int times, store::TimeMs now = kNow) {
  for (int i = 0; i < times; ++i) lock.Failed("AK", now);
}

TEST(KeyLock, FiveFailuresInARowLockForFiveMinutes) {
  KeyLock lock;
  Fail(lock, 4);
  EXPECT_FALSE(lock.IsLocked("AK", kNow));
  Fail(lock, 1);
  EXPECT_TRUE(lock.IsLocked("AK", kNow));
  EXPECT_TRUE(lock.IsLocked("AK", kNow + 5 * 60 * 1000 - 1));
  EXPECT_FALSE(lock.IsLocked("AK", kNow + 5 * 60 * 1000));
}

TEST(KeyLock, ASuccessBetweenForgetsTheFailures) {
  KeyLock lock;
  Fail(lock, 4);
  lock.Succeeded("AK");
  Fail(lock, 4);
  EXPECT_FALSE(lock.IsLocked("AK", kNow));
}

TEST(KeyLock, AfterTheLockFiveFurtherFailuresAreNeeded) {
  KeyLock lock;
  Fail(lock, 5);
  const store::TimeMs later = kNow + KeyLock::kLockMs;
  Fail(lock, 4, later);
  EXPECT_FALSE(lock.IsLocked("AK", later));
  Fail(lock, 1, later);
  EXPECT_TRUE(lock.IsLocked("AK", later));
}

TEST(KeyLock, OtherKeysAreNotLocked) {
  KeyLock lock;
  Fail(lock, 5);
  EXPECT_FALSE(lock.IsLocked("AK2", kNow));
  EXPECT_FALSE(lock.IsLocked("", kNow));
}

TEST(KeyLock, ClearOpensAll) {
  KeyLock lock;
  Fail(lock, 5);
  lock.Clear();
  EXPECT_FALSE(lock.IsLocked("AK", kNow));
}

}  // namespace
}  // namespace dcs::rest
