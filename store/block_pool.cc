#include "store/block_pool.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>

#include "store/deadline.h"

namespace dcs::store {

BlockPool::~BlockPool() {
  assert(use_.blocks == 0 && "~BlockPool: every block must have been returned");
}

size_t BlockPool::TouchedBytes(const Slab& slab) {
  if (slab.region.kind == PageKind::kHuge) return PageSource::kRegionBytes;
  return RoundUp(kHeaderBytes + slab.taken_ever * sizeof(SlotBlock), kSmallPageBytes);
}

void BlockPool::SetInUse(Slab* slab, uint32_t blocks) {
  const bool had_room = slab->in_use < kNoRoom, has_room = blocks < kNoRoom;
  slab->in_use = blocks;
  if (has_room == had_room) return;
  auto& from = has_room ? without_room_ : with_room_;
  auto& to = has_room ? with_room_ : without_room_;
  to.insert(from.extract(slab));
}

BlockPool::Slab* BlockPool::FindRoom() {
  if (!with_room_.empty()) return *with_room_.begin();
  const Region region =
      pages_.Take(without_room_.size() < kSmallPageSlabs ? PageKind::kSmall : PageKind::kHuge);
  if (region.base == nullptr) return nullptr;
  auto* slab = new (region.base) Slab{region, 0, 0, ++last_number_, {}};
  uint32_t left = kSlabBlocks;
  for (uint64_t& word : slab->free) {
    const uint32_t bits = std::min(left, kWordBits);
    word = ~uint64_t{0} >> (kWordBits - bits);
    left -= bits;
  }
  with_room_.insert(slab);
  use_.committed_bytes += TouchedBytes(*slab);
  return slab;
}

bool BlockPool::TakeTogether(absl::Span<SlotBlock*> blocks) {
  Slab* const found = FindRoom();
  if (found == nullptr) return false;
  Slab& slab = *found;
  use_.committed_bytes -= TouchedBytes(slab);
  size_t taken = 0;
  for (uint32_t word = 0; taken < blocks.size(); ++word) {
    uint64_t& free = slab.free[word];
    for (; free != 0 && taken < blocks.size(); free &= free - 1) {
      const uint32_t number = word * kWordBits + static_cast<uint32_t>(std::countr_zero(free));
      blocks[taken++] = BlockAt(reinterpret_cast<uintptr_t>(&slab), number);
      slab.taken_ever = std::max(slab.taken_ever, number + 1);
    }
  }
  use_.committed_bytes += TouchedBytes(slab);
  use_.blocks += taken;
  const uint32_t before = slab.in_use;
  SetInUse(&slab, before + static_cast<uint32_t>(taken));
  if (with_room_.size() + without_room_.size() == kSmallPageSlabs && before < kNearlyFull &&
      slab.in_use >= kNearlyFull) {
    pages_.ExpectHuge();
  }
  return true;
}

bool BlockPool::Take(absl::Span<SlotBlock*> blocks) {
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < blocks.size(); i += kMostTogether) {
      if (TakeTogether(blocks.subspan(i, kMostTogether))) continue;
      while (i-- > 0) {
        const Region region = ReturnOne(blocks[i]);
        if (region.base != nullptr) pages_.GiveBack(region);
      }
      return false;
    }
  }
  for (SlotBlock* block : blocks) {
    std::memset(static_cast<void*>(block), 0, sizeof(*block));
    std::fill_n(block->coarse, kBlockSlots, kCoarseNone);
  }
  return true;
}

Region BlockPool::ReturnOne(SlotBlock* block) {
  auto* slab = reinterpret_cast<Slab*>(SlabOf(block));
  SetInUse(slab, slab->in_use - 1);
  --use_.blocks;
  if (slab->in_use == 0) {
    with_room_.erase(slab);
    use_.committed_bytes -= TouchedBytes(*slab);
    return slab->region;
  }
  const uint32_t number = NumberOf(block);
  slab->free[number / kWordBits] |= uint64_t{1} << number % kWordBits;
  return {};
}

void BlockPool::Return(absl::Span<SlotBlock* const> blocks, Retired& retired) {
  const std::lock_guard lock(mutex_);
  for (SlotBlock* block : blocks) {
    const Region region = ReturnOne(block);
    if (region.base != nullptr) retired.Add(region);
  }
}

void BlockPool::Return(absl::Span<SlotBlock* const> blocks) {
  const std::lock_guard lock(mutex_);
  for (SlotBlock* block : blocks) {
    const Region region = ReturnOne(block);
    if (region.base != nullptr) pages_.GiveBack(region);
  }
}

BlockPool::Use BlockPool::use() const {
  const std::lock_guard lock(mutex_);
  return use_;
}

}  // namespace dcs::store
