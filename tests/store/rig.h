// The parts that tests of the store's lower layers need: a page source, a block pool and lazy free.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstddef>
#include <string>

#include "store/index/block_pool.h"
#include "store/keyspace.h"
#include "store/keyspace_memory.h"
#include "store/memory/deferred_work.h"
#include "store/memory/lazy_free.h"
#include "store/memory/page_source.h"

namespace dcs::store {

// Sanitizers make everything several times slower: large tests run on fewer keys there.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

constexpr size_t Scaled(size_t number) { return kSanitized ? number / 10 : number; }

// While one exists, the system maps nothing more for this process. Not for sanitizers, which map for
// themselves.
class NoMoreMappings {
 public:
  NoMoreMappings() {
    EXPECT_EQ(getrlimit(RLIMIT_AS, &before_), 0);
    rlimit low = before_;
    low.rlim_cur = size_t{16} << 20;
    EXPECT_EQ(setrlimit(RLIMIT_AS, &low), 0);
  }
  ~NoMoreMappings() { EXPECT_EQ(setrlimit(RLIMIT_AS, &before_), 0); }
  NoMoreMappings(const NoMoreMappings&) = delete;
  NoMoreMappings& operator=(const NoMoreMappings&) = delete;

 private:
  rlimit before_ = {};
};

// Declared before what takes pages, so that it is destroyed after. No background thread.
struct Rig : KeyspaceMemory {
  Rig() : KeyspaceMemory(/*lazy_free_thread=*/false) {}
};

inline std::string NumberedKey(size_t number) { return "key:" + std::to_string(number); }

// A whole sweep in steps of `keys`; the sum of what they found.
inline SweepResult SweepAll(Keyspace& keyspace, size_t keys, TimeMs now) {
  SweepCursor cursor;
  SweepResult sum;
  while (!sum.done) {
    const SweepResult step = keyspace.Sweep(cursor, keys, now);
    sum.visited += step.visited;
    sum.with_deadline += step.with_deadline;
    sum.released += step.released;
    sum.released_bytes += step.released_bytes;
    sum.done = step.done;
  }
  return sum;
}

}  // namespace dcs::store
