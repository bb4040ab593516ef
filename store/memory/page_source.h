// The source of the memory for chunks and slot slabs: 2 MiB regions of address space, returned to the system
// whole.
//
// Regions are cut from larger reservations. A returned region keeps its address for the next taker, but none
// of its memory. A huge-page region costs one fault and one 2 MiB page when it is first touched, and nearly
// nothing to return. A small-page region costs 4 KiB at a time, as a small store needs. The two kinds never
// share a reservation, so that the system keeps few mappings.
//
// Parts: a taker of less than a region names its company, which are the parts that will be returned at about
// the same time. Once a company is large, its parts are cut from huge regions. A huge region is returned with
// its last part.
//
// Stock: the first touch of a huge page takes longer than a lock may be held, because the system fills 2 MiB
// with zeros. So a few touched huge regions are kept in stock. Takers find them there under their lock, and
// Restock, called after the lock is released, replaces them. Some returned huge regions stay in stock too, so
// that steady churn does not pay for first touches.
//
// Failed allocations: no member throws. A taker gets no region if the system or the allocator gives no
// memory. Returning allocates nothing: every list has room for all regions that were ever reserved.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace dcs::store {

// kSlice: part of a huge region whose other parts are separate.
enum class PageKind : uint8_t { kSmall, kHuge, kSlice };

inline constexpr size_t kSmallPageBytes = 4096;

constexpr size_t RoundUp(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

struct Region {
  std::byte* base = nullptr;  // aligned to PageSource::kRegionBytes; kSlice: to `bytes`
  PageKind kind = PageKind::kSmall;
  uint8_t company = 0;  // of a part
  uint32_t bytes = 0;
};

// Thread safety: all members may be called from any thread.
class PageSource {
 public:
  static constexpr size_t kRegionBytes = size_t{2} << 20;
  // Addresses that one reservation maps if the address space is not limited.
  static constexpr size_t kReservationBytes = size_t{256} << 20;
  // A reservation takes at most 1/64 of a limited address space (RLIMIT_AS): threads, mappings of large
  // records and the allocator need the rest.
  static constexpr size_t kReservedShare = 64;
  // The size of a reservation under that limit in bytes: a power of two, at least four regions.
  static size_t ReservationBytes(uint64_t address_space_limit);

  PageSource() noexcept;
  // REQUIRES: every region has been returned.
  ~PageSource();
  PageSource(const PageSource&) = delete;
  PageSource& operator=(const PageSource&) = delete;

  // Returns a region of arbitrary bytes; its base is nullptr if the system refuses. A huge region comes from
  // the stock, if there is any.
  Region Take(PageKind kind) noexcept;
  // Returns a part of a region, of `most` bytes, or of fewer down to `least` if such a part is free and has
  // been touched before. `least` and `most` are powers of two below kRegionBytes. The part is on small pages
  // until `company` has kSharedFromBytes of them, and a slice of a huge page from then on. In a limited
  // address space all parts are slices.
  Region TakePart(size_t least, size_t most, uint8_t company) noexcept;
  // REQUIRES: `region` was taken and not returned since. O(touched pages).
  void GiveBack(Region region) noexcept;

  // Announces that huge regions will soon be taken.
  void ExpectHuge() noexcept;
  // In a company of this size, the unused rest of a huge page is at most an eighth.
  static constexpr size_t kSharedFromBytes = size_t{16} << 20;
  static constexpr size_t kCompanies = 16;
  // Fills the stock. REQUIRES: the caller holds no lock that other threads want.
  void Restock() noexcept {
    if (low_.load(std::memory_order_relaxed)) [[unlikely]]
      FillStock();
  }
  // While one exists, returned huge regions are kept for reuse: for a caller that copies live records out of
  // many regions, and so returns two for each one that it takes. The surplus is returned to the system at its
  // end, and so are small regions, neighbours together.
  class Reuse {
   public:
    explicit Reuse(PageSource& pages) : pages_(pages) { pages_.AddReuse(1); }
    ~Reuse() { pages_.AddReuse(-1); }
    Reuse(const Reuse&) = delete;
    Reuse& operator=(const Reuse&) = delete;

   private:
    PageSource& pages_;
  };

  // Memory that no taker uses: huge regions in stock, free parts, and what was used of the small regions that
  // were returned during a Reuse.
  size_t stock_bytes() const;

 private:
  // Regions in stock if huge regions are used or expected: one for the log and one for the slots. If fewer
  // than kFewRegions are used, one for both.
  static constexpr size_t kStock = 2;
  static constexpr size_t kFewRegions = 32;
  // Up to 1/64 of the huge regions in use stay in stock when they are returned: 1.6 %.
  static constexpr size_t kKeptShare = 64;
  // Surplus regions that leave the lists under one lock.
  static constexpr size_t kBatch = 64;
  using Batch = std::array<std::byte*, kBatch>;

  struct Reservation {
    std::byte* base = nullptr;  // aligned to a region; nullptr if the system refused
    size_t bytes = 0;
  };
  // Maps `bytes` for that kind. About ten microseconds.
  static Reservation Map(PageKind kind, size_t bytes);
  // Huge regions cut into parts of one size for one company.
  struct Parts {
    // The lowest part is taken first: high regions run empty, and are returned whole. A part's node moves
    // between the two sets, so that returning a part allocates nothing.
    std::set<std::byte*> free, taken;
    // The number of parts taken, by region. (Not absl::flat_hash_map: an allocation that fails while it grows
    // leaves it broken.)
    std::map<std::byte*, uint32_t> taken_of;
  };

  void FillStock();
  void AddReuse(int change);
  // Returns the memory of untaken regions to the system, and their addresses to the free list. Sorts them.
  void Discard(absl::Span<std::byte*> regions, PageKind kind);
  // Discards the surplus of the stock.
  void DiscardSurplus();
  // Discards the small regions that were returned during a Reuse.
  void DiscardGoing();
  // The rest REQUIRE: mutex_ is held.
  size_t StockWanted() const;
  size_t StockKept() const;
  // Takes the surplus over StockKept() out of the stock, at most a batch; returns the number of regions.
  size_t TakeSurplus(Batch& batch);
  void NoteStock() { low_.store(stock_.size() < StockWanted(), std::memory_order_relaxed); }
  // A region from stock, or an untouched one; nullptr if the system refuses.
  std::byte* TakeWhole(PageKind kind);
  std::byte* TakeUntouched(PageKind kind);
  // Returns the slice's huge region if it was the last part taken; nullptr otherwise.
  std::byte* ReturnSlice(const Region& slice);
  // The parts of that company and size; nullptr without memory.
  Parts* PartsOf(uint8_t company, uint32_t bytes);
  // Cuts a huge region into parts of that size; false without memory.
  bool CutRegion(Parts& parts, size_t bytes);
  // Adds the reservation to the free list of its kind. Unmaps it if there is no memory for the lists.
  void AddReservation(Reservation reservation, PageKind kind);

  const size_t reservation_bytes_;
  mutable std::mutex mutex_;
  // Each list has room for all regions of its kind.
  std::vector<std::byte*> free_[2];        // by kind; guarded by mutex_
  std::vector<Reservation> reservations_;  // guarded by mutex_
  size_t reserved_[2] = {0, 0};            // regions, by kind; guarded by mutex_
  std::vector<std::byte*> stock_;          // huge, touched; guarded by mutex_
  std::vector<std::byte*> going_;          // small, returned during Reuse; guarded by mutex_
  size_t going_bytes_ = 0;                 // used before, of those in going_; guarded by mutex_
  size_t taken_[2] = {0, 0};               // small and huge; guarded by mutex_
  // Bytes of parts taken by each company; guarded by mutex_, as all below.
  std::array<size_t, kCompanies> part_bytes_ = {};
  std::map<std::pair<uint8_t, uint32_t>, Parts> parts_;  // by company and size
  size_t free_part_bytes_ = 0;
  bool huge_expected_ = false;
  int reuses_ = 0;                // Reuse objects alive
  std::atomic<bool> low_{false};  // whether Restock has anything to do
};

}  // namespace dcs::store
