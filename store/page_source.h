// Where chunks and slot slabs come from: 2 MiB regions of address space, given back to the system
// whole.
//
// Regions are cut from larger reservations. A region given back keeps its address for the next
// taker but none of its memory. Huge-page regions cost one fault and one 2 MiB page when first
// touched, and nearly nothing to give back; small-page ones cost 4 KiB at a time, which is what a
// small store wants. The kinds never share a reservation, so that the system keeps few mappings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace dcs::store {

enum class PageKind : uint8_t { kSmall, kHuge };

inline constexpr size_t kSmallPageBytes = 4096;

constexpr size_t RoundUp(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

struct Region {
  std::byte* base = nullptr;  // aligned to PageSource::kRegionBytes
  PageKind kind = PageKind::kSmall;
};

// Thread safety: all members may be called from any thread.
class PageSource {
 public:
  static constexpr size_t kRegionBytes = size_t{2} << 20;
  static constexpr size_t kReservationBytes = size_t{256} << 20;

  PageSource() = default;
  // REQUIRES: every region has been given back.
  ~PageSource();
  PageSource(const PageSource&) = delete;
  PageSource& operator=(const PageSource&) = delete;

  // A region whose bytes read as zero; base is nullptr where the system refuses.
  Region Take(PageKind kind);
  // REQUIRES: `region` was taken and not given back since. O(touched pages).
  void GiveBack(Region region);

 private:
  // Adds a reservation's regions to the free list of `kind`. REQUIRES: mutex_ is held.
  bool Reserve(PageKind kind);

  std::mutex mutex_;
  std::vector<std::byte*> free_[2];       // by kind; guarded by mutex_
  std::vector<std::byte*> reservations_;  // as mapped; guarded by mutex_
  size_t taken_ = 0;                      // guarded by mutex_
};

}  // namespace dcs::store
