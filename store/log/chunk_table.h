// A log's chunks and where each begins, by number.
//
// A vector would do, but for its growth under a lock: the memory for twice as many, fresh from the
// system or from malloc, took up to 140 us. So a table that outgrows its first few entries moves once, to
// addresses for as many as there may be. The pages of the entries to come are asked for well before, and
// brought behind the lock.
//
// Invariant (checked by CheckInvariants): the chain of free numbers leads to each free chunk once.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/types/span.h"
#include "store/memory/cache_line.h"
#include "store/memory/deferred_work.h"
#include "store/memory/page_source.h"
#include "store/time/deadline.h"

namespace dcs::store {

// From kOpen on, what is there may be written over: the chunk will stay, and its records too.
enum class ChunkState : uint8_t { kFree, kMarked, kDue, kOversize, kOpen, kClosed };

struct alignas(kCacheLineBytes) Chunk {
  uint32_t live_bytes = 0;           // 0: no record lives in it, as each has at least one unit
  uint32_t capacity = 0;             // bytes that may be appended
  uint32_t used = 0;                 // bytes appended
  uint32_t committed = 0;            // bytes touched, whole pages: what the chunk costs
  uint32_t earliest = kCoarseNone;   // the coarse part of it
  uint32_t next_free = 0;            // where the state is kFree: the table's
  uint64_t latest = 0;               // its rank
  Region region;                     // where the state is kOpen, kClosed, kMarked or kDue
  std::unique_ptr<Mapping> mapping;  // where it is kOversize
  ChunkState state = ChunkState::kFree;
  uint8_t deadline_class = 0;

  bool takes_writes() const { return state >= ChunkState::kOpen; }
};
// A cache line: a sweep lowers live_bytes of another one with every key that it releases.
static_assert(sizeof(Chunk) == kCacheLineBytes);

class ChunkTable {
 public:
  static constexpr int kNumberBits = 13;
  static constexpr uint32_t kNumberMask = (uint32_t{1} << kNumberBits) - 1;
  static constexpr uint32_t kNone = kNumberMask;
  static constexpr size_t kMost = kNone;  // numbers, from 0 on
  // So many fit before it moves.
  static constexpr size_t kSmall = 32;

  ChunkTable();
  // `other` may only be destroyed then.
  ChunkTable(ChunkTable&& other) noexcept;
  ChunkTable& operator=(ChunkTable&&) = delete;
  ~ChunkTable();

  // The number of a free chunk, the one returned last first; kNone where all are taken or there is no
  // memory. The caller gives it a state at once. Voids what refers into the table. O(1), but for the
  // move.
  uint32_t Take(DeferredWork& deferred);
  // It is free from now on. REQUIRES: it was not.
  void Return(uint32_t number);

  Chunk& operator[](uint32_t number) { return chunks_[number]; }
  const Chunk& operator[](uint32_t number) const { return chunks_[number]; }
  // Apart from the rest of a chunk, for a lookup needs only this.
  std::byte*& base(uint32_t number) { return bases_[number]; }
  // All that were ever taken, the free ones too.
  absl::Span<Chunk> chunks() { return {chunks_, size_}; }
  absl::Span<const Chunk> chunks() const { return {chunks_, size_}; }
  // Room for a word for each chunk, without meaning to the table.
  uint64_t* scratch() { return scratch_; }
  void CheckInvariants() const;

 private:
  struct Small {
    std::array<Chunk, kSmall> chunks;
    std::array<std::byte*, kSmall> bases;
    std::array<uint64_t, kSmall> scratch;
  };

  void MoveToLarge();
  // Has those pages brought on which entry `number` would be the first.
  void BringPagesFrom(size_t number, DeferredWork& deferred) const;

  std::unique_ptr<Small> small_;  // until it moves
  Mapping large_;                 // from shortly before on
  // Into either.
  Chunk* chunks_;
  std::byte** bases_;
  uint64_t* scratch_;
  uint32_t size_ = 0;
  uint32_t first_free_ = kNone;
};

}  // namespace dcs::store
