// The types of values, and the base class of the values that live on the heap.
//
// A string lies in the log beside its key. Every other type is one heap object that the record points
// to. Index and log know it as a HeapValue only; type_table.h has one row for each type.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcs::store {

enum class ValueType : uint8_t { kString, kHash, kList, kSet, kZSet };

// How a string was written, which Redis shows as its encoding: kRaw (by APPEND or SETRANGE) is "raw" at any
// length, kText (by INCRBYFLOAT) is never "int". The numbers are those of RecordKind.
enum class StringForm : uint8_t { kPlain = 0, kRaw = 1, kText = 3 };

// When a removed heap value is destroyed: before the operation returns, or by the lazy-free thread if the
// value is large.
enum class FreeMode : uint8_t { kNow, kLazy };

// Thread safety: guarded by the lock of the key's shard; once unlinked, owned by one thread.
class HeapValue {
 public:
  explicit HeapValue(ValueType type) : type_(type) {}
  HeapValue(const HeapValue&) = delete;
  HeapValue& operator=(const HeapValue&) = delete;
  virtual ~HeapValue() = default;

  ValueType type() const { return type_; }
  // Number of elements. O(1).
  virtual size_t size() const = 0;
  // Bytes requested from the allocator, the object itself included. O(1).
  virtual size_t bytes() const = 0;
  // Number of changes so far, modulo 2^32. A transaction compares it to tell whether a command changed the
  // value.
  uint32_t changes() const { return changes_; }

 protected:
  // Every member that changes the value calls this.
  void CountChange() { ++changes_; }

 private:
  // In this order, three bytes are left for members of derived classes.
  uint32_t changes_ = 0;
  const ValueType type_;
};

}  // namespace dcs::store
