#include "bench/resident.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace dcs::bench {

size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  size_t all_pages = 0, resident_pages = 0;
  statm >> all_pages >> resident_pages;
  return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

size_t SettledResidentBytes() {
  malloc_trim(0);
  return ResidentBytes();
}

TouchedMemory::TouchedMemory(size_t bytes, Pages pages) {
  bytes -= bytes % sizeof(uint64_t);
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return;
  madvise(mapped, bytes, pages == Pages::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  words_ = {static_cast<uint64_t*>(mapped), bytes / sizeof(uint64_t)};
  // Not zero, so that no compiler removes the writes because the system zeroes pages.
  std::ranges::fill(words_, 1);
}

TouchedMemory::~TouchedMemory() {
  if (!words_.empty()) munmap(words_.data(), words_.size_bytes());
}

void WarmPages(size_t bytes) { TouchedMemory{bytes}; }

}  // namespace dcs::bench
