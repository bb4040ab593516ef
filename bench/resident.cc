#include "bench/resident.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

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

void WarmPages(size_t bytes) {
  constexpr size_t kSmallestPage = 4096;
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return;
  madvise(mapped, bytes, MADV_HUGEPAGE);
  auto* bytes_of = static_cast<volatile char*>(mapped);
  for (size_t at = 0; at < bytes; at += kSmallestPage) bytes_of[at] = 1;
  munmap(mapped, bytes);
}

}  // namespace dcs::bench
