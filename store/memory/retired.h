// The work that an operation leaves for after a shard's lock: giving back what it unlinked, and more.
//
// Returning pages and destroying heap values may take far longer than the operation itself, and nobody
// should wait for it. A Retired is therefore declared before the lock and destroyed after it. Its
// destructor also replaces the pages that the operation took from stock and prefaults those that the next
// operations will write to.
//
// Failed allocations: nothing here throws. Without memory to note what was unlinked, Add gives it back at
// once, under the caller's lock: slower, but an operation that frees memory never fails for want of it.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "store/memory/lazy_free.h"
#include "store/memory/page_source.h"
#include "store/values/value.h"

namespace dcs::store {

// A mapping of its own, for a record too large for a chunk. Unmapped on destruction.
class Mapping final : public Garbage {
 public:
  Mapping() = default;
  // `bytes` is rounded up to whole pages. data() is nullptr where the system refuses.
  explicit Mapping(size_t bytes);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping() override;

  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  // Keeps the contents; may move them. False, with nothing changed, where the system refuses.
  bool Grow(size_t bytes);

 private:
  std::byte* data_ = nullptr;
  size_t bytes_ = 0;
};

// Thread safety: one thread.
class Retired {
 public:
  Retired(PageSource& pages, LazyFree& lazy_free) : pages_(pages), lazy_free_(lazy_free) {}
  ~Retired() {
    if (after_lock_ != nullptr) [[unlikely]]
      DoAfterLock();
    pages_.Restock();
  }
  Retired(const Retired&) = delete;
  Retired& operator=(const Retired&) = delete;

  void Add(Region region) noexcept;
  void Add(Mapping mapping) noexcept;
  void Add(std::unique_ptr<HeapValue> value, FreeMode mode) noexcept;
  // Prefaults the page at `at` after the lock is released, so that a later write under the lock does not
  // fault. Best effort: the page may be unmapped by then, and kernels before 5.14 do nothing.
  void BringPage(const void* at) noexcept;

 private:
  struct UnlinkedValue {
    std::unique_ptr<HeapValue> value;
    FreeMode mode;
  };
  struct AfterLock {
    absl::InlinedVector<Region, 4> regions;
    absl::InlinedVector<Mapping, 1> mappings;
    absl::InlinedVector<UnlinkedValue, 2> values;
    absl::InlinedVector<const void*, 3> pages;
  };

  // Out of line: what hardly any command does must not lengthen all of them.
  struct Delete {
    void operator()(AfterLock* after_lock) const;
  };

  // Calls note(after_lock), which adds to one of the lists. False without memory for that.
  template <typename Note>
  bool TryNote(Note note) noexcept;
  void DoAfterLock();

  // Mappings from this size on are left to the lazy-free thread: unmapping costs 70 us a MiB.
  static constexpr size_t kWorthQueueingBytes = size_t{1} << 20;
  // Smaller values do not tell that they were freed: their memory is soon used again.
  static constexpr size_t kWorthNotingBytes = size_t{64} << 10;

  PageSource& pages_;
  LazyFree& lazy_free_;
  // Made by the first Add: every command has a Retired, and few leave anything to it.
  std::unique_ptr<AfterLock, Delete> after_lock_;
};

}  // namespace dcs::store
