// What a key holds: the types, and the base of those values that live on the heap.
//
// Strings lie in the log beside their key. Every other type is one heap object that the record
// points to; index and log know it only as a HeapValue, so that a new type touches neither.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcs::store {

enum class ValueType : uint8_t { kString, kHash };

// How a string came about. Redis shows it as the encoding: kRaw (after APPEND or SETRANGE) is "raw" at any
// length, kText (after INCRBYFLOAT) is never "int". The values are those of RecordKind.
enum class StringForm : uint8_t { kPlain = 0, kRaw = 1, kText = 3 };

// Whether a released heap value is destroyed at once, or by the lazy-free thread when it is large.
enum class FreeMode : uint8_t { kNow, kLazy };

// Thread safety: guarded by the lock of the shard that holds the key; once unlinked, owned by one
// thread.
class HeapValue {
 public:
  explicit HeapValue(ValueType type) : type_(type) {}
  HeapValue(const HeapValue&) = delete;
  HeapValue& operator=(const HeapValue&) = delete;
  virtual ~HeapValue() = default;

  ValueType type() const { return type_; }
  // Number of elements. O(1).
  virtual size_t size() const = 0;
  // Bytes held on the heap, the object itself included, as asked from the allocator. O(1).
  virtual size_t bytes() const = 0;

 private:
  const ValueType type_;
};

}  // namespace dcs::store
