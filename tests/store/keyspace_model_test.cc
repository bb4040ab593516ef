// Random operations on a keyspace and on the oracle, compared at every step.
//
// Segments and chunks are tiny here, so that growth, splits, moves between deadline classes,
// mappings of their own and evacuation happen all the time.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "store/keyspace.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "tests/store/oracle.h"
#include "tests/store/random_model.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

// A walk that clients have under way, and how often it has shown each key.
struct OpenScan {
  uint64_t cursor = 0;
  uint64_t began = 0;
  std::map<std::string, int> shown;
};

class Model : public RandomModel {
 public:
  Model(const ModelShape& shape, uint64_t seed) : RandomModel(shape, seed) {
    keyspace_.TrackAccess(true);
  }

  void Run() {
    for (operation_ = 1; operation_ <= shape_.operations; ++operation_) {
      Step();
      if (::testing::Test::HasFailure()) {
        FAIL() << "at operation " << operation_ << " of " << shape_.name;
      }
      if (operation_ % (shape_.operations / 50) == 0) CheckWhole();
    }
    CheckEnd();
  }

 private:
  void Step() {
    // Keys come and go in tides, so that the table grows and empties again and again.
    const bool flood = (operation_ / (shape_.keys * 4)) % 2 == 0;
    const uint64_t dice = random_.Below(1000);
    if (dice < (flood ? 350u : 150u)) return Set();
    if (dice < 400) return Get();
    if (dice < 480) return SetDeadline();
    if (dice < 530) return Append();
    if (dice < 620) return ChangeHash();
    if (dice < (flood ? 660u : 760u)) return Erase();
    if (dice < 790) return Rename();
    if (dice < 880) return Scan();
    if (dice < 940) return Sweep();
    if (dice < 960) return Sample();
    if (dice < 965) return RandomKey();
    if (dice < 998) return AdvanceClock();
    if (random_.OneIn(100)) return Clear();
  }

  std::string SomeKey() {
    const uint64_t number = random_.Below(shape_.keys);
    std::string key(reinterpret_cast<const char*>(&number), 1 + number % 8);
    key += std::to_string(number);
    if (number % 101 == 0) key.append(150, 'k');
    if (number % 997 == 0) key.append(shape_.max_chunk_bytes / 4, 'K');
    return key;
  }

  std::string SomeValue() {
    size_t length = random_.Below(40);
    if (random_.OneIn(20)) length = random_.Below(400);
    if (random_.OneIn(300)) length = random_.Below(shape_.max_chunk_bytes);
    std::string value(length, static_cast<char>(random_.Next()));
    if (length > 8) value.replace(0, 8, std::to_string(random_.Below(89'999'999) + 10'000'000));
    return value;
  }

  TimeMs SomeDeadline() {
    if (random_.OneIn(3)) return kNoDeadline;
    if (random_.OneIn(200)) return now_ + TimeMs{40} * 365 * 86'400'000;  // out of line
    if (random_.OneIn(200)) return std::numeric_limits<TimeMs>::max() - 1;
    // In the past, but not so far that the sweep under way would have had to find it.
    if (random_.OneIn(100)) {
      return std::max(now_ - static_cast<TimeMs>(random_.Below(1000)), sweep_began_at_);
    }
    // Every class, the short ones more often.
    const auto magnitude = random_.Below(36);
    return now_ + static_cast<TimeMs>(random_.Below((uint64_t{1} << magnitude) + 1));
  }

  void Set() {
    const std::string key = SomeKey(), value = SomeValue();
    const TimeMs deadline = SomeDeadline();
    ASSERT_TRUE(keyspace_.Set(key, value, deadline, now_).ok());
    oracle_.Set(key, value, deadline, operation_, now_);
    accessed_[key] = now_;
    if (random_.OneIn(4)) CheckKey(key);
  }

  void Get() { CheckKey(SomeKey()); }

  void CheckKey(const std::string& key) {
    const OracleItem* expected = oracle_.Find(key, now_);
    const HashedKey hashed = keyspace_.Hash(key);
    Transaction txn(keyspace_, now_, hashed);
    if (expected != nullptr) {
      EXPECT_EQ(txn.Access(hashed).idle_seconds, IdleSecondsOf(key))
          << "a word moves with its slot";
      accessed_[key] = now_;
    }
    ExpectSame(txn.Find(hashed), key, expected);
  }

  // Modulo 194 days, as access words count.
  int64_t IdleSecondsOf(const std::string& key) {
    return static_cast<int64_t>((AccessSecond(now_) - AccessSecond(accessed_[key])) &
                                kAccessSecondMask);
  }

  void SetDeadline() {
    const std::string key = SomeKey();
    OracleItem* expected = oracle_.Find(key, now_);
    const TimeMs deadline = SomeDeadline();
    EXPECT_EQ(keyspace_.Expire(key, deadline, now_), expected != nullptr);
    if (expected == nullptr) return;
    expected->deadline = deadline;
    if (random_.OneIn(4)) {
      EXPECT_EQ(keyspace_.Persist(key, now_),
                oracle_.Find(key, now_) != nullptr && expected->deadline != kNoDeadline);
      if (OracleItem* left = oracle_.Find(key, now_)) {
        left->deadline = kNoDeadline;
        accessed_[key] = now_;
      }
    }
  }

  void Append() {
    const std::string key = SomeKey(), tail = SomeValue();
    OracleItem* expected = oracle_.Find(key, now_);
    if (expected != nullptr && !std::holds_alternative<std::string>(expected->value)) return;
    if (expected == nullptr || !tail.empty()) accessed_[key] = now_;
    if (expected == nullptr) {
      expected = &oracle_.Set(key, std::string(), kNoDeadline, operation_, now_);
    }
    auto& text = std::get<std::string>(expected->value);
    text += tail;
    const HashedKey hashed = keyspace_.Hash(key);
    EXPECT_EQ(Transaction(keyspace_, now_, hashed).Append(hashed, tail).value(), text.size());
    if (random_.OneIn(4)) CheckKey(key);
  }

  void ChangeHash() {
    const std::string key = SomeKey();
    OracleItem* expected = oracle_.Find(key, now_);
    if (expected != nullptr && !std::holds_alternative<OracleHash>(expected->value)) return;
    const HashedKey hashed = keyspace_.Hash(key);
    Transaction txn(keyspace_, now_, hashed);
    const std::string field = std::to_string(random_.Below(12));
    if (random_.OneIn(3)) {
      HashValue* hash = txn.Mutable<HashValue>(hashed);
      ASSERT_EQ(hash != nullptr, expected != nullptr);
      if (hash == nullptr) return;
      accessed_[key] = now_;
      auto& fields = std::get<OracleHash>(expected->value);
      EXPECT_EQ(hash->Erase(field), fields.erase(field) == 1);
      if (fields.empty()) oracle_.Erase(key, now_);
      return;
    }
    if (expected == nullptr) {
      expected = &oracle_.Set(key, OracleHash(), kNoDeadline, operation_, now_);
    }
    accessed_[key] = now_;
    const std::string value = SomeValue();
    std::get<OracleHash>(expected->value)[field] = value;
    txn.FindOrMake<HashValue>(hashed).value()->Set(field, value);
  }

  void Erase() {
    const std::string key = SomeKey();
    EXPECT_EQ(keyspace_.Erase(key, now_), oracle_.Erase(key, now_));
  }

  void Rename() {
    const std::string from = SomeKey(), to = SomeKey();
    const OracleItem* expected = oracle_.Find(from, now_);
    if (from == to || expected == nullptr) return;
    const OracleItem moved = *expected;
    const HashedKey keys[] = {keyspace_.Hash(from), keyspace_.Hash(to)};
    ASSERT_TRUE(Transaction(keyspace_, now_, keys).Rename(keys[0], keys[1]).ok());
    oracle_.Erase(from, now_);
    oracle_.Set(to, moved.value, moved.deadline, operation_, now_);
    accessed_[to] = accessed_[from];
    CheckKey(from);
    CheckKey(to);
  }

  // Several walks are under way at once, each in steps of every size.
  void Scan() {
    if (scans_.size() < 4) scans_.push_back({0, operation_, {}});
    OpenScan& scan = scans_[random_.Below(scans_.size())];
    const size_t count = random_.OneIn(10) ? 1 + random_.Below(1000) : 1 + random_.Below(30);
    scan.cursor = keyspace_.Scan(scan.cursor, count, now_, [&](const Entry& entry) {
      const std::string key(entry.key);
      ++scan.shown[key];
      const OracleItem* expected = oracle_.Find(key, now_);
      ASSERT_NE(expected, nullptr) << "a walk showed a key that is not there";
      ExpectSame(entry, key, expected);
    });
    ASSERT_LT(scan.cursor, uint64_t{1} << 63);
    if (scan.cursor != 0) return;
    oracle_.DropExpired(now_);
    for (const auto& [key, item] : oracle_.items()) {
      if (item.present_since >= scan.began) continue;
      EXPECT_EQ(scan.shown[key], 1) << "a key that was there throughout is shown once";
    }
    for (const auto& [key, times] : scan.shown) EXPECT_LE(times, 1);
    ++finished_scans_;
    std::swap(scan, scans_.back());
    scans_.pop_back();
  }

  void Sweep() {
    if (sweep_began_at_ == 0) sweep_began_at_ = now_;
    const size_t keys = random_.OneIn(10) ? 1 + random_.Below(3000) : 1 + random_.Below(100);
    const SweepResult result = keyspace_.Sweep(sweep_, keys, now_);
    EXPECT_LE(result.released, result.visited);
    if (!result.done) return;
    // Whatever had expired when the sweep began has been looked at, expired, and so is gone.
    EXPECT_EQ(keyspace_.TakeCensus(sweep_began_at_).expired_keys, 0u);
    sweep_began_at_ = 0;
    ++finished_sweeps_;
  }

  void Sample() {
    const size_t most = random_.OneIn(2) ? SIZE_MAX : random_.Below(30);
    const SweepResult result = keyspace_.Sample(sample_position_, 1 + random_.Below(40),
                                                1 + random_.Below(400), now_, most);
    EXPECT_LE(result.released, most);
    EXPECT_LE(result.released, result.with_deadline);
  }

  void RandomKey() {
    const std::optional<std::string> key = keyspace_.RandomKey(random_.Next(), now_);
    if (key) {
      EXPECT_NE(oracle_.Find(*key, now_), nullptr);
      return;
    }
    oracle_.DropExpired(now_);
    EXPECT_TRUE(oracle_.items().empty());
  }

  void AdvanceClock() {
    if (!random_.OneIn(8)) {
      now_ += static_cast<TimeMs>(random_.Below(500));
    } else if (!random_.OneIn(50)) {
      now_ += static_cast<TimeMs>(random_.Below(100'000));
    } else {
      now_ += static_cast<TimeMs>(random_.Below(86'400'000));
    }
  }

  void Clear() {
    keyspace_.Clear(random_.OneIn(2) ? FreeMode::kLazy : FreeMode::kNow);
    oracle_.Clear();  // walks under way go on in the new, coarser table
  }

  void CheckWhole() {
    keyspace_.CheckInvariants();
    keyspace_.lazy_free().Drain();
    oracle_.DropExpired(now_);
    const Census census = keyspace_.TakeCensus(now_);
    EXPECT_EQ(census.keys - census.expired_keys, oracle_.items().size());
    EXPECT_EQ(census.keys, keyspace_.size());
    size_t with_deadline = 0;
    for (const auto& [key, item] : oracle_.items()) {
      CheckKey(key);
      with_deadline += item.deadline != kNoDeadline;
    }
    // Every key with a deadline counts; the expired ones all had one.
    EXPECT_EQ(keyspace_.keys_with_deadline() - keyspace_.TakeCensus(now_).expired_keys,
              with_deadline);
    EXPECT_EQ(keyspace_.Memory().lazy_free_bytes, 0u);
  }

  void CheckEnd() {
    EXPECT_GT(finished_scans_, 20);
    EXPECT_GT(finished_sweeps_, 20);
    EXPECT_GT(keyspace_.Counters().evacuated_records, 100u);
    EXPECT_GT(keyspace_.Counters().released_by_sweep, 100u);
    EXPECT_GT(keyspace_.Counters().released_by_sample, 20u);
    now_ += TimeMs{100} * 365 * 86'400'000;  // beyond what slots hold, and still not beyond Redis's
    oracle_.DropExpired(now_);
    SweepCursor cursor;
    while (!keyspace_.Sweep(cursor, 1000, now_).done) {
    }
    EXPECT_EQ(keyspace_.size(), oracle_.items().size());
    CheckWhole();
    for (const auto& [key, item] : std::map(oracle_.items())) keyspace_.Erase(key, now_);
    keyspace_.lazy_free().Drain();
    keyspace_.CheckInvariants();
    const MemoryUse use = keyspace_.Memory();
    EXPECT_EQ(use.live_log_bytes, 0u);
    EXPECT_EQ(use.heap_bytes, 0u);
    EXPECT_EQ(use.lazy_free_bytes, 0u);
  }

  std::map<std::string, TimeMs> accessed_;  // of keys that are or were there
  std::vector<OpenScan> scans_;
  SweepCursor sweep_;
  TimeMs sweep_began_at_ = 0;
  uint64_t sample_position_ = 0;
  int finished_scans_ = 0;
  int finished_sweeps_ = 0;
};

class KeyspaceModelTest : public ::testing::TestWithParam<ModelShape> {};

TEST_P(KeyspaceModelTest, BehavesAsTheOracleUnderRandomOperations) {
  ModelShape shape = GetParam();
  if (kSanitized) shape.operations /= 4;
  Model(shape, TestSeed(20240409)).Run();
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, KeyspaceModelTest,
    ::testing::Values(ModelShape{"OneShardTinySegments", 1, 1, 4096, true, 3'000, 1'000'000},
                      ModelShape{"FourShards", 4, 2, 4096, true, 20'000, 800'000},
                      ModelShape{"NothingReleasedOnAccess", 2, 2, 8192, false, 5'000, 600'000},
                      ModelShape{"RealSegmentsAndChunks", 2, 64, size_t{2} << 20, true, 40'000,
                                 400'000},
                      ModelShape{"DeepDirectory", 1, 1, 16384, true, 100'000, 500'000}),
    [](const auto& shape) { return shape.param.name; });

}  // namespace
}  // namespace dcs::store
