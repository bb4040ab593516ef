#include "store/block_pool.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "store/deadline.h"

namespace dcs::store {

BlockPool::~BlockPool() {
  assert(use_.blocks == 0 && "~BlockPool: every block must have been returned");
}

SlotBlock* BlockPool::BlockAt(Slab* slab, uint32_t index) {
  auto* first = reinterpret_cast<std::byte*>(slab) + kHeaderBytes;
  return reinterpret_cast<SlotBlock*>(first + index * sizeof(SlotBlock));
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
  auto* slab = new (region.base) Slab{region, 0, 0, 0, 0};
  ++slabs_;
  Enter(slab);
  use_.committed_bytes += TouchedBytes(*slab);
  return slab;
}

SlotBlock* BlockPool::TakeOne() {
  if (current_ == nullptr || current_->in_use == kSlabBlocks) current_ = FindRoom();
  if (current_ == nullptr) return nullptr;
  Slab& slab = *current_;
  SlotBlock* block = nullptr;
  if (slab.first_free != 0) {
    block = BlockAt(&slab, slab.first_free - 1);
    slab.first_free = block->coarse[0];
  } else {
    use_.committed_bytes -= TouchedBytes(slab);
    block = BlockAt(&slab, slab.taken_ever++);
    use_.committed_bytes += TouchedBytes(slab);
  }
  SetInUse(&slab, slab.in_use + 1);
  if (slabs_ == kSmallPageSlabs && slab.in_use == kSlabBlocks / 8 * 7) pages_.ExpectHuge();
  ++use_.blocks;
  return block;
}

bool BlockPool::Take(absl::Span<SlotBlock*> blocks) {
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < blocks.size(); ++i) {
      blocks[i] = TakeOne();
      if (blocks[i] != nullptr) continue;
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
  const auto address = reinterpret_cast<uintptr_t>(block);
  auto* slab = reinterpret_cast<Slab*>(address & ~(uintptr_t{PageSource::kRegionBytes} - 1));
  SetInUse(slab, slab->in_use - 1);
  --use_.blocks;
  if (slab->in_use == 0) {
    Leave(slab);
    use_.committed_bytes -= TouchedBytes(*slab);
    --slabs_;
    if (current_ == slab) current_ = nullptr;
    return slab->region;
  }
  block->coarse[0] = slab->first_free;  // in deadlines: whoever returns a block has just read them
  const auto in_slab = address - reinterpret_cast<uintptr_t>(slab) - kHeaderBytes;
  slab->first_free = static_cast<uint32_t>(in_slab / sizeof(SlotBlock)) + 1;
  if (current_ == nullptr || slab->in_use > current_->in_use) current_ = slab;
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
