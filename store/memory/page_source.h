// Where chunks and slot slabs come from: 2 MiB regions of address space, given back to the system
// whole.
//
// Regions are cut from larger reservations. A region given back keeps its address for the next
// taker but none of its memory. Huge-page regions cost one fault and one 2 MiB page when first
// touched, and nearly nothing to give back; small-page ones cost 4 KiB at a time, which is what a
// small store wants. The kinds never share a reservation, so that the system keeps few mappings.
//
// Who wants less than a region says in what company it will be given back. Once there is much of
// that company, its parts are cut from huge regions, which go back when their last part does.
//
// The first touch of a huge page takes longer than a lock may be held: the system fills 2 MiB with
// zeros. That of a region of small pages costs page tables, too: 40 to 180 us where a hypervisor keeps
// them itself. So a few regions of each kind are kept in stock that have been touched already, small ones
// by a page. Takers find them there under their lock; Restock, called after it, makes up for what was
// taken, and reserves more addresses before there are none. A few huge regions that are given back stay in
// stock, too, so that steady churn does not pay for first touches.
//
// Failed allocations: no member throws. A taker gets no region if the system or the allocator gives no
// memory. Giving back allocates nothing: every list has room for all regions that were ever reserved.
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

// kSlice: part of a huge region that others have the rest of.
enum class PageKind : uint8_t { kSmall, kHuge, kSlice };

inline constexpr size_t kSmallPageBytes = 4096;

constexpr size_t RoundUp(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

struct Region {
  std::byte* base = nullptr;  // aligned to PageSource::kRegionBytes; kSlice: to `bytes`
  PageKind kind = PageKind::kSmall;
  uint8_t company = 0;  // as TakePart was told
  uint32_t bytes = 0;   // that may be used
};

// Thread safety: all members may be called from any thread.
class PageSource {
 public:
  static constexpr size_t kRegionBytes = size_t{2} << 20;
  // Addresses that one reservation maps, if the process may map as many as it likes.
  static constexpr size_t kReservationBytes = size_t{256} << 20;
  // Of a limited address space (RLIMIT_AS), a reservation takes this share at most: threads, mappings of
  // large records and the allocator need room beside it.
  static constexpr size_t kReservedShare = 64;
  // What one reservation maps under that limit in bytes: a power of two, at least four regions.
  static size_t ReservationBytes(uint64_t address_space_limit);

  // Reserves addresses and touches a page for each small region of its stock.
  PageSource() noexcept;
  // REQUIRES: every region has been given back.
  ~PageSource();
  PageSource(const PageSource&) = delete;
  PageSource& operator=(const PageSource&) = delete;

  // A region of arbitrary bytes; base is nullptr where the system refuses. Where some are in stock, its
  // first page costs no fault.
  Region Take(PageKind kind) noexcept;
  // Part of a region, of `most` bytes, or of down to `least` where such a part is free that has been
  // touched before; both are powers of two below kRegionBytes. On small pages until `company` has
  // kSharedFromBytes of them; a slice of a huge page from then on. In a limited address space, a slice from
  // the first one on.
  Region TakePart(size_t least, size_t most, uint8_t company) noexcept;
  // REQUIRES: `region` was taken and not given back since. O(touched pages).
  void GiveBack(Region region) noexcept;

  // Huge regions will be asked for soon.
  void ExpectHuge() noexcept;
  // From so much of one company on, the eighth of it that the rest of a huge page may be is worth it.
  static constexpr size_t kSharedFromBytes = size_t{16} << 20;
  static constexpr size_t kCompanies = 16;
  // Brings stock and reservations up to what they should be. REQUIRES: the caller holds no lock that
  // others want.
  void Restock() noexcept {
    if (low_.load(std::memory_order_relaxed)) [[unlikely]]
      FillStock();
  }
  // While one exists, huge regions that are given back are kept for reuse: for whoever copies what lives
  // out of many regions, and so gives back two for each that it takes. The surplus goes at its end, and
  // so do small ones, neighbours together.
  class Reuse {
   public:
    explicit Reuse(PageSource& pages) : pages_(pages) { pages_.AddReuse(1); }
    ~Reuse() { pages_.AddReuse(-1); }
    Reuse(const Reuse&) = delete;
    Reuse& operator=(const Reuse&) = delete;

   private:
    PageSource& pages_;
  };

  // Memory that no taker uses: huge regions in stock, parts not taken, and small regions that were given
  // back during a Reuse and go at its end (as much of them as was in use). Small regions in stock, of which a
  // page each is touched, do not count.
  size_t stock_bytes() const;

 private:
  // One for the log and one for the slots, where huge regions are used or expected; where they are
  // fewer than kFewRegions, one for both.
  static constexpr size_t kStock = 2;
  static constexpr size_t kFewRegions = 32;
  // For the records and the slots of two takers' first keys.
  static constexpr size_t kSmallStock = 4;
  // A 64th of the regions in use may wait for their next use: 1.6 %.
  static constexpr size_t kKeptShare = 64;
  // With fewer free regions of a kind, more are reserved: enough for all shards to take one meanwhile. Of
  // small reservations, a quarter.
  static constexpr size_t kFewFree = 32;
  // Surplus regions that are discarded under one lock of their own.
  static constexpr size_t kBatch = 64;
  using Batch = std::array<std::byte*, kBatch>;

  struct Reservation {
    std::byte* base = nullptr;  // aligned to a region; nullptr if the system refused
    size_t bytes = 0;
  };
  // Maps `bytes` for that kind. Some ten microseconds: under a lock only if nothing is left.
  static Reservation Map(PageKind kind, size_t bytes);
  // Huge regions cut into parts of one size for one company.
  struct Parts {
    // The lowest is taken first: those high up run empty, and whole regions become free. A part's node
    // moves between the two sets, so that giving one back allocates nothing.
    std::set<std::byte*> free, taken;
    // By region: how many of its parts. (Not absl::flat_hash_map: an allocation that fails while it grows
    // leaves it broken.)
    std::map<std::byte*, uint32_t> taken_of;
  };

  void FillStock();
  void AddReuse(int change);
  // Gives the memory of untaken regions back to the system, and their addresses to the next taker.
  // Sorts them.
  void Discard(absl::Span<std::byte*> regions, PageKind kind);
  // Discards what is surplus in stock.
  void DiscardSurplus();
  // Discards the small regions that were given back during a Reuse.
  void DiscardGoing();
  // The rest REQUIRE: mutex_ is held.
  std::vector<std::byte*>& Stock(PageKind kind) { return stock_[static_cast<int>(kind)]; }
  size_t StockWanted(PageKind kind) const;
  // Of huge regions.
  size_t StockKept() const;
  // Takes out of stock what is more than that, a batch at the most; returns how many.
  size_t TakeSurplus(Batch& batch);
  void NoteStock() {
    bool low = false;
    for (const PageKind kind : {PageKind::kSmall, PageKind::kHuge}) {
      low |= Stock(kind).size() < StockWanted(kind) || FewFree(kind);
    }
    low_.store(low, std::memory_order_relaxed);
  }
  // A region from stock, or an untouched one; nullptr where the system refuses.
  std::byte* TakeWhole(PageKind kind);
  std::byte* TakeUntouched(PageKind kind);
  // Returns the huge region that the part was the last one of; nullptr where others are left.
  std::byte* ReturnSlice(const Region& slice);
  // The parts of that company and size; nullptr without memory.
  Parts* PartsOf(uint8_t company, uint32_t bytes);
  // Cuts a huge region into parts of that size; false without memory.
  bool CutRegion(Parts& parts, size_t bytes);
  // Adds what was mapped, if anything, to the free list of its kind. Unmaps it and returns false if there is
  // no memory for the lists.
  bool AddReservation(Reservation reservation, PageKind kind);
  // Whether more of that kind should be reserved.
  bool FewFree(PageKind kind) const {
    const size_t few = std::min(kFewFree, reservation_bytes_ / kRegionBytes / 4);
    return free_[static_cast<int>(kind)].size() < few && StockWanted(kind) > 0;
  }

  const size_t reservation_bytes_;
  mutable std::mutex mutex_;
  // Each list has room for all regions of its kind.
  std::vector<std::byte*> free_[2];        // by kind; guarded by mutex_
  std::vector<Reservation> reservations_;  // guarded by mutex_
  size_t reserved_[2] = {0, 0};            // regions, by kind; guarded by mutex_
  std::vector<std::byte*> stock_[2];       // touched, by kind; guarded by mutex_
  std::vector<std::byte*> going_;          // small, given back during Reuse; guarded by mutex_
  size_t going_bytes_ = 0;                 // that were in use of those; guarded by mutex_
  size_t taken_[2] = {0, 0};               // small and huge; guarded by mutex_
  // What each company has taken in parts; guarded by mutex_, as all below.
  std::array<size_t, kCompanies> part_bytes_ = {};
  std::map<std::pair<uint8_t, uint32_t>, Parts> parts_;  // by company and size
  size_t free_part_bytes_ = 0;
  bool huge_expected_ = false;
  int reuses_ = 0;                // how many Reuse there are
  std::atomic<bool> low_{false};  // whether Restock would do anything
};

}  // namespace dcs::store
