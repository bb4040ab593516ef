// One operation at a time, with each of its allocations failing: growth to many keys, the fields of a hash,
// FLUSHALL, a fast sweep, making a keyspace. failed_allocations_test.cc has the mixture of all operations.
#include <gtest/gtest.h>

#include <new>
#include <string>

#include "store/keyspace.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "tests/failing_allocation.h"
#include "tests/store/rig.h"

namespace dcs::store {
namespace {

constexpr TimeMs kStart = 1'700'000'000'000;

// ---- Growth: every allocation on the way to many keys -------------------------------------------

// Segments of one group split at 14 keys each: the directory doubles to several thousand entries, which
// takes mappings of its own, and slabs, arrays of segments and chunks are added all the time.
TEST(FailedAllocationCasesTest, Growth_EveryAllocationFails_RefusesTheKeyAndKeepsTheOthers) {
  Keyspace keyspace({.shards = 1,
                     .seed = 7,
                     .epoch = kStart,
                     .lazy_free_thread = false,
                     .max_segment_groups = 1,
                     .max_chunk_bytes = 4096});
  const size_t keys = Scaled(20'000);
  uint64_t refusals = 0;
  for (size_t i = 0; i < keys; ++i) {
    const std::string key = NumberedKey(i);
    for (uint64_t n = 1;; ++n) {
      bool done = false, failed = false;
      {
        const FailingAllocation failing(n);
        try {
          done = keyspace.Set(key, "value", kNoDeadline, kStart).ok();
        } catch (const std::bad_alloc&) {
        }
        failed = failing.failed();
      }
      if (done) break;
      ASSERT_TRUE(failed);
      ++refusals;
      ASSERT_EQ(keyspace.size(), i);
      ASSERT_FALSE(keyspace.Get(key, kStart).has_value());
      if (refusals % 64 == 0) keyspace.CheckInvariants();
    }
  }
  keyspace.CheckInvariants();
  for (size_t i = 0; i < keys; ++i) {
    ASSERT_EQ(keyspace.Get(NumberedKey(i), kStart), "value") << i;
  }
  EXPECT_GT(refusals, keys / 400);
}

// ---- One operation, every allocation, from a fresh keyspace each time -----------------------------

// Names and values too long to stand inside their strings, through several levels of the tree.
TEST(FailedAllocationCasesTest, HashSet_EveryAllocationFails_LeavesEveryField) {
  const auto name = [](size_t i) { return NumberedKey(i) + std::string(40, 'f'); };
  const auto value = [](size_t i) { return NumberedKey(i) + std::string(30, 'v'); };
  const size_t fields = Scaled(1'000);
  HashValue hash(7);
  for (size_t i = 0; i < fields; ++i) {
    const std::string field = name(i), text = value(i);
    for (uint64_t n = 1;; ++n) {
      bool done = false;
      {
        const FailingAllocation failing(n);
        try {
          done = hash.Set(field, text);
        } catch (const std::bad_alloc&) {
        }
      }
      if (done) break;
      ASSERT_EQ(hash.size(), i);
      if (i % 50 == 0) {
        for (size_t other = 0; other < i; ++other) ASSERT_EQ(hash.Get(name(other)), value(other));
      }
    }
  }
  size_t shown = 0;
  hash.ForEach([&](std::string_view, std::string_view) { ++shown; });
  EXPECT_EQ(shown, fields);
  for (size_t i = 0; i < fields; ++i) EXPECT_EQ(hash.Get(name(i)), value(i));
  for (size_t i = 0; i < fields; ++i) EXPECT_TRUE(hash.Erase(name(i)));
  EXPECT_EQ(hash.size(), 0u);
}

// What the n-th failed allocation of FLUSHALL leaves is an empty keyspace that works.
TEST(FailedAllocationCasesTest, Clear_EveryAllocationFails_RemovesEveryKey) {
  for (const bool from_then_on : {false, true}) {
    bool failed = true;
    for (uint64_t n = 1; failed; ++n) {
      Keyspace keyspace({.shards = 2, .seed = n, .epoch = kStart, .lazy_free_thread = false});
      for (size_t i = 0; i < 2000; ++i) {
        ASSERT_TRUE(keyspace.Set(NumberedKey(i), "v", kNoDeadline, kStart).ok());
      }
      const HashedKey hashed = keyspace.Hash("hash");
      Transaction(keyspace, kStart, hashed).FindOrMake<HashValue>(hashed).value()->Set("f", "v");
      {
        const FailingAllocation failing(n, from_then_on);
        keyspace.Clear(FreeMode::kLazy);
        failed = failing.failed();
      }
      EXPECT_EQ(keyspace.size(), 0u);
      EXPECT_EQ(keyspace.Memory().heap_bytes, 0u);
      keyspace.CheckInvariants();
      ASSERT_TRUE(keyspace.Set("again", "v", kNoDeadline, kStart).ok());
      EXPECT_EQ(keyspace.Get("again", kStart), "v");
    }
  }
}

// A fast sweep over hashes hands over each value without memory for the list of them.
TEST(FailedAllocationCasesTest, FastSweep_EveryAllocationFails_ReleasesEveryExpiredKey) {
  for (const bool from_then_on : {false, true}) {
    bool failed = true;
    for (uint64_t n = 1; failed; ++n) {
      Keyspace keyspace({.shards = 1, .seed = n, .epoch = kStart, .lazy_free_thread = false});
      for (size_t i = 0; i < 300; ++i) {
        const std::string key = NumberedKey(i);
        const HashedKey hashed = keyspace.Hash(key);
        Transaction txn(keyspace, kStart, hashed);
        HashValue* const hash = txn.FindOrMake<HashValue>(hashed).value();
        for (int field = 0; field < (i % 2 == 0 ? 1 : 70); ++field) {
          hash->Set(std::to_string(field), "value");
        }
        ASSERT_TRUE(txn.SetDeadline(hashed, i % 3 == 0 ? kNoDeadline : kStart + 10));
      }
      {
        const FailingAllocation failing(n, from_then_on);
        EXPECT_EQ(keyspace.FastSweep(kStart + 11).released, 200u);
        failed = failing.failed();
      }
      EXPECT_EQ(keyspace.size(), 100u);
      keyspace.lazy_free().Drain();
      keyspace.CheckInvariants();
    }
  }
}

TEST(FailedAllocationCasesTest, Keyspace_EveryAllocationFails_ConstructorThrowsAndLeaksNothing) {
  bool failed = true;
  for (uint64_t n = 1; failed; ++n) {
    const FailingAllocation failing(n);
    try {
      const Keyspace keyspace({.shards = 2, .seed = 1, .epoch = kStart, .lazy_free_thread = false});
    } catch (const std::bad_alloc&) {
    }
    failed = failing.failed();
  }
}

}  // namespace
}  // namespace dcs::store
