// When memory comes back, and how much a store weighs: what table.md promises.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "store/keyspace.h"
#include "store/log/log.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr TimeMs kDay = 86'400'000;

KeyspaceOptions Options(size_t shards) {
  return {.shards = shards, .seed = 6, .epoch = kNow, .lazy_free_thread = false};
}

// Deadlines of every class, all within 60 days; as many of each.
TimeMs MixedDeadline(SeededRandom& random) {
  static constexpr TimeMs kLifetimes[] = {1'000,      30'000,   300'000,   3'000'000,
                                          30'000'000, kDay * 2, kDay * 20, kDay * 60};
  return kNow + kLifetimes[random.Below(8)];
}

size_t ResidentBytes() {
  std::FILE* const statm = std::fopen("/proc/self/statm", "r");
  size_t total = 0, resident = 0;
  EXPECT_EQ(std::fscanf(statm, "%zu %zu", &total, &resident), 2);
  std::fclose(statm);
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Waste as the paper bounds it: 18 % of the closed chunks, and what is open.
constexpr double kMostPerLive = 1.0 / 0.82 + 0.02;

TEST(MemoryTest, AThousandKeysWeighLittle) {
  Keyspace keyspace({.seed = 1, .epoch = kNow, .lazy_free_thread = false});
  SeededRandom random(TestSeed(24));
  for (size_t i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(
        keyspace.Set(NumberedKey(i), std::string(32, 'v'), MixedDeadline(random), kNow).ok());
  }
  EXPECT_LT(keyspace.Memory().resident(), size_t{2} << 20);
}

TEST(MemoryTest, ASweepInStepsGivesNearlyEverythingBack) {
  Keyspace keyspace(Options(16));
  SeededRandom random(TestSeed(25));
  const size_t keys = Scaled(200'000);
  for (size_t i = 0; i < keys; ++i) {
    ASSERT_TRUE(
        keyspace
            .Set(NumberedKey(i), std::string(random.Below(200), 'v'), MixedDeadline(random), kNow)
            .ok());
  }
  const MemoryUse full = keyspace.Memory();
  EXPECT_EQ(SweepAll(keyspace, 100, kNow).released, 0u);
  EXPECT_EQ(keyspace.Memory().resident(), full.resident())
      << "a sweep that releases nothing moves nothing";
  const SweepResult swept = SweepAll(keyspace, 100, kNow + 61 * kDay);
  EXPECT_EQ(swept.released, keys);
  EXPECT_EQ(swept.released_bytes, full.live_log_bytes);
  const MemoryUse left = keyspace.Memory();
  EXPECT_EQ(left.log_bytes, 0u);
  EXPECT_LT(left.index_bytes, full.index_bytes / 20);
  keyspace.CheckInvariants();
}

// Half of the keys of one deadline class expire: their records share chunks with live ones, so hardly a
// chunk falls free while a paced sweep runs. What is used falls all the same, with each released key.
TEST(MemoryTest, UsedBytes_PacedSweep_FallWithEachReleasedKey) {
  Keyspace keyspace(Options(16));
  const size_t keys = Scaled(200'000);
  constexpr size_t kRecord = 16 + 32 + 4;
  for (size_t i = 0; i < keys; ++i) {
    const TimeMs deadline = kNow + (i % 2 == 0 ? 9'000 : 60'000);
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), std::string(32, 'v'), deadline, kNow).ok());
  }
  const MemoryUse full = keyspace.Memory();
  EXPECT_EQ(full.used(), keyspace.UsedBytes());
  EXPECT_LE(full.used(), full.allocated());
  EXPECT_LE(full.allocated(), full.active());
  EXPECT_LE(full.active(), full.resident());
  const TimeMs later = kNow + 9'001;
  SweepCursor cursor;
  size_t used = full.used(), released = 0;
  for (SweepResult step; !step.done;) {
    step = keyspace.Sweep(cursor, 1'000, later);
    released += step.released;
    const size_t now_used = keyspace.UsedBytes();
    // The record, and 13.5 bytes of slot, which each shard rounds down.
    const auto fallen = static_cast<double>(used - now_used);
    ASSERT_GE(fallen, static_cast<double>(step.released_bytes) +
                          13.5 * static_cast<double>(step.released) - 16);
    ASSERT_LE(fallen, static_cast<double>(step.released_bytes) +
                          17.5 * static_cast<double>(step.released) + 16);
    used = now_used;
  }
  EXPECT_EQ(released, keys / 2);
  EXPECT_GE(full.used() - used, released * kRecord);
  EXPECT_NEAR(static_cast<double>(used), static_cast<double>(full.used()) / 2,
              static_cast<double>(full.used()) / 50);
  keyspace.CheckInvariants();
}

TEST(MemoryTest, UsedBytes_Erase_CountNothingOfTheKey) {
  Keyspace keyspace(Options(1));
  ASSERT_TRUE(keyspace.Set("other", "v", kNoDeadline, kNow).ok());
  const size_t before = keyspace.UsedBytes();
  ASSERT_TRUE(keyspace.Set("large", std::string(1'000'000, 'v'), kNoDeadline, kNow).ok());
  const HashedKey key = keyspace.Hash("hash");
  {
    Transaction txn(keyspace, kNow, key);
    HashValue& hash = **txn.FindOrMake<HashValue>(key);
    for (size_t i = 0; i < 1'000; ++i) hash.Set(NumberedKey(i), std::string(100, 'v'));
  }
  EXPECT_GT(keyspace.UsedBytes(), before + 1'100'000);
  keyspace.Erase("large", kNow);
  keyspace.Erase("hash", kNow);
  EXPECT_EQ(keyspace.UsedBytes(), before) << "lazy free has not destroyed the hash yet";
  EXPECT_GT(keyspace.Memory().allocated(), before + 100'000);
}

TEST(MemoryTest, TheProcessShrinksWithTheStore) {
  if (kSanitized) GTEST_SKIP() << "sanitizers keep memory of their own";
  Keyspace keyspace(Options(16));
  const size_t before = ResidentBytes();
  constexpr size_t kKeys = 600'000;
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), std::string(200, 'v'), kNow + 1'000, kNow).ok());
  }
  const size_t full = ResidentBytes();
  EXPECT_GT(full - before, kKeys * 200);
  EXPECT_EQ(SweepAll(keyspace, 100, kNow + 1'001).released, kKeys);
  const size_t after = ResidentBytes();
  EXPECT_LT(static_cast<double>(after) - static_cast<double>(before),
            0.1 * static_cast<double>(full - before));
}

// Whether a large value is freed by the thread or at once: the allocator's memory goes back too.
TEST(MemoryTest, TheProcessShrinksWhenALargeHashGoes) {
  if (kSanitized) GTEST_SKIP() << "sanitizers keep memory of their own";
  for (const FreeMode mode : {FreeMode::kNow, FreeMode::kLazy}) {
    Keyspace keyspace(Options(1));
    const size_t before = ResidentBytes();
    const HashedKey key = keyspace.Hash("large");
    {
      Transaction txn(keyspace, kNow, key);
      HashValue& hash = **txn.FindOrMake<HashValue>(key);
      for (size_t i = 0; i < 200'000; ++i) hash.Set(NumberedKey(i), std::string(100, 'v'));
    }
    // Keeps the top of the heap from being given back by itself.
    const std::string pin(100'000, 'p');
    const size_t full = ResidentBytes();
    ASSERT_GT(full - before, 20'000'000u);
    Transaction(keyspace, kNow, key).Erase(key, mode);
    keyspace.lazy_free().Drain();
    EXPECT_LT(static_cast<double>(ResidentBytes()) - static_cast<double>(before),
              0.1 * static_cast<double>(full - before));
  }
}

TEST(MemoryTest, WasteStaysBoundedUnderOverwritesOfEverySize) {
  Keyspace keyspace(Options(4));
  SeededRandom random(TestSeed(26));
  const size_t keys = Scaled(200'000);
  const double smallest_open_chunks = 9 * 4 * static_cast<double>(Log::kMinChunkBytes);
  for (size_t write = 0; write < 8 * keys; ++write) {
    const std::string value(random.Below(500), 'v');
    const TimeMs deadline = random.OneIn(2) ? kNoDeadline : MixedDeadline(random);
    ASSERT_TRUE(keyspace.Set(NumberedKey(random.Below(keys)), value, deadline, kNow).ok());
    if (write % (keys / 4) != 0 || write < keys) continue;
    // A third of what lives for the waste limit; as much again for what is open or dies while an
    // evacuation is under way.
    const MemoryUse use = keyspace.Memory();
    ASSERT_LT(static_cast<double>(use.log_bytes),
              1.65 * static_cast<double>(use.live_log_bytes) + smallest_open_chunks);
  }
  EXPECT_GT(keyspace.Counters().evacuated_records, keys / 2);
  keyspace.CheckInvariants();
}

TEST(MemoryTest, ASweepEndsWithNoMoreWasteThanTheLimit) {
  Keyspace keyspace(Options(4));
  SeededRandom random(TestSeed(27));
  const size_t keys = Scaled(200'000);
  // A random half dies: each chunk of the class keeps about half of its records.
  for (size_t i = 0; i < keys; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), std::string(100, 'v'), kNow + 1'000, kNow).ok());
  }
  size_t saved = 0;
  for (size_t i = 0; i < keys; ++i) {
    if (random.OneIn(2)) continue;
    ASSERT_TRUE(keyspace.Expire(NumberedKey(i), kNow + 2'000, kNow));
    ++saved;
  }
  EXPECT_EQ(SweepAll(keyspace, 100, kNow + 1'001).released, keys - saved);
  EXPECT_EQ(keyspace.size(), saved);
  const MemoryUse use = keyspace.Memory();
  EXPECT_LT(static_cast<double>(use.log_bytes),
            kMostPerLive * static_cast<double>(use.live_log_bytes) + 4 * 2'097'152.0);
  EXPECT_GT(keyspace.Counters().evacuated_records, saved / 2);
  for (size_t i = 0; i < keys; i += 97) {
    const auto value = keyspace.Get(NumberedKey(i), kNow + 1'001);
    if (value) {
      EXPECT_EQ(*value, std::string(100, 'v'));
    }
  }
  keyspace.CheckInvariants();
}

TEST(MemoryTest, DeletingEverythingGivesTheMemoryBackToo) {
  Keyspace keyspace(Options(16));
  const size_t keys = Scaled(200'000);
  for (size_t i = 0; i < keys; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), std::string(200, 'v'), kNoDeadline, kNow).ok());
  }
  const MemoryUse full = keyspace.Memory();
  for (size_t i = 0; i < keys; ++i) ASSERT_TRUE(keyspace.Erase(NumberedKey(i), kNow));
  SweepAll(keyspace, 100, kNow);
  const MemoryUse left = keyspace.Memory();
  EXPECT_EQ(left.live_log_bytes, 0u);
  EXPECT_LT(left.log_bytes, full.log_bytes / 10);
  EXPECT_LT(left.index_bytes, full.index_bytes / 20);
}

TEST(MemoryTest, ExpiredKeysReleasedByReadingLeaveNoMoreWasteThanTheLimit) {
  Keyspace keyspace(Options(1));
  const size_t keys = Scaled(100'000);
  for (size_t i = 0; i < keys; ++i) {
    const TimeMs deadline = kNow + (i % 2 == 0 ? 1'000 : 7'000);
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), std::string(100, 'v'), deadline, kNow).ok());
  }
  for (size_t i = 0; i < keys; ++i) keyspace.Get(NumberedKey(i), kNow + 1'001);
  EXPECT_EQ(keyspace.size(), keys / 2);
  const MemoryUse use = keyspace.Memory();
  EXPECT_LT(static_cast<double>(use.log_bytes),
            kMostPerLive * static_cast<double>(use.live_log_bytes) + 2 * 2'097'152.0);
}

TEST(MemoryTest, EveryByteOfAHashIsCountedAndComesBack) {
  Keyspace keyspace(Options(2));
  for (size_t i = 0; i < 500; ++i) {
    const std::string name = NumberedKey(i);
    const HashedKey key = keyspace.Hash(name);
    Transaction txn(keyspace, kNow, key);
    HashValue* hash = txn.FindOrMake<HashValue>(key).value();
    for (int field = 0; field < 100; ++field)
      hash->Set(std::to_string(field), std::string(30, 'v'));
    ASSERT_TRUE(txn.SetDeadline(key, kNow + 5));
  }
  EXPECT_GT(keyspace.Memory().heap_bytes, 500u * 100 * 30);
  SweepAll(keyspace, 100, kNow + 6);
  EXPECT_EQ(keyspace.Memory().heap_bytes, 0u);
  EXPECT_GT(keyspace.Memory().lazy_free_bytes, 500u * 100 * 30);
  keyspace.lazy_free().Drain();
  EXPECT_EQ(keyspace.Memory().lazy_free_bytes, 0u);
  EXPECT_EQ(keyspace.Memory().log_bytes, 0u);
}

}  // namespace
}  // namespace dcs::store
