// The walks of a keyspace that clients begin: random keys, scans and their cursors, samples.
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>
#include <string>

#include "store/keyspace.h"
#include "store/transaction.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;

KeyspaceOptions Options() {
  return {.shards = 4, .seed = 1, .epoch = kNow, .lazy_free_thread = false};
}

class KeyspaceWalkTest : public ::testing::Test {
 protected:
  ~KeyspaceWalkTest() override { keyspace_.CheckInvariants(); }

  Keyspace keyspace_{Options()};
};

TEST_F(KeyspaceWalkTest, RandomKeysComeFromAllKeysAboutEqually) {
  constexpr size_t kKeys = 2'000;
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(keyspace_.Set(NumberedKey(i), "v", kNoDeadline, kNow).ok());
  }
  SeededRandom random(TestSeed(18));
  std::map<std::string, int> drawn;
  for (size_t i = 0; i < 20 * kKeys; ++i) ++drawn[keyspace_.RandomKey(random.Next(), kNow).value()];
  EXPECT_GE(drawn.size(), kKeys - 5);
  for (const auto& [key, times] : drawn) EXPECT_LT(times, 80) << key;
}

TEST_F(KeyspaceWalkTest, ARandomKeyIsFoundAmongManyThatHaveExpired) {
  keyspace_.set_release_on_access(false);
  for (size_t i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(keyspace_.Set(NumberedKey(i), "v", kNow + 10, kNow).ok());
  }
  ASSERT_TRUE(keyspace_.Set("the only one", "v", kNoDeadline, kNow).ok());
  SeededRandom random(TestSeed(19));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(keyspace_.RandomKey(random.Next(), kNow + 11), "the only one");
  }
}

TEST_F(KeyspaceWalkTest, RandomKey_ReleasesTheExpiredKeysItDraws) {
  constexpr size_t kKeys = 20'000;
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(keyspace_.Set(NumberedKey(i), "v", kNow + 10, kNow).ok());
  }
  ASSERT_TRUE(keyspace_.Set("the only one", "v", kNoDeadline, kNow).ok());
  EXPECT_EQ(keyspace_.RandomKey(19, kNow + 11), "the only one");
  const size_t released = keyspace_.Counters().released_on_access;
  EXPECT_GT(released, 0u);
  EXPECT_EQ(keyspace_.size(), kKeys + 1 - released);
  ASSERT_TRUE(keyspace_.Erase("the only one", kNow + 11));
  EXPECT_EQ(keyspace_.RandomKey(20, kNow + 11), std::nullopt);
  EXPECT_EQ(keyspace_.size(), 0u);
  keyspace_.CheckInvariants();
}

TEST_F(KeyspaceWalkTest, ScanAll_ReleasesTheExpiredKeysThatTheVisitorTakes) {
  constexpr size_t kKeys = 3'000;
  for (size_t i = 0; i < kKeys; ++i) {
    const TimeMs deadline = i % 3 == 0 ? kNoDeadline : kNow + 10;
    ASSERT_TRUE(keyspace_.Set(NumberedKey(i), i % 3 == 1 ? "keep" : "go", deadline, kNow).ok());
  }
  const auto walk = [&](const auto& takes) {
    size_t live = 0, expired = 0;
    uint64_t cursor = 0;
    do {
      cursor = keyspace_.ScanAll(cursor, 100, kNow + 11, [&](const Entry& entry, bool is_expired) {
        ++(is_expired ? expired : live);
        EXPECT_EQ(is_expired, entry.deadline == kNow + 10);
        return takes(entry);
      });
    } while (cursor != 0);
    EXPECT_EQ(live, kKeys / 3) << "whatever the visitor returned for live keys";
    return expired;
  };
  EXPECT_EQ(walk([](const Entry&) { return false; }), 2 * kKeys / 3);
  EXPECT_EQ(keyspace_.size(), kKeys);
  EXPECT_EQ(walk([](const Entry& entry) { return entry.string == "go"; }), 2 * kKeys / 3);
  EXPECT_EQ(keyspace_.size(), 2 * kKeys / 3);
  EXPECT_EQ(keyspace_.Counters().released_on_access, kKeys / 3);
  keyspace_.set_release_on_access(false);
  EXPECT_EQ(walk([](const Entry&) { return true; }), kKeys / 3);
  EXPECT_EQ(keyspace_.size(), 2 * kKeys / 3);
  keyspace_.CheckInvariants();
}

TEST_F(KeyspaceWalkTest, TheSameSeedGivesTheSameOrder) {
  Keyspace other(Options());
  for (size_t i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(keyspace_.Set(NumberedKey(i), "v", kNoDeadline, kNow).ok());
    ASSERT_TRUE(other.Set(NumberedKey(999 - i), "v", kNoDeadline, kNow).ok());
  }
  uint64_t cursor = 0;
  do {
    std::multiset<std::string> here, there;
    const uint64_t next =
        keyspace_.Scan(cursor, 10, kNow, [&](const Entry& entry) { here.emplace(entry.key); });
    EXPECT_EQ(other.Scan(cursor, 10, kNow, [&](const Entry& entry) { there.emplace(entry.key); }),
              next);
    EXPECT_EQ(here, there);
    cursor = next;
  } while (cursor != 0);
}

TEST(KeyspaceShardsTest, EveryNumberOfShardsHoldsAndShowsAllKeys) {
  for (size_t shards = 1; shards <= 64; shards *= 2) {
    Keyspace keyspace({.shards = shards, .seed = shards, .epoch = kNow, .lazy_free_thread = false});
    constexpr size_t kKeys = 3'000;
    for (size_t i = 0; i < kKeys; ++i) {
      ASSERT_TRUE(keyspace.Set(NumberedKey(i), NumberedKey(i), kNow + 5, kNow).ok());
    }
    std::set<std::string> shown;
    uint64_t cursor = 0;
    do {
      cursor = keyspace.Scan(cursor, 7, kNow, [&](const Entry& entry) {
        EXPECT_TRUE(shown.emplace(entry.key).second);
        EXPECT_EQ(entry.key, entry.string);
      });
      ASSERT_LT(cursor, uint64_t{1} << 63);
    } while (cursor != 0);
    EXPECT_EQ(shown.size(), kKeys);
    EXPECT_EQ(SweepAll(keyspace, 7, kNow + 6).released, kKeys);
    keyspace.CheckInvariants();
  }
}

// After FLUSHALL the table is coarser than the one that the cursor comes from, so the cursor may lie between
// two places of the new one.
TEST(KeyspaceCursorTest, Walk_FlushedAndRefilledMidway_ShowsNoKeyTwice) {
  constexpr size_t kMany = 90'000, kFewer = 24'000;
  const auto fill = [](Keyspace& keyspace, size_t keys) {
    for (size_t i = 0; i < keys; ++i) {
      ASSERT_TRUE(keyspace.Set(NumberedKey(i), "v", kNoDeadline, kNow).ok());
    }
  };
  for (uint64_t seed = 0; seed < 16; ++seed) {
    Keyspace keyspace({.shards = 1, .seed = seed, .epoch = kNow, .lazy_free_thread = false});
    fill(keyspace, kMany);
    std::set<std::string> shown;
    const auto show = [&](const Entry& entry) {
      EXPECT_TRUE(shown.emplace(entry.key).second) << entry.key << ", seed " << seed;
    };
    const bool scans = seed % 2 == 0;
    uint64_t cursor = 0;
    const auto step = [&] {
      cursor = scans ? keyspace.Scan(cursor, 10, kNow, show) : keyspace.Visit(cursor, show);
    };
    while (shown.size() < kMany / 3 + seed * 100) step();
    keyspace.Clear(FreeMode::kNow);
    fill(keyspace, kFewer);
    while (cursor != 0) step();
    EXPECT_GT(shown.size(), kFewer);
  }
}

TEST(KeyspaceCursorTest, AnyNumberIsACursorThatComesToAnEnd) {
  Keyspace keyspace(Options());
  for (size_t i = 0; i < 5'000; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), "v", kNoDeadline, kNow).ok());
  }
  SeededRandom random(TestSeed(20));
  for (uint64_t cursor : {random.Next(), random.Next(), ~uint64_t{0}, uint64_t{1},
                          uint64_t{1} << 62, (uint64_t{1} << 63) - 1}) {
    int steps = 0;
    do {
      cursor = keyspace.Scan(cursor, 10, kNow, [](const Entry&) {});
      ASSERT_LT(++steps, 2'000);
    } while (cursor != 0);
  }
}

// Whole segments of expired keys and small ones alike.
TEST_F(KeyspaceWalkTest, Sample_MaxReleased_IsNeverExceeded) {
  constexpr size_t kKeys = 5'000;
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(keyspace_.Set(NumberedKey(i), "v", kNow + 10, kNow).ok());
  }
  const TimeMs now = kNow + 11;
  uint64_t position = 0;
  size_t released = 0;
  for (size_t most = 0; released < kKeys; most = (most * 5 + 1) % 701) {
    size_t left = most;
    do {
      const SweepResult sample = keyspace_.Sample(position, 1'000, 100'000, now, left);
      ASSERT_LE(sample.released, left);
      ASSERT_GE(sample.visited, sample.released);
      left -= sample.released;
      released += sample.released;
    } while (left > 0 && released < kKeys);
    ASSERT_EQ(keyspace_.size(), kKeys - released);
  }
  keyspace_.CheckInvariants();
}

}  // namespace
}  // namespace dcs::store
