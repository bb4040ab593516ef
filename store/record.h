// How a key and its value lie in a chunk: lengths, key, value, and nothing else.
//
//   byte 0      bits 0-1 kind, bit 2 the deadline follows, bit 3 the value's length is padded
//   varint      key length                          (LEB128: 7 bits a byte, 1 to 5 bytes)
//   varint      value length                        (exactly 5 bytes where padded)
//   8 bytes     deadline, only where it is too far off for the slot (deadline.h)
//   key bytes, value bytes, 0 to 3 bytes of padding
//
// A key and value under 128 bytes each so cost 3 bytes beyond themselves. A padded length can be
// changed in place: strings that grow inside a mapping of their own. A heap value is 8 bytes: its
// pointer.
//
// Thread safety: plain functions over memory that the shard's lock guards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "store/deadline.h"
#include "store/page_source.h"
#include "store/value.h"

namespace dcs::store {

enum class RecordKind : uint8_t { kPlainString = 0, kRawString = 1, kHeap = 2 };

// Records start at multiples of this, and slots count their sizes and offsets in it.
inline constexpr size_t kRecordUnit = 4;
inline constexpr size_t kMaxLength = size_t{512} << 20;  // of a key or a value, as in Redis
inline constexpr size_t kPaddedLengthBytes = 5;
static_assert(kMaxLength < (uint64_t{1} << (7 * kPaddedLengthBytes)));

// What to write. The value is `head` followed by `tail`.
struct RecordSpec {
  RecordKind kind = RecordKind::kPlainString;
  bool out_of_line_deadline = false;
  bool padded_length = false;
  std::string_view key;
  std::string_view head;
  std::string_view tail;
  TimeMs deadline = kNoDeadline;  // written where out_of_line_deadline
};

// What stands there. Views point into the record.
struct RecordView {
  RecordKind kind = RecordKind::kPlainString;
  bool out_of_line_deadline = false;
  bool padded_length = false;
  TimeMs deadline = kNoDeadline;  // meaningful where out_of_line_deadline
  std::string_view key;
  std::string_view value;

  size_t padded_bytes(const std::byte* record) const {
    return RoundUp(
        static_cast<size_t>(value.data() + value.size() - reinterpret_cast<const char*>(record)),
        kRecordUnit);
  }
  HeapValue* heap() const {
    HeapValue* pointer;
    std::memcpy(&pointer, value.data(), sizeof(pointer));
    return pointer;
  }
};

constexpr size_t VarintBytes(size_t value) {
  size_t bytes = 1;
  for (; value >= 128; value >>= 7) ++bytes;
  return bytes;
}

// Padding not included.
constexpr size_t RecordBytes(const RecordSpec& spec) {
  const size_t value_bytes = spec.head.size() + spec.tail.size();
  return 1 + VarintBytes(spec.key.size()) +
         (spec.padded_length ? kPaddedLengthBytes : VarintBytes(value_bytes)) +
         (spec.out_of_line_deadline ? sizeof(TimeMs) : 0) + spec.key.size() + value_bytes;
}

// REQUIRES: RecordBytes(spec) bytes at `to`, which neither key, head nor tail overlap.
void WriteRecord(std::byte* to, const RecordSpec& spec);

RecordView ReadRecordSlow(const std::byte* record);

// Both lengths below 128, nothing out of line: nearly every record.
inline bool IsShort(const std::byte* record) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(record);
  return (bytes[0] & 0x0C) == 0 && (bytes[1] | bytes[2]) < 128;
}
// REQUIRES: IsShort(record).
inline RecordView ReadShort(const std::byte* record) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(record);
  const auto* text = reinterpret_cast<const char*>(record) + 3;
  RecordView view;
  view.kind = static_cast<RecordKind>(bytes[0] & 3);
  view.key = {text, bytes[1]};
  view.value = {text + bytes[1], bytes[2]};
  return view;
}

// a == b, without a call where they are as long as keys often are: 8 to 16 bytes.
inline bool SameBytes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.size() - sizeof(uint64_t) <= sizeof(uint64_t)) [[likely]] {
    const auto eight = [](const char* at) {
      uint64_t bytes;
      std::memcpy(&bytes, at, sizeof(bytes));
      return bytes;
    };
    const size_t last = a.size() - sizeof(uint64_t);
    return ((eight(a.data()) ^ eight(b.data())) |
            (eight(a.data() + last) ^ eight(b.data() + last))) == 0;
  }
  return a == b;
}

inline RecordView ReadRecord(const std::byte* record) {
  if (IsShort(record)) [[likely]]
    return ReadShort(record);
  return ReadRecordSlow(record);
}

// Changes the length of a value in place. REQUIRES: the record has a padded length, and the bytes
// that now belong to the value have been written.
void SetPaddedValueLength(std::byte* record, size_t value_bytes);

// REQUIRES: the record is a string, and so is `kind`.
inline void SetStringKind(std::byte* record, RecordKind kind) {
  *record = (*record & std::byte{0xFC}) | static_cast<std::byte>(kind);
}

}  // namespace dcs::store
