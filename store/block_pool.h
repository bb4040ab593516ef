// Where segments get their slot blocks: slabs of one block size, so that what one segment frees any
// other can use, of whichever shard.
//
// New blocks come from the fullest slab that has room, so that emptier ones drain and go back to
// the system. Slabs are on small pages until there are enough of them to be worth huge ones.
//
// Thread safety: all members may be called from any thread. Each call takes the pool's own lock for
// some ten nanoseconds a block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "absl/types/span.h"
#include "store/page_source.h"
#include "store/retired.h"
#include "store/slot_block.h"

namespace dcs::store {

class BlockPool {
 public:
  explicit BlockPool(PageSource& pages) : pages_(pages) {}
  // REQUIRES: every block has been returned.
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // Fills `blocks` with empty ones, zero but for coarse, which is kCoarseNone. False, with none
  // taken, where the system gives no memory.
  bool Take(absl::Span<SlotBlock*> blocks);
  void Return(absl::Span<SlotBlock* const> blocks, Retired& retired);
  // The same, giving pages back here and now.
  void Return(absl::Span<SlotBlock* const> blocks);

  // Bytes touched, whole pages, and how many blocks are in use.
  struct Use {
    size_t committed_bytes = 0;
    size_t blocks = 0;
    size_t idle_bytes() const { return committed_bytes - blocks * sizeof(SlotBlock); }
  };
  Use use() const;

 private:
  // Stands at the start of its region.
  struct Slab {
    Region region;
    uint32_t taken_ever;  // blocks below have been touched
    uint32_t in_use;
    uint32_t first_free;  // chain of returned blocks, by index + 1; 0 ends it
    uint32_t at;          // in by_fill_[FillOf(in_use)]
  };
  static constexpr size_t kHeaderBytes = kCacheLineBytes;
  static_assert(sizeof(Slab) <= kHeaderBytes);
  static constexpr uint32_t kSlabBlocks =
      (PageSource::kRegionBytes - kHeaderBytes) / sizeof(SlotBlock);
  static_assert(kSlabBlocks == 1213);
  // From so many slabs on, the next one is on huge pages: at most a fifth of it stays untouched.
  static constexpr size_t kSmallPageSlabs = 4;
  // Slabs are kept by fill in so many steps; the last holds those without room.
  static constexpr uint32_t kFillSteps = 16;

  static uint32_t FillOf(uint32_t blocks) { return blocks * kFillSteps / kSlabBlocks; }
  static SlotBlock* BlockAt(Slab* slab, uint32_t index);
  static size_t TouchedBytes(const Slab& slab);

  // REQUIRE: mutex_ is held.
  void SetInUse(Slab* slab, uint32_t blocks);
  void Enter(Slab* slab);
  void Leave(Slab* slab);
  Slab* FindRoom();
  SlotBlock* TakeOne();
  // Returns the slab's region where this was its last block; its base is nullptr otherwise.
  Region ReturnOne(SlotBlock* block);

  PageSource& pages_;
  mutable std::mutex mutex_;
  std::array<std::vector<Slab*>, kFillSteps + 1> by_fill_;  // guarded by mutex_, as all below
  Slab* current_ = nullptr;
  size_t slabs_ = 0;
  Use use_;
};

}  // namespace dcs::store
