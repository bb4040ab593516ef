#include "store/access_sketch.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace dcs::store {
namespace {

constexpr size_t kCells = size_t{1} << 16;

int Decayed(uint32_t counts, uint32_t last, uint32_t second) {
  // Another thread's clock may have been read a little later.
  if (second <= last) return static_cast<uint8_t>(counts);
  const uint32_t minutes = (second - 1) / 60 - (last - 1) / 60;
  return std::max(
      0, static_cast<uint8_t>(counts) - static_cast<int>(std::min<uint32_t>(minutes, UINT8_MAX)));
}

}  // namespace

void AccessSketch::Free::operator()(void* memory) const { munmap(memory, kCells * sizeof(Cell)); }

AccessSketch::AccessSketch() {
  void* mapped = mmap(nullptr, kCells * sizeof(Cell), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  cells_.reset(static_cast<Cell*>(mapped));  // zero bytes are untouched cells
}

uint32_t AccessSketch::Renew(Cell& cell, uint32_t second) {
  const uint32_t counts = cell.counts.load(std::memory_order_relaxed);
  const uint32_t last = cell.second.exchange(second, std::memory_order_relaxed);
  const int counter = last == 0 ? kFirstCount : Decayed(counts, last, second);
  return (counts & ~uint32_t{UINT8_MAX}) | static_cast<uint32_t>(counter);
}

int64_t AccessSketch::IdleSeconds(uint64_t hash, TimeMs now) const {
  const uint32_t last = CellOf(hash).second.load(std::memory_order_relaxed);
  return last == 0 ? 0 : std::max(0, static_cast<int32_t>(SecondOf(now) - last));
}

int AccessSketch::Frequency(uint64_t hash, TimeMs now) const {
  const Cell& cell = CellOf(hash);
  const uint32_t last = cell.second.load(std::memory_order_relaxed);
  if (last == 0) return 0;
  return Decayed(cell.counts.load(std::memory_order_relaxed), last, SecondOf(now));
}

}  // namespace dcs::store
