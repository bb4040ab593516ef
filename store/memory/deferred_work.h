// Work deferred until a shard's lock is released: freeing what an operation unlinked.
//
// Returning pages and destroying heap values can take far longer than the operation itself, so no other
// client should wait for it. The caller declares a DeferredWork before it takes the lock; the destructor
// runs after the lock is released. The destructor also refills the stock of pages that the operation took
// from.
//
// Failed allocations: nothing here throws. Without memory to note what was unlinked, Add frees it at once,
// under the caller's lock: slower, but an operation that frees memory never fails for lack of it.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "store/memory/lazy_free.h"
#include "store/memory/mapping.h"
#include "store/memory/page_source.h"
#include "store/values/value.h"

namespace dcs::store {

// Thread safety: one thread.
class DeferredWork {
 public:
  DeferredWork(PageSource& pages, LazyFree& lazy_free) : pages_(pages), lazy_free_(lazy_free) {}
  ~DeferredWork() {
    if (after_lock_ != nullptr) [[unlikely]]
      DoAfterLock();
    pages_.Restock();
  }
  DeferredWork(const DeferredWork&) = delete;
  DeferredWork& operator=(const DeferredWork&) = delete;

  void Add(Region region) noexcept;
  void Add(Mapping mapping) noexcept;
  void Add(std::unique_ptr<HeapValue> value, FreeMode mode) noexcept;

 private:
  struct UnlinkedValue {
    std::unique_ptr<HeapValue> value;
    FreeMode mode;
  };
  struct AfterLock {
    absl::InlinedVector<Region, 4> regions;
    absl::InlinedVector<Mapping, 1> mappings;
    absl::InlinedVector<UnlinkedValue, 2> values;
  };

  // Out of line, so that the common case stays short.
  struct Delete {
    void operator()(AfterLock* after_lock) const;
  };

  // Calls note(after_lock), which adds to one of the lists. False without memory for that.
  template <typename Note>
  bool TryNote(Note note) noexcept;
  void DoAfterLock();

  // The lazy-free thread unmaps mappings of at least this size: unmapping costs 70 us a MiB.
  static constexpr size_t kWorthQueueingBytes = size_t{1} << 20;
  // Smaller values are not reported to lazy free: the allocator soon reuses their memory.
  static constexpr size_t kWorthNotingBytes = size_t{64} << 10;

  PageSource& pages_;
  LazyFree& lazy_free_;
  // Allocated by the first Add: every command has a DeferredWork, but few use it.
  std::unique_ptr<AfterLock, Delete> after_lock_;
};

}  // namespace dcs::store
