// Where segments get their slot blocks: slabs of one block size, so that what one segment frees any
// other can use, of whichever shard.
//
// Blocks taken together, up to kMostTogether of them, lie in one slab, so that 11 bits say for each
// where it is (route.h). Slabs are numbered, a new one with the lowest number that is free. New blocks
// come from the lowest slab that has room, so that what is left of many segments gathers in the low
// ones, and the others drain and go back to the system; of its free blocks from the lowest, so that
// what is taken together mostly stands together, and the pages touched are the slab's first. Slabs
// are on small pages until there are enough of them to be worth huge ones.
//
// Invariants (checked by CheckInvariants):
//  1. A slab's free blocks and in_use are kSlabBlocks; all in use stand below taken_ever.
//  2. Which slabs have room is known; the blocks in use and the bytes touched are the slabs'.
//
// Thread safety: all members may be called from any thread. Each call takes the pool's own lock for
// some ten nanoseconds a block.
//
// Failed allocations: no member throws; Take says if there is no memory, and Return needs none.
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
  static constexpr size_t kMostTogether = 8;
  static constexpr size_t kHeaderBytes = 4 * kCacheLineBytes;
  static constexpr uint32_t kSlabBlocks =
      (PageSource::kRegionBytes - kHeaderBytes) / sizeof(SlotBlock);
  static_assert(kSlabBlocks == 1213);

  // Where a block lies: its slab's address, a multiple of the region's size, and its number there.
  static uintptr_t SlabOf(const SlotBlock* block) {
    return reinterpret_cast<uintptr_t>(block) & ~(uintptr_t{PageSource::kRegionBytes} - 1);
  }
  static uint32_t NumberOf(const SlotBlock* block) {
    const uintptr_t in_slab = reinterpret_cast<uintptr_t>(block) - SlabOf(block) - kHeaderBytes;
    return static_cast<uint32_t>(in_slab / sizeof(SlotBlock));
  }
  static SlotBlock* BlockAt(uintptr_t slab, uint32_t number) {
    return reinterpret_cast<SlotBlock*>(slab + kHeaderBytes + number * sizeof(SlotBlock));
  }

  explicit BlockPool(PageSource& pages) : pages_(pages) {}
  // REQUIRES: every block has been returned.
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // Fills `blocks` with empty ones, zero but for coarse, which is kCoarseNone: each kMostTogether of
  // them, and what is left, from one slab. False, with none taken, where the system gives no memory.
  bool Take(absl::Span<SlotBlock*> blocks) noexcept;
  void Return(absl::Span<SlotBlock* const> blocks, Retired& retired) noexcept;
  // The same, giving pages back here and now.
  void Return(absl::Span<SlotBlock* const> blocks) noexcept;

  // Bytes touched, whole pages, and how many blocks are in use.
  struct Use {
    size_t committed_bytes = 0;
    size_t blocks = 0;
    size_t idle_bytes() const { return committed_bytes - blocks * sizeof(SlotBlock); }
  };
  Use use() const;
  void CheckInvariants() const;

 private:
  static constexpr uint32_t kWordBits = 64;
  // Stands at the start of its region.
  struct Slab {
    Region region;
    uint32_t taken_ever;  // blocks below have been touched
    uint32_t in_use;
    size_t number;  // slabs_[number] is this one
    std::array<uint64_t, (kSlabBlocks + kWordBits - 1) / kWordBits> free;  // a bit a block
  };
  static_assert(sizeof(Slab) == 184 && sizeof(Slab) <= kHeaderBytes);
  // From so many slabs on, the next one is on huge pages: at most a fifth of it stays untouched.
  static constexpr size_t kSmallPageSlabs = 4;
  // With the last small one so full, the first huge one is expected.
  static constexpr uint32_t kNearlyFull = kSlabBlocks / 8 * 7;
  // With so many blocks in use a slab may not have enough for the next taker and is out of turn: on
  // average, half of seven blocks stay free, 0.3 %.
  static constexpr uint32_t kNoRoom = kSlabBlocks - kMostTogether + 1;
  static size_t TouchedBytes(const Slab& slab);

  // REQUIRE: mutex_ is held.
  // Of a slab in slabs_.
  void SetInUse(Slab* slab, uint32_t blocks);
  void SetRoom(size_t number, bool has_room);
  // nullptr if the system gives no memory.
  Slab* FindRoom();
  Slab* AddSlab();
  // A number that no slab has, with its place in slabs_ and with_room_; SIZE_MAX without memory for it.
  size_t FreeNumber();
  // Takes all from one slab. REQUIRES: no more than kMostTogether.
  bool TakeTogether(absl::Span<SlotBlock*> blocks);
  // Returns the slab's region where this was its last block; its base is nullptr otherwise.
  Region ReturnOne(SlotBlock* block);

  PageSource& pages_;
  mutable std::mutex mutex_;
  std::vector<Slab*> slabs_;  // nullptr: a free number; guarded by mutex_, as all below
  // A bit a number: a few words, where a tree's nodes would lie on many pages.
  std::vector<uint64_t> with_room_;
  size_t slabs_in_use_ = 0;
  Use use_;
};

}  // namespace dcs::store
