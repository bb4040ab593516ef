// Key events: a sink records every change, and replaying the record on the oracle gives the keyspace.
#include "store/key_event.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "store/values/type_table.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kStart = 1'700'000'000'000;

// A value as text: type, and its parts sorted by element.
std::string Contents(const Entry& entry) {
  std::string text(RowOf(entry.type).name);
  if (entry.heap == nullptr) return text + ' ' + std::string(entry.string);
  std::map<std::string, std::string> fields;
  std::vector<std::string> parts;
  RowOf(entry.type).walk(*entry.heap, [&](std::string_view part) { parts.emplace_back(part); });
  for (size_t i = 0; i + 1 < parts.size(); i += 2) fields[parts[i]] = parts[i + 1];
  for (const auto& [field, value] : fields) text += ' ' + field + '=' + value;
  return text;
}

struct Held {
  std::string contents;
  TimeMs deadline = kNoDeadline;
  bool operator==(const Held&) const = default;
};
using Keys = std::map<std::string, Held>;

Keys KeysOf(const Keyspace& keyspace) {
  Keys keys;
  uint64_t position = 0;
  do {
    position = keyspace.Visit(position, [&](const Entry& entry) {
      keys[std::string(entry.key)] = {Contents(entry), entry.deadline};
    });
  } while (position != 0);
  return keys;
}

// Replays each event at once. Thread-safe.
class Replayer final : public KeyEventSink {
 public:
  explicit Replayer(bool wants_expired) : wants_expired_(wants_expired) {}

  void OnKeyEvent(const KeyEvent& event) noexcept override {
    const std::lock_guard lock(mutex_);
    last_origin_ = event.origin;
    ++counts_[event.kind];
    const std::string key(event.key);
    switch (event.kind) {
      case KeyEventKind::kSet:
      case KeyEventKind::kChanged:
      case KeyEventKind::kDeadline:
      case KeyEventKind::kRenamedTo:
        EXPECT_EQ(event.entry.key, event.key);
        keys_[key] = {Contents(event.entry), event.entry.deadline};
        break;
      case KeyEventKind::kExpired:
        ++released_by_[event.released_by];
        EXPECT_TRUE(Expired(event.entry.deadline, event.now)) << key;
        EXPECT_EQ(keys_.erase(key), 1u) << key;
        break;
      case KeyEventKind::kErased:
      case KeyEventKind::kEmptied:
      case KeyEventKind::kRenamedFrom:
        EXPECT_EQ(keys_.erase(key), 1u) << key;
        break;
      case KeyEventKind::kCleared:
        keys_.clear();
        break;
    }
  }
  bool wants_expired() const noexcept override { return wants_expired_; }

  Keys keys() const {
    const std::lock_guard lock(mutex_);
    return keys_;
  }
  int Count(KeyEventKind kind) { return counts_[kind]; }
  int ReleasedByCount(ReleasedBy by) { return released_by_[by]; }
  const void* last_origin() const { return last_origin_; }

 private:
  const bool wants_expired_;
  mutable std::mutex mutex_;
  Keys keys_;
  std::map<KeyEventKind, int> counts_;
  std::map<ReleasedBy, int> released_by_;
  const void* last_origin_ = nullptr;
};

class KeyEventTest : public ::testing::Test {
 protected:
  KeyEventTest() { keyspace_.set_key_event_sink(&sink_); }
  ~KeyEventTest() override { keyspace_.set_key_event_sink(nullptr); }

  HashedKey Hash(std::string_view key) { return keyspace_.Hash(key); }

  Replayer sink_{/*wants_expired=*/true};
  Keyspace keyspace_{{.shards = 4,
                      .seed = 3,
                      .epoch = kStart,
                      .lazy_free_thread = false,
                      .max_segment_groups = 2,
                      .max_chunk_bytes = 4096}};
  TimeMs now_ = kStart;
};

TEST_F(KeyEventTest, Overwrite_ReportsSetWithNewValueAndDeadline) {
  ASSERT_TRUE(keyspace_.Set("k", "one", now_ + 1000, now_).ok());
  ASSERT_TRUE(keyspace_.Set("k", "two", now_ + 2000, now_).ok());
  EXPECT_EQ(sink_.Count(KeyEventKind::kSet), 2);
  EXPECT_EQ(sink_.keys(), (Keys{{"k", {"string two", now_ + 2000}}}));
}

TEST_F(KeyEventTest, UnchangedHash_ReportsNothing) {
  const HashedKey key = Hash("h");
  Transaction(keyspace_, now_, key).FindOrMake<HashValue>(key).value()->Set("f", "v");
  EXPECT_EQ(sink_.Count(KeyEventKind::kSet), 1);
  {
    Transaction txn(keyspace_, now_, key);
    EXPECT_FALSE(txn.Mutable<HashValue>(key)->Erase("absent"));
  }
  EXPECT_EQ(sink_.Count(KeyEventKind::kChanged), 0);
  Transaction(keyspace_, now_, key).Mutable<HashValue>(key)->Set("f", "v");
  EXPECT_EQ(sink_.Count(KeyEventKind::kChanged), 1)
      << "HSET of the same value is a change, as in Redis";
  Transaction(keyspace_, now_, key).Mutable<HashValue>(key)->Erase("f");
  EXPECT_EQ(sink_.Count(KeyEventKind::kEmptied), 1);
  EXPECT_TRUE(sink_.keys().empty());
}

TEST_F(KeyEventTest, HashMadeAndLeftEmpty_ReportsNothing) {
  const HashedKey key = Hash("h");
  EXPECT_TRUE(Transaction(keyspace_, now_, key).FindOrMake<HashValue>(key).ok());
  EXPECT_EQ(keyspace_.size(), 0u);
  EXPECT_EQ(sink_.Count(KeyEventKind::kSet) + sink_.Count(KeyEventKind::kEmptied), 0);
}

TEST_F(KeyEventTest, OriginIsTheTransactionsTag) {
  const int tag = 0;
  const HashedKey key = Hash("k");
  Transaction txn(keyspace_, now_, key);
  txn.set_origin(&tag);
  ASSERT_TRUE(txn.SetString(key, "v", kNoDeadline).ok());
  EXPECT_EQ(sink_.last_origin(), &tag);
}

TEST_F(KeyEventTest, EachReleaseNamesItsCause) {
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(keyspace_.Set("k" + std::to_string(i), "v", now_ + 1, now_).ok());
  }
  now_ += 10;
  EXPECT_FALSE(keyspace_.Get("k7", now_));
  EXPECT_EQ(sink_.ReleasedByCount(ReleasedBy::kAccess), 1);
  uint64_t position = 0;
  const SweepResult sampled = keyspace_.Sample(position, 50, 1000, now_);
  EXPECT_GT(sampled.released, 0u);
  EXPECT_EQ(sink_.ReleasedByCount(ReleasedBy::kSample), static_cast<int>(sampled.released));
  SweepCursor cursor;
  const SweepResult step = keyspace_.Sweep(cursor, 30, now_);
  EXPECT_EQ(sink_.ReleasedByCount(ReleasedBy::kSweep), static_cast<int>(step.released));
  const SweepResult rest = keyspace_.FastSweep(now_);
  EXPECT_EQ(sink_.ReleasedByCount(ReleasedBy::kSweep),
            static_cast<int>(step.released + rest.released));
  EXPECT_EQ(1 + sampled.released + step.released + rest.released, 400u);
  EXPECT_TRUE(sink_.keys().empty());
}

TEST_F(KeyEventTest, Clear_ReportsOnce) {
  ASSERT_TRUE(keyspace_.Set("k", "v", kNoDeadline, now_).ok());
  keyspace_.Clear(FreeMode::kNow);
  EXPECT_EQ(sink_.Count(KeyEventKind::kCleared), 1);
  EXPECT_TRUE(sink_.keys().empty());
}

TEST(KeyEventSinkTest, SinkThatWantsNoExpiredKeys_GetsThoseOfAccessOnly) {
  Replayer sink(/*wants_expired=*/false);
  Keyspace keyspace({.shards = 1, .epoch = kStart, .lazy_free_thread = false});
  keyspace.set_key_event_sink(&sink);
  for (const char* key : {"a", "b", "c"})
    ASSERT_TRUE(keyspace.Set(key, "v", kStart + 1, kStart).ok());
  EXPECT_FALSE(keyspace.Get("a", kStart + 5));
  EXPECT_EQ(keyspace.FastSweep(kStart + 5).released, 2u);
  EXPECT_EQ(sink.Count(KeyEventKind::kExpired), 1);
  keyspace.set_key_event_sink(nullptr);
}

// Every operation that changes keys, at random; the replayed record is compared with the keyspace.
TEST_F(KeyEventTest, ReplayOfRandomOperationsReproducesTheKeyspace) {
  SeededRandom random(TestSeed(33));
  const auto some_key = [&] { return "key:" + std::to_string(random.Below(300)); };
  const auto some_deadline = [&] {
    return random.OneIn(3) ? kNoDeadline : now_ + static_cast<TimeMs>(random.Below(4000)) - 100;
  };
  SweepCursor cursor;
  uint64_t position = 0;
  for (int operation = 0; operation < 40'000; ++operation) {
    const std::string name = some_key(), other = some_key();
    const HashedKey key = Hash(name);
    switch (random.Below(16)) {
      case 0:
      case 1:
      case 2:
        ASSERT_TRUE(
            keyspace_.Set(name, std::string(random.Below(60), 'v'), some_deadline(), now_).ok());
        break;
      case 3:
      case 4: {
        Transaction txn(keyspace_, now_, key);
        const std::optional<Entry> entry = txn.Find(key);
        if (entry && entry->type != ValueType::kHash) break;
        HashValue* const hash = txn.FindOrMake<HashValue>(key).value();
        hash->Set(std::to_string(random.Below(4)), std::to_string(operation));
        break;
      }
      case 5: {
        Transaction txn(keyspace_, now_, key);
        if (HashValue* const hash = txn.Mutable<HashValue>(key)) {
          for (int field = 0; field < 4; ++field) {
            if (random.OneIn(2)) hash->Erase(std::to_string(field));
          }
        }
        break;
      }
      case 6: {
        Transaction txn(keyspace_, now_, key);
        const std::optional<Entry> entry = txn.Find(key);
        if (entry && entry->type != ValueType::kString) break;
        const std::string tail(random.OneIn(50) ? 3000 : random.Below(20), 't');
        ASSERT_TRUE(txn.Append(key, tail).ok());
        txn.WriteInPlace(key, 7, "part");
        break;
      }
      case 7:
        keyspace_.Expire(name, some_deadline(), now_);
        break;
      case 8:
        keyspace_.Persist(name, now_);
        break;
      case 9:
        keyspace_.Erase(name, now_);
        break;
      case 10: {
        if (name == other) break;
        const HashedKey keys[] = {key, Hash(other)};
        Transaction txn(keyspace_, now_, keys);
        (void)txn.Rename(keys[0], keys[1]);
        break;
      }
      case 11:
        keyspace_.Sweep(cursor, 20, now_);
        break;
      case 12:
        keyspace_.Sample(position, 5, 50, now_);
        break;
      case 13:
        keyspace_.RandomKey(random.Next(), now_);
        break;
      case 14:
        keyspace_.Scan(random.Next() >> 1, 10, now_, [](const Entry&) {});
        break;
      case 15:
        now_ += static_cast<TimeMs>(random.Below(40));
        if (random.OneIn(200)) keyspace_.FastSweep(now_);
        if (random.OneIn(2000)) keyspace_.Clear(FreeMode::kLazy);
        break;
    }
    if (operation % 500 == 0) {
      ASSERT_EQ(sink_.keys(), KeysOf(keyspace_)) << "after operation " << operation;
      keyspace_.CheckInvariants();
    }
    ASSERT_FALSE(HasFailure()) << "after operation " << operation;
  }
  EXPECT_EQ(sink_.keys(), KeysOf(keyspace_));
}

// Counts the calls that come after the keyspace has let go of it.
class RemovableSink final : public KeyEventSink {
 public:
  void OnKeyEvent(const KeyEvent&) noexcept override {
    std::this_thread::yield();  // removal overtakes a call that it does not wait for
    late_calls += removed;
  }
  bool wants_expired() const noexcept override { return true; }

  std::atomic<bool> removed{false};
  std::atomic<int> late_calls{0};
};

TEST(KeyEventSinkTest, RemovedSinkIsNotCalledAgain) {
  // Many shards of few keys: each walk passes many locks.
  Keyspace keyspace({.shards = 64, .epoch = kStart, .lazy_free_thread = false});
  std::atomic<bool> stop{false};
  const auto repeat = [&](auto work) {
    return std::thread([&stop, work] {
      while (!stop) work();
    });
  };
  const auto write = [&] {
    for (int i = 0; i < 300; ++i) {
      (void)keyspace.Set("k" + std::to_string(i), "v", i % 2 == 0 ? kStart : kNoDeadline, kStart);
    }
  };
  const TimeMs later = kStart + 10;
  std::thread threads[] = {
      repeat(write),
      repeat([&] {
        SweepCursor cursor;
        keyspace.Sweep(cursor, 1000, later);
      }),
      repeat([&] { keyspace.FastSweep(later); }),
      repeat([&] {
        uint64_t position = 0;
        keyspace.Sample(position, 1000, 10'000, later);
      }),
      repeat([&] { keyspace.Scan(0, 1000, later, [](const Entry&) {}); }),
      repeat([&] { keyspace.Clear(FreeMode::kNow); }),
  };
  std::vector<std::unique_ptr<RemovableSink>> sinks;
  for (size_t round = 0; round < Scaled(2'000); ++round) {
    RemovableSink& sink = *sinks.emplace_back(std::make_unique<RemovableSink>());
    keyspace.set_key_event_sink(&sink);
    std::this_thread::yield();
    keyspace.set_key_event_sink(nullptr);
    sink.removed = true;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& sink : sinks) EXPECT_EQ(sink->late_calls, 0);
}

// ---- A transaction over all keys ----------------------------------------------------------------

TEST_F(KeyEventTest, TransactionOverAllKeys_ItsThreadMayWalkAndCount) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(
        keyspace_.Set("k" + std::to_string(i), "v", i % 2 == 0 ? now_ + 1 : kNoDeadline, now_)
            .ok());
  }
  now_ += 10;
  {
    Transaction txn(keyspace_, now_, Transaction::kAllKeys);
    EXPECT_EQ(keyspace_.size(), 300u);
    EXPECT_EQ(keyspace_.TakeCensus(now_).expired_keys, 150u);
    EXPECT_EQ(keyspace_.EstimateExpiry(now_).keys, 300u);
    EXPECT_GT(keyspace_.Memory().used(), 0u);
    EXPECT_EQ(keyspace_.Counters().expired_keys(), 0u);
    EXPECT_TRUE(keyspace_.RandomKey(17, now_));
    const HashedKey key = Hash("k1");
    EXPECT_TRUE(txn.Erase(key));
    EXPECT_EQ(keyspace_.size(), 299u - keyspace_.Counters().released_on_access);
    size_t live = 0;
    uint64_t cursor = 0;
    do {
      cursor = keyspace_.Scan(cursor, 20, now_, [&](const Entry&) { ++live; });
    } while (cursor != 0);
    EXPECT_EQ(live, 149u);
    EXPECT_EQ(keyspace_.size(), 149u) << "the scan has released the expired keys";
    keyspace_.Clear(FreeMode::kLazy);
    EXPECT_EQ(keyspace_.size(), 0u);
    ASSERT_TRUE(txn.SetString(key, "again", kNoDeadline).ok());
  }
  EXPECT_EQ(keyspace_.Get("k1", now_), "again");
  keyspace_.CheckInvariants();
}

TEST_F(KeyEventTest, EndCommand_RemovesEmptiedKeysAndReports) {
  const HashedKey key = Hash("h");
  Transaction txn(keyspace_, now_, Transaction::kAllKeys);
  txn.FindOrMake<HashValue>(key).value()->Set("f", "v");
  txn.EndCommand();
  EXPECT_EQ(sink_.Count(KeyEventKind::kSet), 1);
  txn.Mutable<HashValue>(key)->Erase("f");
  txn.EndCommand();
  EXPECT_EQ(sink_.Count(KeyEventKind::kEmptied), 1);
  EXPECT_FALSE(txn.Find(key));
  EXPECT_EQ(keyspace_.size(), 0u);
}

TEST_F(KeyEventTest, TransactionOverAllKeys_ExcludesOtherThreads) {
  std::atomic<int> seen{-1};
  std::thread reader;
  {
    Transaction txn(keyspace_, now_, Transaction::kAllKeys);
    reader = std::thread([&] {
      const std::optional<std::string> a = keyspace_.Get("a", now_);
      seen = a && keyspace_.Get("b", now_) ? 2 : 0;
    });
    ASSERT_TRUE(txn.SetString(Hash("a"), "1", kNoDeadline).ok());
    ASSERT_TRUE(txn.SetString(Hash("b"), "2", kNoDeadline).ok());
  }
  reader.join();
  EXPECT_EQ(seen, 2);
}

// ---- The running total --------------------------------------------------------------------------

TEST(UsedTotalTest, UsesMoreThanIsExactAtEveryLimit) {
  Keyspace keyspace({.shards = 8, .epoch = kStart, .lazy_free_thread = false});
  SeededRandom random(TestSeed(5));
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = "k" + std::to_string(random.Below(8000));
    if (random.OneIn(4)) {
      keyspace.Erase(key, kStart);
    } else {
      ASSERT_TRUE(keyspace.Set(key, std::string(random.Below(300), 'v'), kNoDeadline, kStart).ok());
    }
    if (i % 100 != 0) continue;
    const size_t used = keyspace.Memory().used();
    ASSERT_EQ(keyspace.UsedBytes(), used);
    for (const size_t limit : {size_t{0}, used / 2, used - 1, used, used + 1, used * 3}) {
      ASSERT_EQ(keyspace.UsesMoreThan(limit), used > limit) << limit;
    }
    keyspace.CheckInvariants();
  }
}

}  // namespace
}  // namespace dcs::store
