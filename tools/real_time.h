// Real time of this machine: for what a report shows as measured, and nothing else.
//
// Thread safety: free functions.
#pragma once

#include <time.h>

#include <cstdint>

namespace dcs::simulate {

inline int64_t ReadNanos(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}
inline int64_t RealNanos() { return ReadNanos(CLOCK_MONOTONIC); }
inline int64_t ThreadCpuNanos() { return ReadNanos(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace dcs::simulate
