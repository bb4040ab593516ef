#include "store/shard_mutex.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace dcs::store {
namespace {

TEST(ShardMutexTest, OneThreadAtATimeHoldsIt) {
  ShardMutex mutex(nullptr);
  size_t count = 0;  // guarded by mutex
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        const std::lock_guard lock(mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 80'000u);
  EXPECT_FALSE(mutex.contended());
}

TEST(ShardMutexTest, SaysWhileSomebodyWaits) {
  ShardMutex mutex(nullptr);
  mutex.lock();
  EXPECT_FALSE(mutex.contended());
  std::thread waiter([&] { const std::lock_guard lock(mutex); });
  while (!mutex.contended()) std::this_thread::yield();
  mutex.unlock();
  mutex.Yield();  // returns once the waiter has had its turn
  waiter.join();
  EXPECT_FALSE(mutex.contended());
}

TEST(ShardMutexTest, TellsObserverOfEveryLockAndUnlock) {
  struct Counter final : LockObserver {
    void OnLock() noexcept override { ++locks; }
    void OnUnlock() noexcept override { ++unlocks; }
    int locks = 0, unlocks = 0;
  } counter;
  ShardMutex mutex(&counter);
  for (int i = 0; i < 100; ++i) {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(counter.locks, i + 1);
    EXPECT_EQ(counter.unlocks, i);
  }
  EXPECT_EQ(counter.unlocks, 100);
}

}  // namespace
}  // namespace dcs::store
