#include "store/access_sketch.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace dcs::store {
namespace {

constexpr size_t kCells = size_t{1} << 16;

uint32_t LastSecond(uint64_t cell) { return static_cast<uint32_t>(cell >> 32); }

int Decayed(uint64_t cell, uint32_t seconds) {
  const uint32_t minutes = seconds / 60 - LastSecond(cell) / 60;
  return std::max(0,
                  static_cast<uint8_t>(cell) - static_cast<int>(std::min<uint32_t>(minutes, 255)));
}

}  // namespace

void AccessSketch::Free::operator()(void* memory) const {
  munmap(memory, kCells * sizeof(std::atomic<uint64_t>));
}

AccessSketch::AccessSketch() {
  void* mapped = mmap(nullptr, kCells * sizeof(std::atomic<uint64_t>), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  cells_.reset(static_cast<std::atomic<uint64_t>*>(mapped));  // zero bytes are untouched cells
}

uint64_t AccessSketch::InSecond(uint64_t cell, uint32_t seconds) {
  const int counter = cell == 0 ? kFirstCount : Decayed(cell, seconds);
  return (uint64_t{seconds} << 32) | (cell & 0xFFFFFF00) | static_cast<uint64_t>(counter);
}

int64_t AccessSketch::IdleSeconds(uint64_t hash, TimeMs now) const {
  const uint64_t cell = CellOf(hash).load(std::memory_order_relaxed);
  if (cell == 0) return 0;
  return static_cast<int32_t>(SecondsOf(now) - LastSecond(cell));
}

int AccessSketch::Frequency(uint64_t hash, TimeMs now) const {
  const uint64_t cell = CellOf(hash).load(std::memory_order_relaxed);
  return cell == 0 ? 0 : Decayed(cell, SecondsOf(now));
}

}  // namespace dcs::store
