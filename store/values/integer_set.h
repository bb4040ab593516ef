// A sorted array of distinct integers, each as wide as the widest needs: 2, 4 or 8 bytes.
//
//   4 bytes   bits 0-1 log2 of the width, bits 2-31 the number of integers
//   integers  ascending, without gaps
//
// One allocation of exactly that size; none while empty. Integers never become narrower again.
//
// Thread safety: as a plain struct.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcs::store {

class IntegerSet {
 public:
  static constexpr size_t kMaxSize = (size_t{1} << 30) - 1;

  IntegerSet() = default;
  IntegerSet(const IntegerSet&) = delete;
  IntegerSet& operator=(const IntegerSet&) = delete;
  ~IntegerSet();

  size_t size() const { return block_ == nullptr ? 0 : header() >> 2; }
  // Bytes of the allocation. Without memory for a smaller block, Erase keeps the larger one, which then
  // counts as the smaller one until the next change.
  size_t bytes() const { return block_ == nullptr ? 0 : sizeof(uint32_t) + size() * width(); }

  // The integers in ascending order. REQUIRES: index < size().
  int64_t At(size_t index) const;
  // O(log n).
  bool Contains(int64_t value) const;
  // Returns whether the value is new. O(n). Throws std::bad_alloc with nothing changed. REQUIRES: size() <
  // kMaxSize.
  bool Insert(int64_t value);
  // Returns whether the value was there. O(n).
  bool Erase(int64_t value) noexcept;

 private:
  uint32_t header() const;
  size_t width() const { return size_t{1} << (header() & 3); }
  // Number of integers below `value`.
  size_t CountBelow(int64_t value) const;
  // Whether the integer at `index`, if there is one, is `value`.
  bool IsAt(size_t index, int64_t value) const;
  void Replace(char* block);

  char* block_ = nullptr;
};

}  // namespace dcs::store
