// The laws of walks: what every sweep and scan keeps, whatever happens while it is under way.
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <ostream>
#include <string>
#include <vector>

#include "store/keyspace.h"
#include "store/shard.h"
#include "store/shard_mutex.h"
#include "store/shard_walks.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;

struct LawParams {
  const char* name;
  bool adversary;
  size_t shards;
  size_t max_segment_groups;
  size_t keys;
};

void PrintTo(const LawParams& params, std::ostream* out) { *out << params.name; }

// Keys below `keys` are present throughout: every third for ever, every third with a deadline that
// the clock passes before the walk begins (released), every third with one that it never reaches.
// The adversary has keys of its own.
class LawOfTheSweepTest : public ::testing::TestWithParam<LawParams> {
 protected:
  enum class Fate { kForEver, kExpired, kLater };
  static Fate FateOf(size_t number) { return static_cast<Fate>(number % 3); }

  LawOfTheSweepTest()
      : random_(TestSeed(21)),
        keyspace_({.shards = GetParam().shards,
                   .seed = 3,
                   .epoch = kNow,
                   .release_on_access = false,
                   .lazy_free_thread = false,
                   .max_segment_groups = GetParam().max_segment_groups,
                   .max_chunk_bytes = 4096}) {}

  void Build() {
    for (size_t i = 0; i < GetParam().keys; ++i) {
      const TimeMs deadline = FateOf(i) == Fate::kForEver   ? kNoDeadline
                              : FateOf(i) == Fate::kExpired ? kNow + 10
                                                            : kNow + 1'000'000;
      Set(NumberedKey(i), deadline);
    }
  }

  void Set(const std::string& key, TimeMs deadline) {
    const std::string value(random_.OneIn(50) ? random_.Below(2'000) : random_.Below(60), 'v');
    ASSERT_TRUE(keyspace_.Set(key, value, deadline, now_).ok());
  }

  // Inserts in floods, so that segments grow and split; deletes in floods, so that they shrink; and
  // overwrites what is present throughout, which changes its class but not its presence.
  void Interfere() {
    if (!GetParam().adversary) return;
    const bool flood = (interference_++ / 40) % 2 == 0;
    for (int i = 0; i < 60; ++i) {
      const std::string own = "adversary:" + std::to_string(random_.Below(3 * GetParam().keys));
      if (flood ? !random_.OneIn(4) : random_.OneIn(4)) {
        const TimeMs deadline = random_.OneIn(2) ? kNoDeadline : now_ + 1'000'000;
        Set(own, deadline);
      } else {
        keyspace_.Erase(own, now_);
      }
      const size_t number = random_.Below(GetParam().keys);
      if (FateOf(number) == Fate::kForEver) Set(NumberedKey(number), kNoDeadline);
      if (FateOf(number) == Fate::kLater) {
        keyspace_.Expire(NumberedKey(number),
                         now_ + 500'000 + static_cast<TimeMs>(random_.Below(10'000'000'000)), now_);
      }
    }
  }

  SeededRandom random_;
  Keyspace keyspace_;
  TimeMs now_ = kNow;
  uint64_t interference_ = 0;
};

TEST_P(LawOfTheSweepTest, WhatIsPresentThroughoutIsSeenOnceAndWhatHadExpiredIsReleased) {
  Build();
  now_ = kNow + 11;
  const size_t expired = (GetParam().keys + 1) / 3;
  ASSERT_EQ(keyspace_.TakeCensus(now_).expired_keys, expired);
  SweepCursor sweep;
  uint64_t scan = 0;
  std::map<std::string, uint8_t> visits;
  size_t swept_visits = 0, released = 0, released_bytes = 0;
  const size_t bytes_at_start = keyspace_.TakeCensus(now_).expired_bytes;
  bool swept = false, scanned = false;
  while (!swept || !scanned) {
    if (!swept) {
      const SweepResult step = keyspace_.Sweep(sweep, 1 + random_.Below(40), now_);
      swept_visits += step.visited;
      released += step.released;
      released_bytes += step.released_bytes;
      swept = step.done;
    }
    Interfere();
    if (!scanned) {
      scan = keyspace_.Scan(scan, 1 + random_.Below(40), now_,
                            [&](const Entry& entry) { ++visits[std::string(entry.key)]; });
      scanned = scan == 0;
    }
    Interfere();
    if (HasFailure()) return;
  }
  // The law.
  for (size_t i = 0; i < GetParam().keys; ++i) {
    ASSERT_EQ(visits[NumberedKey(i)], FateOf(i) == Fate::kExpired ? 0 : 1) << NumberedKey(i);
  }
  for (const auto& [key, times] : visits) ASSERT_LE(times, 1) << key;
  EXPECT_EQ(released, expired);
  EXPECT_EQ(released_bytes, bytes_at_start);
  EXPECT_EQ(keyspace_.Counters().released_by_sweep, expired);
  if (!GetParam().adversary) {
    EXPECT_EQ(swept_visits, GetParam().keys);
  }
  keyspace_.CheckInvariants();
  size_t recount = 0;
  uint64_t cursor = 0;
  do {
    cursor =
        keyspace_.Scan(cursor, 1000, now_, [&](const Entry& entry) { recount += entry.bytes(); });
  } while (cursor != 0);
  EXPECT_EQ(keyspace_.Memory().live_log_bytes + keyspace_.Memory().heap_bytes, recount);
  // And nothing is left at the end.
  now_ += TimeMs{20'000'000'000};
  SweepAll(keyspace_, 64, now_);
  std::vector<std::string> left;
  do {
    cursor = keyspace_.Scan(cursor, 1000, now_,
                            [&](const Entry& entry) { left.emplace_back(entry.key); });
  } while (cursor != 0);
  for (const std::string& key : left) EXPECT_TRUE(keyspace_.Erase(key, now_));
  EXPECT_EQ(keyspace_.size(), 0u);
  EXPECT_EQ(keyspace_.Memory().live_log_bytes, 0u);
  keyspace_.CheckInvariants();
}

TEST_P(LawOfTheSweepTest, AVisitSeesTheExpiredToo) {
  Build();
  now_ = kNow + 11;
  std::map<std::string, uint8_t> visits;
  uint64_t position = 0;
  do {
    position =
        keyspace_.Visit(position, [&](const Entry& entry) { ++visits[std::string(entry.key)]; });
    if (random_.OneIn(2)) Interfere();
  } while (position != 0 && !HasFailure());
  for (size_t i = 0; i < GetParam().keys; ++i) {
    ASSERT_EQ(visits[NumberedKey(i)], 1) << NumberedKey(i);
  }
  for (const auto& [key, times] : visits) ASSERT_LE(times, 1) << key;
  EXPECT_EQ(keyspace_.TakeCensus(now_).expired_keys, (GetParam().keys + 1) / 3);
  EXPECT_EQ(keyspace_.Counters().expired_keys(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, LawOfTheSweepTest,
                         ::testing::Values(LawParams{"NoAdversaryOneShard", false, 1, 1, 3'000},
                                           LawParams{"NoAdversaryRealSegments", false, 4, 64,
                                                     10'000},
                                           LawParams{"TinySegments", true, 1, 1, 3'000},
                                           LawParams{"SmallSegments", true, 4, 4, 5'000},
                                           LawParams{"RealSegments", true, 2, 64, 10'000},
                                           LawParams{"ManyShards", true, 64, 2, 5'000}),
                         [](const auto& shape) { return shape.param.name; });

// The walk itself, below the sweep: each visit is counted.
TEST(ShardWalkTest, AWalkInStepsSeesEachKeyOnceWhileTheShardChanges) {
  Rig rig;
  const KeyspaceOptions options{
      .shards = 1, .epoch = kNow, .max_segment_groups = 1, .max_chunk_bytes = 4096};
  Keyspace namer({.shards = 1, .lazy_free_thread = false});  // for its hashes
  SeededRandom random(TestSeed(22));
  for (const bool adversary : {false, true}) {
    Shard shard(rig, options, 0);
    const std::lock_guard lock(shard.mutex);
    DeferredWork deferred(rig.pages, rig.lazy_free);
    const auto put = [&](const std::string& key) {
      const HashedKey hashed = namer.Hash(key);
      ASSERT_TRUE(shard
                      .Put(hashed, shard.Find(hashed), {RecordKind::kPlainString, "v", {}, nullptr},
                           kNoDeadline, kNow, FreeMode::kNow, deferred)
                      .ok());
    };
    for (size_t i = 0; i < 2'000; ++i) put(NumberedKey(i));
    std::map<std::string, int> visits;
    uint64_t position = 0;
    do {
      WalkLimit limit{.slots = 1 + random.Below(30)};
      position = shard.WalkSegment(position, limit, [&](Segment&, SlotRef slot) {
        ++visits[std::string(shard.View(slot).key)];
      });
      for (int i = 0; adversary && i < 20; ++i) {
        const std::string key = "other:" + std::to_string(random.Below(6'000));
        if (random.OneIn(3)) {
          const HashedKey hashed = namer.Hash(key);
          if (const Shard::Found found = shard.Find(hashed)) {
            shard.Remove(found, FreeMode::kNow, false, deferred);
            shard.ShrinkIfSparse(*found.segment, deferred);
          }
        } else {
          put(key);
        }
      }
    } while (position != 0);
    for (size_t i = 0; i < 2'000; ++i) ASSERT_EQ(visits[NumberedKey(i)], 1) << i;
    for (const auto& [key, times] : visits) ASSERT_EQ(times, 1) << key;
    shard.CheckInvariants();
  }
}

class SweepTest : public ::testing::Test {
 protected:
  void Fill(size_t keys, TimeMs deadline) {
    for (size_t i = 0; i < keys; ++i) {
      ASSERT_TRUE(keyspace_.Set(NumberedKey(i), "v", deadline, kNow).ok());
    }
  }
  Keyspace keyspace_{{.shards = 4, .seed = 4, .epoch = kNow, .lazy_free_thread = false}};
};

TEST_F(SweepTest, AStepLooksAtAsManyKeysAsAskedAndAtLessThanAGroupMore) {
  Fill(20'000, kNoDeadline);
  for (const size_t keys : {1, 16, 100, 1'000, 5'000}) {
    SweepCursor cursor;
    for (;;) {
      const SweepResult step = keyspace_.Sweep(cursor, keys, kNow);
      if (step.done || cursor.walked) break;
      ASSERT_GE(step.visited, keys);
      // A home group's keys are more than its sixteen slots where it has sent some on.
      ASSERT_LE(step.visited, keys + 40);
    }
  }
}

TEST_F(SweepTest, ANewCursorSweepsAnEmptyKeyspaceInOneStep) {
  SweepCursor cursor;
  const SweepResult result = keyspace_.Sweep(cursor, 100, kNow);
  EXPECT_TRUE(result.done);
  EXPECT_EQ(result.visited, 0u);
}

// A keyspace that has been full and keeps its segments, with one key left in the last shard's last one.
class EmptiedKeyspaceTest : public ::testing::Test {
 protected:
  EmptiedKeyspaceTest() {
    for (size_t i = 0; i < 60'000; ++i) {
      const std::string key = NumberedKey(i);
      if (keyspace_.Hash(key).hash > keyspace_.Hash(last_).hash) last_ = key;
    }
    for (size_t i = 0; i < 60'000; ++i) {
      const std::string key = NumberedKey(i);
      const TimeMs deadline = kNow + (key == last_ ? 1'000 : 10);
      EXPECT_TRUE(keyspace_.Set(key, "v", deadline, kNow).ok());
    }
    keyspace_.FastSweep(kLater);
    EXPECT_EQ(keyspace_.size(), 1u);
  }
  static constexpr TimeMs kLater = kNow + 20;
  // Sixteen slots a segment: 60,000 keys have more than 3,750, and a call passes 512 of them.
  static constexpr int kLeastCalls = 3'750 / 512;
  Keyspace keyspace_{
      {.shards = 4, .seed = 5, .epoch = kNow, .lazy_free_thread = false, .max_segment_groups = 1}};
  std::string last_ = NumberedKey(0);
};

TEST_F(EmptiedKeyspaceTest, AScanDoesNotPassAllEmptySegmentsInOneCall) {
  int calls = 0;
  std::vector<std::string> seen;
  uint64_t cursor = 0;
  do {
    cursor = keyspace_.Scan(cursor, 10, kLater,
                            [&](const Entry& entry) { seen.emplace_back(entry.key); });
    ++calls;
  } while (cursor != 0);
  EXPECT_GE(calls, kLeastCalls);
  EXPECT_EQ(seen, std::vector{last_});
}

TEST_F(EmptiedKeyspaceTest, ASweepDoesNotPassAllEmptySegmentsInOneStep) {
  int steps = 1;
  SweepCursor cursor;
  while (!keyspace_.Sweep(cursor, 100, kNow + 2'000).done) ++steps;
  EXPECT_GE(steps, kLeastCalls);
  EXPECT_EQ(keyspace_.size(), 0u);
}

TEST_F(EmptiedKeyspaceTest, ASampleDoesNotPassAllEmptySegmentsAtOnce) {
  int samples = 1;
  uint64_t position = 0;
  while (!keyspace_.Sample(position, 20, 400, kNow + 2'000).done) ++samples;
  EXPECT_GE(samples, kLeastCalls);
  EXPECT_EQ(keyspace_.size(), 0u);
}

TEST_F(SweepTest, AfterItsEndACursorStandsAtTheStartAgain) {
  Fill(1'000, kNow + 10);
  SweepCursor cursor;
  while (!keyspace_.Sweep(cursor, 300, kNow).done) {
  }
  EXPECT_EQ(cursor.position, 0u);
  EXPECT_FALSE(cursor.walked);
  size_t released = 0;
  for (bool done = false; !done;) {
    const SweepResult step = keyspace_.Sweep(cursor, 300, kNow + 11);
    released += step.released;
    done = step.done;
  }
  EXPECT_EQ(released, 1'000u);
}

TEST_F(SweepTest, CountsWhatItReleasesAsTheCensusDoes) {
  Fill(5'000, kNow + 10);
  for (size_t i = 0; i < 100; ++i) {
    const std::string name = "hash:" + std::to_string(i);
    const HashedKey key = keyspace_.Hash(name);
    Transaction txn(keyspace_, kNow, key);
    HashValue* hash = txn.FindOrMake<HashValue>(key).value();
    for (size_t field = 0; field < i; ++field) hash->Set(std::to_string(field), "value");
    hash->Set("one at least", std::string(i * 100, 'v'));
    ASSERT_TRUE(txn.SetDeadline(key, kNow + 10));
  }
  const Census census = keyspace_.TakeCensus(kNow + 11);
  EXPECT_EQ(census.expired_keys, 5'100u);
  EXPECT_EQ(census.expired_bytes,
            keyspace_.Memory().live_log_bytes + keyspace_.Memory().heap_bytes);
  const SweepResult swept = SweepAll(keyspace_, 100, kNow + 11);
  EXPECT_EQ(swept.released, census.expired_keys);
  EXPECT_EQ(swept.released_bytes, census.expired_bytes);
  EXPECT_EQ(swept.with_deadline, census.keys_with_deadline);
  EXPECT_EQ(keyspace_.Memory().heap_bytes, 0u);
  keyspace_.lazy_free().Drain();
  EXPECT_EQ(keyspace_.Memory().lazy_free_bytes, 0u);
  keyspace_.CheckInvariants();
}

TEST_F(SweepTest, ScanTakesTheLockOncePerHomeGroup) {
  struct Counter final : LockObserver {
    void OnLock() noexcept override { ++locks; }
    void OnUnlock() noexcept override {}
    size_t locks = 0;
  } counter;
  Keyspace keyspace({.shards = 1, .lazy_free_thread = false, .lock_observer = &counter});
  constexpr size_t kKeys = 5'000;
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), "v", kNow + (i % 2 == 0 ? 10 : 1'000), kNow).ok());
  }
  const size_t before = counter.locks;
  size_t seen = 0;
  EXPECT_EQ(keyspace.Scan(0, 2 * kKeys, kNow + 11, [&](const Entry&) { ++seen; }), 0u);
  EXPECT_EQ(seen, kKeys / 2);
  EXPECT_GE(counter.locks - before, kKeys / kGroupSlots);
  keyspace.CheckInvariants();
}

TEST_F(SweepTest, ASampleStopsAtItsKeysAndGoesOnFromThere) {
  Fill(10'000, kNow + 10);
  uint64_t position = 0;
  size_t released = 0;
  for (bool done = false; !done;) {
    const SweepResult sample = keyspace_.Sample(position, 20, 400, kNow + 11);
    done = sample.done;
    released += sample.released;
    EXPECT_EQ(sample.released, sample.with_deadline);
    if (!done) {
      ASSERT_GE(sample.with_deadline, 20u);
    }
    ASSERT_LE(sample.with_deadline, 60u);
  }
  EXPECT_EQ(position, 0u);
  EXPECT_EQ(released, 10'000u);
  EXPECT_EQ(keyspace_.Counters().released_by_sample, 10'000u);
  EXPECT_EQ(keyspace_.size(), 0u);
}

TEST_F(SweepTest, ASampleGivesUpAfterItsSlotsWhereFewHaveADeadline) {
  Fill(10'000, kNoDeadline);
  for (size_t i = 0; i < 10'000; i += 100) {
    ASSERT_TRUE(keyspace_.Expire(NumberedKey(i), kNow + 10, kNow));
  }
  uint64_t position = 0;
  const SweepResult sample = keyspace_.Sample(position, 20, 400, kNow);
  EXPECT_LT(sample.with_deadline, 20u);
  EXPECT_GE(sample.visited, 400u);
  EXPECT_LE(sample.visited, 440u);
}

TEST_F(SweepTest, ASamplePassesByWhatHasNoDeadlines) {
  Fill(10'000, kNoDeadline);
  uint64_t position = 0;
  const SweepResult sample = keyspace_.Sample(position, 20, 400, kNow);
  EXPECT_TRUE(sample.done);
  EXPECT_EQ(sample.visited, 0u);
}

TEST_F(SweepTest, ASampleBeginsAnywhere) {
  Fill(3'000, kNow + 10);
  SeededRandom random(TestSeed(23));
  for (int i = 0; i < 100; ++i) {
    uint64_t position = random.Next();
    keyspace_.Sample(position, 5, 50, kNow);
    keyspace_.CheckInvariants();
  }
  uint64_t last = ~uint64_t{0};
  EXPECT_TRUE(keyspace_.Sample(last, 500, 500, kNow).done);
}

}  // namespace
}  // namespace dcs::store
