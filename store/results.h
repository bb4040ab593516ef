// The results of a keyspace's walks and counts: sweeps, the census, memory use and counters.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/time/clock.h"

namespace dcs::store {

// Where a sweep is. A new one stands at the start; after `done` it is at the start again.
struct SweepCursor {
  uint64_t position = 0;          // releasing: the hash from which on keys have not been looked at
  bool walked = false;            // all keys have been looked at; evacuation may go on
  size_t evacuating_shard = 0;    // shards below are within the waste limit
  bool evacuation_begun = false;  // of that shard, by this sweep
};

struct SweepResult {
  size_t visited = 0;         // keys looked at
  size_t with_deadline = 0;   // of those
  size_t released = 0;        // expired, and now gone
  size_t released_bytes = 0;  // records and heap values of those
  bool done = false;
};

// What every key and byte is doing. Not a snapshot of one moment: the walk counts a shard's keys when it
// begins the shard, and its expired keys as it passes them.
struct Census {
  size_t keys = 0;
  size_t keys_with_deadline = 0;
  size_t expired_keys = 0;
  size_t expired_bytes = 0;  // records and heap values of the expired keys
  size_t used_bytes = 0;     // MemoryUse::used()
  size_t held_bytes = 0;     // MemoryUse::resident()
};

// What is known of deadlines at a cost that does not grow with the number of keys. Each shard's segments are
// looked at if it has no more than four (about 2,500 keys), else four of them, spread over its hashes; the
// rest is taken to be like them. Keys are in segments by hash, so these are a random sample: of some 40,000
// keys with the usual 16 shards.
struct ExpiryEstimate {
  size_t keys = 0;                // exact
  size_t keys_with_deadline = 0;  // exact
  size_t expired_keys = 0;
  size_t expired_bytes = 0;  // records and heap values of those
  TimeMs mean_ttl_ms = 0;    // of keys with a deadline to come; 0 if there are none
  bool exact = true;         // whether all segments were looked at
};

// Bytes by holder, exact for each shard at the moment it is read. used() is the one figure for the
// memory of the keys: INFO's used_memory, the API, the reports and the maxmemory check. It falls with each
// key that is released. The other three say what the keyspace holds from the system; they fall when
// chunks, slot blocks and pages fall free. used() <= allocated() <= active() <= resident().
struct MemoryUse {
  // The keys' slots, 13.5 bytes each, with 4 of their access words while access is tracked; segment
  // headers; directories.
  size_t used_index_bytes = 0;
  size_t index_bytes = 0;      // the same with empty slots and prepared directory entries
  size_t log_bytes = 0;        // chunks: the pages that have been touched
  size_t live_log_bytes = 0;   // of log_bytes: records that a slot points to
  size_t heap_bytes = 0;       // heap values in use
  size_t lazy_free_bytes = 0;  // unlinked, not yet destroyed
  size_t access_bytes = 0;     // access words of all slots, full or not (key_access.h)
  size_t stock_bytes = 0;      // touched, ready for the next chunks and slots

  // Live and expired keys, their values, and the index.
  size_t used() const { return used_index_bytes + live_log_bytes + heap_bytes; }
  // Adds the values that lazy free has not destroyed yet.
  size_t allocated() const { return used() + lazy_free_bytes; }
  // Adds empty slots, and the dead and unwritten parts of chunks.
  size_t active() const {
    return index_bytes + access_bytes + log_bytes + heap_bytes + lazy_free_bytes;
  }
  // Adds the stock: all that the keyspace holds from the system.
  size_t resident() const { return active() + stock_bytes; }
};

// Counted since the keyspace was made.
struct KeyspaceCounters {
  uint64_t released_on_access = 0;
  uint64_t released_by_sweep = 0;
  uint64_t released_by_sample = 0;
  uint64_t evacuated_records = 0;
  uint64_t evacuated_bytes = 0;
  uint64_t expired_keys() const {
    return released_on_access + released_by_sweep + released_by_sample;
  }
};

}  // namespace dcs::store
