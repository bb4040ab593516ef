// Two texts in one allocation: a field and its value.
//
//   block    length of the first text, length of the second (LEB128, 1 to 5 bytes each), both texts
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace dcs::store {

// 8 bytes, move-only. Texts of up to 512 MiB. Thread safety: none; guarded with its owner.
class TextPair {
 public:
  TextPair() = default;
  // Throws std::bad_alloc.
  TextPair(std::string_view first, std::string_view second);
  TextPair(TextPair&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  TextPair& operator=(TextPair&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~TextPair();

  // Valid until the pair changes. REQUIRES: not default-constructed or moved from.
  std::string_view first() const { return Read().first; }
  std::string_view second() const { return Read().second; }
  std::pair<std::string_view, std::string_view> Read() const;
  // Bytes of the allocation.
  size_t bytes() const;

  // In place if the length stays. Otherwise throws std::bad_alloc with nothing changed if there is no memory.
  // REQUIRES: `text` does not lie in this pair.
  void SetSecond(std::string_view text);

 private:
  unsigned char* block_ = nullptr;
};

}  // namespace dcs::store
