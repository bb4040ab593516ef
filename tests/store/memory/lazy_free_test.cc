#include "store/memory/lazy_free.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/store/rig.h"

namespace dcs::store {
namespace {

class Counted final : public Garbage {
 public:
  explicit Counted(std::atomic<int>& destroyed) : destroyed_(destroyed) {}
  ~Counted() override { ++destroyed_; }

 private:
  std::atomic<int>& destroyed_;
};

// Garbage whose destruction waits until it is allowed, and says when it has begun.
class Slow final : public Garbage {
 public:
  struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool begun = false;
    bool open = false;
  };
  explicit Slow(Gate& gate) : gate_(gate) {}
  ~Slow() override {
    std::unique_lock lock(gate_.mutex);
    gate_.begun = true;
    gate_.changed.notify_all();
    gate_.changed.wait(lock, [this] { return gate_.open; });
  }

 private:
  Gate& gate_;
};

TEST(LazyFreeTest, WithoutAThreadWhatIsQueuedWaitsForDrain) {
  std::atomic<int> destroyed{0};
  LazyFree lazy_free(/*with_thread=*/false);
  lazy_free.Queue(std::make_unique<Counted>(destroyed), 3, 100);
  lazy_free.Queue(std::make_unique<Counted>(destroyed), 4, 200);
  EXPECT_EQ(destroyed, 0);
  EXPECT_EQ(lazy_free.counters().pending_objects, 7u);
  EXPECT_EQ(lazy_free.counters().pending_bytes, 300u);
  EXPECT_EQ(lazy_free.counters().freed_objects, 0u);
  lazy_free.Drain();
  EXPECT_EQ(destroyed, 2);
  EXPECT_EQ(lazy_free.counters().pending_objects, 0u);
  EXPECT_EQ(lazy_free.counters().pending_bytes, 0u);
  EXPECT_EQ(lazy_free.counters().freed_objects, 7u);
}

TEST(LazyFreeTest, ItsEndDestroysWhatIsQueued) {
  for (const bool with_thread : {false, true}) {
    std::atomic<int> destroyed{0};
    {
      LazyFree lazy_free(with_thread);
      for (int i = 0; i < 100; ++i) lazy_free.Queue(std::make_unique<Counted>(destroyed), 1, 1);
    }
    EXPECT_EQ(destroyed, 100);
  }
}

TEST(LazyFreeTest, TheThreadDestroysWithoutBeingAsked) {
  Slow::Gate gate;
  LazyFree lazy_free(/*with_thread=*/true);
  lazy_free.Queue(std::make_unique<Slow>(gate), 1, 1);
  std::unique_lock lock(gate.mutex);
  gate.changed.wait(lock, [&] { return gate.begun; });
  EXPECT_EQ(lazy_free.counters().pending_objects, 1u) << "until it is really gone";
  gate.open = true;
  gate.changed.notify_all();
}

TEST(LazyFreeTest, DrainWaitsForWhatTheThreadHasInHand) {
  Slow::Gate gate;
  LazyFree lazy_free(/*with_thread=*/true);
  lazy_free.Queue(std::make_unique<Slow>(gate), 1, 1);
  {
    std::unique_lock lock(gate.mutex);
    gate.changed.wait(lock, [&] { return gate.begun; });
  }
  std::thread opener([&gate] {
    const std::lock_guard lock(gate.mutex);
    gate.open = true;
    gate.changed.notify_all();
  });
  lazy_free.Drain();
  EXPECT_EQ(lazy_free.counters().pending_objects, 0u);
  EXPECT_EQ(lazy_free.counters().freed_objects, 1u);
  opener.join();
}

TEST(LazyFreeTest, PastItsBoundTheCallerDestroysInPlace) {
  std::atomic<int> destroyed{0};
  LazyFree lazy_free(/*with_thread=*/false);
  for (size_t i = 0; i < LazyFree::kQueueBound; ++i) lazy_free.Queue(nullptr, 1, 1);
  lazy_free.Queue(std::make_unique<Counted>(destroyed), 5, 50);
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(lazy_free.counters().pending_objects, LazyFree::kQueueBound);
  EXPECT_EQ(lazy_free.counters().freed_objects, 5u);
  lazy_free.Drain();
  EXPECT_EQ(lazy_free.counters().freed_objects, LazyFree::kQueueBound + 5);
}

TEST(LazyFreeTest, ManyThreadsQueueAndDrainAtOnce) {
  std::atomic<int> destroyed{0};
  LazyFree lazy_free(/*with_thread=*/true);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) {
        lazy_free.Queue(std::make_unique<Counted>(destroyed), 1, 8);
        if (i % 100 == 0) lazy_free.Drain();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  lazy_free.Drain();
  EXPECT_EQ(destroyed, 6'000);
  EXPECT_EQ(lazy_free.counters().pending_bytes, 0u);
  EXPECT_EQ(lazy_free.counters().freed_objects, 6'000u);
}

}  // namespace
}  // namespace dcs::store
