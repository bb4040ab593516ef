#include "store/memory/deferred_work.h"

#include <new>
#include <utility>

namespace dcs::store {
namespace {

struct HeapValueGarbage final : Garbage {
  explicit HeapValueGarbage(std::unique_ptr<HeapValue> owned) : value(std::move(owned)) {}
  std::unique_ptr<HeapValue> value;
};

}  // namespace

void DeferredWork::Delete::operator()(AfterLock* after_lock) const { delete after_lock; }

template <typename Note>
bool DeferredWork::TryNote(Note note) noexcept {
  try {
    if (after_lock_ == nullptr) after_lock_.reset(new AfterLock);
    note(*after_lock_);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void DeferredWork::Add(Region region) noexcept {
  if (!TryNote([&](AfterLock& after) { after.regions.push_back(region); })) {
    pages_.GiveBack(region);
  }
}

void DeferredWork::Add(Mapping mapping) noexcept {
  // If it is not noted, it is unmapped here, by its destructor.
  TryNote([&](AfterLock& after) { after.mappings.push_back(std::move(mapping)); });
}

void DeferredWork::Add(std::unique_ptr<HeapValue> value, FreeMode mode) noexcept {
  // If it is not noted, it is destroyed here.
  TryNote([&](AfterLock& after) { after.values.push_back({std::move(value), mode}); });
}

void DeferredWork::DoAfterLock() {
  for (const Region& region : after_lock_->regions) pages_.GiveBack(region);
  for (Mapping& mapping : after_lock_->mappings) {
    const size_t bytes = mapping.bytes();
    if (bytes < kWorthQueueingBytes) continue;
    // Without memory for the queue's item, it is unmapped here.
    std::unique_ptr<Mapping> queued(new (std::nothrow) Mapping(std::move(mapping)));
    if (queued != nullptr) lazy_free_.Queue(std::move(queued), 1, bytes);
  }
  for (auto& [value, mode] : after_lock_->values) {
    const size_t bytes = value->bytes();
    if (mode == FreeMode::kNow || value->size() <= LazyFree::kWorthQueueing) {
      value.reset();
      if (bytes >= kWorthNotingBytes) lazy_free_.NoteFreed(bytes);
      continue;
    }
    std::unique_ptr<HeapValueGarbage> queued(new (std::nothrow) HeapValueGarbage(std::move(value)));
    if (queued != nullptr) lazy_free_.Queue(std::move(queued), 1, bytes);
  }
  // Small mappings are destroyed with the members, here and now.
}

}  // namespace dcs::store
