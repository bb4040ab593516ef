// What the store does when an allocation fails: the operation reports it and leaves the keys as they were,
// or does its work without that memory.
//
// Random operations on a keyspace and on the oracle. Each operation runs with its first allocation failing,
// then with its second, and so on, until it succeeds; after each failure the invariants are checked and the
// operation's keys compared. DCS_TEST_SECONDS lets each shape run for so many seconds of CPU time, with one
// seed after the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "store/keyspace.h"
#include "store/snapshot.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "tests/failing_allocation.h"
#include "tests/store/oracle.h"
#include "tests/store/random_model.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

class Model : public RandomModel {
 public:
  using RandomModel::RandomModel;

  void Run() {
    for (operation_ = 1; operation_ <= shape_.operations; ++operation_) {
      Step();
      if (operation_ % 200 == 0) CheckWhole();
      if (::testing::Test::HasFailure()) {
        FAIL() << "at operation " << operation_ << " of " << shape_.name;
      }
    }
    CheckWhole();
    keyspace_.Clear(FreeMode::kNow);
    keyspace_.lazy_free().Drain();
    keyspace_.CheckInvariants();
    EXPECT_EQ(keyspace_.Memory().live_log_bytes, 0u);
    EXPECT_EQ(keyspace_.Memory().heap_bytes, 0u);
  }

  uint64_t failures() const { return failures_; }
  uint64_t refusals() const { return refusals_; }

 private:
  // Runs `operation`, which returns whether it did its work, with one allocation failing after the other
  // until it does. The oracle holds `keys` as they are before it.
  template <typename Operation>
  void UntilDone(const std::vector<std::string>& keys, Operation operation) {
    const bool from_then_on = random_.OneIn(3);
    for (uint64_t n = random_.OneIn(2) ? 1 : 1 + random_.Below(6);; ++n) {
      bool done = false, failed = false;
      {
        const FailingAllocation failing(n, from_then_on);
        try {
          done = operation();
        } catch (const std::bad_alloc&) {
          done = false;
        }
        failed = failing.failed();
      }
      failures_ += failed;
      if (failed) keyspace_.CheckInvariants();
      if (done) return;
      ++refusals_;
      ASSERT_TRUE(failed) << "only a failed allocation is a reason to refuse";
      for (const std::string& key : keys) CheckKey(key);
    }
  }

  void Step() {
    const bool flood = (operation_ / (shape_.keys * 4)) % 2 == 0;
    const uint64_t dice = random_.Below(1000);
    if (dice < (flood ? 330u : 150u)) return Set();
    if (dice < 380) return Get();
    if (dice < 460) return SetDeadline();
    if (dice < 520) return Append();
    if (dice < 640) return ChangeHash();
    if (dice < 680) return ChangeHashesAndRename();
    if (dice < (flood ? 720u : 790u)) return Erase();
    if (dice < 820) return Rename();
    if (dice < 880) return Scan();
    if (dice < 910) return Sweep();
    if (dice < 925) return FastSweep();
    if (dice < 940) return Sample();
    if (dice < 945) return RandomKey();
    if (dice < 950) return Snapshot();
    if (dice < 997) return AdvanceClock();
    if (random_.OneIn(20)) return Clear();
  }

  std::string SomeKey() {
    const uint64_t number = random_.Below(shape_.keys);
    std::string key = "k" + std::to_string(number);
    if (number % 31 == 0) key.append(150, 'k');
    return key;
  }

  std::string SomeValue() {
    size_t length = random_.Below(40);
    if (random_.OneIn(10)) length = random_.Below(400);
    if (random_.OneIn(60)) length = random_.Below(shape_.max_chunk_bytes);
    return std::string(length, static_cast<char>('a' + random_.Below(26)));
  }

  TimeMs SomeDeadline() {
    if (random_.OneIn(3)) return kNoDeadline;
    if (random_.OneIn(50)) return now_ + TimeMs{40} * 365 * 86'400'000;  // out of line
    const auto magnitude = random_.Below(36);
    return now_ + static_cast<TimeMs>(random_.Below((uint64_t{1} << magnitude) + 1));
  }

  void Set() {
    const std::string key = SomeKey(), value = SomeValue();
    const TimeMs deadline = SomeDeadline();
    UntilDone({key}, [&] { return keyspace_.Set(key, value, deadline, now_).ok(); });
    oracle_.Set(key, value, deadline, operation_, now_);
    CheckKey(key);
  }

  void Get() {
    const std::string key = SomeKey();
    UntilDone({key}, [&] {
      const std::optional<std::string> value = keyspace_.Get(key, now_);
      const UncountedAllocations own;
      const OracleItem* expected = oracle_.Find(key, now_);
      const bool text = expected != nullptr && std::holds_alternative<std::string>(expected->value);
      EXPECT_EQ(value.has_value(), text);
      return true;
    });
  }

  void SetDeadline() {
    const std::string key = SomeKey();
    const TimeMs deadline = SomeDeadline();
    UntilDone({}, [&] {
      keyspace_.Expire(key, deadline, now_);
      return true;
    });
    OracleItem* expected = oracle_.Find(key, now_);
    if (expected == nullptr) return;
    // A deadline that needs more memory than there is may be kept as an earlier one.
    const HashedKey hashed = keyspace_.Hash(key);
    Transaction txn(keyspace_, now_, hashed);
    const std::optional<Entry> entry = txn.Peek(hashed);
    if (Expired(deadline, now_)) return;
    ASSERT_TRUE(entry.has_value());
    expected->deadline = entry->deadline;
    if (deadline != entry->deadline) {
      EXPECT_GT(deadline - now_, kDeadlineWindowMs - 100'000'000'000);
      EXPECT_LT(entry->deadline, deadline);
    }
  }

  void Append() {
    const std::string key = SomeKey(), tail = SomeValue();
    OracleItem* expected = oracle_.Find(key, now_);
    if (expected != nullptr && !std::holds_alternative<std::string>(expected->value)) return;
    const HashedKey hashed = keyspace_.Hash(key);
    UntilDone({key},
              [&] { return Transaction(keyspace_, now_, hashed).Append(hashed, tail).ok(); });
    if (expected == nullptr) {
      expected = &oracle_.Set(key, std::string(), kNoDeadline, operation_, now_);
    }
    std::get<std::string>(expected->value) += tail;
    CheckKey(key);
  }

  void ChangeHash() {
    const std::string key = SomeKey(), value = SomeValue();
    std::string field = std::to_string(random_.Below(200));
    if (random_.OneIn(3)) field.append(40, 'f');
    const HashedKey hashed = keyspace_.Hash(key);
    const bool erases = random_.OneIn(3);
    OracleItem* expected = oracle_.Find(key, now_);
    if (expected != nullptr && !std::holds_alternative<OracleHash>(expected->value)) {
      // Refused whatever the memory, and nothing is taken for a hash that is none.
      Transaction txn(keyspace_, now_, hashed);
      EXPECT_EQ(txn.Mutable<HashValue>(hashed), nullptr);
      EXPECT_FALSE(txn.FindOrMake<HashValue>(hashed).ok());
      return;
    }
    UntilDone({key}, [&] {
      Transaction txn(keyspace_, now_, hashed);
      if (erases) {
        HashValue* const hash = txn.Mutable<HashValue>(hashed);
        if (hash != nullptr) hash->Erase(field);
        return true;
      }
      const absl::StatusOr<HashValue*> hash = txn.FindOrMake<HashValue>(hashed);
      if (hash.ok()) (*hash)->Set(field, value);
      return hash.ok();
    });
    if (erases) {
      if (expected != nullptr && std::get<OracleHash>(expected->value).erase(field) == 1 &&
          std::get<OracleHash>(expected->value).empty()) {
        oracle_.Erase(key, now_);
      }
    } else {
      if (expected == nullptr) {
        expected = &oracle_.Set(key, OracleHash(), kNoDeadline, operation_, now_);
      }
      std::get<OracleHash>(expected->value)[field] = value;
    }
    CheckKey(key);
  }

  // A transaction of several commands: two hashes are changed, one before and one after a third key is
  // renamed onto a fourth.
  void ChangeHashesAndRename() {
    std::vector<std::string> names = {SomeKey() + "h1", SomeKey() + "h2", SomeKey(), SomeKey()};
    const std::string value = SomeValue();
    if (names[2] == names[3] || oracle_.Find(names[2], now_) == nullptr) return;
    const OracleItem moved = *oracle_.Find(names[2], now_);
    std::vector<HashedKey> keys;
    for (const std::string& name : names) keys.push_back(keyspace_.Hash(name));
    // The hashes exist beforehand, so that the transaction as a whole does its work or does not.
    for (size_t i = 0; i < 2; ++i) {
      Transaction txn(keyspace_, now_, keys[i]);
      txn.FindOrMake<HashValue>(keys[i]).value()->Set("kept", "x");
      OracleItem* item = oracle_.Find(names[i], now_);
      if (item == nullptr) {
        item = &oracle_.Set(names[i], OracleHash(), kNoDeadline, operation_, now_);
      }
      std::get<OracleHash>(item->value)["kept"] = "x";
    }
    UntilDone({names[2], names[3]}, [&] {
      Transaction txn(keyspace_, now_, keys);
      HashValue* const first = txn.Mutable<HashValue>(keys[0]);
      if (!txn.Rename(keys[2], keys[3]).ok()) return false;
      // From here on, what fails is left out: the rename cannot be repeated.
      const UncountedAllocations own;
      first->Set("after", value);
      txn.Mutable<HashValue>(keys[1])->Set("after", value);
      return true;
    });
    for (size_t i = 0; i < 2; ++i) {
      std::get<OracleHash>(oracle_.Find(names[i], now_)->value)["after"] = value;
    }
    oracle_.Erase(names[2], now_);
    oracle_.Set(names[3], moved.value, moved.deadline, operation_, now_);
    for (const std::string& name : names) CheckKey(name);
  }

  void Erase() {
    const std::string key = SomeKey();
    const FreeMode mode = random_.OneIn(2) ? FreeMode::kLazy : FreeMode::kNow;
    const HashedKey hashed = keyspace_.Hash(key);
    UntilDone({}, [&] {
      Transaction(keyspace_, now_, hashed).Erase(hashed, mode);
      return true;
    });
    oracle_.Erase(key, now_);
    CheckKey(key);
  }

  void Rename() {
    const std::string from = SomeKey(), to = SomeKey();
    const OracleItem* expected = oracle_.Find(from, now_);
    if (from == to) return;
    const HashedKey keys[] = {keyspace_.Hash(from), keyspace_.Hash(to)};
    if (expected == nullptr) {
      EXPECT_EQ(Transaction(keyspace_, now_, keys).Rename(keys[0], keys[1]).code(),
                absl::StatusCode::kNotFound);
      return;
    }
    const OracleItem moved = *expected;
    UntilDone({from, to},
              [&] { return Transaction(keyspace_, now_, keys).Rename(keys[0], keys[1]).ok(); });
    oracle_.Erase(from, now_);
    oracle_.Set(to, moved.value, moved.deadline, operation_, now_);
    CheckKey(from);
    CheckKey(to);
  }

  // The visitor's own allocations fail too.
  void Scan() {
    const uint64_t cursor = scan_;
    std::vector<std::string> shown;
    UntilDone({}, [&] {
      shown.clear();
      scan_ = keyspace_.Scan(cursor, 1 + random_.Below(30), now_,
                             [&](const Entry& entry) { shown.emplace_back(entry.key); });
      return true;
    });
    for (const std::string& key : shown) EXPECT_NE(oracle_.Find(key, now_), nullptr);
  }

  void Sweep() {
    UntilDone({}, [&] {
      keyspace_.Sweep(sweep_, 1 + random_.Below(100), now_);
      return true;
    });
  }

  void FastSweep() {
    UntilDone({}, [&] {
      keyspace_.FastSweep(now_);
      return true;
    });
    EXPECT_EQ(keyspace_.TakeCensus(now_).expired_keys, 0u);
  }

  void Sample() {
    UntilDone({}, [&] {
      keyspace_.Sample(sample_, 1 + random_.Below(40), 1 + random_.Below(400), now_);
      return true;
    });
  }

  void RandomKey() {
    const uint64_t random = random_.Next();
    UntilDone({}, [&] {
      keyspace_.RandomKey(random, now_);
      return true;
    });
  }

  void Snapshot() {
    std::stringbuf file;
    SnapshotSize size;
    UntilDone({}, [&] {
      {
        const UncountedAllocations own;
        file.str("");
      }
      return WriteSnapshot(keyspace_, file, size).ok();
    });
    EXPECT_EQ(size.keys, keyspace_.size());
    bool done = false;
    for (uint64_t n = 1; !done; ++n) {
      std::stringbuf again(file.str());
      Keyspace read(Options(shape_, n));
      absl::Status status;
      bool failed = false;
      {
        const FailingAllocation failing(n * n);
        status = ReadSnapshot(again, read, now_);
        failed = failing.failed();
      }
      read.CheckInvariants();
      done = status.ok();
      ASSERT_TRUE(done || failed) << status;
      if (done) {
        EXPECT_EQ(read.size(), keyspace_.size());
      }
    }
  }

  void AdvanceClock() {
    now_ +=
        static_cast<TimeMs>(random_.OneIn(20) ? random_.Below(86'400'000) : random_.Below(5000));
  }

  void Clear() {
    UntilDone({}, [&] {
      keyspace_.Clear(random_.OneIn(2) ? FreeMode::kLazy : FreeMode::kNow);
      return true;
    });
    oracle_.Clear();
    EXPECT_EQ(keyspace_.size(), 0u);
  }

  void CheckKey(const std::string& key) {
    const OracleItem* expected = oracle_.Find(key, now_);
    const HashedKey hashed = keyspace_.Hash(key);
    Transaction txn(keyspace_, now_, hashed);
    ExpectSame(txn.Peek(hashed), key, expected);
  }

  void CheckWhole() {
    keyspace_.CheckInvariants();
    keyspace_.lazy_free().Drain();
    oracle_.DropExpired(now_);
    const Census census = keyspace_.TakeCensus(now_);
    EXPECT_EQ(census.keys - census.expired_keys, oracle_.items().size());
    for (const auto& [key, item] : oracle_.items()) CheckKey(key);
  }

  uint64_t scan_ = 0;
  SweepCursor sweep_;
  uint64_t sample_ = 0;
  uint64_t failures_ = 0;
  uint64_t refusals_ = 0;
};

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

class FailedAllocationsTest : public ::testing::TestWithParam<ModelShape> {};

TEST_P(FailedAllocationsTest, LeaveEveryKeyAsItWas) {
  ModelShape shape = GetParam();
  if (kSanitized) shape.operations /= 4;
  const char* seconds = std::getenv("DCS_TEST_SECONDS");
  const double end = seconds == nullptr ? 0 : CpuSeconds() + std::atof(seconds);
  uint64_t seed = TestSeed(20261128);
  do {
    Model model(shape, seed++);
    model.Run();
    if (HasFailure()) FAIL() << "seed " << seed - 1;
    EXPECT_GT(model.failures(), shape.operations / 100);
    EXPECT_GT(model.refusals(), shape.operations / 200);
  } while (CpuSeconds() < end);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, FailedAllocationsTest,
    ::testing::Values(ModelShape{"OneShardTinySegments", 1, 1, 4096, true, 200, 20'000},
                      ModelShape{"FourShards", 4, 2, 4096, true, 800, 12'000},
                      ModelShape{"NothingReleasedOnAccess", 2, 2, 8192, false, 300, 15'000},
                      ModelShape{"RealSegmentsAndChunks", 2, 64, size_t{2} << 20, true, 1'000,
                                 4'000}),
    [](const auto& shape) { return shape.param.name; });

}  // namespace
}  // namespace dcs::store
