// When keys were last asked for, and how often: what OBJECT IDLETIME and OBJECT FREQ answer.
//
// Kept beside the table in a fixed number of cells that keys share by hash, so that a slot pays
// nothing for it. Keys that meet in a cell look younger and more used than they are, never older or
// less used; below a few ten thousand keys that is rare.
#pragma once

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
  void Touch(uint64_t hash, TimeMs now);
  // Seconds since the last touch; 0 for a key never touched.
  int64_t IdleSeconds(uint64_t hash, TimeMs now) const;
  // Redis's LFU counter, 0 to 255: logarithmic in the number of accesses (255 is about a million),
  // one less for each minute without any.
  int Frequency(uint64_t hash, TimeMs now) const;

 private:
  static constexpr int kCellBits = 16;
  struct Free {
    void operator()(void* memory) const;
  };
  std::atomic<uint64_t>& CellOf(uint64_t hash) const { return cells_[hash >> (64 - kCellBits)]; }

  // 512 KiB of address space, of which only what is touched takes memory.
  std::unique_ptr<std::atomic<uint64_t>[], Free> cells_;
};

}  // namespace dcs::store
