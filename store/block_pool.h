// Where segments get their slot blocks: slabs of one block size, so that what one segment frees any
// other can use.
//
// New blocks come from the fullest slab that has room, so that emptier ones drain and go back to
// the system. Slabs are on small pages until there are enough of them to be worth huge ones.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "store/page_source.h"
#include "store/retired.h"
#include "store/slot_block.h"

namespace dcs::store {

class BlockPool {
 public:
  explicit BlockPool(PageSource& pages) : pages_(&pages) {}
  // Gives every slab back, whatever is in use.
  ~BlockPool();
  BlockPool(BlockPool&& other) noexcept;
  BlockPool& operator=(BlockPool&&) = delete;

  // An empty block; nullptr where the system gives no memory.
  SlotBlock* Take();
  void Return(SlotBlock* block, Retired& retired);

  // Bytes touched, whole pages.
  size_t committed_bytes() const { return committed_bytes_; }
  size_t blocks_in_use() const { return blocks_in_use_; }

 private:
  // Stands at the start of its region.
  struct Slab {
    Region region;
    uint32_t taken_ever;  // blocks below have been touched
    uint32_t in_use;
    uint32_t first_free;  // chain of returned blocks, by index + 1; 0 ends it
    uint32_t index;       // in slabs_
  };
  static constexpr size_t kHeaderBytes = 64;
  static_assert(sizeof(Slab) <= kHeaderBytes);
  static constexpr uint32_t kSlabBlocks =
      (PageSource::kRegionBytes - kHeaderBytes) / sizeof(SlotBlock);
  static_assert(kSlabBlocks == 1213);
  // From so many slabs on, the next one is on huge pages: at most a fifth of it stays untouched.
  static constexpr size_t kSmallPageSlabs = 4;

  static SlotBlock* BlockAt(Slab* slab, uint32_t index);
  static bool HasRoom(const Slab& slab) { return slab.in_use < kSlabBlocks; }
  Slab* FindRoom();
  size_t TouchedBytes(const Slab& slab) const;

  PageSource* pages_;
  std::vector<Slab*> slabs_;
  Slab* current_ = nullptr;
  size_t committed_bytes_ = 0;
  size_t blocks_in_use_ = 0;
};

}  // namespace dcs::store
