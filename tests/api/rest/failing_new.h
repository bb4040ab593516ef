// Makes allocations fail, on one thread, in a program that links failing_new.cc.
//
//   FailAllocations({.over_bytes = 1 << 20});   // every larger one, from now on
//   FailAllocations({.nth = 7});                // the seventh from now, only that
//   const bool failed = StopFailing();
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcs::rest {

struct FailingAllocations {
  uint64_t nth = 0;  // 0: none
  size_t over_bytes = SIZE_MAX;
};

// Both hold for the calling thread.
void FailAllocations(const FailingAllocations& which);
// Returns whether one has failed.
bool StopFailing();

}  // namespace dcs::rest
