#include "store/page_source.h"

#include <sys/mman.h>

#include <cassert>

namespace dcs::store {
namespace {

// A reservation is mapped one region larger than it is used, to be aligned.
constexpr size_t kMappedBytes = PageSource::kReservationBytes + PageSource::kRegionBytes;

}  // namespace

PageSource::~PageSource() {
  assert(taken_ == 0 && "~PageSource: every region must have been given back");
  for (std::byte* mapped : reservations_) munmap(mapped, kMappedBytes);
}

bool PageSource::Reserve(PageKind kind) {
  void* mapped = mmap(nullptr, kMappedBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return false;
  auto* start = static_cast<std::byte*>(mapped);
  reservations_.push_back(start);
  const auto address = reinterpret_cast<uintptr_t>(start);
  std::byte* first = start + (RoundUp(address, kRegionBytes) - address);
  // Advice only: where huge pages are switched off for the machine, small ones do the same work.
  madvise(first, kReservationBytes, kind == PageKind::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  auto& free = free_[static_cast<int>(kind)];
  for (size_t at = kReservationBytes; at > 0; at -= kRegionBytes) {
    free.push_back(first + at - kRegionBytes);
  }
  return true;
}

Region PageSource::Take(PageKind kind) {
  std::lock_guard lock(mutex_);
  auto& free = free_[static_cast<int>(kind)];
  if (free.empty() && !Reserve(kind)) return {};
  std::byte* base = free.back();
  free.pop_back();
  ++taken_;
  return {base, kind};
}

void PageSource::GiveBack(Region region) {
  // Outside the lock: it is the region's alone until it is on the free list.
  madvise(region.base, kRegionBytes, MADV_DONTNEED);
  std::lock_guard lock(mutex_);
  free_[static_cast<int>(region.kind)].push_back(region.base);
  --taken_;
}

}  // namespace dcs::store
