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
// Thread safety: any thread may call everything here. The mutex of its shard guards a key. No operation
// holds it for longer than the work of one segment, however many keys there are. Exceptions: large
// strings are copied under it, a Transaction of many keys holds it for all of them, and Clear takes out
// everything. A thread that has a Transaction must not call functions that lock its shards, with one
// exception: if the transaction holds all keys (Transaction::kAllKeys), it may call all walks and counts,
// which then take no lock.
//
// Failed allocations: what only removes or looks at keys never fails for want of memory and is noexcept.
// Everything else either works or reports kResourceExhausted or throws std::bad_alloc; the keyspace is then
// as it was before the call, but for expired keys that were released. A visitor's exception leaves a walk's
// lock and counters in order.
//
// Time: `now` comes from the caller and must not go backwards between calls (store/time/clock.h). A key
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
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "store/entry.h"
#include "store/key_hash.h"
#include "store/memory/lazy_free.h"
#include "store/options.h"
#include "store/results.h"
#include "store/time/clock.h"
#include "store/time/deadline.h"

namespace dcs::store {

class KeyEventSink;
class PageSource;
class Shard;
class ShardGate;
class Transaction;
enum class ReleasedBy : uint8_t;
struct ExpiryReport;
struct KeyspaceMemory;

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

  // Keys that hold memory, expired ones included (as Redis's DBSIZE). Takes no lock. O(shards).
  size_t size() const noexcept;
  size_t keys_with_deadline() const noexcept;
  MemoryUse Memory() const noexcept;
  // Memory().used() without a lock. O(shards).
  size_t UsedBytes() const noexcept;
  // Whether UsedBytes() > limit, for a check before each write. Reads the running total only, unless the
  // limit is near (used_total.h).
  bool UsesMoreThan(size_t limit) const noexcept;
  KeyspaceCounters Counters() const noexcept;

  bool release_on_access() const { return release_on_access_.load(std::memory_order_relaxed); }
  void set_release_on_access(bool on) { release_on_access_.store(on, std::memory_order_relaxed); }

  // The sink that is told of every change of a key, or nullptr. Returns once no thread calls the sink of
  // before. The sink must outlive the keyspace or be taken away first. O(shards).
  void set_key_event_sink(KeyEventSink* sink);
  KeyEventSink* key_event_sink() const { return sink_.load(std::memory_order_acquire); }

  LazyFree& lazy_free();

  // Whether each key has an access word (key_access.h), which Transaction::Find and writes keep.
  bool tracks_access() const;
  // Asks for access words, 4 bytes a slot, or no longer asks for them. Unasked, a keyspace keeps them while
  // it has no more than about half a million keys. When tracking begins, nothing is known of the keys'
  // accesses so far. O(keys / 100,000).
  void TrackAccess(bool wanted) noexcept;

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
  // Sweep's second half: brings the shards that it has left within the waste limit.
  void EvacuateLeftShards(SweepCursor& cursor, TimeMs now) noexcept;
  // Where a walk reports released keys; nullopt if no sink wants them. Valid until the lock of the shard that
  // the caller holds is released: set_key_event_sink waits for that lock.
  std::optional<ExpiryReport> ReportOf(ReleasedBy by) const;
  // Whether this thread's transaction holds all shards: walks and counts then take no lock.
  bool held_by_this_thread() const {
    return holder_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  const KeyspaceOptions options_;
  const int shard_bits_;
  std::atomic<bool> release_on_access_;
  std::atomic<KeyEventSink*> sink_{nullptr};
  std::atomic<std::thread::id> holder_{};         // the thread whose transaction holds all shards
  const std::unique_ptr<KeyspaceMemory> memory_;  // outlives the shards
  PageSource& pages_;                             // of memory_
  LazyFree& lazy_free_;                           // of memory_
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<ShardGate*> gates_;  // of shards_, for code that does not know Shard
};

}  // namespace dcs::store
