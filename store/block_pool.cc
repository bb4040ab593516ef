#include "store/block_pool.h"

#include <cstring>
#include <new>
#include <utility>

namespace dcs::store {

BlockPool::~BlockPool() {
  for (Slab* slab : slabs_) pages_->GiveBack(slab->region);
}

BlockPool::BlockPool(BlockPool&& other) noexcept
    : pages_(other.pages_),
      slabs_(std::exchange(other.slabs_, {})),
      current_(std::exchange(other.current_, nullptr)),
      committed_bytes_(std::exchange(other.committed_bytes_, 0)),
      blocks_in_use_(std::exchange(other.blocks_in_use_, 0)) {}

SlotBlock* BlockPool::BlockAt(Slab* slab, uint32_t index) {
  auto* first = reinterpret_cast<std::byte*>(slab) + kHeaderBytes;
  return reinterpret_cast<SlotBlock*>(first + index * sizeof(SlotBlock));
}

size_t BlockPool::TouchedBytes(const Slab& slab) const {
  if (slab.region.kind == PageKind::kHuge) return PageSource::kRegionBytes;
  return RoundUp(kHeaderBytes + slab.taken_ever * sizeof(SlotBlock), kSmallPageBytes);
}

BlockPool::Slab* BlockPool::FindRoom() {
  Slab* fullest = nullptr;
  for (Slab* slab : slabs_) {
    if (HasRoom(*slab) && (fullest == nullptr || slab->in_use > fullest->in_use)) fullest = slab;
  }
  if (fullest != nullptr) return fullest;
  const Region region =
      pages_->Take(slabs_.size() < kSmallPageSlabs ? PageKind::kSmall : PageKind::kHuge);
  if (region.base == nullptr) return nullptr;
  auto* slab = new (region.base) Slab{region, 0, 0, 0, static_cast<uint32_t>(slabs_.size())};
  slabs_.push_back(slab);
  committed_bytes_ += TouchedBytes(*slab);
  return slab;
}

SlotBlock* BlockPool::Take() {
  if (current_ == nullptr || !HasRoom(*current_)) current_ = FindRoom();
  if (current_ == nullptr) return nullptr;
  Slab& slab = *current_;
  SlotBlock* block = nullptr;
  if (slab.first_free != 0) {
    block = BlockAt(&slab, slab.first_free - 1);
    std::memcpy(&slab.first_free, block, sizeof(slab.first_free));
    std::memset(static_cast<void*>(block), 0, sizeof(*block));
  } else {
    committed_bytes_ -= TouchedBytes(slab);
    block = BlockAt(&slab, slab.taken_ever++);  // fresh pages read as zero
    committed_bytes_ += TouchedBytes(slab);
  }
  ++slab.in_use;
  ++blocks_in_use_;
  return block;
}

void BlockPool::Return(SlotBlock* block, Retired& retired) {
  const auto address = reinterpret_cast<uintptr_t>(block);
  auto* slab = reinterpret_cast<Slab*>(address & ~(uintptr_t{PageSource::kRegionBytes} - 1));
  --slab->in_use;
  --blocks_in_use_;
  if (slab->in_use == 0) {
    committed_bytes_ -= TouchedBytes(*slab);
    slabs_[slab->index] = slabs_.back();
    slabs_[slab->index]->index = slab->index;
    slabs_.pop_back();
    if (current_ == slab) current_ = nullptr;
    retired.Add(slab->region);
    return;
  }
  std::memcpy(static_cast<void*>(block), &slab->first_free, sizeof(slab->first_free));
  const auto in_slab = address - reinterpret_cast<uintptr_t>(slab) - kHeaderBytes;
  slab->first_free = static_cast<uint32_t>(in_slab / sizeof(SlotBlock)) + 1;
  if (current_ == nullptr || slab->in_use > current_->in_use) current_ = slab;
}

}  // namespace dcs::store
