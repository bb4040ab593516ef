#include "store/directory.h"

#include <algorithm>
#include <utility>

namespace dcs::store {

Directory::Directory(size_t size) {
  std::byte* memory = nullptr;
  if (size < kLarge) {
    touched_ = size * kEntryBytes;
    small_ = std::make_unique<std::byte[]>(touched_);
    memory = small_.get();
  } else {
    large_ = Mapping(size * kEntryBytes);
    memory = large_.data();
    if (memory == nullptr) return;
  }
  size_ = size;
  routes_ = reinterpret_cast<Route*>(memory);
  segments_ = reinterpret_cast<Segment**>(routes_ + size);
  earliest_ = reinterpret_cast<uint32_t*>(segments_ + size);
}

Directory::Directory(Directory&& other) noexcept { *this = std::move(other); }

Directory& Directory::operator=(Directory&& other) noexcept {
  small_ = std::move(other.small_);
  large_ = std::move(other.large_);
  routes_ = std::exchange(other.routes_, nullptr);
  segments_ = std::exchange(other.segments_, nullptr);
  earliest_ = std::exchange(other.earliest_, nullptr);
  size_ = std::exchange(other.size_, 0);
  touched_ = std::exchange(other.touched_, 0);
  return *this;
}

void Directory::Touch() {
  if (touched_ == bytes()) return;
  large_.data()[touched_] = std::byte{0};
  touched_ = std::min(touched_ + kSmallPageBytes, bytes());
}

void Directory::Discard(Retired& retired) {
  if (size_ >= kLarge) retired.Add(std::move(large_));
  *this = Directory();
}

}  // namespace dcs::store
