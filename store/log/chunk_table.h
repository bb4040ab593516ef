// The chunks of a log and where each begins, by chunk number.
//
// Invariant (checked by CheckInvariants): the chain of free numbers leads to each free chunk once.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "absl/types/span.h"
#include "store/memory/cache_line.h"
#include "store/memory/mapping.h"
#include "store/memory/page_source.h"
#include "store/time/deadline.h"

namespace dcs::store {

// Records in chunks from kOpen on stay there and may be overwritten in place.
enum class ChunkState : uint8_t { kFree, kMarked, kDue, kOversize, kOpen, kClosed };

struct alignas(kCacheLineBytes) Chunk {
  uint32_t live_bytes = 0;           // 0: no record is live, because each has at least one unit
  uint32_t capacity = 0;             // bytes that may be appended
  uint32_t used = 0;                 // bytes appended
  uint32_t committed = 0;            // bytes touched, whole pages: what the chunk costs
  uint32_t earliest = kCoarseNone;   // coarse part of the earliest deadline
  uint32_t next_free = 0;            // kFree: the next number in the table's chain
  uint64_t latest = 0;               // rank of the latest deadline
  Region region;                     // kOpen, kClosed, kMarked, kDue
  std::unique_ptr<Mapping> mapping;  // kOversize
  ChunkState state = ChunkState::kFree;
  uint8_t deadline_class = 0;

  bool takes_writes() const { return state >= ChunkState::kOpen; }
};
// A cache line: a sweep lowers live_bytes of another chunk with every key that it releases.
static_assert(sizeof(Chunk) == kCacheLineBytes);

class ChunkTable {
 public:
  static constexpr int kNumberBits = 13;
  static constexpr uint32_t kNumberMask = (uint32_t{1} << kNumberBits) - 1;
  static constexpr uint32_t kNone = kNumberMask;
  static constexpr size_t kMost = kNone;  // numbers, from 0 on

  // Returns the number of a free chunk, the last returned one first; kNone if all are taken or an allocation
  // fails. The caller sets the chunk's state at once. Invalidates references into the table. Amortised O(1).
  uint32_t Take() noexcept;
  // REQUIRES: the chunk is not free.
  void Return(uint32_t number) noexcept;

  Chunk& operator[](uint32_t number) { return chunks_[number]; }
  const Chunk& operator[](uint32_t number) const { return chunks_[number]; }
  // Where the chunk begins. Apart from the chunk, because a lookup needs nothing else of it.
  std::byte*& base(uint32_t number) { return bases_[number]; }
  // All that were ever taken, free ones included.
  absl::Span<Chunk> chunks() { return absl::MakeSpan(chunks_); }
  absl::Span<const Chunk> chunks() const { return chunks_; }
  void CheckInvariants() const;

 private:
  std::vector<Chunk> chunks_;
  std::vector<std::byte*> bases_;  // by number
  uint32_t first_free_ = kNone;
};

inline uint32_t ChunkTable::Take() noexcept {
  if (first_free_ != kNone) {
    const uint32_t number = first_free_;
    first_free_ = chunks_[number].next_free;
    return number;
  }
  const size_t number = chunks_.size();
  if (number == kMost) return kNone;
  try {
    bases_.resize(number + 1);
    chunks_.emplace_back();
  } catch (const std::bad_alloc&) {
    return kNone;
  }
  return static_cast<uint32_t>(number);
}

inline void ChunkTable::Return(uint32_t number) noexcept {
  assert(chunks_[number].state != ChunkState::kFree && "Return: the chunk is not free");
  chunks_[number] = {};
  chunks_[number].next_free = first_free_;
  bases_[number] = nullptr;
  first_free_ = number;
}

}  // namespace dcs::store
