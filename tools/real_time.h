// Real time of this machine, for figures that are shown as measured. No simulated result depends on
// it.
//
// Units: nanoseconds from any epoch. Thread safety: free functions.
#pragma once

#include <time.h>

#include <cstdint>

namespace dcs::tools {

inline int64_t ReadNanos(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}
inline int64_t RealNanos() { return ReadNanos(CLOCK_MONOTONIC); }
// CPU time of the calling thread.
inline int64_t ThreadCpuNanos() { return ReadNanos(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace dcs::tools
