// A byte string in 16 bytes: up to 15 bytes in place, longer ones in an allocation of exactly their length.
//
//   in place:   bytes 0-14 the text, byte 15 its length
//   elsewhere:  bytes 0-7 the pointer, 8-11 the length, byte 15 kElsewhere
//
// For elements of large values: std::string with a counting allocator takes 40 bytes. The owner counts
// heap_bytes() itself. Alignment 1, so that it packs with smaller members.
//
// Thread safety: as a plain struct.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace dcs::store {

class CompactString {
 public:
  static constexpr size_t kMostInPlace = 15;

  // Throws std::bad_alloc. REQUIRES: at most 2^32 - 1 bytes.
  explicit CompactString(std::string_view text) {
    assert(text.size() <= UINT32_MAX);
    char* to = bytes_;
    if (text.size() > kMostInPlace) {
      to = std::allocator<char>().allocate(text.size());
      const auto length = static_cast<uint32_t>(text.size());
      std::memcpy(bytes_, &to, sizeof(to));
      std::memcpy(bytes_ + sizeof(to), &length, sizeof(length));
      bytes_[kTag] = static_cast<char>(kElsewhere);
    } else {
      bytes_[kTag] = static_cast<char>(text.size());
    }
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
  }
  CompactString(CompactString&& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof(bytes_));
    other.bytes_[kTag] = 0;
  }
  CompactString& operator=(CompactString&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~CompactString() {
    if (is_elsewhere()) std::allocator<char>().deallocate(pointer(), length_elsewhere());
  }

  // Valid until the string is moved or destroyed.
  std::string_view view() const {
    if (is_elsewhere()) return {pointer(), length_elsewhere()};
    return {bytes_, static_cast<size_t>(bytes_[kTag])};
  }
  // Bytes requested from the allocator.
  size_t heap_bytes() const { return is_elsewhere() ? length_elsewhere() : 0; }

 private:
  static constexpr size_t kTag = 15;
  static constexpr uint8_t kElsewhere = 0x7F;

  bool is_elsewhere() const { return bytes_[kTag] == static_cast<char>(kElsewhere); }
  char* pointer() const {
    char* pointer;
    std::memcpy(&pointer, bytes_, sizeof(pointer));
    return pointer;
  }
  size_t length_elsewhere() const {
    uint32_t length;
    std::memcpy(&length, bytes_ + sizeof(char*), sizeof(length));
    return length;
  }

  char bytes_[16];
};
static_assert(sizeof(CompactString) == 16 && alignof(CompactString) == 1);

}  // namespace dcs::store
