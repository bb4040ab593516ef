// The keys of one node: a sharded hash table with deadlines, whose memory is laid out by deadline.
//
// table.md describes index and log, the invariants, and why the cursor neither loses nor repeats a
// key. This file is the public face:
//
//   Keyspace keyspace({.seed = 1, .epoch = clock.Now()});
//   keyspace.Set("k", "v", clock.Now() + 100, clock.Now());   // a deadline in 100 ms
//   keyspace.Get("k", clock.Now() + 101);                      // nullopt: invisible, not yet gone
//   SweepCursor cursor;
//   while (!keyspace.Sweep(cursor, 100, now).done) {}          // released
//
// Thread safety: everything here may be called from any thread. A key is guarded by the mutex of
// its shard, which no operation holds for longer than the work of one segment, however many keys
// there are. Exceptions: large strings are copied under it, a Transaction of many keys holds it for
// all of them, and Clear takes out everything.
//
// Failed allocations: what only removes or looks at keys never fails for want of memory and is noexcept.
// Everything else either works or reports kResourceExhausted or throws std::bad_alloc; the keyspace is then
// as it was before the call, but for expired keys that were released. A visitor's exception leaves a walk's
// lock and counters in order.
//
// Time: `now` comes from the caller and must not go backwards between calls (store/clock.h). A key
// is expired when now > deadline. It is then invisible to everything but Sweep, Sample, Visit, ScanAll,
// Transaction::Inspect, TakeCensus and size(). A sweep or sample releases it. So do, unless
// release_on_access is off, every member of Transaction but Inspect and Holds, Scan, RandomKey if it draws
// the key, and ScanAll if the visitor asks for it. Nothing else does.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "store/block_pool.h"
#include "store/clock.h"
#include "store/deadline.h"
#include "store/key_access.h"
#include "store/key_hash.h"
#include "store/lazy_free.h"
#include "store/page_source.h"
#include "store/shard_mutex.h"
#include "store/value.h"

namespace dcs::store {

class Shard;
class Transaction;

struct KeyspaceOptions {
  // Power of two, 1 to 64.
  size_t shards = 16;
  // Of all hashes. Random in a server, so that clients cannot choose colliding keys; the scenario's
  // under simulation, so that runs repeat to the bit.
  uint64_t seed = 0;
  // Deadlines up to 34.8 years after this take no extra space. No call's `now` lies before it.
  TimeMs epoch = 0;
  // Share of the log that may be dead (overwritten, deleted, released beside survivors) before
  // sparse chunks are evacuated.
  double waste_limit = 0.18;
  // Whether a key found expired by a client's access is released there and then, as Redis does.
  bool release_on_access = true;
  // Whether large values are destroyed by a background thread; otherwise by LazyFree::Drain.
  bool lazy_free_thread = true;
  // Whether to keep a histogram of how long shards were locked (HoldTimes below).
  bool measure_holds = false;
  // Small in tests, so that growth, splits and evacuation happen within few keys.
  size_t max_segment_groups = 64;
  size_t max_chunk_bytes = size_t{2} << 20;
};

// A key with its hash, computed once by Keyspace::Hash. The bytes stay the caller's.
struct HashedKey {
  std::string_view bytes;
  uint64_t hash = 0;
};

// What a walk or a lookup shows of a key. Views are valid while the lock is held: until the next
// change through the Transaction, or the end of the visit.
struct Entry {
  Entry() = default;
  Entry(std::string_view of_key, StringForm of_form, std::string_view of_string, TimeMs until,
        size_t bytes_in_log)
      : key(of_key),
        form(of_form),
        string(of_string),
        deadline(until),
        record_bytes(bytes_in_log) {}
  Entry(std::string_view of_key, const HeapValue* value, TimeMs until, size_t bytes_in_log)
      : key(of_key),
        type(value->type()),
        heap(value),
        deadline(until),
        record_bytes(bytes_in_log) {}

  std::string_view key;
  ValueType type = ValueType::kString;
  StringForm form = StringForm::kPlain;
  std::string_view string;          // where type is kString
  const HeapValue* heap = nullptr;  // where it is not
  TimeMs deadline = kNoDeadline;
  size_t record_bytes = 0;  // in the log, what the record points to not included
  size_t bytes() const { return record_bytes + (heap != nullptr ? heap->bytes() : 0); }
};

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

class Keyspace {
 public:
  explicit Keyspace(const KeyspaceOptions& options);
  ~Keyspace();
  Keyspace(const Keyspace&) = delete;
  Keyspace& operator=(const Keyspace&) = delete;

  // ---- One key, strings: short for a Transaction with one operation -----------------------------
  std::optional<std::string> Get(std::string_view key, TimeMs now);
  absl::Status Set(std::string_view key, std::string_view value, TimeMs deadline, TimeMs now);
  bool Erase(std::string_view key, TimeMs now) noexcept;
  // Whether the key was there. A `deadline` that has passed makes the key invisible at once.
  bool Expire(std::string_view key, TimeMs deadline, TimeMs now) noexcept;
  // Whether the key was there and had a deadline.
  bool Persist(std::string_view key, TimeMs now) noexcept;
  // Milliseconds left, kNoDeadline where the key has none; nullopt where there is no such key.
  std::optional<TimeMs> Ttl(std::string_view key, TimeMs now) noexcept;

  HashedKey Hash(std::string_view key) const { return {key, HashBytes(key, options_.seed)}; }

  // ---- Walks ------------------------------------------------------------------------------------

  // Releases keys whose deadline has passed, walking the keyspace in hash order from `cursor`.
  // Looks at no fewer than `keys` keys unless the end is reached, or 512 segments without any were
  // passed; overshoots by less than one group's. Evacuates sparse chunks of the shards it has left
  // behind, a few segments a step; `done` once all keys were looked at and each shard was brought
  // within the waste limit, or as near as one evacuation brings it. A key present during the whole
  // walk is looked at exactly once, whatever happens meanwhile (table.md, "The cursor").
  // O(keys) and at most one segment under a lock at a time.
  SweepResult Sweep(SweepCursor& cursor, size_t keys, TimeMs now) noexcept;

  // Releases every expired key as fast as the machine allows, in one part of the keyspace: the
  // part-th of `parts` disjoint ranges of hashes of about the same size, each a number of shards;
  // several threads may sweep a part each. Ends when all keys that were there have been passed and
  // each of these shards was brought within the waste limit, or as near as one evacuation brings it;
  // `done` is always true. `visited` counts the keys that were in a shard when the sweep came to it.
  // Clients go on meanwhile: a shard's lock is held for about 20 us at a time. REQUIRES: part < parts.
  SweepResult FastSweep(TimeMs now, size_t part = 0, size_t parts = 1) noexcept;

  // Begins to load what looking up these keys will read, so that their cache misses overlap. Worth
  // it for two keys and more, just before a Transaction for each; changes nothing.
  void Prefetch(absl::Span<const HashedKey> keys) const;

  // Natural deletion's look: goes on from `position` (any value; wraps at the end) until it has
  // seen `keys` keys with a deadline or `max_slots` slots, or released `max_released` keys. It releases the
  // expired keys that it sees, but never more than `max_released`. `done` when the end of the keyspace was
  // passed. A segment without deadlines costs one slot; of those without keys it passes 512 at most.
  SweepResult Sample(uint64_t& position, size_t keys, size_t max_slots, TimeMs now,
                     size_t max_released = SIZE_MAX) noexcept;

  // Visits live keys from `cursor` on, at least `count` slots' worth unless it has passed 512 segments
  // without keys, and returns the cursor to go on with: 0 at the start and at the end, otherwise an
  // opaque number below 2^63. The same promise as Sweep's. `visit` runs under the shard's lock: it
  // must not call back into the keyspace. Throws only what `visit` throws.
  uint64_t Scan(uint64_t cursor, size_t count, TimeMs now,
                absl::FunctionRef<void(const Entry&)> visit);

  // Scan that shows expired keys too: visit(entry, expired) is called for every key, and returns whether to
  // release it if it is expired (and the keyspace releases on access). What a visitor returns for a live key
  // is ignored.
  uint64_t ScanAll(uint64_t cursor, size_t count, TimeMs now,
                   absl::FunctionRef<bool(const Entry&, bool expired)> visit);

  // Visits the next few keys from `position` on, expired ones too: those of one home group, some twelve.
  // Returns where to go on, 0 at the start and at the end. Changes nothing, counts as no access. The
  // same promise as Sweep's. `visit` as for Scan.
  uint64_t Visit(uint64_t position, absl::FunctionRef<void(const Entry&)> visit) const;

  // Some live key, each about equally likely, nullopt if there is none. `random` is any 64 random bits.
  // Releases the expired keys that it draws before a live one, as Redis does. Expected O(1) while a fair
  // share of keys is live; releases every key if all have expired.
  std::optional<std::string> RandomKey(uint64_t random, TimeMs now);

  // Counts exactly, read-only. O(slots).
  Census TakeCensus(TimeMs now) const noexcept;
  // What TakeCensus counts, estimated, and the mean time to live. O(shards) segments, about 2 us each under
  // the shard's lock.
  ExpiryEstimate EstimateExpiry(TimeMs now) const noexcept;

  // ---- The whole --------------------------------------------------------------------------------

  // Removes all keys, one shard at a time. Concurrent writes may survive; a multi-key transaction may survive
  // in part. kLazy: the contents go to the lazy-free thread, O(shards) here; without the memory for that,
  // keys are removed one by one.
  void Clear(FreeMode mode) noexcept;

  // Keys that hold memory, expired ones included (as Redis's DBSIZE). O(shards).
  size_t size() const noexcept;
  size_t keys_with_deadline() const noexcept;
  MemoryUse Memory() const noexcept;
  // Memory().used(), for a check before each write. O(shards).
  size_t UsedBytes() const noexcept;
  KeyspaceCounters Counters() const noexcept;

  // Of all shards' locks since the keyspace was made; empty unless measure_holds is on.
  HoldTimes LockHolds() const;

  bool release_on_access() const { return release_on_access_.load(std::memory_order_relaxed); }
  void set_release_on_access(bool on) { release_on_access_.store(on, std::memory_order_relaxed); }

  LazyFree& lazy_free() { return lazy_free_; }

  // Whether each key has an access word (key_access.h), which Transaction::Find and writes keep.
  bool tracks_access() const { return blocks_.tracks_access(); }
  // Asks for access words, 4 bytes a slot, or no longer asks for them. Unasked, a keyspace keeps them while
  // it has no more than about half a million keys. When tracking begins, nothing is known of the keys'
  // accesses so far. O(keys / 100,000).
  void TrackAccess(bool wanted) noexcept { blocks_.TrackAccess(wanted); }

  // Recounts everything and dies with a sentence where an invariant of table.md does not hold.
  void CheckInvariants() const;

 private:
  friend class Transaction;
  size_t ShardNumber(const HashedKey& key) const {
    return static_cast<size_t>(key.hash >> 1 >> (63 - shard_bits_));  // 0 of no bits, too
  }
  // Takes the steps of evacuation that the shard owed for writes, each under a lock of its own. REQUIRES: the
  // caller has begun to pay (Shard::BeginPaying) and does not hold the shard's lock.
  void PayForWrites(Shard& shard, TimeMs now) noexcept;
  void ClearInPlace(Shard& shard) noexcept;
  void FastSweepShard(Shard& shard, TimeMs now, SweepResult& result) noexcept;
  // Sweep's second half: brings the shards it has left behind within the waste limit.
  void EvacuateBehind(SweepCursor& cursor, TimeMs now) noexcept;

  const KeyspaceOptions options_;
  const int shard_bits_;
  std::atomic<bool> release_on_access_;
  // Each outlives what follows it: shards give pages back, and so does what waits for lazy free.
  PageSource pages_;
  BlockPool blocks_;
  LazyFree lazy_free_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace dcs::store
