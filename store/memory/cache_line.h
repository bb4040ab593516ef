// The size of a cache line, and prefetching a range of bytes.
#pragma once

#include <cstddef>

namespace dcs::store {

inline constexpr size_t kCacheLineBytes = 64;

// Prefetches `bytes` from `at` on. Changes nothing.
[[gnu::always_inline]] inline void Prefetch(const void* at, size_t bytes) {
  for (size_t line = 0; line < bytes; line += kCacheLineBytes) {
    // Into the second-level cache: the first is too small for a batch and its working set.
    __builtin_prefetch(static_cast<const std::byte*>(at) + line, 0, 2);
  }
}

}  // namespace dcs::store
