// A private memory mapping, for a record that is too large for a chunk.
#pragma once

#include <cstddef>

#include "store/memory/lazy_free.h"

namespace dcs::store {

// Unmapped on destruction. Thread safety: one thread.
class Mapping final : public Garbage {
 public:
  Mapping() = default;
  // `bytes` is rounded up to whole pages. data() is nullptr if the system refuses.
  explicit Mapping(size_t bytes);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping() override;

  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  // Keeps the contents; may move them. Returns false, with nothing changed, if the system refuses.
  bool Grow(size_t bytes);

 private:
  std::byte* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace dcs::store
