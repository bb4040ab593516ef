// A standard allocator that adds what it holds to a counter: how heap values know their size.
#pragma once

#include <cstddef>
#include <memory>

namespace dcs::store {

// Thread safety: none; the counter belongs to one object and is guarded with it. The counter must
// outlive all that was allocated.
template <typename T>
class CountingAllocator {
 public:
  using value_type = T;

  explicit CountingAllocator(size_t* counter) : counter_(counter) {}
  // Implicit, as the standard wants it of allocators.
  template <typename U>
  CountingAllocator(const CountingAllocator<U>& other)  // NOLINT(google-explicit-constructor)
      : counter_(other.counter()) {}

  T* allocate(size_t n) {
    T* allocated = std::allocator<T>().allocate(n);
    *counter_ += n * sizeof(T);
    return allocated;
  }
  void deallocate(T* p, size_t n) {
    *counter_ -= n * sizeof(T);
    std::allocator<T>().deallocate(p, n);
  }

  size_t* counter() const { return counter_; }
  template <typename U>
  bool operator==(const CountingAllocator<U>& other) const {
    return counter_ == other.counter();
  }

 private:
  size_t* counter_;
};

}  // namespace dcs::store
