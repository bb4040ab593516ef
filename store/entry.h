// A key with its hash, and what a lookup or a walk shows of a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "store/time/deadline.h"
#include "store/values/value.h"

namespace dcs::store {

// A key with its hash, computed once by Keyspace::Hash. The bytes stay the caller's.
struct HashedKey {
  std::string_view bytes;
  uint64_t hash = 0;
};

// What a walk or a lookup shows of a key. Views are valid while the lock is held: until the next
// change through the Transaction, or the end of the visit.
struct Entry {
  Entry() = default;
  Entry(std::string_view of_key, StringForm of_form, std::string_view of_string, TimeMs until,
        size_t bytes_in_log)
      : key(of_key),
        form(of_form),
        string(of_string),
        deadline(until),
        record_bytes(bytes_in_log) {}
  Entry(std::string_view of_key, const HeapValue* value, TimeMs until, size_t bytes_in_log)
      : key(of_key),
        type(value->type()),
        heap(value),
        deadline(until),
        record_bytes(bytes_in_log) {}

  std::string_view key;
  ValueType type = ValueType::kString;
  StringForm form = StringForm::kPlain;
  std::string_view string;          // where type is kString
  const HeapValue* heap = nullptr;  // where it is not
  TimeMs deadline = kNoDeadline;
  size_t record_bytes = 0;  // in the log, what the record points to not included
  size_t bytes() const { return record_bytes + (heap != nullptr ? heap->bytes() : 0); }
};

}  // namespace dcs::store
