// Several threads at once on one keyspace: sums that must hold afterwards, and work for the thread
// sanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/keyspace.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr int kThreads = 4;

KeyspaceOptions Options() {
  return {.shards = 4,
          .seed = 7,
          .epoch = kNow,
          .lazy_free_thread = true,
          .max_segment_groups = 2,
          .max_chunk_bytes = 4096};
}

void OnThreads(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : running) thread.join();
}

int64_t Number(const std::optional<Entry>& entry) {
  return entry ? std::stoll(std::string(entry->string)) : 0;
}

TEST(ConcurrencyTest, CountersUnderTransactionsNeverLoseAnUpdate) {
  Keyspace keyspace(Options());
  constexpr size_t kCounters = 20;
  const size_t increments = Scaled(40'000);
  OnThreads(kThreads, [&](int thread) {
    SeededRandom random(static_cast<uint64_t>(thread));
    for (size_t i = 0; i < increments; ++i) {
      const std::string name = NumberedKey(random.Below(kCounters));
      const HashedKey key = keyspace.Hash(name);
      Transaction txn(keyspace, kNow, key);
      const std::string next = std::to_string(Number(txn.Find(key)) + 1);
      ASSERT_TRUE(txn.SetString(key, next, kNoDeadline).ok());
    }
  });
  size_t sum = 0;
  for (size_t i = 0; i < kCounters; ++i) {
    sum += std::stoull(keyspace.Get(NumberedKey(i), kNow).value());
  }
  EXPECT_EQ(sum, kThreads * increments);
  keyspace.CheckInvariants();
}

TEST(ConcurrencyTest, TransfersInOppositeOrdersNeitherLockUpNorLoseMoney) {
  Keyspace keyspace(Options());
  constexpr size_t kAccounts = 16;
  for (size_t i = 0; i < kAccounts; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), "1000", kNoDeadline, kNow).ok());
  }
  std::atomic<bool> stop{false};
  std::thread auditor([&] {
    std::vector<std::string> names;
    std::vector<HashedKey> keys;
    for (size_t i = 0; i < kAccounts; ++i) names.push_back(NumberedKey(i));
    for (const std::string& name : names) keys.push_back(keyspace.Hash(name));
    while (!stop) {
      Transaction txn(keyspace, kNow, keys);
      int64_t sum = 0;
      for (const HashedKey& key : keys) sum += Number(txn.Find(key));
      ASSERT_EQ(sum, int64_t{kAccounts} * 1000) << "nobody sees a transfer half done";
    }
  });
  OnThreads(kThreads - 1, [&](int thread) {
    SeededRandom random(static_cast<uint64_t>(thread));
    for (size_t i = 0; i < Scaled(20'000); ++i) {
      const size_t from = random.Below(kAccounts), to = (from + 1 + random.Below(15)) % kAccounts;
      const std::string names[] = {NumberedKey(from), NumberedKey(to)};
      const HashedKey keys[] = {keyspace.Hash(names[0]), keyspace.Hash(names[1])};
      Transaction txn(keyspace, kNow, keys);
      const int64_t left = Number(txn.Find(keys[0])) - 1;
      ASSERT_TRUE(txn.SetString(keys[0], std::to_string(left), kNoDeadline).ok());
      const int64_t more = Number(txn.Find(keys[1])) + 1;
      ASSERT_TRUE(txn.SetString(keys[1], std::to_string(more), kNoDeadline).ok());
    }
  });
  stop = true;
  auditor.join();
  keyspace.CheckInvariants();
}

TEST(ConcurrencyTest, EveryOperationMayMeetEveryOther) {
  Keyspace keyspace(Options());
  VirtualClock clock(kNow);
  const uint64_t seed = TestSeed(28);
  constexpr size_t kKeys = 3'000;
  const size_t operations = Scaled(60'000);
  std::atomic<int> writers{kThreads - 2};
  OnThreads(kThreads, [&](int thread) {
    SeededRandom random(seed + static_cast<uint64_t>(thread));
    if (thread == 0) {  // walks
      SweepCursor sweep;
      uint64_t scan = 0, sample = 0;
      while (writers > 0) {
        const TimeMs now = clock.Now();
        keyspace.Sweep(sweep, 1 + random.Below(200), now);
        keyspace.Sample(sample, 20, 400, now);
        scan = keyspace.Scan(
            scan, 50, now, [&](const Entry& entry) { ASSERT_FALSE(Expired(entry.deadline, now)); });
        if (random.OneIn(20)) {
          const Census census = keyspace.TakeCensus(now);
          ASSERT_LE(census.expired_keys, census.keys_with_deadline);
          ASSERT_LE(census.keys_with_deadline, census.keys);
        }
        keyspace.RandomKey(random.Next(), now);
        keyspace.Memory();
        keyspace.Counters();
        if (random.OneIn(500)) keyspace.CheckInvariants();
      }
      return;
    }
    if (thread == 1) {  // the clock, and now and then the end of everything
      while (writers > 0) {
        clock.AdvanceTo(clock.Now() + 1);
        if (random.OneIn(300)) keyspace.Clear(random.OneIn(2) ? FreeMode::kLazy : FreeMode::kNow);
        if (random.OneIn(50)) keyspace.lazy_free().Drain();
        keyspace.set_release_on_access(random.OneIn(2));
        for (int i = 0; i < 200; ++i) keyspace.Get(NumberedKey(random.Below(kKeys)), clock.Now());
      }
      return;
    }
    for (size_t i = 0; i < operations; ++i) {
      const TimeMs now = clock.Now();
      const std::string names[] = {NumberedKey(random.Below(kKeys)),
                                   "hash:" + std::to_string(random.Below(kKeys / 10)),
                                   NumberedKey(random.Below(kKeys))};
      const HashedKey keys[] = {keyspace.Hash(names[0]), keyspace.Hash(names[1]),
                                keyspace.Hash(names[2])};
      Transaction txn(keyspace, now, keys);
      switch (random.Below(6)) {
        case 0:
        case 1: {
          const TimeMs deadline =
              random.OneIn(3) ? kNoDeadline : now + static_cast<TimeMs>(random.Below(300));
          const std::string value(random.OneIn(50) ? random.Below(3'000) : random.Below(60), 'v');
          ASSERT_TRUE(txn.SetString(keys[0], value, deadline).ok());
          break;
        }
        case 2: {
          HashValue* hash = txn.FindOrMake<HashValue>(keys[1]).value();
          const std::string field = std::to_string(random.Below(100));
          if (random.OneIn(2))
            hash->Erase(field);
          else
            hash->Set(field, std::string(random.Below(40), 'v'));
          break;
        }
        case 3:
          txn.SetDeadline(keys[random.Below(2)], now + static_cast<TimeMs>(random.Below(100'000)));
          break;
        case 4:
          txn.Erase(keys[random.Below(2)]);
          break;
        default:
          if (names[0] != names[2] && txn.Find(keys[0])) {
            ASSERT_TRUE(txn.Rename(keys[0], keys[2]).ok());
          } else {
            ASSERT_TRUE(txn.Append(keys[2], "more").ok());
          }
      }
    }
    --writers;
  });
  keyspace.CheckInvariants();
  keyspace.Clear(FreeMode::kLazy);
  keyspace.lazy_free().Drain();
  EXPECT_EQ(keyspace.size(), 0u);
  EXPECT_EQ(keyspace.Memory().log_bytes + keyspace.Memory().heap_bytes, 0u);
  EXPECT_EQ(keyspace.Memory().lazy_free_bytes, 0u);
}

TEST(ConcurrencyTest, ASweepAmongWritersMissesNothingThatHadExpired) {
  Keyspace keyspace(Options());
  const size_t keys = Scaled(20'000);
  for (size_t i = 0; i < keys; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), "v", kNow + 10, kNow).ok());
  }
  keyspace.set_release_on_access(false);
  const TimeMs now = kNow + 11;
  std::atomic<bool> stop{false};
  std::atomic<size_t> released{0};
  OnThreads(3, [&](int thread) {
    if (thread == 0) {
      released = SweepAll(keyspace, 50, now).released;
      stop = true;
      return;
    }
    SeededRandom random(static_cast<uint64_t>(thread));
    while (!stop) {
      const std::string key = "other:" + std::to_string(random.Below(50'000));
      if (random.OneIn(3))
        keyspace.Erase(key, now);
      else
        ASSERT_TRUE(keyspace.Set(key, "v", kNoDeadline, now).ok());
    }
  });
  EXPECT_EQ(released, keys);
  EXPECT_EQ(keyspace.TakeCensus(now).expired_keys, 0u);
  keyspace.CheckInvariants();
}

}  // namespace
}  // namespace dcs::store
