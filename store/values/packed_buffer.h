// A packed buffer: a sequence of byte strings in one allocation. It is the compact form of small collections
// and the node of a list.
//
//   block      header (7 bytes), the elements from first to last, unused bytes
//   header     bits 0-29: bytes in use, header included; 30-54: number of elements; 55: see "Block size"
//   element    tag (1 byte), payload, back length
//
//   tag 0-127      the integer itself, without payload
//       128-191    text of tag - 128 bytes
//       192-223    integer from -4096 to 4095: 5 bits of the tag, then 1 byte
//       224-239    text of up to 4,095 bytes: length in 4 bits of the tag and 1 byte, then the text
//       240        longer text: length (4 bytes), then the text
//       242-248    integer of tag - 240 bytes, little-endian
//   back length    size of tag and payload in 1 to 5 bytes of 7 bits; read from its last byte backwards
//
// Integers: a text that is a canonical int64 ("7", "-12", not "07") is stored as an integer, in the fewest
// bytes. An equal text is therefore stored as equal bytes.
//
// Size: a text of n bytes takes n + 2 bytes up to 63, n + 3 or n + 4 up to 4,095; an integer 2 to 10. No
// element is larger than in a Redis 7 listpack, whose header and end mark also take 7 bytes. An empty buffer
// has no block.
//
// Block size: the bytes in use, rounded up to a multiple of 8, or of 1/16 of the power of two below from 256
// bytes on. It depends on the contents only, so no capacity is stored, and it never exceeds the size class
// of jemalloc that Redis would use. Exception: if a block cannot shrink because an allocation fails, it stays.
// Then header bit 55 is set, and the 4 bytes after the elements hold its size.
//
// Positions: a position is the place of an element. end() is the place after the last one. Every change
// invalidates the positions from the changed place on, and all views of texts.
//
// Failed allocations: members that add throw std::bad_alloc with nothing changed. They also throw it if the
// result would exceed kMaxBytes or kMaxSize. Members that remove never fail.
//
// Thread safety: none; guarded with its owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "store/values/text_or_integer.h"

namespace dcs::store {

class PackedBuffer {
 public:
  using Position = uint32_t;

  // Limits of the bytes in use and of the elements. A text of 512 MiB fits.
  static constexpr size_t kMaxBytes = (size_t{1} << 30) - 1;
  static constexpr size_t kMaxSize = (size_t{1} << 25) - 1;
  // An element is at most so much larger than its text.
  static constexpr size_t kMaxOverhead = 10;

  PackedBuffer() = default;
  ~PackedBuffer() { Clear(); }
  PackedBuffer(PackedBuffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  PackedBuffer& operator=(PackedBuffer&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }

  // Number of elements. O(1).
  size_t size() const { return block_ == nullptr ? 0 : ReadHeader().count; }
  bool empty() const { return block_ == nullptr; }
  // Bytes of the allocation; 0 if empty. O(1).
  size_t bytes() const;
  // Bytes in use: the size of a Redis listpack, which its limits refer to. 7 if empty. O(1).
  size_t used_bytes() const { return end(); }
  // Bytes that `text` adds to used_bytes().
  static size_t BytesOf(std::string_view text);

  Position begin() const { return kHeaderBytes; }
  Position end() const { return block_ == nullptr ? kHeaderBytes : ReadHeader().used; }
  // O(1). REQUIRES: `at` is an element.
  Position Next(Position at) const;
  // O(1). REQUIRES: `at` is not begin().
  Position Previous(Position at) const;
  // O(distance to the nearer end). REQUIRES: index <= size(); size() gives end().
  Position AtIndex(size_t index) const;
  // O(1). REQUIRES: `at` is an element. A text is valid until the next change.
  TextOrInteger At(Position at) const;

  // The first equal element at `from` or later; end() if there is none. Between two elements that are
  // compared, `skip` are passed over: 1 finds a field among fields and values. O(n).
  Position Find(const Needle& needle, Position from, size_t skip = 0) const;

  // The texts must not lie in this buffer. O(texts + bytes after the place); O(bytes) if the block must
  // grow. Return the position of the first new element.
  Position Insert(Position before, std::span<const std::string_view> texts);
  Position Insert(Position before, std::string_view text) { return Insert(before, {&text, 1}); }
  Position Append(std::string_view text) { return Insert(end(), text); }
  Position Prepend(std::string_view text) { return Insert(begin(), text); }
  // Replaces one element. Returns `at`.
  Position Replace(Position at, std::string_view text);
  // Adds a copy of the other buffer's elements at the end.
  void Append(const PackedBuffer& other);

  // Erases `count` elements from `first` on. Returns the position of the element after them. O(bytes).
  // REQUIRES: there are that many.
  Position Erase(Position first, size_t count = 1) noexcept;
  // Moves the elements from `from` on to the buffer returned. O(bytes).
  PackedBuffer Split(Position from);
  void Clear() noexcept;

 private:
  static constexpr uint32_t kHeaderBytes = 7;
  struct Header {
    uint32_t used = kHeaderBytes;
    uint32_t count = 0;
    bool oversize = false;
  };
  struct Encoding;

  // REQUIRES: there is a block.
  Header ReadHeader() const;
  void WriteHeader(const Header& header);
  // Replaces the bytes from `first` to `last` by `gap` bytes, which the caller writes, and sets the number
  // of elements. Throws std::bad_alloc if the block cannot grow; never if it need not.
  void Reshape(Position first, Position last, size_t gap, size_t count);
  Position ReplaceRange(Position first, Position last, size_t removed,
                        std::span<const std::string_view> texts);

  std::byte* block_ = nullptr;
};
static_assert(sizeof(PackedBuffer) == sizeof(void*));

}  // namespace dcs::store
