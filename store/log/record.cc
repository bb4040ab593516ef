#include "store/log/record.h"

#include <cassert>

namespace dcs::store {
namespace {

constexpr uint8_t kDeadlineBit = 4;
constexpr uint8_t kPaddedBit = 8;

uint8_t* WriteVarint(uint8_t* to, size_t value) {
  for (; value >= 128; value >>= 7) *to++ = static_cast<uint8_t>(value | 128);
  *to++ = static_cast<uint8_t>(value);
  return to;
}

// LEB128 of a fixed number of bytes: the upper ones say "more" even where nothing more comes.
uint8_t* WritePaddedVarint(uint8_t* to, size_t value) {
  for (size_t i = 1; i < kPaddedLengthBytes; ++i, value >>= 7) {
    *to++ = static_cast<uint8_t>(value | 128);
  }
  *to++ = static_cast<uint8_t>(value);
  return to;
}

const uint8_t* ReadVarint(const uint8_t* from, size_t& value) {
  value = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = *from++;
    value |= size_t{byte & 127u} << shift;
    if (byte < 128) return from;
  }
}

uint8_t* Copy(uint8_t* to, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

}  // namespace

void WriteRecord(std::byte* to, const RecordSpec& spec) {
  auto* out = reinterpret_cast<uint8_t*>(to);
  *out++ = static_cast<uint8_t>(static_cast<uint8_t>(spec.kind) |
                                (spec.out_of_line_deadline ? kDeadlineBit : 0) |
                                (spec.padded_length ? kPaddedBit : 0));
  out = WriteVarint(out, spec.key.size());
  const size_t value_bytes = spec.head.size() + spec.tail.size();
  out = spec.padded_length ? WritePaddedVarint(out, value_bytes) : WriteVarint(out, value_bytes);
  if (spec.out_of_line_deadline) {
    std::memcpy(out, &spec.deadline, sizeof(spec.deadline));
    out += sizeof(spec.deadline);
  }
  out = Copy(out, spec.key);
  out = Copy(out, spec.head);
  Copy(out, spec.tail);
}

RecordView ReadRecordSlow(const std::byte* record) {
  const auto* in = reinterpret_cast<const uint8_t*>(record);
  RecordView view;
  view.kind = static_cast<RecordKind>(*in & 3);
  view.out_of_line_deadline = (*in & kDeadlineBit) != 0;
  view.padded_length = (*in & kPaddedBit) != 0;
  ++in;
  size_t key_bytes = 0, value_bytes = 0;
  in = ReadVarint(in, key_bytes);
  in = ReadVarint(in, value_bytes);
  if (view.out_of_line_deadline) {
    std::memcpy(&view.deadline, in, sizeof(view.deadline));
    in += sizeof(view.deadline);
  }
  const auto* text = reinterpret_cast<const char*>(in);
  view.key = {text, key_bytes};
  view.value = {text + key_bytes, value_bytes};
  return view;
}

void SetPaddedValueLength(std::byte* record, size_t value_bytes) {
  auto* out = reinterpret_cast<uint8_t*>(record);
  assert((*out & kPaddedBit) != 0 && "SetPaddedValueLength: the record has a padded length");
  size_t key_bytes = 0;
  const uint8_t* at = ReadVarint(out + 1, key_bytes);
  WritePaddedVarint(out + (at - out), value_bytes);
}

void SetOutOfLineDeadline(std::byte* record, TimeMs deadline) {
  auto* out = reinterpret_cast<uint8_t*>(record);
  assert((*out & kDeadlineBit) != 0 && "SetOutOfLineDeadline: the record has such a deadline");
  size_t length = 0;
  const uint8_t* at = ReadVarint(out + 1, length);
  at = ReadVarint(at, length);
  std::memcpy(out + (at - out), &deadline, sizeof(deadline));
}

}  // namespace dcs::store
