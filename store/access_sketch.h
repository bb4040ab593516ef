// When keys were last asked for, and how often: what OBJECT IDLETIME and OBJECT FREQ answer.
//
// Kept beside the table in a fixed number of cells that keys share by hash, so that a slot pays
// nothing for it. Keys that meet in a cell look younger and more used than they are, never older or
// less used; below a few ten thousand keys that is rare.
#pragma once

#include <algorithm>
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

  // Begins to load what Touch will change.
  void Prefetch(uint64_t hash) const { __builtin_prefetch(&CellOf(hash), /*rw=*/1); }
  // O(1), one cache line. Whether the logarithmic counter steps is drawn from the arguments and the
  // cell, so that runs repeat.
  void Touch(uint64_t hash, TimeMs now) {
    std::atomic<uint64_t>& packed = CellOf(hash);
    const uint64_t before = packed.load(std::memory_order_relaxed);
    const uint32_t seconds = SecondsOf(now);
    // Inlined for every command: in the second of the last touch, the cell serves as it is.
    const bool as_it_is = before >> 32 == seconds && before != 0;
    const uint64_t cell = as_it_is ? before : InSecond(before, seconds);
    packed.store(Counted(cell, hash), std::memory_order_relaxed);
  }
  // Seconds since the last touch; 0 for a key never touched.
  int64_t IdleSeconds(uint64_t hash, TimeMs now) const;
  // Redis's LFU counter, 0 to 255: logarithmic in the number of accesses (255 is about a million),
  // one less for each minute without any.
  int Frequency(uint64_t hash, TimeMs now) const;

 private:
  static constexpr int kCellBits = 16;
  // A cell: 32 bits of seconds (of the last touch), 24 that count touches, 8 of the logarithmic counter.
  //
  // Redis's LFU with its default settings (evict.c): new keys start at 5, the chance of a step is
  // 1 / ((counter - 5) * 10 + 1), and a counter loses one for each minute without an access.
  static constexpr int kFirstCount = 5;
  static constexpr int kLogFactor = 10;
  static constexpr uint64_t kOneTouch = 1 << 8;

  static uint32_t SecondsOf(TimeMs now) { return static_cast<uint32_t>(now / 1000); }
  // The cell with one touch more, and maybe a step.
  static uint64_t Counted(uint64_t cell, uint64_t hash) {
    const auto counter = static_cast<uint8_t>(cell);
    const auto odds = static_cast<uint64_t>(std::max(0, counter - kFirstCount) * kLogFactor + 1);
    // The cell counts touches, so that each draw differs from the last.
    uint64_t bits = (hash ^ cell) * 0x9E3779B97F4A7C15u;
    bits = (bits ^ bits >> 32) * 0xBF58476D1CE4E5B9u;
    const bool step = (bits >> 32) * odds >> 32 == 0 && counter < UINT8_MAX;
    // Both counters' bits alone: what the 24 lose at their end does not reach the seconds.
    return (cell & ~uint64_t{UINT32_MAX}) | static_cast<uint32_t>(cell + kOneTouch + step);
  }
  // The cell as it would be if touched last in that second.
  static uint64_t InSecond(uint64_t cell, uint32_t seconds);
  struct Free {
    void operator()(void* memory) const;
  };
  std::atomic<uint64_t>& CellOf(uint64_t hash) const { return cells_[hash >> (64 - kCellBits)]; }

  // 512 KiB of address space, of which only what is touched takes memory.
  std::unique_ptr<std::atomic<uint64_t>[], Free> cells_;
};

}  // namespace dcs::store
