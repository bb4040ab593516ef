// When keys were last asked for, and how often: what OBJECT IDLETIME and OBJECT FREQ answer.
//
// Kept beside the table in a fixed number of cells that keys share by hash, so that a slot pays
// nothing for it. Keys that meet in a cell look younger and more used than they are, never older or
// less used; below a few ten thousand keys that is rare.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "store/clock.h"

namespace dcs::store {

// Thread safety: all members may be called from any thread. Concurrent touches of one cell may be
// counted as one.
class AccessSketch {
 public:
  AccessSketch();

  // O(1), one cache line. Whether the logarithmic counter steps is drawn from the arguments and the
  // cell, so that runs repeat.
  void Touch(uint64_t hash, TimeMs now) {
    Cell& cell = CellOf(hash);
    const uint32_t second = SecondOf(now);
    uint32_t counts = cell.counts.load(std::memory_order_relaxed);
    // Inlined for every command: in the second of the last touch, the counts serve as they are.
    if (cell.second.load(std::memory_order_relaxed) != second) [[unlikely]]
      counts = Renew(cell, second);
    // By the touches counted, one draw after the other spreads evenly over all there are.
    const uint32_t draw = (static_cast<uint32_t>(hash) + (counts & ~uint32_t{UINT8_MAX})) * kSpread;
    const bool step = draw < kSteps[static_cast<uint8_t>(counts)];
    cell.counts.store(counts + kOneTouch + step, std::memory_order_relaxed);
  }
  // Seconds since the last touch; 0 for a key never touched.
  int64_t IdleSeconds(uint64_t hash, TimeMs now) const;
  // Redis's LFU counter, 0 to 255: logarithmic in the number of accesses (255 is about a million),
  // one less for each minute without any.
  int Frequency(uint64_t hash, TimeMs now) const;

 private:
  static constexpr int kCellBits = 16;
  struct Cell {
    std::atomic<uint32_t> counts;  // 24 bits count touches, 8 are the logarithmic counter
    std::atomic<uint32_t> second;  // of the last touch; 0: never touched
  };
  // Redis's LFU with its default settings (evict.c): new keys start at 5, the chance of a step is
  // 1 / ((counter - 5) * 10 + 1), and a counter loses one for each minute without an access.
  static constexpr int kFirstCount = 5;
  static constexpr int kLogFactor = 10;
  static constexpr uint32_t kOneTouch = 1 << 8;
  // kOneTouch times it is 2^32 divided by the golden ratio.
  static constexpr uint32_t kSpread = 0xB59E3779;

  // Never 0. Unsigned, which takes half the instructions: no `now` is before 1970.
  static uint32_t SecondOf(TimeMs now) {
    return static_cast<uint32_t>(static_cast<uint64_t>(now) / 1000) + 1;
  }
  // By counter: of 2^32 draws, how many make it step.
  static constexpr std::array<uint32_t, 256> kSteps = [] {
    std::array<uint32_t, 256> steps{};
    for (int counter = 0; counter < UINT8_MAX; ++counter) {
      const auto odds = static_cast<uint32_t>(std::max(0, counter - kFirstCount) * kLogFactor + 1);
      steps[static_cast<size_t>(counter)] = UINT32_MAX / odds;
    }
    return steps;
  }();
  // Makes it the second of the cell's last touch; returns the counts as they are then.
  static uint32_t Renew(Cell& cell, uint32_t second);
  struct Free {
    void operator()(void* memory) const;
  };
  Cell& CellOf(uint64_t hash) const { return cells_[hash >> (64 - kCellBits)]; }

  // 512 KiB of address space, of which only what is touched takes memory.
  std::unique_ptr<Cell[], Free> cells_;
};

}  // namespace dcs::store
