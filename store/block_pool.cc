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
  const bool moves = FillOf(slab->in_use) != FillOf(blocks);
  if (moves) Leave(slab);
  slab->in_use = blocks;
  if (moves) Enter(slab);
}

void BlockPool::Enter(Slab* slab) {
  auto& peers = by_fill_[FillOf(slab->in_use)];
  slab->at = static_cast<uint32_t>(peers.size());
  peers.push_back(slab);
}

void BlockPool::Leave(Slab* slab) {
  auto& peers = by_fill_[FillOf(slab->in_use)];
  peers.back()->at = slab->at;
  peers[slab->at] = peers.back();
  peers.pop_back();
}

BlockPool::Slab* BlockPool::FindRoom() {
  for (size_t fill = kFillSteps; fill-- > 0;) {
    if (!by_fill_[fill].empty()) return by_fill_[fill].back();
  }
  const Region region = pages_.Take(slabs_ < kSmallPageSlabs ? PageKind::kSmall : PageKind::kHuge);
  if (region.base == nullptr) return nullptr;
  auto* slab = new (region.base) Slab{region, 0, 0, 0, {}};
  uint32_t left = kSlabBlocks;
  for (uint64_t& word : slab->free) {
    const uint32_t bits = std::min(left, kWordBits);
    word = ~uint64_t{0} >> (kWordBits - bits);
    left -= bits;
  }
  ++slabs_;
  Enter(slab);
  use_.committed_bytes += TouchedBytes(*slab);
  return slab;
}

bool BlockPool::TakeTogether(absl::Span<SlotBlock*> blocks) {
  if (current_ == nullptr || current_->in_use >= kNoRoom) current_ = FindRoom();
  if (current_ == nullptr) return false;
  Slab& slab = *current_;
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
  if (slabs_ == kSmallPageSlabs && before < kNearlyFull && slab.in_use >= kNearlyFull) {
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
    Leave(slab);
    use_.committed_bytes -= TouchedBytes(*slab);
    --slabs_;
    if (current_ == slab) current_ = nullptr;
    return slab->region;
  }
  const uint32_t number = NumberOf(block);
  slab->free[number / kWordBits] |= uint64_t{1} << number % kWordBits;
  const bool has_room = slab->in_use < kNoRoom;
  if (has_room && (current_ == nullptr || slab->in_use > current_->in_use)) current_ = slab;
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
