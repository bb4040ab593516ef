// The fast sweep against an oracle: what it releases, what it leaves, and what it is worth in memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <ostream>
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

constexpr TimeMs kStart = 1'700'000'000'000;

struct Shape {
  const char* name;
  size_t shards;
  size_t max_segment_groups;
  size_t max_chunk_bytes;
  size_t parts;
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

class FastSweepTest : public ::testing::TestWithParam<Shape> {
 protected:
  struct Item {
    std::string value;
    TimeMs deadline;
  };

  FastSweepTest()
      : random_(TestSeed(41)),
        keyspace_({.shards = GetParam().shards,
                   .seed = 5,
                   .epoch = kStart,
                   .release_on_access = false,
                   .lazy_free_thread = false,
                   .max_segment_groups = GetParam().max_segment_groups,
                   .max_chunk_bytes = GetParam().max_chunk_bytes}) {}

  std::string SomeKey() { return NumberedKey(random_.Below(5'000)); }

  // Deadlines in and around the 256 ms of the next sweeps, far ones, and none.
  TimeMs SomeDeadline() {
    switch (random_.Below(5)) {
      case 0:
        return kNoDeadline;
      case 1:
        return now_ + TimeMs{40} * 365 * 86'400'000;  // out of line
      case 2:
        return now_ + 1'000'000 + static_cast<TimeMs>(random_.Below(100'000'000));
      default:
        return now_ + static_cast<TimeMs>(random_.Below(2'000));
    }
  }

  void Change() {
    const std::string key = SomeKey();
    const TimeMs deadline = SomeDeadline();
    if (random_.OneIn(5)) {
      keyspace_.Erase(key, now_);
      items_.erase(key);
    } else if (random_.OneIn(5)) {
      const auto at = items_.find(key);
      const bool there = at != items_.end() && !Expired(at->second.deadline, now_);
      ASSERT_EQ(keyspace_.Expire(key, deadline, now_), there);
      if (there) at->second.deadline = deadline;
    } else if (random_.OneIn(10)) {
      SetHash(key, deadline);
    } else {
      const std::string value(random_.OneIn(30) ? random_.Below(3'000) : random_.Below(60), 'v');
      ASSERT_TRUE(keyspace_.Set(key, value, deadline, now_).ok());
      items_[key] = {value, deadline};
    }
  }

  void SetHash(const std::string& key, TimeMs deadline) {
    const HashedKey hashed = keyspace_.Hash(key);
    Transaction txn(keyspace_, now_, hashed);
    txn.Erase(hashed);
    const auto hash = txn.FindOrMake<HashValue>(hashed);
    ASSERT_TRUE(hash.ok());
    for (size_t i = 0; i <= random_.Below(100); ++i) (*hash)->Set(std::to_string(i), "field");
    txn.SetDeadline(hashed, deadline);
    items_[key] = {"", deadline};
  }

  void SweepAndCompare() {
    const Census before = keyspace_.TakeCensus(now_);
    const auto expired = static_cast<size_t>(std::ranges::count_if(
        items_, [&](const auto& item) { return Expired(item.second.deadline, now_); }));
    ASSERT_EQ(before.expired_keys, expired);
    ASSERT_EQ(before.keys, items_.size());
    SweepResult swept;
    for (size_t part = 0; part < GetParam().parts; ++part) {
      const SweepResult result = keyspace_.FastSweep(now_, part, GetParam().parts);
      ASSERT_TRUE(result.done);
      swept.visited += result.visited;
      swept.with_deadline += result.with_deadline;
      swept.released += result.released;
      swept.released_bytes += result.released_bytes;
    }
    ASSERT_EQ(swept.visited, before.keys);
    ASSERT_EQ(swept.with_deadline, before.keys_with_deadline);
    ASSERT_EQ(swept.released, expired);
    ASSERT_EQ(swept.released_bytes, before.expired_bytes);
    std::erase_if(items_, [&](const auto& item) { return Expired(item.second.deadline, now_); });
    ASSERT_EQ(keyspace_.size(), items_.size());
    for (const auto& [key, item] : items_) {
      ASSERT_EQ(keyspace_.Ttl(key, now_),
                item.deadline == kNoDeadline ? kNoDeadline : item.deadline - now_);
      if (!item.value.empty()) {
        ASSERT_EQ(keyspace_.Get(key, now_), item.value);
      }
    }
    keyspace_.CheckInvariants();
  }

  SeededRandom random_;
  Keyspace keyspace_;
  TimeMs now_ = kStart;
  std::map<std::string, Item> items_;
};

TEST_P(FastSweepTest, ReleasesExactlyWhatHasExpired) {
  for (size_t round = 0; round < Scaled(100); ++round) {
    const size_t changes = random_.OneIn(4) ? 8'000 : random_.Below(2'000);
    for (size_t i = 0; i < changes; ++i) Change();
    now_ += static_cast<TimeMs>(random_.OneIn(3) ? random_.Below(300) : random_.Below(3'000));
    SweepAndCompare();
    if (HasFatalFailure()) FAIL() << "in round " << round;
  }
  now_ += 200'000'000;
  SweepAndCompare();
  // 41 years on, what stood out of line has died too.
  now_ += TimeMs{41} * 365 * 86'400'000;
  SweepAndCompare();
  EXPECT_TRUE(std::ranges::all_of(
      items_, [](const auto& item) { return item.second.deadline == kNoDeadline; }));
}

INSTANTIATE_TEST_SUITE_P(Shapes, FastSweepTest,
                         ::testing::Values(Shape{"TinySegmentsOneShard", 1, 1, 4096, 1},
                                           Shape{"SmallSegments", 4, 8, 16384, 2},
                                           Shape{"RealSegments", 16, 64, PageSource::kRegionBytes,
                                                 1},
                                           Shape{"MorePartsThanShards", 2, 2, 4096, 5}),
                         [](const auto& shape) { return std::string(shape.param.name); });

TEST(FastSweepConcurrencyTest, ClientsAndOtherSweepsGoOnMeanwhile) {
  Keyspace keyspace({.shards = 4, .seed = 6, .epoch = kStart, .max_chunk_bytes = 65536});
  constexpr size_t kKept = 3'000;
  for (size_t i = 0; i < kKept; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), "kept", kNoDeadline, kStart).ok());
  }
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    SeededRandom random(TestSeed(42));
    for (size_t i = 0; !stop.load(); ++i) {
      const std::string value(random.Below(200), 'v');
      const std::string key = "w" + std::to_string(random.Below(20'000));
      const auto lifetime = static_cast<TimeMs>(random.Below(2)) * 1'000'000;
      EXPECT_TRUE(keyspace.Set(key, value, kStart + lifetime, kStart).ok());
      EXPECT_EQ(keyspace.Get(NumberedKey(i % kKept), kStart + 1), "kept");
    }
  });
  size_t released = 0;
  std::thread other([&] {
    for (int i = 0; i < 30; ++i) keyspace.FastSweep(kStart + 1, 1, 2);
  });
  for (int i = 0; i < 60 || released == 0; ++i) {
    released += keyspace.FastSweep(kStart + 1).released;
  }
  other.join();
  stop.store(true);
  writer.join();
  EXPECT_GT(released, 0u);
  keyspace.FastSweep(kStart + 1);
  EXPECT_EQ(keyspace.TakeCensus(kStart + 1).expired_keys, 0u);
  keyspace.CheckInvariants();
}

TEST(FastSweepMemoryTest, LeavesNoShardAboveTheWasteLimit) {
  Keyspace keyspace({.shards = 4, .seed = 7, .epoch = kStart});
  SeededRandom random(TestSeed(43));
  const size_t keys = Scaled(400'000);
  for (size_t i = 0; i < keys; ++i) {
    const TimeMs lifetime = random.OneIn(2) ? 1'000 : 7'900;  // of one class
    ASSERT_TRUE(
        keyspace.Set(NumberedKey(i), std::string(100, 'v'), kStart + lifetime, kStart).ok());
  }
  EXPECT_GT(keyspace.FastSweep(kStart + 2'000).released, keys / 3);
  const MemoryUse use = keyspace.Memory();
  EXPECT_LT(static_cast<double>(use.log_bytes),
            1.34 * static_cast<double>(use.live_log_bytes) + 4 * 9 * 65536.0);
  EXPECT_GT(keyspace.Counters().evacuated_records, 0u);
  keyspace.CheckInvariants();
}

}  // namespace
}  // namespace dcs::store
