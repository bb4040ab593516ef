// One shard of a keyspace: index, log, lock and accounting, kept in step.
//
// Thread safety: everything below REQUIRES that `mutex` is held; the exceptions say so.
// What an operation unlinks goes to the caller's DeferredWork, which outlives the lock.
//
// Invariants, beyond those of log.h and segment.h:
//  1. Every slot's offset leads to a record whose key has the slot's tag and place, and no
//     two slots to the same key.
//  2. units, where not 0, is the record's size; it is 0 for every heap value and oversize record.
//  3. heap_bytes is the sum of bytes() of the heap values that records point to.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "store/entry.h"
#include "store/index/index.h"
#include "store/key_event.h"
#include "store/key_hash.h"
#include "store/keyspace_memory.h"
#include "store/log/log.h"
#include "store/memory/deferred_work.h"
#include "store/options.h"
#include "store/results.h"
#include "store/shard_gate.h"
#include "store/walk.h"

namespace dcs::store {

class Shard : public ShardGate {
 public:
  // A key's slot, and the segment it is in, of which finding it has read nothing.
  struct Found {
    Segment* segment = nullptr;
    SlotRef slot;
    explicit operator bool() const { return static_cast<bool>(slot); }
  };
  // What to store under a key: a string, head followed by tail, or a heap value.
  struct NewValue {
    RecordKind kind = RecordKind::kPlainString;
    std::string_view head;
    std::string_view tail;
    HeapValue* heap = nullptr;  // taken over on success
  };

  Shard(KeyspaceMemory& memory, const KeyspaceOptions& options, int shard_bits);
  ~Shard();

  // ---- One key ----------------------------------------------------------------------------------
  // The slot of the key, expired or not.
  Found Find(const HashedKey& key, Purpose purpose = Purpose::kLook) const;
  // Calls then(slot, record, what that says, what meanwhile said) where it is the one that it nearly always
  // is (Index::FirstAtHome), else otherwise(), and returns what they return. Before it waits for the
  // record, meanwhile(slot) does what does not depend on it: the less is left to do behind that wait, the
  // sooner the next lookup begins to wait for its own memory, beside it. The slot may yet be another key's,
  // whose hash begins alike: in large stores, for one absent key in some thousand.
  template <typename Meanwhile, typename Then, typename Otherwise>
  auto FindAtHome(const HashedKey& key, Purpose purpose, Meanwhile meanwhile, Then then,
                  Otherwise otherwise) const;
  // The slot wherever it stands, out of line: for what FindAtHome has not found.
  SlotRef FindAnywhere(const HashedKey& key) const;
  bool IsExpired(SlotRef slot, TimeMs now) const;
  // Whether it has not, as far as the coarse deadline says, without looking further: but for its last
  // 256 ms at the most. For whoever does not ask when.
  bool SurelyLives(SlotRef slot, TimeMs now) const;
  // The deadline, but where the record has it (kCoarseOutOfLine): kNoDeadline there.
  TimeMs DeadlineInSlot(SlotRef slot) const;
  TimeMs DeadlineOf(SlotRef slot) const { return DeadlineOf(slot, RecordOf(slot)); }
  TimeMs DeadlineOf(SlotRef slot, const std::byte* record) const;
  Entry View(SlotRef slot) const;
  const std::byte* RecordOf(SlotRef slot) const { return log_.At(slot.offset()); }
  // An entry of what its record says, `view`, and its deadline by make(parts of an Entry): where every command
  // looks, a copy costs as much as the rest.
  template <typename Make>
  static auto ViewAs(const std::byte* record, const RecordView& view, TimeMs deadline, Make make);
  HeapValue* HeapOf(SlotRef slot) const { return ReadRecord(log_.At(slot.offset())).heap(); }

  // What Find will read, in the order in which it depends on each other: a batch does each for all its
  // keys, so that they wait for memory together.
  [[gnu::always_inline]] void PrefetchRoute(const HashedKey& key) const {
    index_.PrefetchRoute(ShardHash(key.hash));
  }
  [[gnu::always_inline]] void PrefetchGroup(const HashedKey& key) const {
    index_.PrefetchGroup(ShardHash(key.hash));
  }
  void PrefetchRecord(const HashedKey& key) const;

  // What is left to do of a write over a string when its record is there.
  struct Overwriting {
    SlotDeadline deadline;  // to be
    Chunk* chunk;           // of the record
    uint64_t chunk_latest;  // chunk->latest to be
    // Whether the new record belongs in the same chunk; callers may forbid it.
    bool allowed;
    // Whether no count and no lower bound of deadlines changes: the deadline is no earlier than it was,
    // or there is none before and after.
    bool keeps_counts;
  };
  // Does that part of writing a string with that deadline over `found` for which the record is not needed.
  // Writing it in another way, or not at all, may follow.
  Overwriting BeginOverwriting(Found found, TimeMs deadline, TimeMs now);
  // Makes the string at `found`, of this key, `value`, where that is allowed, it was a string and takes as
  // much room as before; false, with nothing changed, elsewhere. REQUIRES: `record` is its record, `view`
  // what that says, and `overwriting` begun for it, with nothing changed since.
  bool Overwrite(const HashedKey& key, Found found, const std::byte* record, const RecordView& view,
                 RecordKind kind, std::string_view value, const Overwriting& overwriting);
  // Stores `value` under the key, replacing what `found` holds. Errors: kResourceExhausted, or
  // std::bad_alloc if there is no memory for that error's text; nothing is changed then.
  absl::Status Put(const HashedKey& key, Found found, const NewValue& value, TimeMs deadline,
                   TimeMs now, FreeMode mode, DeferredWork& deferred);
  // Writes `part` into an oversize string from byte `at` on, in place, and returns the string's
  // length, which may have grown; bytes between the old end and `at` become zero. nullopt if the
  // string is not oversize or there is no memory; nothing is changed then. O(part + growth).
  std::optional<size_t> WriteInPlace(SlotRef slot, size_t at, std::string_view part);
  // The same at the string's end.
  std::optional<size_t> AppendInPlace(SlotRef slot, std::string_view tail) {
    return WriteInPlace(slot, ReadRecord(log_.At(slot.offset())).value.size(), tail);
  }
  void SetDeadline(Found found, TimeMs deadline, TimeMs now, DeferredWork& deferred) noexcept;
  // Whether slots have access words now.
  bool tracks_access() const { return memory_.blocks.tracks_access(); }
  // Counts an access to the key, if it has an access word. One cache line.
  void CountAccess(SlotRef slot, TimeMs now) {
    AccessWord* const word = slot.access();
    if (word == nullptr) return;
    access_draw_ = access_draw_ * 747796405u + 2891336453u;
    *word = Accessed(*word, now, access_draw_);
  }
  void Remove(Found found, FreeMode mode, bool trim, DeferredWork& deferred) noexcept;
  Segment& SegmentOf(const HashedKey& key) const { return index_.SegmentAt(ShardHash(key.hash)); }
  // Draws one of the slots of the segment at `position`. Nothing if that slot, or the segment, is empty.
  Found DrawNear(uint64_t position, uint64_t random) const;
  // Removes an expired key that a client came upon, and counts it. The segment's SlotRefs are void then.
  void ReleaseOnAccess(Found found, DeferredWork& deferred) noexcept;
  void ReportExpired(SlotRef slot, const ExpiryReport& report, TimeMs now) const;
  // Whether a walk that stopped there has left its segment.
  bool AtSegmentStart(uint64_t position) const {
    return index_.SegmentAt(position).start() == position;
  }
  void ShrinkAt(uint64_t position, DeferredWork& deferred) {
    index_.ShrinkIfSparse(index_.SegmentAt(position), deferred);
  }
  // Gives memory back where removals have left the segment sparse. Its SlotRefs are void then.
  void ShrinkIfSparse(Segment& segment, DeferredWork& deferred) {
    index_.ShrinkIfSparse(segment, deferred);
  }
  // Takes the key away and leaves its heap value alone: it is another key's already.
  void RemoveLeavingHeap(Found found, DeferredWork& deferred) noexcept;
  void AddHeapBytes(ptrdiff_t bytes) { heap_bytes_ += static_cast<size_t>(bytes); }

  // ---- Walks ------------------------------------------------------------------------------------
  // Calls visit(segment, slot) for the slots with hashes from `position` on, in one segment, until
  // a limit is reached or the segment ends; visit may clear that slot. Returns where to go on: a
  // boundary between home groups, or 0 behind the shard's last segment. Takes what it passed off
  // `limit`. Defined in shard_walks.h.
  template <typename Visit>
  uint64_t WalkSegment(uint64_t position, WalkLimit& limit, Visit visit);
  // WalkSegment that releases expired keys. At a segment's end, tightens its earliest deadline. Reports each
  // released key if there is a `report`.
  uint64_t ReleaseExpired(uint64_t position, WalkLimit& limit, TimeMs now, SweepResult& result,
                          const ExpiryReport* report, DeferredWork& deferred);
  // A fast sweep begins: what the log has that is wholly expired will be given back by its
  // EndFastSweep.
  FastSweepWalk BeginFastSweep(TimeMs now, DeferredWork& deferred);
  // The fast sweep's stretch under one lock: releases what is expired in the segments from where the
  // walk stands on, for some 10 us (kStretchSlots). Counts what it releases, not what it passes. False
  // behind the shard's last segment.
  bool ReleaseStretch(FastSweepWalk& walk, TimeMs now, SweepResult& result,
                      const ExpiryReport* report, DeferredWork& deferred);
  // Behind the last segment. Adds the bytes of what was given back whole.
  void EndFastSweep(const FastSweepWalk& walk, SweepResult& result, DeferredWork& deferred);
  // The same walk, read-only: counts what is expired. Returns where to go on, 0 behind the last segment.
  uint64_t CountStretch(uint64_t position, TimeMs now, Census& census) const;

  // A sample of the keys with a deadline, as sums.
  struct DeadlineSample {
    size_t keys = 0;
    size_t expired = 0;
    size_t expired_bytes = 0;
    double ttl_ms = 0;  // of those that have not expired
    bool all = false;   // whether no key with a deadline is missing
  };
  // Looks at up to four segments with deadlines.
  DeadlineSample SampleDeadlines(TimeMs now) const;

  // ---- Evacuation -------------------------------------------------------------------------------
  // Counts records that were written or removed, and publishes what the shard uses now.
  void CountWrites(size_t records) {
    writes_ += records;
    Publish();
  }
  // Counts a record that was written over in place: the shard uses what it used before.
  void CountOverwrite() { ++writes_; }
  // Returns whether work is owed that no thread has begun to do. The caller then does it, after it has
  // released the lock (Keyspace::PayForWrites). Until it has done so, other callers get false.
  bool BeginPaying();
  // One step of the evacuation that is owed: marks what to evacuate, or moves some records, which
  // invalidates views and SlotRefs' offsets. The mark, or the last step of a segment, pays for
  // kWritesPerEvacuatedSegment writes. Returns whether more is owed. REQUIRES: the caller has begun to pay.
  bool PayForWrites(TimeMs now, DeferredWork& deferred);
  void TrimLog(DeferredWork& deferred) { log_.TrimOpen(deferred); }
  bool OverWasteLimit() const { return log_.OverWasteLimit(); }
  bool evacuating() const { return evacuating_; }
  void BeginEvacuation();
  // Moves the records of marked chunks that one segment's slots point to, at most `most` of them: kFew or
  // kMany. Returns whether it has finished the segment. REQUIRES: evacuating().
  bool EvacuateSome(size_t most, TimeMs now, DeferredWork& deferred);
  // A step between clients' commands: about a microsecond.
  static constexpr size_t kFew = 8;
  // For a fast sweep, which gives back what it has emptied when all is done (PageSource::Reuse): 10
  // to 25 us.
  static constexpr size_t kMany = 480;

  // ---- The whole --------------------------------------------------------------------------------
  // Takes everything out; destroying it destroys the heap values too. Throws std::bad_alloc with nothing
  // changed.
  std::unique_ptr<Garbage> TakeContents(size_t& objects, size_t& bytes);
  // Removes every key of the segment at `position` and returns where to go on, 0 at the end: for a caller
  // without the memory that TakeContents needs.
  uint64_t RemoveSegment(uint64_t position, DeferredWork& deferred) noexcept;
  size_t count() const { return index_.count(); }
  size_t with_deadline() const { return index_.with_deadline(); }
  void AddTo(MemoryUse& use) const;
  // What its keys and their index use (MemoryUse::used()), without access words. While a fast sweep is
  // under way, records of the chunks that it will free whole count until it ends. O(1).
  size_t used_bytes() const { return index_.used_bytes() + log_.live_bytes() + heap_bytes_; }
  // Must be called after each change, before the lock is released. O(1).
  void Publish() { used_.Publish(used_bytes(), index_.count()); }
  // What was last published. May be read without the lock.
  const UsedShare& used() const { return used_; }
  const Index& index() const { return index_; }
  const Log& log() const { return log_; }
  void CheckInvariants() const;
  void CheckPublished() const;

  KeyspaceCounters counters;  // guarded by mutex

 private:
  struct Contents;
  // A stretch ends with the segment in which it has gone over so many slots, a released key counting
  // as four of them: 4 segments of which little is expired, at about 3 us each when memory is slow,
  // or one that is released whole. Clients wait so long at the most, and the walk does not feel it.
  static constexpr size_t kStretchSlots = size_t{3} << 10;
  static constexpr size_t kReleasedAsSlots = 4;

  // `now` in units of coarse deadlines: slots below are expired, slots at it may be.
  uint32_t CoarseNow(TimeMs now) const;
  // The same exactly.
  SlotDeadline SlotNow(TimeMs now) const;
  uint64_t ShardHash(uint64_t hash) const { return hash << shard_bits_; }
  // How many records are being fetched while as many are copied.
  static constexpr size_t kFetchAhead = 16;
  // Most records span two cache lines. Always inlined, as all that only prefetch must be.
  [[gnu::always_inline]] void PrefetchRecordAt(uint32_t offset) const {
    const std::byte* record = log_.At(offset);
    __builtin_prefetch(record);
    __builtin_prefetch(record + kCacheLineBytes - 1);
  }
  // Prefetches the records of the group's slots, if there is such a group. Always inlined: a call of a
  // function that only prefetches has no effect that the compiler knows of, and it removes the call.
  [[gnu::always_inline]] void PrefetchRecordsOf(const Segment& segment, size_t group) const;
  // Finds the whole segment's expired slots, of which those below `due_below` are known to have
  // expired; of `next`, if any, `ahead` is being fetched meanwhile.
  size_t FindExpired(const Segment& segment, const Segment* next, uint32_t due_below,
                     FetchAhead ahead, TimeMs now, SlotSet& expired) const;
  // For a slot that does not say its record's size: returns it, and hands over the heap value, whose
  // bytes it adds to `heap_bytes`.
  size_t AskRecord(SlotRef slot, size_t& heap_bytes, DeferredWork& deferred);
  // Releases what is expired in the whole segment; what lies below `due_below` without telling the log.
  // `ahead` is what to fetch of `next`, if any, as the last segment called for; sets it to what this
  // one calls for.
  void ReleaseIn(Segment& segment, const Segment* next, uint32_t due_below, FetchAhead& ahead,
                 TimeMs now, SweepResult& result, DeferredWork& deferred);
  // All that ReleaseIn with the same `now` will release. Reads their records.
  void ReportExpiredIn(const Segment& segment, const ExpiryReport& report, TimeMs now) const;
  size_t RecordBytesOf(SlotRef slot) const;
  // The record and what it points to. Reads the record only where the slot says so.
  size_t BytesOf(SlotRef slot) const;
  // Hands over the heap value that the record points to, if it does; returns its bytes.
  size_t ReleaseHeap(SlotRef slot, FreeMode mode, DeferredWork& deferred) noexcept;
  void ReleaseRecord(SlotRef slot, FreeMode mode, bool trim, DeferredWork& deferred) noexcept;
  void ClearSlot(Found found) { index_.Clear(*found.segment, found.slot); }
  uint8_t UnitsOf(const RecordSpec& spec, size_t record_bytes) const;
  // The slot's deadline as it is now, in the index and in the log.
  void SetSlotDeadline(Found found, SlotDeadline deadline) {
    index_.SetDeadline(*found.segment, found.slot, deadline);
    log_.NoteDeadline(found.slot.offset(), deadline);
  }
  // Of Overwrite what hardly happens: not both, old record and new, are short.
  [[gnu::noinline]] static bool OverwriteLong(const HashedKey& key, std::byte* record,
                                              RecordKind kind, std::string_view value);
  // Writes `spec` to a new place in the log; Log::kNowhere where there is no memory.
  uint32_t WriteNew(const RecordSpec& spec, int deadline_class, DeferredWork& deferred);
  // Copies the record as it is, of that many bytes, to the log of that class. The slot has or will have that
  // deadline. False, with nothing changed, without memory.
  bool MoveRecord(SlotRef slot, size_t bytes, int deadline_class, SlotDeadline deadline,
                  DeferredWork& deferred) noexcept;
  struct MarkedSlot {
    uint32_t offset;
    uint32_t slot;  // its number in the segment
  };
  // Finds slots that lead into marked chunks, from where evacuation stands to the segment's end; `enough`
  // of them, or up to a group more. Returns how many.
  template <size_t kSize>
  size_t FindMarked(size_t enough, std::array<MarkedSlot, kSize>& marked) const;
  // Gives the record room for a deadline and puts it there. False as above.
  bool WriteOutOfLineDeadline(Found found, TimeMs deadline, int deadline_class,
                              DeferredWork& deferred);
  uint64_t HashOfRecord(uint32_t offset) const;

  KeyspaceMemory& memory_;
  const KeyspaceOptions options_;
  const int shard_bits_;
  Index index_;
  Log log_;
  size_t heap_bytes_ = 0;
  UsedShare used_;
  bool evacuating_ = false;
  uint64_t evacuation_position_ = 0;  // of the segment that is being evacuated
  // The number of the slot in it that the next step begins with, while it has so many groups.
  size_t evacuation_slot_ = 0;
  size_t evacuation_groups_ = 0;
  uint64_t payments_ = 0;  // that somebody has begun to make, of kWritesPerEvacuatedSegment each
  uint64_t last_ticket_ = 0;
  // A linear congruential generator: whether a counter steps is drawn from it, so that runs repeat.
  uint32_t access_draw_ = 0;
  uint64_t sweeping_ = 0;  // the ticket of the fast sweep that the log's due chunks are marked for
};

// ---- One key: inlined, for every command does this ------------------------------------------------

struct Nothing {};
inline constexpr auto kNothingMeanwhile = [](SlotRef) { return Nothing(); };

template <typename Meanwhile, typename Then, typename Otherwise>
[[gnu::always_inline]] inline auto Shard::FindAtHome(const HashedKey& key, Purpose purpose,
                                                     Meanwhile meanwhile, Then then,
                                                     Otherwise otherwise) const {
  return index_.FirstAtHome(
      ShardHash(key.hash), purpose,
      [&](SlotRef slot) __attribute__((always_inline)) {
        PrefetchRecordAt(slot.offset());
        const std::byte* const record = RecordOf(slot);
        const auto known = meanwhile(slot);
        const auto compare = [&](const RecordView& view) __attribute__((always_inline)) {
          if (!SameBytes(view.key, key.bytes)) [[unlikely]]
            return otherwise();
          return then(slot, record, view, known);
        };
        // Twice, so that a short record is read into registers alone.
        if (IsShort(record)) [[likely]]
          return compare(ReadShort(record));
        return compare(ReadRecordSlow(record));
      },
      otherwise);
}

[[gnu::always_inline]] inline Shard::Found Shard::Find(const HashedKey& key,
                                                       Purpose purpose) const {
  const SlotRef slot = FindAtHome(
      key, purpose, kNothingMeanwhile,
      [](SlotRef home, const std::byte*, const RecordView&, Nothing) { return home; },
      [&] { return FindAnywhere(key); });
  return {&SegmentOf(key), slot};
}

inline uint32_t Shard::CoarseNow(TimeMs now) const {
  if (now <= options_.epoch) return 0;
  // Capped below kCoarseNone, which never expires.
  return std::min(ToSlot(now, options_.epoch).coarse, kCoarseOutOfLine);
}

inline TimeMs Shard::DeadlineInSlot(SlotRef slot) const {
  const SlotDeadline deadline = slot.deadline();
  return deadline.coarse < kCoarseOutOfLine ? FromSlot(deadline, options_.epoch) : kNoDeadline;
}

inline TimeMs Shard::DeadlineOf(SlotRef slot, const std::byte* record) const {
  if (slot.coarse() == kCoarseOutOfLine) [[unlikely]]
    return ReadRecordSlow(record).deadline;
  return DeadlineInSlot(slot);
}

inline bool Shard::SurelyLives(SlotRef slot, TimeMs now) const {
  // Before the epoch, the difference is large.
  return slot.coarse() > (static_cast<uint64_t>(now) - static_cast<uint64_t>(options_.epoch)) >> 8;
}

inline bool Shard::IsExpired(SlotRef slot, TimeMs now) const {
  return Expired(DeadlineOf(slot), now);
}

template <typename Make>
[[gnu::always_inline]] inline auto Shard::ViewAs(const std::byte* record, const RecordView& view,
                                                 TimeMs deadline, Make make) {
  const size_t bytes = view.padded_bytes(record);
  if (view.kind == RecordKind::kHeap) return make(view.key, view.heap(), deadline, bytes);
  return make(view.key, static_cast<StringForm>(view.kind), view.value, deadline, bytes);
}

inline Entry Shard::View(SlotRef slot) const {
  const std::byte* const record = RecordOf(slot);
  return ViewAs(record, ReadRecord(record), DeadlineOf(slot),
                [](auto... parts) { return Entry(parts...); });
}

}  // namespace dcs::store
