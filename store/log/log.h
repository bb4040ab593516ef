// The records of a shard, in chunks divided by deadline class, so that what dies together lies
// together and goes back to the system as whole chunks.
//
// A chunk is a 2 MiB region used up to its capacity: 64 KiB while the class is small, a share of
// what it has in closed chunks as it grows, at last the whole region. Each class has at most
// one open chunk, at whose end records are appended; a full one is closed. Chunks count the live
// bytes in them; one without life is given back whole, and no dead record is ever read.
// Records over a share of a chunk have a mapping each.
//
// Evacuation: Mark() picks the sparsest closed chunks once too much of the log is dead. The owner
// then walks its index and moves the records of marked chunks (Marked, Append, Release); a marked
// chunk frees itself with its last record.
//
// Due chunks: a chunk knows the earliest and the latest deadline that records in it may have. A sweep
// asks for those that lie wholly in the past (MarkDue) and gives them back at its end (ReleaseDue);
// in between it clears the slots of their records without looking up one by one where they are.
//
// Invariants (checked by Shard::CheckInvariants):
//  1. live_bytes of a chunk is that of the records that slots point to in it.
//  2. Something lives in every chunk that is not open.
//  3. live_bytes <= used <= capacity; committed covers used.
//  4. Records start at multiples of kRecordUnit.
//  5. earliest <= deadline <= latest for every slot into a chunk.
//  6. A slot whose coarse deadline is below due_below() leads into a due chunk, or into an oversize one
//     that is wholly in the past too.
//     A due chunk counts as live what was cleared without telling it: live_bytes is an upper bound.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "store/log/chunk_table.h"
#include "store/log/record.h"
#include "store/memory/deferred_work.h"
#include "store/memory/page_source.h"
#include "store/time/deadline.h"

namespace dcs::store {

class Log {
 public:
  // An offset counts kRecordUnit from the start of the log: 19 bits inside a chunk, 13 for which.
  static constexpr int kOffsetBitsInChunk = 19;
  static_assert(kRecordUnit << kOffsetBitsInChunk == PageSource::kRegionBytes);
  static_assert(kOffsetBitsInChunk + ChunkTable::kNumberBits == 32, "16 GiB in all");
  static constexpr uint32_t kNowhere = 0xFFFFFFFF;  // no record's offset
  static constexpr size_t kMinChunkBytes = size_t{64} << 10;
  // A chunk holds at most this share of what its class has in closed ones: half of it is unused on
  // average, 1.6 % of the class.
  static constexpr size_t kOpenShare = 32;
  // Records above capacity / this have a mapping of their own: closing a chunk wastes at most as
  // much.
  static constexpr size_t kOversizeShare = 8;

  // Throws std::bad_alloc; nothing else here throws.
  Log(PageSource& pages, size_t max_chunk_bytes, double waste_limit);
  // Gives everything back.
  ~Log();
  // `other` may only be destroyed then.
  Log(Log&& other) noexcept = default;
  Log& operator=(Log&&) = delete;

  std::byte* At(uint32_t offset) {
    return chunks_.base(offset >> kOffsetBitsInChunk) + (offset & kInChunkMask) * kRecordUnit;
  }
  const std::byte* At(uint32_t offset) const { return const_cast<Log*>(this)->At(offset); }
  const Chunk& ChunkOf(uint32_t offset) const { return chunks_[offset >> kOffsetBitsInChunk]; }
  // For who raises its `latest`. Until the next Append.
  Chunk& ChunkOf(uint32_t offset) { return chunks_[offset >> kOffsetBitsInChunk]; }

  bool Oversize(size_t record_bytes) const {
    return record_bytes > max_chunk_bytes_ / kOversizeShare;
  }

  // Room for a record of that many bytes, live from now on; kNowhere if the system or the address space
  // gives none. (No std::optional: gcc takes it through memory, and the processor waits for it.) The
  // caller writes the record at once and calls NoteDeadline before anything else happens.
  uint32_t Append(int deadline_class, size_t record_bytes, DeferredWork& deferred) noexcept;
  // A slot with this deadline leads to `offset`.
  void NoteDeadline(uint32_t offset, SlotDeadline deadline) {
    Chunk& chunk = chunks_[offset >> kOffsetBitsInChunk];
    chunk.earliest = std::min(chunk.earliest, deadline.coarse);
    due_below_ = std::min(due_below_, deadline.coarse);
    chunk.latest = std::max(chunk.latest, deadline.rank());
  }
  // The record at `offset`, of `padded_bytes`, is dead. With `trim`, an open chunk left empty is
  // given back too, as sweeps want it; without, one that was hardly used is kept for the next
  // record, so that setting and deleting one key over and over does not cost a chunk each time.
  void Release(uint32_t offset, size_t padded_bytes, bool trim, DeferredWork& deferred) noexcept {
    Chunk& chunk = chunks_[offset >> kOffsetBitsInChunk];
    assert(padded_bytes > 0 && chunk.live_bytes >= padded_bytes &&
           "Release: a chunk has at least the life that is taken from it");
    chunk.live_bytes -= static_cast<uint32_t>(padded_bytes);
    live_bytes_ -= padded_bytes;
    if (chunk.live_bytes == 0) [[unlikely]]
      ReleaseLast(offset >> kOffsetBitsInChunk, trim, deferred);
  }

  // Release for whoever releases many, with `trim`; live_bytes() follows when it ends. Nothing else
  // may be done with the log meanwhile.
  class Releases {
   public:
    Releases(Log& log, DeferredWork& deferred)
        : log_(log), deferred_(deferred), chunks_(log.chunks_.chunks().data()) {}
    ~Releases() { log_.live_bytes_ -= bytes_; }
    Releases(const Releases&) = delete;
    Releases& operator=(const Releases&) = delete;

    void Add(uint32_t offset, size_t padded_bytes) {
      bytes_ += padded_bytes;
      Chunk& chunk = chunks_[offset >> kOffsetBitsInChunk];
      chunk.live_bytes -= static_cast<uint32_t>(padded_bytes);
      if (chunk.live_bytes == 0) [[unlikely]]
        FreeChunk(offset);
    }
    size_t bytes() const { return bytes_; }

   private:
    [[gnu::noinline]] void FreeChunk(uint32_t offset) {
      log_.Free(offset >> kOffsetBitsInChunk, deferred_);
    }

    Log& log_;
    DeferredWork& deferred_;
    Chunk* const chunks_;
    size_t bytes_ = 0;
  };

  // Gives back open chunks in which nothing lives.
  void TrimOpen(DeferredWork& deferred) noexcept;

  // Makes the mapping of an oversize record hold at least `record_bytes`, doubling; may move it.
  bool GrowOversize(uint32_t offset, size_t record_bytes) noexcept;
  // The record of an oversize chunk now takes that many bytes.
  void ResizeOversize(uint32_t offset, size_t record_bytes);
  // Oversize records do not move between chunks: the chunk takes the new class.
  void SetOversizeClass(uint32_t offset, int deadline_class);

  // ---- Due chunks -------------------------------------------------------------------------------
  // The chunks whose latest deadline is before `now` are due: nothing is written to them any
  // more, and a record that is to live on after all must be moved out. O(chunks). REQUIRES: none are.
  void MarkDue(SlotDeadline now, DeferredWork& deferred) noexcept;
  // See invariant 6; 0 where nothing is due. At most one above `now`'s coarse part, and above it where no
  // deadline in the 256 ms of `now` is still to come.
  uint32_t due_below() const { return due_below_; }
  // Gives the due chunks back, and returns what was still counted as live in them. O(chunks).
  // REQUIRES: no slot leads into them.
  size_t ReleaseDue(DeferredWork& deferred) noexcept;

  // ---- Evacuation -------------------------------------------------------------------------------
  // Whether more of the closed chunks than the waste limit is dead.
  bool OverWasteLimit() const;
  // Marks closed chunks, sparsest first, until evacuating them leaves kRestShare of the limit: taking
  // little at a time takes the sparsest only, and keeps the log's size even. Returns
  // whether any was marked.
  bool Mark() noexcept;
  bool Marked(uint32_t offset) const { return ChunkOf(offset).state == ChunkState::kMarked; }
  // Marked chunks that could not be emptied are closed again.
  void Unmark();

  size_t committed_bytes() const { return committed_bytes_; }
  size_t live_bytes() const { return live_bytes_; }
  // Capacity of the chunks that are not open any more, and what lives in them: the rest is waste.
  size_t closed_bytes() const { return closed_bytes_; }
  size_t closed_live_bytes() const;
  absl::Span<const Chunk> chunks() const { return chunks_.chunks(); }
  void CheckChunkTable() const { chunks_.CheckInvariants(); }

 private:
  static constexpr double kRestShare = 0.75;
  static constexpr uint32_t kInChunkMask = (uint32_t{1} << kOffsetBitsInChunk) - 1;
  static constexpr uint32_t kNoChunk = ChunkTable::kNone;

  uint32_t OpenChunk(int deadline_class, size_t padded_bytes);
  // Append where the open chunk, if any, has not the room.
  uint32_t AppendElsewhere(int deadline_class, size_t record_bytes,
                           DeferredWork& deferred) noexcept;
  uint32_t AppendOversize(int deadline_class, size_t record_bytes);
  // Append's last step. REQUIRES: the chunk has the room.
  uint32_t AppendTo(uint32_t id, uint32_t padded_bytes);
  void ReleaseLast(uint32_t id, bool trim, DeferredWork& deferred) noexcept;
  void Close(uint32_t id, DeferredWork& deferred);
  void Free(uint32_t id, DeferredWork& deferred) noexcept;
  void Commit(Chunk& chunk, size_t bytes) {
    if (bytes <= chunk.committed) return;
    committed_bytes_ += bytes - chunk.committed;
    chunk.committed = static_cast<uint32_t>(bytes);
  }

  PageSource* pages_;
  size_t max_chunk_bytes_;
  double waste_limit_;
  ChunkTable chunks_;
  std::array<uint32_t, kDeadlineClasses> open_;
  size_t committed_bytes_ = 0;
  size_t live_bytes_ = 0;           // of all chunks
  size_t oversize_live_bytes_ = 0;  // of those with a mapping of their own
  size_t closed_bytes_ = 0;         // capacity of closed, marked and due chunks
  // What was appended to the closed, marked and due chunks of each class.
  std::array<size_t, kDeadlineClasses> class_closed_bytes_ = {};
  uint32_t due_below_ = 0;
};

inline uint32_t Log::AppendTo(uint32_t id, uint32_t padded_bytes) {
  Chunk& chunk = chunks_[id];
  const uint32_t at = chunk.used;
  chunk.used += padded_bytes;
  chunk.live_bytes += padded_bytes;
  live_bytes_ += padded_bytes;
  Commit(chunk, RoundUp(chunk.used, kSmallPageBytes));
  // Where the next record will be written: by then, other chunks' have pushed it out of the cache.
  const std::byte* const next =
      chunks_.base(id) + std::min<size_t>(chunk.used, chunk.capacity - kCacheLineBytes);
  __builtin_prefetch(next, /*rw=*/1);
  __builtin_prefetch(next + kCacheLineBytes, /*rw=*/1);
  return (id << kOffsetBitsInChunk) | static_cast<uint32_t>(at / kRecordUnit);
}

inline uint32_t Log::Append(int deadline_class, size_t record_bytes,
                            DeferredWork& deferred) noexcept {
  const uint32_t id = open_[static_cast<size_t>(deadline_class)];
  const size_t padded = RoundUp(record_bytes, kRecordUnit);
  if (id == kNoChunk || Oversize(record_bytes) || chunks_[id].used + padded > chunks_[id].capacity)
      [[unlikely]] {
    return AppendElsewhere(deadline_class, record_bytes, deferred);
  }
  return AppendTo(id, static_cast<uint32_t>(padded));
}

}  // namespace dcs::store
