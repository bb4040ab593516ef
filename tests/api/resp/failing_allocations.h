// Makes allocations of the calling thread fail, so that a test can prove that each failure is
// survived: operator new, realloc, and OpenSSL's allocations.
//
//   for (uint64_t n = 1;; ++n) {
//     FailingAllocation failing(n);
//     ... code under test ...
//     if (!failing.failed()) break;   // it made fewer than n allocations
//   }
//
// Nothing but the code under test may allocate in the scope: no gtest macros.
#pragma once

#include <cstdint>

namespace dcs {

// Fails the n-th allocation of this thread, counted from 1. Those after it succeed. One at a time.
class FailingAllocation {
 public:
  explicit FailingAllocation(uint64_t n);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  bool failed() const;
};

// The same for the n-th allocation and all after it, as in a process whose memory is used up.
class ExhaustedMemory {
 public:
  explicit ExhaustedMemory(uint64_t n);
  ~ExhaustedMemory();
  ExhaustedMemory(const ExhaustedMemory&) = delete;
  ExhaustedMemory& operator=(const ExhaustedMemory&) = delete;

  bool failed() const;
};

}  // namespace dcs
