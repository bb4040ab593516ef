#include "store/index/block_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>

#include "store/time/deadline.h"

namespace dcs::store {

BlockPool::~BlockPool() {
  assert(use_.blocks == 0 && "~BlockPool: every block must have been returned");
}

size_t BlockPool::TouchedBytes(const Slab& slab) {
  if (slab.region.kind == PageKind::kHuge) return PageSource::kRegionBytes;
  return RoundUp(kHeaderBytes + slab.taken_ever * sizeof(SlotBlock), kSmallPageBytes);
}

void BlockPool::SetInUse(Slab* slab, uint32_t blocks) {
  slab->in_use = blocks;
  SetRoom(slab->number, blocks < kNoRoom);
}

void BlockPool::SetRoom(size_t number, bool has_room) {
  uint64_t& word = with_room_[number / kWordBits];
  const uint64_t bit = uint64_t{1} << number % kWordBits;
  word = has_room ? word | bit : word & ~bit;
}

BlockPool::Slab* BlockPool::FindRoom() {
  for (size_t word = 0; word < with_room_.size(); ++word) {
    if (with_room_[word] == 0) continue;
    return slabs_[word * kWordBits + static_cast<size_t>(std::countr_zero(with_room_[word]))];
  }
  return AddSlab();
}

size_t BlockPool::FreeNumber() {
  const auto number =
      static_cast<size_t>(std::find(slabs_.begin(), slabs_.end(), nullptr) - slabs_.begin());
  if (number < slabs_.size()) return number;
  try {
    with_room_.resize((number + 1) / kWordBits + 1);
    slabs_.push_back(nullptr);
    return number;
  } catch (const std::bad_alloc&) {
    return SIZE_MAX;
  }
}

BlockPool::Slab* BlockPool::AddSlab() {
  const size_t number = FreeNumber();
  if (number == SIZE_MAX) return nullptr;
  const Region region =
      pages_.Take(slabs_in_use_ < kSmallPageSlabs ? PageKind::kSmall : PageKind::kHuge);
  if (region.base == nullptr) return nullptr;
  auto* slab = new (region.base) Slab{region, 0, 0, number, {}};
  uint32_t left = kSlabBlocks;
  for (uint64_t& word : slab->free) {
    const uint32_t bits = std::min(left, kWordBits);
    word = ~uint64_t{0} >> (kWordBits - bits);
    left -= bits;
  }
  slabs_[number] = slab;
  SetRoom(number, true);
  ++slabs_in_use_;
  use_.committed_bytes += TouchedBytes(*slab);
  if (!tracks_access()) return slab;
  if (slabs_in_use_ > kTrackedSlabs && !access_wanted_) {
    SetTracking(false);
  } else {
    ClearAccess(*slab);
  }
  return slab;
}

void BlockPool::ClearAccess(Slab& slab) {
  if (slab.access_mapping.data() != nullptr) {
    madvise(slab.access_mapping.data(), slab.access_mapping.bytes(), MADV_DONTNEED);
    return;
  }
  slab.access_mapping = Mapping(kSlabBlocks * kBlockAccessBytes);
  // nullptr if the system refuses.
  slab.access.store(reinterpret_cast<AccessWord*>(slab.access_mapping.data()),
                    std::memory_order_release);
}

void BlockPool::SetTracking(bool on) {
  // Words are cleared when tracking ends, to give their memory back, and again when it begins: a thread
  // that still saw it on may have written some. Arrays stay mapped for such a thread.
  if (!on) tracks_access_.store(false, std::memory_order_relaxed);
  for (Slab* const slab : slabs_) {
    if (slab != nullptr && (on || slab->access_mapping.data() != nullptr)) ClearAccess(*slab);
  }
  if (on) tracks_access_.store(true, std::memory_order_release);
}

void BlockPool::TrackAccess(bool wanted) noexcept {
  const std::lock_guard lock(mutex_);
  access_wanted_ = wanted;
  const bool on = wanted || slabs_in_use_ <= kTrackedSlabs;
  if (on != tracks_access()) SetTracking(on);
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
  if (slabs_in_use_ == kSmallPageSlabs && before < kNearlyFull && slab.in_use >= kNearlyFull) {
    pages_.ExpectHuge();
  }
  return true;
}

bool BlockPool::Take(absl::Span<SlotBlock*> blocks) noexcept {
  size_t taken = 0;
  {
    const std::lock_guard lock(mutex_);
    while (taken < blocks.size() && TakeTogether(blocks.subspan(taken, kMostTogether))) {
      taken = std::min(taken + kMostTogether, blocks.size());
    }
  }
  if (taken < blocks.size()) {
    Return(blocks.first(taken));
    return false;
  }
  for (SlotBlock* block : blocks) {
    std::memset(static_cast<void*>(block), 0, sizeof(*block));
    std::fill_n(block->coarse, kBlockSlots, kCoarseNone);
  }
  return true;
}

BlockPool::Emptied BlockPool::ReturnOne(SlotBlock* block) {
  auto* slab = reinterpret_cast<Slab*>(SlabOf(block));
  SetInUse(slab, slab->in_use - 1);
  --use_.blocks;
  if (slab->in_use == 0) {
    slabs_[slab->number] = nullptr;
    SetRoom(slab->number, false);
    --slabs_in_use_;
    use_.committed_bytes -= TouchedBytes(*slab);
    // Half as many as when it ended, so that it does not begin and end with each slab.
    if (!tracks_access() && slabs_in_use_ <= kTrackedSlabs / 2) SetTracking(true);
    return {slab->region, std::move(slab->access_mapping)};
  }
  const uint32_t number = NumberOf(block);
  slab->free[number / kWordBits] |= uint64_t{1} << number % kWordBits;
  return {};
}

void BlockPool::Return(absl::Span<SlotBlock* const> blocks, DeferredWork& deferred) noexcept {
  const std::lock_guard lock(mutex_);
  for (SlotBlock* block : blocks) {
    Emptied emptied = ReturnOne(block);
    if (emptied.access.data() != nullptr) deferred.Add(std::move(emptied.access));
    if (emptied.region.base != nullptr) deferred.Add(emptied.region);
  }
}

void BlockPool::Return(absl::Span<SlotBlock* const> blocks) noexcept {
  // The regions of a few blocks at a time, for there may be no memory for a list of all.
  for (size_t first = 0; first < blocks.size(); first += kMostTogether) {
    std::array<Emptied, kMostTogether> emptied;
    size_t count = 0;
    {
      const std::lock_guard lock(mutex_);
      for (SlotBlock* block : blocks.subspan(first, kMostTogether)) {
        Emptied one = ReturnOne(block);
        if (one.region.base != nullptr) emptied[count++] = std::move(one);
      }
    }
    for (size_t i = 0; i < count; ++i) pages_.GiveBack(emptied[i].region);
  }
}

BlockPool::Use BlockPool::use() const {
  const std::lock_guard lock(mutex_);
  Use use = use_;
  if (!tracks_access()) return use;
  for (const Slab* const slab : slabs_) {
    if (slab == nullptr || slab->access_mapping.data() == nullptr) continue;
    use.access_bytes += RoundUp(slab->taken_ever * kBlockAccessBytes, kSmallPageBytes);
  }
  return use;
}

}  // namespace dcs::store
