// What an operation unlinked under a shard's lock, to be given back after it.
//
// Returning pages and destroying heap values may take far longer than the operation itself; nobody
// should wait for it. A Retired is therefore declared before the lock and destroyed after. That is
// also when the pages that the operation took from stock are replaced.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "store/lazy_free.h"
#include "store/page_source.h"
#include "store/value.h"

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
    if (unlinked_ != nullptr) [[unlikely]]
      GiveBack();
    pages_.Restock();
  }
  Retired(const Retired&) = delete;
  Retired& operator=(const Retired&) = delete;

  void Add(Region region) { unlinked().regions.push_back(region); }
  void Add(Mapping mapping) { unlinked().mappings.push_back(std::move(mapping)); }
  void Add(std::unique_ptr<HeapValue> value, FreeMode mode) {
    unlinked().values.push_back({std::move(value), mode});
  }

 private:
  struct UnlinkedValue {
    std::unique_ptr<HeapValue> value;
    FreeMode mode;
  };
  struct Unlinked {
    absl::InlinedVector<Region, 4> regions;
    absl::InlinedVector<Mapping, 1> mappings;
    absl::InlinedVector<UnlinkedValue, 2> values;
  };

  // Out of line, for what hardly any command does must not lengthen all of them.
  struct Delete {
    void operator()(Unlinked* unlinked) const;
  };

  Unlinked& unlinked() {
    if (unlinked_ == nullptr) unlinked_.reset(new Unlinked);
    return *unlinked_;
  }
  void GiveBack();

  // Mappings from this size on are left to the lazy-free thread: unmapping costs 70 us a MiB.
  static constexpr size_t kWorthQueueingBytes = size_t{1} << 20;
  // Smaller values do not tell that they were freed: their memory is soon used again.
  static constexpr size_t kWorthNotingBytes = size_t{64} << 10;

  PageSource& pages_;
  LazyFree& lazy_free_;
  // Made when there is something: every command has a Retired, few unlink anything.
  std::unique_ptr<Unlinked, Delete> unlinked_;
};

}  // namespace dcs::store
