#include "store/transaction.h"

#include <gtest/gtest.h>

#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "store/values/hash_value.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;

class TransactionTest : public ::testing::Test {
 protected:
  ~TransactionTest() override { keyspace_.CheckInvariants(); }
  HashedKey Key(std::string_view key) { return keyspace_.Hash(key); }
  void MakeHash(std::string_view key, int fields) {
    const HashedKey hashed = Key(key);
    Transaction txn(keyspace_, kNow, hashed);
    HashValue* hash = txn.FindOrMake<HashValue>(hashed).value();
    for (int i = 0; i < fields; ++i) hash->Set("field" + std::to_string(i), "some value");
  }

  Keyspace keyspace_{{.shards = 4, .seed = 2, .epoch = kNow, .lazy_free_thread = false}};
};

TEST_F(TransactionTest, FindShowsAllThereIsToKnow) {
  const HashedKey key = Key("k");
  Transaction txn(keyspace_, kNow, key);
  EXPECT_EQ(txn.Find(key), std::nullopt);
  ASSERT_TRUE(txn.SetString(key, "value", kNow + 5, StringForm::kRaw).ok());
  const std::optional<Entry> entry = txn.Find(key);
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->key, "k");
  EXPECT_EQ(entry->string, "value");
  EXPECT_EQ(entry->type, ValueType::kString);
  EXPECT_EQ(entry->form, StringForm::kRaw);
  EXPECT_EQ(entry->deadline, kNow + 5);
  EXPECT_EQ(entry->bytes(), 12u);
  EXPECT_EQ(txn.now(), kNow);
}

TEST_F(TransactionTest, InspectShowsAnExpiredKeyAndReleasesNothing) {
  const HashedKey key = Key("k");
  EXPECT_EQ(Transaction(keyspace_, kNow, key).Inspect(key), std::nullopt);
  ASSERT_TRUE(keyspace_.Set("k", "value", kNow + 5, kNow).ok());
  const Transaction txn(keyspace_, kNow + 1'000'000, key);
  const std::optional<Entry> entry = txn.Inspect(key);
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->string, "value");
  EXPECT_EQ(entry->deadline, kNow + 5);
  EXPECT_EQ(txn.released().keys, 0u);
  EXPECT_TRUE(txn.Holds(key));
}

// In segments of whole blocks, where most keys are found and written over in one pass.
TEST_F(TransactionTest, WritingOverSetsValueFormAndDeadlineWhateverTheyWere) {
  struct Held {
    std::string value;
    StringForm form = StringForm::kPlain;
    TimeMs deadline = kNoDeadline;
  };
  constexpr size_t kLengths[] = {0, 1, 3, 15, 16, 17, 31, 32, 33, 126, 127, 128, 129, 140, 300};
  constexpr TimeMs kTtls[] = {0, 1, 255, 256, 5'000, 8'192, 8'193, 3'600'000, kDeadlineWindowMs};
  SeededRandom random(TestSeed(17));
  std::vector<Held> held(2'000);
  TimeMs now = kNow;
  for (size_t i = 0; i < held.size() * (kSanitized ? 5 : 50); ++i) {
    const size_t number = i < held.size() ? i : random.Below(held.size());
    Held& known = held[number];
    const std::string name = NumberedKey(number);
    const HashedKey key = Key(name);
    if (i % 10'000 == 0) keyspace_.CheckInvariants();
    Transaction txn(keyspace_, now, key);
    const std::optional<Entry> before = txn.Peek(key);
    ASSERT_EQ(before.has_value(), i >= held.size() && !Expired(known.deadline, now)) << name;
    if (before) {
      ASSERT_EQ(before->string, known.value);
      ASSERT_EQ(before->form, known.form);
      ASSERT_EQ(before->deadline, known.deadline);
    }
    // Often of the same length or deadline as before.
    if (random.OneIn(2)) known.value.resize(kLengths[random.Below(std::size(kLengths))]);
    for (char& c : known.value) c = static_cast<char>('a' + random.Below(26));
    constexpr StringForm kForms[] = {StringForm::kPlain, StringForm::kRaw, StringForm::kText};
    known.form = kForms[random.Below(3)];
    if (random.OneIn(4)) {
      known.deadline = kNoDeadline;
    } else if (random.OneIn(2) || Expired(known.deadline, now)) {
      known.deadline = now + kTtls[random.Below(std::size(kTtls))];
    }
    ASSERT_TRUE(txn.SetString(key, known.value, known.deadline, known.form).ok());
    now += static_cast<TimeMs>(random.Below(3));
  }
}

TEST_F(TransactionTest, AppendingLengthensAndKeepsTheDeadline) {
  const HashedKey key = Key("k");
  std::string expected;
  for (const size_t length : {0, 1, 100, 200, 1'000, 5'000, 100'000, 300'000, 1, 1'000'000, 0}) {
    const std::string tail(length, static_cast<char>('a' + expected.size() % 26));
    expected += tail;
    {
      Transaction txn(keyspace_, kNow, key);
      EXPECT_EQ(txn.Append(key, tail).value(), expected.size());
      if (expected.empty()) txn.SetDeadline(key, kNow + 1'000);
      EXPECT_EQ(txn.Find(key)->string, expected);
    }
    keyspace_.CheckInvariants();
    EXPECT_EQ(keyspace_.Ttl("k", kNow), 1'000);
  }
}

TEST_F(TransactionTest, AnAppendedStringIsRawUntilItIsSetAgain) {
  const HashedKey key = Key("k");
  Transaction txn(keyspace_, kNow, key);
  ASSERT_TRUE(txn.Append(key, "first").ok());
  EXPECT_EQ(txn.Find(key)->form, StringForm::kPlain) << "as Redis: APPEND to an absent key sets it";
  ASSERT_TRUE(txn.Append(key, "second").ok());
  EXPECT_EQ(txn.Find(key)->form, StringForm::kRaw);
  ASSERT_TRUE(txn.SetString(key, "third", kNoDeadline).ok());
  EXPECT_EQ(txn.Find(key)->form, StringForm::kPlain);
}

TEST_F(TransactionTest, ManyAppendsToALargeStringAreAmortised) {
  const HashedKey key = Key("k");
  const std::string tail(1'000, 't');
  for (int i = 0; i < 2'000; ++i) {
    ASSERT_EQ(Transaction(keyspace_, kNow, key).Append(key, tail).value(), (i + 1) * 1'000u);
  }
  const MemoryUse use = keyspace_.Memory();
  EXPECT_GE(use.live_log_bytes, 2'000'000u);
  EXPECT_LT(use.live_log_bytes, 2'001'000u);
}

TEST_F(TransactionTest, ChangesOfAHashAreAccountedAtTheEnd) {
  MakeHash("h", 600);  // a tree already: adding a long value does not change its form
  const size_t before = keyspace_.Memory().heap_bytes;
  EXPECT_GT(before, 0u);
  keyspace_.CheckInvariants();
  const HashedKey key = Key("h");
  {
    Transaction txn(keyspace_, kNow, key);
    HashValue* hash = txn.Mutable<HashValue>(key);
    EXPECT_EQ(txn.Mutable<HashValue>(key), hash);
    EXPECT_EQ(txn.FindOrMake<HashValue>(key).value(), hash);
    hash->Set("long", std::string(5'000, 'x'));
  }
  EXPECT_GT(keyspace_.Memory().heap_bytes, before + 5'000);
  keyspace_.CheckInvariants();
  {
    Transaction txn(keyspace_, kNow, key);
    txn.Mutable<HashValue>(key)->Erase("long");
  }
  EXPECT_EQ(keyspace_.Memory().heap_bytes, before);
}

TEST_F(TransactionTest, AHashLeftEmptyTakesItsKeyWithIt) {
  MakeHash("h", 3);
  const HashedKey key = Key("h");
  {
    Transaction txn(keyspace_, kNow, key);
    HashValue* hash = txn.Mutable<HashValue>(key);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(hash->Erase("field" + std::to_string(i)));
  }
  EXPECT_EQ(keyspace_.size(), 0u);
  EXPECT_EQ(keyspace_.Memory().heap_bytes, 0u);
  {
    Transaction txn(keyspace_, kNow, key);
    ASSERT_TRUE(txn.FindOrMake<HashValue>(key).ok());  // and nothing put into it
  }
  EXPECT_EQ(keyspace_.size(), 0u);
}

TEST_F(TransactionTest, EditedHashesMayBeErasedSetRenamedOrGivenADeadlineInTheSameTransaction) {
  const HashedKey keys[] = {Key("a"), Key("b"), Key("c"), Key("d"), Key("e")};
  for (const HashedKey& key : keys) MakeHash(key.bytes, 100);
  {
    Transaction txn(keyspace_, kNow, keys);
    for (const HashedKey& key : keys)
      txn.Mutable<HashValue>(key)->Set("more", std::string(1'000, 'x'));
    EXPECT_TRUE(txn.Erase(keys[0]));
    ASSERT_TRUE(txn.SetString(keys[1], "a string now", kNoDeadline).ok());
    ASSERT_TRUE(txn.Rename(keys[2], keys[3]).ok());
    txn.Mutable<HashValue>(keys[3])->Set("yet more", std::string(1'000, 'x'));
    EXPECT_TRUE(txn.SetDeadline(keys[4], kNoDeadline - 1));
    txn.Mutable<HashValue>(keys[4])->Set("yet more", std::string(1'000, 'x'));
  }
  keyspace_.CheckInvariants();
  EXPECT_EQ(keyspace_.size(), 3u);
  keyspace_.lazy_free().Drain();
  EXPECT_EQ(keyspace_.Memory().lazy_free_bytes, 0u);
}

TEST_F(TransactionTest, AnEditedHashMayExpireInTheSameTransaction) {
  for (const bool release : {false, true}) {
    keyspace_.set_release_on_access(release);
    MakeHash("h", 100);
    const HashedKey key = Key("h");
    {
      Transaction txn(keyspace_, kNow + 10, key);
      txn.Mutable<HashValue>(key)->Set("more", std::string(1'000, 'x'));
      EXPECT_TRUE(txn.SetDeadline(key, kNow + 5));
      EXPECT_EQ(txn.Find(key), std::nullopt);
      EXPECT_EQ(txn.Mutable<HashValue>(key), nullptr);
    }
    keyspace_.CheckInvariants();
    keyspace_.Clear(FreeMode::kNow);
  }
}

TEST_F(TransactionTest, LargeValuesAreFreedLazilyUnlessToldOtherwise) {
  for (const int fields : {int{LazyFree::kWorthQueueing}, int{LazyFree::kWorthQueueing} + 1}) {
    const bool large = fields > int{LazyFree::kWorthQueueing};
    const HashedKey key = Key("h");
    MakeHash("h", fields);
    const size_t bytes = keyspace_.Memory().heap_bytes;
    EXPECT_TRUE(Transaction(keyspace_, kNow, key).Erase(key, FreeMode::kLazy));
    EXPECT_EQ(keyspace_.Memory().heap_bytes, 0u);
    EXPECT_EQ(keyspace_.Memory().lazy_free_bytes, large ? bytes : 0u);
    keyspace_.lazy_free().Drain();
    MakeHash("h", fields);
    EXPECT_TRUE(Transaction(keyspace_, kNow, key).Erase(key, FreeMode::kNow));
    EXPECT_EQ(keyspace_.Memory().lazy_free_bytes, 0u);
    MakeHash("h", fields);
    ASSERT_TRUE(Transaction(keyspace_, kNow, key).SetString(key, "s", kNoDeadline).ok());
    EXPECT_EQ(keyspace_.Memory().lazy_free_bytes, large ? bytes : 0u);
    keyspace_.lazy_free().Drain();
    keyspace_.Clear(FreeMode::kNow);
  }
}

TEST_F(TransactionTest, RenamingTakesValueFormAndDeadlineAlong) {
  for (const size_t length : {size_t{3}, size_t{2'000}, size_t{400'000}}) {
    const HashedKey keys[] = {Key("from"), Key("to, whose name is longer")};
    const std::string value(length, 'v');
    for (const TimeMs deadline : {kNow + 50, kNoDeadline - 1, kNoDeadline}) {
      Transaction txn(keyspace_, kNow, keys);
      ASSERT_TRUE(txn.SetString(keys[0], value, deadline, StringForm::kRaw).ok());
      ASSERT_TRUE(txn.SetString(keys[1], "is replaced", kNow + 1).ok());
      ASSERT_TRUE(txn.Rename(keys[0], keys[1]).ok());
      EXPECT_EQ(txn.Find(keys[0]), std::nullopt);
      const std::optional<Entry> entry = txn.Find(keys[1]);
      ASSERT_TRUE(entry.has_value());
      EXPECT_EQ(entry->string, value);
      EXPECT_EQ(entry->deadline, deadline);
      EXPECT_EQ(entry->form, StringForm::kRaw);
    }
    keyspace_.CheckInvariants();
    EXPECT_EQ(keyspace_.size(), 1u);
  }
}

TEST_F(TransactionTest, RenamingAHashMovesItWithoutACopy) {
  MakeHash("from", 200);
  MakeHash("to", 100);
  const HashedKey keys[] = {Key("from"), Key("to")};
  {
    Transaction txn(keyspace_, kNow, keys);
    const HashValue* const hash = txn.Mutable<HashValue>(keys[0]);
    ASSERT_TRUE(txn.SetDeadline(keys[0], kNow + 7));
    ASSERT_TRUE(txn.Rename(keys[0], keys[1]).ok());
    EXPECT_EQ(txn.Mutable<HashValue>(keys[1]), hash);
    EXPECT_EQ(txn.Find(keys[1])->deadline, kNow + 7);
    EXPECT_EQ(txn.Find(keys[0]), std::nullopt);
  }
  keyspace_.CheckInvariants();
  EXPECT_EQ(keyspace_.size(), 1u);
  EXPECT_EQ(keyspace_.lazy_free().counters().pending_objects, 1u) << "what `to` held";
}

TEST_F(TransactionTest, AKeyGivenTwiceIsLockedOnce) {
  const HashedKey keys[] = {Key("a"), Key("a"), Key("a")};
  Transaction txn(keyspace_, kNow, keys);
  EXPECT_TRUE(txn.SetString(keys[2], "v", kNoDeadline).ok());
  EXPECT_EQ(txn.Find(keys[0])->string, "v");
}

TEST_F(TransactionTest, Access_FindAndWritesCount_PeekAndSetDeadlineDoNot) {
  const HashedKey key = Key("k");
  const TimeMs later = kNow + 9'000;
  ASSERT_TRUE(keyspace_.Set("k", "v", kNoDeadline, kNow).ok());
  {
    Transaction txn(keyspace_, later, key);
    txn.Peek(key);
    txn.Holds(key);
    txn.SetDeadline(key, later + 100'000);
    EXPECT_EQ(txn.Access(key).idle_seconds, 9);
    EXPECT_EQ(txn.Access(key).frequency, 5);
    txn.Find(key);
    EXPECT_EQ(txn.Access(key).idle_seconds, 0);
    EXPECT_EQ(txn.Access(key).frequency, 6);
  }
  // In place, by a new record, and by a tail.
  for (const std::string_view value : {"w", "a longer value"}) {
    const TimeMs written = later + 1'000;
    ASSERT_TRUE(keyspace_.Set("k", value, kNoDeadline, written).ok());
    EXPECT_EQ(Transaction(keyspace_, written + 2'000, key).Access(key).idle_seconds, 2);
  }
  Transaction txn(keyspace_, later + 5'000, key);
  ASSERT_TRUE(txn.Append(key, "tail").ok());
  EXPECT_EQ(txn.Access(key).idle_seconds, 0);
}

TEST_F(TransactionTest, Access_FarDeadline_CountsAsForAnyKey) {
  constexpr TimeMs kFortyYears = TimeMs{40} * 365 * 24 * 3600 * 1000;
  const HashedKey key = Key("far");
  ASSERT_TRUE(keyspace_.Set("far", "v", kNow + kFortyYears, kNow).ok());
  EXPECT_EQ(keyspace_.Get("far", kNow + 9'000), "v");
  EXPECT_EQ(Transaction(keyspace_, kNow + 9'000, key).Access(key).idle_seconds, 0);
}

// A read-modify-write command looks the key up and writes it: one access.
TEST_F(TransactionTest, Access_FindThenSet_CountsOnce) {
  const HashedKey key = Key("n");
  ASSERT_TRUE(keyspace_.Set("n", "1", kNoDeadline, kNow).ok());
  Transaction txn(keyspace_, kNow, key);
  for (int i = 0; i < 200; ++i) {
    txn.Find(key);
    ASSERT_TRUE(txn.SetString(key, "2", kNoDeadline).ok());
  }
  EXPECT_EQ(txn.Access(key).frequency, 6);
}

TEST_F(TransactionTest, Access_RemovedOrExpiredKey_StartsAfresh) {
  const HashedKey key = Key("hot");
  const auto frequency = [&](TimeMs now) {
    return Transaction(keyspace_, now, key).Access(key).frequency;
  };
  TimeMs now = kNow;
  const auto heat = [&](TimeMs deadline) {
    ASSERT_TRUE(keyspace_.Set("hot", "v", deadline, now).ok());
    for (int i = 0; i < 10'000; ++i) keyspace_.Get("hot", now);
    EXPECT_GT(frequency(now), 20);
  };
  heat(kNoDeadline);
  keyspace_.Erase("hot", now);
  ASSERT_TRUE(keyspace_.Set("hot", "v", kNoDeadline, now).ok());
  EXPECT_EQ(frequency(now), 5);
  heat(kNoDeadline);
  keyspace_.Clear(FreeMode::kNow);
  ASSERT_TRUE(keyspace_.Set("hot", "v", kNoDeadline, now).ok());
  EXPECT_EQ(frequency(now), 5);
  for (const bool release : {true, false}) {
    keyspace_.set_release_on_access(release);
    heat(now + 10);
    now += 11;
    ASSERT_TRUE(keyspace_.Set("hot", "v", kNoDeadline, now).ok());
    EXPECT_EQ(frequency(now), 5) << "over an expired key, released or not";
  }
}

TEST_F(TransactionTest, Access_Rename_TakesItAlong) {
  ASSERT_TRUE(keyspace_.Set("from", "v", kNoDeadline, kNow).ok());
  ASSERT_TRUE(keyspace_.Set("to", "v", kNoDeadline, kNow + 7'000).ok());
  for (const char* name : {"to", "hash"}) {
    const HashedKey keys[] = {Key("from"), Key(name)};
    Transaction txn(keyspace_, kNow + 9'000, keys);
    ASSERT_TRUE(txn.Rename(keys[0], keys[1]).ok());
    EXPECT_EQ(txn.Access(keys[1]).idle_seconds, 9);
    ASSERT_TRUE(txn.Rename(keys[1], keys[0]).ok());
    EXPECT_EQ(txn.Access(keys[0]).idle_seconds, 9);
  }
  const HashedKey keys[] = {Key("h1"), Key("h2")};
  {
    Transaction txn(keyspace_, kNow, keys[0]);
    (*txn.FindOrMake<HashValue>(keys[0]))->Set("f", "v");
  }
  Transaction txn(keyspace_, kNow + 3'000, keys);
  ASSERT_TRUE(txn.Rename(keys[0], keys[1]).ok());
  EXPECT_EQ(txn.Access(keys[1]).idle_seconds, 3);
}

TEST_F(TransactionTest, Access_SmallKeyspace_IsTrackedUnasked) {
  const HashedKey key = Key("k");
  ASSERT_TRUE(keyspace_.Set("k", "v", kNoDeadline, kNow).ok());
  keyspace_.TrackAccess(true);
  EXPECT_EQ(Transaction(keyspace_, kNow + 9'000, key).Access(key).idle_seconds, 9);
  keyspace_.TrackAccess(false);
  EXPECT_TRUE(keyspace_.tracks_access());
}

TEST_F(TransactionTest, IsAskedOnlyAboutKeysItHolds) {
#if !defined(NDEBUG) && !defined(__SANITIZE_THREAD__)
  Keyspace wide({.shards = 64, .seed = 2, .lazy_free_thread = false});
  const HashedKey held = wide.Hash("a");
  std::string other = "b";
  while (wide.Hash(other).hash >> 58 == held.hash >> 58) other += 'b';
  Transaction txn(wide, kNow, held);
  EXPECT_DEATH(txn.Find(wide.Hash(other)), "asked only about keys it holds");
#else
  GTEST_SKIP() << "assertions are off";
#endif
}

}  // namespace
}  // namespace dcs::store
