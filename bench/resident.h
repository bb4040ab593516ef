// The process's resident memory as counted by the system.
//
// Thread safety: all functions may be called from any thread; the figures are for the whole
// process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dcs::bench {

inline constexpr double kMiB = 1 << 20;

// Resident bytes of this process, from /proc/self/statm; 0 if it cannot be read.
size_t ResidentBytes();

// Same, after malloc has returned what earlier benchmarks left: a baseline.
size_t SettledResidentBytes();

// kHuge: if the system has huge pages.
enum class Pages { kHuge, kSmall };

// Memory mapped directly from the system, with every page touched.
class TouchedMemory {
 public:
  explicit TouchedMemory(size_t bytes, Pages pages = Pages::kHuge);
  ~TouchedMemory();
  TouchedMemory(const TouchedMemory&) = delete;
  TouchedMemory& operator=(const TouchedMemory&) = delete;

  // Empty if the system had no such memory.
  std::span<uint64_t> words() { return words_; }

 private:
  std::span<uint64_t> words_;
};

// Allocates, touches and frees `bytes` of memory. Under a hypervisor the first touch of a page that
// the machine never had costs several times a later one; later benchmarks then find the pages
// present.
void WarmPages(size_t bytes);

}  // namespace dcs::bench
