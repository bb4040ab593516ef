#include "store/values/packed_buffer.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>

#include "absl/container/inlined_vector.h"

namespace dcs::store {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

// Tags (see the header).
constexpr uint32_t kShortText = 128;
constexpr uint32_t kSmallInteger = 192;
constexpr uint32_t kMediumText = 224;
constexpr uint32_t kLongText = 240;
constexpr uint32_t kIntegerBytes = 240;  // plus 2 to 8 bytes

constexpr size_t kMaxShortText = 63;
constexpr size_t kMaxMediumText = 4095;
constexpr int64_t kMaxTagInteger = 127;
constexpr int64_t kSmallIntegerBias = 4096;

uint32_t Tag(const std::byte* at) { return static_cast<uint32_t>(*at); }

// Bytes of tag and payload.
uint32_t HeadBytes(const std::byte* at) {
  const uint32_t tag = Tag(at);
  if (tag < kShortText) return 1;
  if (tag < kSmallInteger) return 1 + (tag - kShortText);
  if (tag < kMediumText) return 2;
  if (tag < kLongText) return 2 + ((tag - kMediumText) << 8 | Tag(at + 1));
  if (tag > kLongText) return 1 + (tag - kIntegerBytes);
  uint32_t length;
  std::memcpy(&length, at + 1, sizeof(length));
  return 5 + length;
}

constexpr uint32_t BackBytes(size_t head_bytes) {
  uint32_t bytes = 1;
  for (; head_bytes > 127; head_bytes >>= 7) ++bytes;
  return bytes;
}

uint32_t ElementBytes(const std::byte* at) {
  const uint32_t head = HeadBytes(at);
  return head + BackBytes(head);
}

size_t BlockBytes(size_t used) {
  const size_t step = std::max<size_t>(8, std::bit_floor(used) / 16);
  return (used + step - 1) / step * step;
}

// How many bytes a two's complement integer needs, from 2 to 8.
uint32_t BytesOfInteger(int64_t value) {
  const auto magnitude = static_cast<uint64_t>(value < 0 ? ~value : value);
  return std::max(2u, static_cast<uint32_t>(std::bit_width(magnitude)) / 8 + 1);
}

}  // namespace

// How a text is stored.
struct PackedBuffer::Encoding {
  explicit Encoding(const Needle& needle) : text(needle.text), integer(needle.integer) {
    if (integer) {
      const bool in_tag = *integer >= 0 && *integer <= kMaxTagInteger;
      const bool small = *integer >= -kSmallIntegerBias && *integer < kSmallIntegerBias;
      head_bytes = in_tag ? 1 : small ? 2 : 1 + BytesOfInteger(*integer);
      text = {};
    } else {
      const size_t length = text.size();
      head_bytes = length + (length <= kMaxShortText ? 1 : length <= kMaxMediumText ? 2 : 5);
    }
  }
  explicit Encoding(std::string_view of_text) : Encoding(Needle(of_text)) {}

  size_t bytes() const { return head_bytes + BackBytes(head_bytes); }
  // Bytes of tag, length and integer: what WriteHead writes.
  size_t bytes_before_text() const { return head_bytes - text.size(); }

  void WriteHead(std::byte* to) const { integer ? WriteInteger(to) : WriteTagOfText(to); }
  // Returns the place after the element.
  std::byte* Write(std::byte* to) const {
    WriteHead(to);
    if (!text.empty()) std::memcpy(to + bytes_before_text(), text.data(), text.size());
    std::byte* const end = to + bytes();
    auto left = static_cast<uint32_t>(head_bytes);
    for (std::byte* at = end - 1;; --at) {
      *at = static_cast<std::byte>(left & 127);
      left >>= 7;
      if (left == 0) return end;
      *at |= std::byte{128};
    }
  }

  std::string_view text;  // empty if it is an integer
  std::optional<int64_t> integer;
  size_t head_bytes;  // tag and payload

 private:
  void WriteInteger(std::byte* to) const {
    if (head_bytes == 1) {
      *to = static_cast<std::byte>(*integer);
    } else if (head_bytes == 2) {
      const auto biased = static_cast<uint32_t>(*integer + kSmallIntegerBias);
      to[0] = static_cast<std::byte>(kSmallInteger + (biased >> 8));
      to[1] = static_cast<std::byte>(biased & 255);
    } else {
      *to = static_cast<std::byte>(kIntegerBytes + head_bytes - 1);
      std::memcpy(to + 1, &*integer, head_bytes - 1);
    }
  }

  void WriteTagOfText(std::byte* to) const {
    const auto length = static_cast<uint32_t>(text.size());
    if (length <= kMaxShortText) {
      *to = static_cast<std::byte>(kShortText + length);
    } else if (length <= kMaxMediumText) {
      to[0] = static_cast<std::byte>(kMediumText + (length >> 8));
      to[1] = static_cast<std::byte>(length & 255);
    } else {
      *to = static_cast<std::byte>(kLongText);
      std::memcpy(to + 1, &length, sizeof(length));
    }
  }
};

PackedBuffer::Header PackedBuffer::ReadHeader() const {
  uint64_t bits = 0;
  std::memcpy(&bits, block_, kHeaderBytes);
  return {.used = static_cast<uint32_t>(bits & kMaxBytes),
          .count = static_cast<uint32_t>(bits >> 30 & kMaxSize),
          .oversize = (bits >> 55) != 0};
}

void PackedBuffer::WriteHeader(const Header& header) {
  const uint64_t bits =
      header.used | uint64_t{header.count} << 30 | uint64_t{header.oversize} << 55;
  std::memcpy(block_, &bits, kHeaderBytes);
}

size_t PackedBuffer::bytes() const {
  if (block_ == nullptr) return 0;
  const Header header = ReadHeader();
  if (!header.oversize) return BlockBytes(header.used);
  uint32_t bytes;
  std::memcpy(&bytes, block_ + header.used, sizeof(bytes));
  return bytes;
}

size_t PackedBuffer::BytesOf(std::string_view text) { return Encoding(text).bytes(); }

PackedBuffer::Position PackedBuffer::Next(Position at) const {
  assert(at < end());
  return at + ElementBytes(block_ + at);
}

PackedBuffer::Position PackedBuffer::Previous(Position at) const {
  assert(at > begin() && at <= end());
  const std::byte* back = block_ + at - 1;
  uint32_t head = Tag(back) & 127, back_bytes = 1;
  for (; (Tag(back) & 128) != 0; ++back_bytes) {
    --back;
    head |= (Tag(back) & 127) << (7 * back_bytes);
  }
  return at - back_bytes - head;
}

PackedBuffer::Position PackedBuffer::AtIndex(size_t index) const {
  const size_t count = size();
  assert(index <= count);
  if (index > count / 2) {
    Position at = end();
    for (size_t i = count; i > index; --i) at = Previous(at);
    return at;
  }
  Position at = begin();
  for (size_t i = 0; i < index; ++i) at = Next(at);
  return at;
}

TextOrInteger PackedBuffer::At(Position at) const {
  assert(at < end());
  const std::byte* const element = block_ + at;
  const uint32_t tag = Tag(element);
  if (tag < kShortText) return TextOrInteger(int64_t{tag});
  const auto* const text = reinterpret_cast<const char*>(element);
  const uint32_t head = HeadBytes(element);
  if (tag < kSmallInteger) return TextOrInteger(std::string_view(text + 1, head - 1));
  if (tag < kMediumText) {
    return TextOrInteger(int64_t{(tag - kSmallInteger) << 8 | Tag(element + 1)} -
                         kSmallIntegerBias);
  }
  if (tag < kLongText) return TextOrInteger(std::string_view(text + 2, head - 2));
  if (tag == kLongText) return TextOrInteger(std::string_view(text + 5, head - 5));
  uint64_t bits = 0;
  std::memcpy(&bits, element + 1, head - 1);
  const uint32_t unused = 64 - 8 * (head - 1);
  return TextOrInteger(static_cast<int64_t>(bits << unused) >> unused);
}

PackedBuffer::Position PackedBuffer::Find(const Needle& needle, Position from, size_t skip) const {
  const Position last = end();
  if (from == last) return last;
  // Equal texts are stored as equal bytes. Equal tags mean equal sizes, so no comparison reads past the block.
  const Encoding encoding(needle);
  std::byte head[1 + sizeof(int64_t)];
  encoding.WriteHead(head);
  const size_t head_bytes = encoding.bytes_before_text();
  const std::string_view text = encoding.text;
  for (const std::byte *at = block_ + from, *const stop = block_ + last; at != stop;) {
    if (*at == head[0] && std::memcmp(at, head, head_bytes) == 0 &&
        (text.empty() || std::memcmp(at + head_bytes, text.data(), text.size()) == 0)) {
      return static_cast<Position>(at - block_);
    }
    for (size_t i = 0; i <= skip && at != stop; ++i) at += ElementBytes(at);
  }
  return last;
}

void PackedBuffer::Reshape(Position first, Position last, size_t gap, size_t count) {
  const uint32_t used_before = end();
  const size_t after = used_before - last;
  const size_t used = first + gap + after;
  if (count == 0) return Clear();
  if (used > kMaxBytes || count > kMaxSize) throw std::bad_alloc();
  const size_t bytes_before = bytes(), needed = BlockBytes(used);
  Header header{.used = static_cast<uint32_t>(used), .count = static_cast<uint32_t>(count)};
  std::byte* made = nullptr;
  if (needed > bytes_before) {
    made = static_cast<std::byte*>(::operator new(needed));
  } else if (needed < bytes_before) {
    made = static_cast<std::byte*>(::operator new(needed, std::nothrow));
    header.oversize = made == nullptr;
  }
  if (made == nullptr) {
    std::memmove(block_ + first + gap, block_ + last, after);
  } else if (block_ != nullptr) {
    std::memcpy(made, block_, first);
    std::memcpy(made + first + gap, block_ + last, after);
    ::operator delete(block_, bytes_before);
  }
  if (made != nullptr) block_ = made;
  WriteHeader(header);
  if (header.oversize) {
    const auto kept = static_cast<uint32_t>(bytes_before);
    std::memcpy(block_ + used, &kept, sizeof(kept));
  }
}

PackedBuffer::Position PackedBuffer::ReplaceRange(Position first, Position last, size_t removed,
                                                  std::span<const std::string_view> texts) {
  absl::InlinedVector<Encoding, 2> encodings;
  encodings.reserve(texts.size());
  size_t gap = 0;
  for (const std::string_view text : texts) gap += encodings.emplace_back(text).bytes();
  Reshape(first, last, gap, size() - removed + texts.size());
  std::byte* to = block_ + first;
  for (const Encoding& encoding : encodings) to = encoding.Write(to);
  return first;
}

PackedBuffer::Position PackedBuffer::Insert(Position before,
                                            std::span<const std::string_view> texts) {
  if (texts.empty()) return before;
  return ReplaceRange(before, before, 0, texts);
}

PackedBuffer::Position PackedBuffer::Replace(Position at, std::string_view text) {
  return ReplaceRange(at, Next(at), 1, {&text, 1});
}

void PackedBuffer::Append(const PackedBuffer& other) {
  if (other.empty()) return;
  const Position to = end();
  const size_t added = other.used_bytes() - kHeaderBytes;
  Reshape(to, to, added, size() + other.size());
  std::memcpy(block_ + to, other.block_ + kHeaderBytes, added);
}

PackedBuffer::Position PackedBuffer::Erase(Position first, size_t count) noexcept {
  if (count == 0) return first;
  Position last = first;
  const size_t size_before = size();
  if (count == size_before) {
    last = end();
  } else {
    for (size_t i = 0; i < count; ++i) last = Next(last);
  }
  Reshape(first, last, 0, size_before - count);
  return std::min(first, end());
}

PackedBuffer PackedBuffer::Split(Position from) {
  PackedBuffer tail;
  size_t moved = 0;
  for (Position at = from; at != end(); at = Next(at)) ++moved;
  if (moved == 0) return tail;
  const size_t bytes = end() - from;
  tail.Reshape(kHeaderBytes, kHeaderBytes, bytes, moved);
  std::memcpy(tail.block_ + kHeaderBytes, block_ + from, bytes);
  Reshape(from, end(), 0, size() - moved);
  return tail;
}

void PackedBuffer::Clear() noexcept {
  if (block_ == nullptr) return;
  ::operator delete(block_, bytes());
  block_ = nullptr;
}

}  // namespace dcs::store
