// Memory that is kept for one asynchronous operation, so that starting the operation cannot fail.
//
//   HandlerMemory memory_;   // a member of the object that the handler keeps alive
//   asio::post(executor, WithMemory(memory_, [self = shared_from_this()] { ... }));
//
// Asio allocates each operation. Most may fail, which ends their connection. Those that must not
// (accepting, closing, stopping) bring their memory.
#pragma once

#include <atomic>
#include <boost/asio/bind_allocator.hpp>
#include <cstddef>
#include <new>
#include <utility>

namespace dcs::api {

// Thread safety: all members may be called from any thread. A second operation at the same time, or
// one over kBytes, falls back to the heap and may fail.
class HandlerMemory {
 public:
  static constexpr size_t kBytes = 256;

  HandlerMemory() = default;
  HandlerMemory(const HandlerMemory&) = delete;
  HandlerMemory& operator=(const HandlerMemory&) = delete;

  void* Take(size_t bytes) {
    if (bytes <= kBytes && !taken_.exchange(true, std::memory_order_acquire)) return bytes_;
    return ::operator new(bytes);
  }
  void Give(void* at) {
    if (at == bytes_) {
      taken_.store(false, std::memory_order_release);
    } else {
      ::operator delete(at);
    }
  }

 private:
  alignas(std::max_align_t) std::byte bytes_[kBytes];
  std::atomic<bool> taken_{false};
};

// The allocator through which Asio takes a HandlerMemory, which must outlive it.
template <typename T>
class HandlerAllocator {
 public:
  using value_type = T;
  explicit HandlerAllocator(HandlerMemory& memory) : memory_(&memory) {}
  template <typename U>
  HandlerAllocator(const HandlerAllocator<U>& other)  // NOLINT(google-explicit-constructor)
      : memory_(other.memory()) {}

  T* allocate(size_t count) { return static_cast<T*>(memory_->Take(count * sizeof(T))); }
  void deallocate(T* at, size_t) { memory_->Give(at); }
  HandlerMemory* memory() const { return memory_; }
  bool operator==(const HandlerAllocator& other) const { return memory_ == other.memory_; }

 private:
  HandlerMemory* memory_;
};

template <typename Handler>
auto WithMemory(HandlerMemory& memory, Handler&& handler) {
  return boost::asio::bind_allocator(HandlerAllocator<std::byte>(memory),
                                     std::forward<Handler>(handler));
}

}  // namespace dcs::api
