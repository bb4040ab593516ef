// The table of value types: one row for each ValueType.
//
// To add a type: its class in a file of its own here, its name in ValueType, and a row in type_table.cc.
// Nothing outside the type's file, its row and its commands tests for the type.
//
// A heap type T provides: kType; T(seed); size(), bytes() and CountChange() of HeapValue;
// Walk(visit), which visits the parts of every element; Add(parts, limits), which adds one element.
//
// Thread safety: the table is constant; the functions need what their HeapValue needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "store/entry.h"
#include "store/values/encoding_limits.h"
#include "store/values/value.h"

namespace dcs::store {

struct TypeRow {
  std::string_view name;  // what TYPE replies and SCAN TYPE accepts
  // The kind of its records in a snapshot. Strings use the numbers of StringForm (0, 1, 3).
  uint8_t snapshot_kind;
  bool may_be_empty;        // otherwise the key is removed with its last element
  size_t parts_of_element;  // texts that make up one element; 0 for strings
  std::string_view (*encoding)(const Entry& entry);  // what OBJECT ENCODING replies
  // Heap types only; nullptr for strings.
  std::unique_ptr<HeapValue> (*make)(uint64_t seed);  // an empty value
  void (*walk)(const HeapValue& value, absl::FunctionRef<void(std::string_view part)> visit);
  // Adds one element. Throws std::bad_alloc with nothing changed.
  void (*add)(HeapValue& value, std::span<const std::string_view> parts,
              const EncodingLimits& limits);
};

const TypeRow& RowOf(ValueType type);
// The heap type with that kind of snapshot record; nullopt if there is none.
std::optional<ValueType> HeapTypeOfSnapshotKind(uint8_t kind);

}  // namespace dcs::store
