#include "store/keyspace.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>
#include <string>

#include "store/log/record.h"
#include "store/memory/deferred_work.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;

KeyspaceOptions Options() {
  return {.shards = 4, .seed = 1, .epoch = kNow, .lazy_free_thread = false};
}

class KeyspaceTest : public ::testing::Test {
 protected:
  ~KeyspaceTest() override { keyspace_.CheckInvariants(); }
  size_t Shown(TimeMs now) {
    size_t shown = 0;
    uint64_t cursor = 0;
    do {
      cursor = keyspace_.Scan(cursor, 100, now, [&](const Entry&) { ++shown; });
    } while (cursor != 0);
    return shown;
  }

  Keyspace keyspace_{Options()};
};

TEST_F(KeyspaceTest, KeepsWhatWasSet) {
  EXPECT_EQ(keyspace_.Get("k", kNow), std::nullopt);
  ASSERT_TRUE(keyspace_.Set("k", "v", kNoDeadline, kNow).ok());
  EXPECT_EQ(keyspace_.Get("k", kNow), "v");
  ASSERT_TRUE(keyspace_.Set("k", "w", kNoDeadline, kNow).ok());
  EXPECT_EQ(keyspace_.Get("k", kNow), "w");
  EXPECT_EQ(keyspace_.size(), 1u);
  EXPECT_TRUE(keyspace_.Erase("k", kNow));
  EXPECT_FALSE(keyspace_.Erase("k", kNow));
  EXPECT_EQ(keyspace_.size(), 0u);
}

TEST_F(KeyspaceTest, KeysAndValuesAreBinaryAndMayBeEmpty) {
  const std::string zero(1, '\0'), zeros(2, '\0');
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::map<std::string, std::string> pairs = {
      {"", "the empty key"}, {zero, zeros}, {zeros, ""}, {all, all}, {all + zero, "longer"}};
  for (const auto& [key, value] : pairs) {
    ASSERT_TRUE(keyspace_.Set(key, value, kNoDeadline, kNow).ok());
  }
  for (const auto& [key, value] : pairs) EXPECT_EQ(keyspace_.Get(key, kNow), value);
  EXPECT_EQ(keyspace_.size(), pairs.size());
  for (const auto& [key, value] : pairs) EXPECT_TRUE(keyspace_.Erase(key, kNow));
}

TEST_F(KeyspaceTest, ValuesAreKeptAroundEveryBorderOfTheirPlace) {
  // 252 and 1020 bytes of record end the slot's size; 256 KiB begins mappings.
  for (const size_t border : {size_t{0}, size_t{128}, size_t{256}, size_t{1020}, size_t{16384},
                              size_t{256} << 10, size_t{1} << 20}) {
    for (size_t length = border < 12 ? 0 : border - 12; length < border + 3; ++length) {
      std::string value(length, 'v');
      if (length > 0) value.back() = '!';
      ASSERT_TRUE(keyspace_.Set("k", value, kNoDeadline, kNow).ok());
      ASSERT_EQ(keyspace_.Get("k", kNow), value);
    }
  }
  keyspace_.lazy_free().Drain();
  EXPECT_EQ(keyspace_.size(), 1u);
}

TEST_F(KeyspaceTest, HoldsLargeValuesAndLargeKeys) {
  const std::string value(size_t{64} << 20, 'v');
  const std::string key(size_t{2} << 20, 'k');
  ASSERT_TRUE(keyspace_.Set("large", value, kNow + 100, kNow).ok());
  ASSERT_TRUE(keyspace_.Set(key, "of a large key", kNow + 100, kNow).ok());
  EXPECT_EQ(keyspace_.Get("large", kNow), value);
  EXPECT_EQ(keyspace_.Get(key, kNow), "of a large key");
  EXPECT_EQ(keyspace_.Get(key.substr(1), kNow), std::nullopt);
  EXPECT_GE(keyspace_.Memory().log_bytes, value.size() + key.size());
  const SweepResult swept = SweepAll(keyspace_, 100, kNow + 101);
  EXPECT_EQ(swept.released, 2u);
  EXPECT_GE(swept.released_bytes, value.size() + key.size());
  keyspace_.lazy_free().Drain();
  EXPECT_EQ(keyspace_.Memory().log_bytes, 0u);
}

TEST_F(KeyspaceTest, AValueOver512MiBIsRefusedAndNothingChanges) {
  ASSERT_TRUE(keyspace_.Set("k", "before", kNow + 50, kNow).ok());
  const MemoryUse before = keyspace_.Memory();
  {
    // Zero pages that nobody writes weigh nothing.
    const Mapping much(kMaxLength + 1);
    ASSERT_NE(much.data(), nullptr);
    const std::string_view text(reinterpret_cast<const char*>(much.data()), kMaxLength + 1);
    EXPECT_EQ(keyspace_.Set("k", text, kNoDeadline, kNow).code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(keyspace_.Set("new", text, kNoDeadline, kNow).code(),
              absl::StatusCode::kInvalidArgument);
    const HashedKey key = keyspace_.Hash("k");
    Transaction txn(keyspace_, kNow, key);
    EXPECT_EQ(txn.Append(key, text.substr(0, kMaxLength - 5)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << "6 bytes are there already";
    const HashedKey long_key{text, key.hash};
    EXPECT_EQ(txn.SetString(long_key, "v", kNoDeadline).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(keyspace_.Get("k", kNow), "before");
  EXPECT_EQ(keyspace_.Ttl("k", kNow), 50);
  EXPECT_EQ(keyspace_.size(), 1u);
  EXPECT_EQ(keyspace_.Memory().resident(), before.resident());
}

TEST_F(KeyspaceTest, DeadlinesOfTheWholeRangeOfRedisAreKeptExactly) {
  const TimeMs edge = kNow + kDeadlineWindowMs;
  const TimeMs last = std::numeric_limits<TimeMs>::max() - 1;
  for (const size_t length : {size_t{5}, size_t{2'000}, size_t{300} << 10}) {
    const std::string value(length, 'v');
    for (const TimeMs first : {kNow + 1, edge - 1, edge, last, kNoDeadline}) {
      for (const TimeMs second : {kNow + 255, kNow + 256, edge - 1, edge, edge + 1, last}) {
        ASSERT_TRUE(keyspace_.Set("k", value, first, kNow).ok());
        if (first != kNoDeadline) {
          EXPECT_EQ(keyspace_.Ttl("k", kNow), first - kNow);
        }
        ASSERT_TRUE(keyspace_.Expire("k", second, kNow));
        EXPECT_EQ(keyspace_.Ttl("k", kNow), second - kNow);
        EXPECT_EQ(keyspace_.Get("k", second), value);
        EXPECT_EQ(keyspace_.TakeCensus(second).expired_keys, 0u);
        EXPECT_EQ(keyspace_.TakeCensus(second + 1).expired_keys, 1u);
        ASSERT_TRUE(keyspace_.Persist("k", kNow));
        EXPECT_EQ(keyspace_.Ttl("k", last), kNoDeadline);
        EXPECT_EQ(keyspace_.Get("k", last), value);
      }
    }
  }
  keyspace_.CheckInvariants();
}

TEST_F(KeyspaceTest, SweepsReleaseWhatExpiresBeyondTheWindow) {
  const TimeMs edge = kNow + kDeadlineWindowMs;
  for (int i = -3; i <= 3; ++i) {
    ASSERT_TRUE(keyspace_.Set(NumberedKey(static_cast<size_t>(i + 3)), "v", edge + i, kNow).ok());
  }
  for (int i = -3; i <= 3; ++i) {
    EXPECT_EQ(SweepAll(keyspace_, 1, edge + i).released, 0u + (i > -3 ? 1 : 0)) << i;
  }
  EXPECT_EQ(SweepAll(keyspace_, 1, edge + 1'000'000).released, 1u);
  EXPECT_EQ(keyspace_.size(), 0u);
}

TEST_F(KeyspaceTest, ADeadlineInThePastMakesAKeyInvisibleAtOnce) {
  ASSERT_TRUE(keyspace_.Set("k", "v", kNoDeadline, kNow + 1'000).ok());
  ASSERT_TRUE(keyspace_.Expire("k", kNow + 999, kNow + 1'000));
  EXPECT_EQ(keyspace_.Get("k", kNow + 1'000), std::nullopt);
  ASSERT_TRUE(keyspace_.Set("old", "v", -5, kNow + 1'000).ok());
  EXPECT_EQ(keyspace_.Get("old", kNow + 1'000), std::nullopt);
}

TEST_F(KeyspaceTest, SoDoesOneBeforeTheEpochAtTheEpoch) {
  ASSERT_TRUE(keyspace_.Set("past", "v", kNow - 5, kNow).ok());
  EXPECT_EQ(keyspace_.Get("past", kNow), std::nullopt);
  ASSERT_TRUE(keyspace_.Set("now", "v", kNow, kNow).ok());
  EXPECT_EQ(keyspace_.Get("now", kNow), "v") << "a deadline is the last millisecond";
  EXPECT_EQ(keyspace_.Ttl("now", kNow), 0);
  EXPECT_EQ(keyspace_.Get("now", kNow + 1), std::nullopt);
}

TEST_F(KeyspaceTest, PersistAndTtlSayWhatIsThere) {
  EXPECT_EQ(keyspace_.Ttl("k", kNow), std::nullopt);
  EXPECT_FALSE(keyspace_.Persist("k", kNow));
  EXPECT_FALSE(keyspace_.Expire("k", kNow + 5, kNow));
  ASSERT_TRUE(keyspace_.Set("k", "v", kNoDeadline, kNow).ok());
  EXPECT_EQ(keyspace_.Ttl("k", kNow), kNoDeadline);
  EXPECT_FALSE(keyspace_.Persist("k", kNow));
  EXPECT_TRUE(keyspace_.Expire("k", kNow + 5, kNow));
  EXPECT_EQ(keyspace_.keys_with_deadline(), 1u);
  EXPECT_EQ(keyspace_.Ttl("k", kNow + 2), 3);
  EXPECT_TRUE(keyspace_.Persist("k", kNow + 5));
  EXPECT_EQ(keyspace_.keys_with_deadline(), 0u);
  EXPECT_EQ(keyspace_.Get("k", kNow + 1'000'000), "v");
}

TEST_F(KeyspaceTest, ExpiredKeysAreCountedButInvisibleAndNothingRevivesThem) {
  keyspace_.set_release_on_access(false);
  constexpr size_t kKeys = 100;
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(keyspace_.Set(NumberedKey(i), "v", kNow + 10, kNow).ok());
  }
  const TimeMs now = kNow + 11;
  for (size_t i = 0; i < kKeys; ++i) {
    const std::string key = NumberedKey(i);
    EXPECT_EQ(keyspace_.Get(key, now), std::nullopt);
    EXPECT_EQ(keyspace_.Ttl(key, now), std::nullopt);
    EXPECT_FALSE(keyspace_.Erase(key, now));
    EXPECT_FALSE(keyspace_.Expire(key, now + 1'000, now));
    EXPECT_FALSE(keyspace_.Persist(key, now));
    EXPECT_EQ(keyspace_.Get(key, now), std::nullopt);
  }
  EXPECT_EQ(Shown(now), 0u);
  EXPECT_EQ(keyspace_.RandomKey(99, now), std::nullopt);
  EXPECT_EQ(keyspace_.size(), kKeys) << "nothing but a sweep releases them";
  EXPECT_EQ(keyspace_.Counters().expired_keys(), 0u);
  const Census census = keyspace_.TakeCensus(now);
  EXPECT_EQ(census.keys, kKeys);
  EXPECT_EQ(census.keys_with_deadline, kKeys);
  EXPECT_EQ(census.expired_keys, kKeys);
  EXPECT_EQ(census.expired_bytes, keyspace_.Memory().live_log_bytes);
  EXPECT_EQ(census.used_bytes, keyspace_.UsedBytes());
  EXPECT_EQ(census.held_bytes, keyspace_.Memory().resident());
  EXPECT_EQ(keyspace_.TakeCensus(kNow + 10).expired_keys, 0u);
}

TEST_F(KeyspaceTest, WritingToAnExpiredKeyBeginsANewOne) {
  for (const bool release : {false, true}) {
    keyspace_.set_release_on_access(release);
    keyspace_.Clear(FreeMode::kNow);
    for (const char* key : {"set", "append", "rename", "hash"}) {
      ASSERT_TRUE(keyspace_.Set(key, "old", kNow + 10, kNow).ok());
    }
    ASSERT_TRUE(keyspace_.Set("from", "renamed", kNoDeadline, kNow).ok());
    const TimeMs now = kNow + 11;
    ASSERT_TRUE(keyspace_.Set("set", "new", kNoDeadline, now).ok());
    EXPECT_EQ(keyspace_.Get("set", now), "new");
    {
      const HashedKey key = keyspace_.Hash("append");
      EXPECT_EQ(Transaction(keyspace_, now, key).Append(key, "new").value(), 3u);
    }
    EXPECT_EQ(keyspace_.Get("append", now), "new");
    EXPECT_EQ(keyspace_.Ttl("append", now), kNoDeadline);
    {
      const HashedKey keys[] = {keyspace_.Hash("from"), keyspace_.Hash("rename")};
      ASSERT_TRUE(Transaction(keyspace_, now, keys).Rename(keys[0], keys[1]).ok());
    }
    EXPECT_EQ(keyspace_.Get("rename", now), "renamed");
    {
      const HashedKey key = keyspace_.Hash("hash");
      Transaction txn(keyspace_, now, key);
      EXPECT_EQ(txn.Mutable<HashValue>(key), nullptr);
      EXPECT_TRUE(txn.FindOrMake<HashValue>(key).value()->Set("field", "new"));
    }
    EXPECT_EQ(keyspace_.size(), 4u);
    EXPECT_EQ(keyspace_.keys_with_deadline(), 0u);
    keyspace_.CheckInvariants();
  }
}

TEST_F(KeyspaceTest, AccessReleasesExpiredKeysUnlessThatIsSwitchedOff) {
  for (size_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(keyspace_.Set(NumberedKey(i), "v", kNow + 10, kNow).ok());
  }
  const TimeMs now = kNow + 11;
  EXPECT_EQ(keyspace_.Get(NumberedKey(0), now), std::nullopt);
  EXPECT_EQ(keyspace_.size(), 299u);
  EXPECT_EQ(keyspace_.Counters().released_on_access, 1u);
  keyspace_.set_release_on_access(false);
  EXPECT_EQ(keyspace_.Get(NumberedKey(1), now), std::nullopt);
  EXPECT_EQ(Shown(now), 0u);
  EXPECT_EQ(keyspace_.size(), 299u);
  keyspace_.set_release_on_access(true);
  EXPECT_EQ(Shown(now), 0u);
  EXPECT_EQ(keyspace_.size(), 0u);
  EXPECT_EQ(keyspace_.Counters().released_on_access, 300u);
}

TEST_F(KeyspaceTest, ClearTakesEverythingNowOrLazily) {
  for (const FreeMode mode : {FreeMode::kNow, FreeMode::kLazy}) {
    for (size_t i = 0; i < 1'000; ++i) {
      ASSERT_TRUE(keyspace_.Set(NumberedKey(i), std::string(i, 'v'), kNow + 10, kNow).ok());
      const std::string hash = "hash:" + std::to_string(i);
      const HashedKey key = keyspace_.Hash(hash);
      Transaction(keyspace_, kNow, key)
          .FindOrMake<HashValue>(key)
          .value()
          ->Set("f", std::string(i, 'v'));
    }
    const MemoryUse full = keyspace_.Memory();
    EXPECT_GT(full.heap_bytes, 400'000u);
    keyspace_.Clear(mode);
    EXPECT_EQ(keyspace_.size(), 0u);
    EXPECT_EQ(Shown(kNow), 0u);
    EXPECT_EQ(keyspace_.Memory().log_bytes, 0u);
    EXPECT_EQ(keyspace_.Memory().heap_bytes, 0u);
    EXPECT_EQ(keyspace_.Memory().lazy_free_bytes,
              mode == FreeMode::kLazy ? full.active() - full.access_bytes : 0u);
    keyspace_.lazy_free().Drain();
    EXPECT_EQ(keyspace_.Memory().lazy_free_bytes, 0u);
    EXPECT_EQ(keyspace_.lazy_free().counters().freed_objects,
              mode == FreeMode::kLazy ? 2'000u : 0u);
    keyspace_.CheckInvariants();
  }
}

}  // namespace
}  // namespace dcs::store
