// What the process holds of the machine's memory, as the system counts it.
//
// Thread safety: all functions may be called from any thread; the figures are the process's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dcs::bench {

inline constexpr double kMiB = 1 << 20;

// Resident bytes of this process, from /proc/self/statm; 0 where that cannot be read.
size_t ResidentBytes();

// The same after malloc has given back what earlier benchmarks left it: to count on from.
size_t SettledResidentBytes();

// kHuge: as far as the system has them.
enum class Pages { kHuge, kSmall };

// Memory of its own, straight from the system, all touched.
class TouchedMemory {
 public:
  explicit TouchedMemory(size_t bytes, Pages pages = Pages::kHuge);
  ~TouchedMemory();
  TouchedMemory(const TouchedMemory&) = delete;
  TouchedMemory& operator=(const TouchedMemory&) = delete;

  // Empty where the system had no such memory.
  std::span<uint64_t> words() { return words_; }

 private:
  std::span<uint64_t> words_;
};

// Takes and touches `bytes` of memory and gives them back. Under a hypervisor the first touch of a
// page that the machine has never had costs several times a later one; what follows then finds
// pages that are there.
void WarmPages(size_t bytes);

}  // namespace dcs::bench
