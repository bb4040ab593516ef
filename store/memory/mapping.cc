#include "store/memory/mapping.h"

#include <sys/mman.h>

#include <utility>

#include "store/memory/page_source.h"

namespace dcs::store {

Mapping::Mapping(size_t bytes) : bytes_(RoundUp(bytes, kSmallPageBytes)) {
  void* mapped = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    bytes_ = 0;
    return;
  }
  data_ = static_cast<std::byte*>(mapped);
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Mapping::~Mapping() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

bool Mapping::Grow(size_t bytes) {
  const size_t rounded = RoundUp(bytes, kSmallPageBytes);
  void* moved = mremap(data_, bytes_, rounded, MREMAP_MAYMOVE);
  if (moved == MAP_FAILED) return false;
  data_ = static_cast<std::byte*>(moved);
  bytes_ = rounded;
  return true;
}

}  // namespace dcs::store
