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

#include "store/memory/page_source.h"
#include "store/time/deadline.h"
#include "store/values/value.h"

namespace dcs::store {

enum class RecordKind : uint8_t { kPlainString = 0, kRawString = 1, kHeap = 2, kTextString = 3 };

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
  bool is_short = false;  // see IsShort
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

// Both lengths up to this, nothing out of line: nearly every record.
inline constexpr size_t kMaxShortLength = 127;
// Its first bytes, of which there are four at least.
inline uint32_t RecordHead(const std::byte* record) {
  uint32_t head;
  std::memcpy(&head, record, sizeof(head));
  return head;
}
inline bool IsShort(const std::byte* record) { return (RecordHead(record) & 0x80800C) == 0; }
// REQUIRES: IsShort(record).
inline RecordView ReadShort(const std::byte* record) {
  const uint32_t head = RecordHead(record);
  const auto* text = reinterpret_cast<const char*>(record) + 3;
  const size_t key_bytes = head >> 8 & 0xFF;
  RecordView view;
  view.kind = static_cast<RecordKind>(head & 3);
  view.is_short = true;
  view.key = {text, key_bytes};
  view.value = {text + key_bytes, head >> 16 & 0xFF};
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

// Without a call where there are sixteen bytes and more, by vectors that may overlap: quickest up to some
// hundred bytes.
inline void CopyShort(std::byte* to, const void* from, size_t bytes) {
  constexpr size_t kVector = 16;
  const auto* const bytes_from = static_cast<const std::byte*>(from);
  if (bytes < kVector) {
    if (bytes > 0) std::memcpy(to, from, bytes);
    return;
  }
  const size_t last = bytes - kVector;
  for (size_t at = 0; at < last; at += kVector) std::memcpy(to + at, bytes_from + at, kVector);
  std::memcpy(to + last, bytes_from + last, kVector);
}

// Makes the string there `value`, where that takes as much room; false, with nothing changed, where it takes
// more or less, or the record is no string. REQUIRES: the record says `old` and is short, `kind` is a
// string, the value has at most kMaxShortLength bytes and lies elsewhere.
inline bool OverwriteShort(std::byte* record, const RecordView& old, RecordKind kind,
                           std::string_view value) {
  const size_t before = 3 + old.key.size();
  if (old.kind == RecordKind::kHeap || RoundUp(before + old.value.size(), kRecordUnit) !=
                                           RoundUp(before + value.size(), kRecordUnit)) {
    return false;
  }
  record[0] = static_cast<std::byte>(kind);
  record[2] = static_cast<std::byte>(value.size());
  CopyShort(record + before, value.data(), value.size());
  return true;
}

// Changes the length of a value in place. REQUIRES: the record has a padded length, and the bytes
// that now belong to the value have been written.
void SetPaddedValueLength(std::byte* record, size_t value_bytes);

// Changes the deadline in the record. REQUIRES: the record has an out-of-line deadline.
void SetOutOfLineDeadline(std::byte* record, TimeMs deadline);

// REQUIRES: the record is a string, and so is `kind`.
inline void SetStringKind(std::byte* record, RecordKind kind) {
  *record = (*record & std::byte{0xFC}) | static_cast<std::byte>(kind);
}

}  // namespace dcs::store
