#include "store/access_sketch.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace dcs::store {
namespace {

constexpr size_t kCells = size_t{1} << 16;

// Redis's LFU with its default settings (evict.c): new keys start at 5, the chance of a step is
// 1 / ((counter - 5) * 10 + 1), and a counter loses one for each minute without an access.
constexpr int kFirstCount = 5;
constexpr int kLogFactor = 10;

// 32 bits of seconds (of the last touch), 24 that count touches, 8 of the logarithmic counter.
struct Cell {
  uint32_t seconds;
  uint32_t touches;
  uint8_t counter;
};
constexpr uint32_t kTouchesMask = 0xFFFFFF;

Cell Unpack(uint64_t packed) {
  return {static_cast<uint32_t>(packed >> 32), static_cast<uint32_t>(packed >> 8) & kTouchesMask,
          static_cast<uint8_t>(packed)};
}

uint64_t Pack(const Cell& cell) {
  return (uint64_t{cell.seconds} << 32) | (uint64_t{cell.touches} << 8) | cell.counter;
}

uint32_t SecondsOf(TimeMs now) { return static_cast<uint32_t>(now / 1000); }

int Decayed(const Cell& cell, TimeMs now) {
  const uint32_t minutes = SecondsOf(now) / 60 - cell.seconds / 60;
  return std::max(0, cell.counter - static_cast<int>(std::min<uint32_t>(minutes, 255)));
}

uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 31)) * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9u;
  return x ^ (x >> 32);
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

void AccessSketch::Touch(uint64_t hash, TimeMs now) {
  std::atomic<uint64_t>& packed = CellOf(hash);
  const uint64_t before = packed.load(std::memory_order_relaxed);
  const Cell cell = Unpack(before);
  const uint32_t seconds = SecondsOf(now);
  int counter = cell.counter;
  if (cell.seconds != seconds) counter = before == 0 ? kFirstCount : Decayed(cell, now);
  const auto odds = static_cast<uint64_t>(std::max(0, counter - kFirstCount) * kLogFactor + 1);
  // `before` counts touches, so that each draw differs from the last.
  if (counter < 255 && (Mix(hash ^ before) >> 32) * odds >> 32 == 0) ++counter;
  packed.store(Pack({seconds, (cell.touches + 1) & kTouchesMask, static_cast<uint8_t>(counter)}),
               std::memory_order_relaxed);
}

int64_t AccessSketch::IdleSeconds(uint64_t hash, TimeMs now) const {
  const uint64_t packed = CellOf(hash).load(std::memory_order_relaxed);
  if (packed == 0) return 0;
  return static_cast<int32_t>(SecondsOf(now) - Unpack(packed).seconds);
}

int AccessSketch::Frequency(uint64_t hash, TimeMs now) const {
  const uint64_t packed = CellOf(hash).load(std::memory_order_relaxed);
  return packed == 0 ? 0 : Decayed(Unpack(packed), now);
}

}  // namespace dcs::store
