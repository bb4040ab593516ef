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
// Access words: beside a slab the pool can keep an array with one word (key_access.h) for each slot of its
// blocks, 4 bytes a slot. It does so while it is asked to (TrackAccess), and unasked while it has no more
// than kTrackedSlabs slabs, about half a million keys. Without memory for an array, that slab's keys have no
// words.
//
// Thread safety: all members may be called from any thread. Each call takes the pool's own lock for
// some ten nanoseconds a block. A block's access words are guarded like the block's slots.
//
// Failed allocations: no member throws; Take says if there is no memory, and Return needs none.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "store/index/key_access.h"
#include "store/index/slot_block.h"
#include "store/memory/deferred_work.h"
#include "store/memory/page_source.h"

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
  void Return(absl::Span<SlotBlock* const> blocks, DeferredWork& deferred) noexcept;
  // The same, giving pages back here and now.
  void Return(absl::Span<SlotBlock* const> blocks) noexcept;

  // Whether access words are kept. Slots may have words from another time while it is false.
  bool tracks_access() const { return tracks_access_.load(std::memory_order_acquire); }
  // Asks for access words, or no longer asks for them. When tracking begins, all words are kNoAccess; when
  // it ends, their memory goes back to the system. O(slabs).
  void TrackAccess(bool wanted) noexcept;
  // Of the block's first slot; the other slots' follow. nullptr if there are none.
  static AccessWord* AccessOf(const SlotBlock* block) {
    const auto* slab = reinterpret_cast<const Slab*>(SlabOf(block));
    AccessWord* const words = slab->access.load(std::memory_order_acquire);
    return words == nullptr ? nullptr : words + size_t{NumberOf(block)} * kBlockSlots;
  }

  // Bytes touched, whole pages, and how many blocks are in use.
  struct Use {
    size_t committed_bytes = 0;
    size_t blocks = 0;
    size_t access_bytes = 0;  // words of blocks that have been touched; not part of committed_bytes
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
    Mapping access_mapping = {};
    std::atomic<AccessWord*> access{nullptr};  // access_mapping's data
  };
  static_assert(sizeof(Slab) == 216 && sizeof(Slab) <= kHeaderBytes);
  static constexpr size_t kBlockAccessBytes = kBlockSlots * sizeof(AccessWord);
  // From so many slabs on, the next one is on huge pages: at most a fifth of it stays untouched.
  static constexpr size_t kSmallPageSlabs = 4;
  // Up to so many slabs, access words are kept unasked: 2.4 MB at most.
  static constexpr size_t kTrackedSlabs = 4;
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
  struct Emptied {
    Region region;  // its base is nullptr if the slab still has blocks in use
    Mapping access;
  };
  // Returns what the slab had if this was its last block.
  Emptied ReturnOne(SlotBlock* block);
  // REQUIRES: that is not what it does already.
  void SetTracking(bool on);
  // Makes the slab's words kNoAccess; maps them if they are not.
  static void ClearAccess(Slab& slab);

  PageSource& pages_;
  mutable std::mutex mutex_;
  std::vector<Slab*> slabs_;  // nullptr: a free number; guarded by mutex_, as all below
  // A bit a number: a few words, where a tree's nodes would lie on many pages.
  std::vector<uint64_t> with_room_;
  size_t slabs_in_use_ = 0;
  Use use_;
  bool access_wanted_ = false;
  // Read with every access to a key: on a line that hardly ever changes.
  alignas(kCacheLineBytes) std::atomic<bool> tracks_access_{true};
};

}  // namespace dcs::store
