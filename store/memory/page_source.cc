#include "store/memory/page_source.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <new>

namespace dcs::store {
namespace {

// How many neighbouring regions one call of the system gives back. The call costs 1 us or more, by the
// machine, and 7 us for each huge region; and a kernel may let no other thread in before it ends: a whole
// sweep's at once would keep those waiting who share the processor, for milliseconds.
constexpr size_t kDiscardedAtOnce = 2;

uint64_t AddressSpaceLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
  return limit.rlim_cur;
}

std::byte* RegionOf(std::byte* part) {
  const auto address = reinterpret_cast<uintptr_t>(part);
  return part - address % PageSource::kRegionBytes;
}

// From how much of a company on its parts are cut from shared regions. In a limited address space from the
// first one on: a part must not take a whole region's addresses there.
size_t SharedFromBytes(size_t reservation_bytes) {
  return reservation_bytes < PageSource::kReservationBytes ? 0 : PageSource::kSharedFromBytes;
}

}  // namespace

size_t PageSource::ReservationBytes(uint64_t address_space_limit) {
  const uint64_t share = std::bit_floor(address_space_limit / kReservedShare);
  return static_cast<size_t>(std::clamp<uint64_t>(share, kRegionBytes * 4, kReservationBytes));
}

PageSource::PageSource() noexcept : reservation_bytes_(ReservationBytes(AddressSpaceLimit())) {}

PageSource::~PageSource() {
  assert(taken_[0] + taken_[1] == 0 && "~PageSource: every region must have been given back");
  for (const Reservation& reservation : reservations_) munmap(reservation.base, reservation.bytes);
}

PageSource::Reservation PageSource::Map(PageKind kind, size_t bytes) {
  // One region more, for the alignment; what is beyond goes back at once.
  const size_t mapped_bytes = bytes + kRegionBytes;
  void* mapped = mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return {};
  auto* const start = static_cast<std::byte*>(mapped);
  const auto address = reinterpret_cast<uintptr_t>(mapped);
  const size_t before = RoundUp(address, kRegionBytes) - address;
  std::byte* const base = start + before;
  if (before > 0) munmap(start, before);
  if (before < kRegionBytes) munmap(base + bytes, kRegionBytes - before);
  // Advice only: if huge pages are switched off for the machine, small ones do the same work.
  madvise(base, bytes, kind == PageKind::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  return {base, bytes};
}

void PageSource::AddReservation(Reservation reservation, PageKind kind) {
  if (reservation.base == nullptr) return;
  const size_t regions = reservation.bytes / kRegionBytes;
  const size_t all = reserved_[static_cast<int>(kind)] + regions;
  auto& free = free_[static_cast<int>(kind)];
  try {
    free.reserve(all);
    (kind == PageKind::kHuge ? stock_ : going_).reserve(all);
    reservations_.push_back(reservation);
  } catch (const std::bad_alloc&) {
    munmap(reservation.base, reservation.bytes);
    return;
  }
  reserved_[static_cast<int>(kind)] = all;
  // Taken from the end: returned regions before those that were never taken.
  free.insert(free.begin(), regions, nullptr);
  for (size_t i = 0; i < regions; ++i) {
    free[i] = reservation.base + (regions - 1 - i) * kRegionBytes;
  }
}

std::byte* PageSource::TakeUntouched(PageKind kind) {
  auto& free = free_[static_cast<int>(kind)];
  // If the address space is nearly used up, a smaller reservation may still fit.
  for (size_t bytes = reservation_bytes_; free.empty() && bytes >= kRegionBytes; bytes /= 2) {
    AddReservation(Map(kind, bytes), kind);
  }
  if (free.empty()) return nullptr;
  std::byte* base = free.back();
  free.pop_back();
  return base;
}

std::byte* PageSource::TakeWhole(PageKind kind) {
  if (kind != PageKind::kHuge || stock_.empty()) return TakeUntouched(kind);
  std::byte* base = stock_.back();
  stock_.pop_back();
  return base;
}

Region PageSource::Take(PageKind kind) noexcept {
  const std::lock_guard lock(mutex_);
  std::byte* base = TakeWhole(kind);
  if (base == nullptr) return {};
  ++taken_[static_cast<int>(kind)];
  NoteStock();
  return {base, kind, 0, kRegionBytes};
}

PageSource::Parts* PageSource::PartsOf(uint8_t company, uint32_t bytes) {
  try {
    return &parts_[{company, bytes}];
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

bool PageSource::CutRegion(Parts& parts, size_t bytes) {
  const bool from_stock = !stock_.empty();
  std::byte* const base = TakeWhole(PageKind::kHuge);
  if (base == nullptr) return false;
  try {
    std::set<std::byte*> cut;
    for (size_t at = 0; at < kRegionBytes; at += bytes) cut.insert(cut.end(), base + at);
    parts.taken_of.emplace(base, 0);
    parts.free.merge(cut);
  } catch (const std::bad_alloc&) {
    (from_stock ? stock_ : free_[static_cast<int>(PageKind::kHuge)]).push_back(base);
    return false;
  }
  ++taken_[static_cast<int>(PageKind::kHuge)];
  free_part_bytes_ += kRegionBytes;
  return true;
}

Region PageSource::TakePart(size_t least, size_t most, uint8_t company) noexcept {
  assert(most < kRegionBytes && std::has_single_bit(most) && std::has_single_bit(least) &&
         "TakePart: powers of two below a region's");
  const std::lock_guard lock(mutex_);
  size_t bytes = most;
  bool touched = false;
  for (size_t size = most; size >= least && !touched; size /= 2) {
    const auto parts = parts_.find({company, size});
    if (parts == parts_.end() || parts->second.free.empty()) continue;
    bytes = size;
    touched = true;
  }
  Region part{nullptr, PageKind::kSmall, company, static_cast<uint32_t>(bytes)};
  if (!touched && part_bytes_[company] < SharedFromBytes(reservation_bytes_)) {
    part.base = TakeWhole(PageKind::kSmall);
    if (part.base == nullptr) return {};
    ++taken_[static_cast<int>(PageKind::kSmall)];
  } else {
    Parts* const parts = PartsOf(company, part.bytes);
    if (parts == nullptr || (parts->free.empty() && !CutRegion(*parts, bytes))) return {};
    part.kind = PageKind::kSlice;
    auto node = parts->free.extract(parts->free.begin());
    part.base = node.value();
    parts->taken.insert(std::move(node));
    ++parts->taken_of.find(RegionOf(part.base))->second;
    free_part_bytes_ -= bytes;
  }
  part_bytes_[company] += bytes;
  if (part_bytes_[company] >= SharedFromBytes(reservation_bytes_) / 16 * 15) huge_expected_ = true;
  NoteStock();
  return part;
}

std::byte* PageSource::ReturnSlice(const Region& slice) {
  Parts& parts = parts_.find({slice.company, slice.bytes})->second;
  std::byte* const region = RegionOf(slice.base);
  parts.free.insert(parts.taken.extract(slice.base));
  free_part_bytes_ += slice.bytes;
  const auto taken = parts.taken_of.find(region);
  if (--taken->second > 0) return nullptr;
  parts.taken_of.erase(taken);
  parts.free.erase(parts.free.lower_bound(region), parts.free.lower_bound(region + kRegionBytes));
  free_part_bytes_ -= kRegionBytes;
  return region;
}

void PageSource::GiveBack(Region region) noexcept {
  // With fewer regions in use, fewer stay in stock.
  Batch surplus;
  size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    if (region.bytes < kRegionBytes) part_bytes_[region.company] -= region.bytes;
    if (region.kind == PageKind::kSlice) {
      region = {ReturnSlice(region), PageKind::kHuge, 0, kRegionBytes};
      if (region.base == nullptr) return;
    }
    --taken_[static_cast<int>(region.kind)];
    if (taken_[static_cast<int>(PageKind::kHuge)] == 0) huge_expected_ = false;
    if (region.kind == PageKind::kHuge) {
      stock_.push_back(std::exchange(region.base, nullptr));
    } else if (reuses_ > 0) {
      going_.push_back(std::exchange(region.base, nullptr));
      going_bytes_ += region.bytes;
    }
    count = TakeSurplus(surplus);
    NoteStock();
  }
  if (region.base != nullptr) Discard({&region.base, 1}, region.kind);
  Discard(absl::MakeSpan(surplus).first(count), PageKind::kHuge);
  if (count == kBatch) DiscardSurplus();
}

size_t PageSource::TakeSurplus(Batch& batch) {
  const size_t kept = std::min(StockKept(), stock_.size());
  const size_t count = std::min(kBatch, stock_.size() - kept);
  std::copy(stock_.end() - static_cast<ptrdiff_t>(count), stock_.end(), batch.begin());
  stock_.resize(stock_.size() - count);
  return count;
}

void PageSource::DiscardSurplus() {
  Batch surplus;
  size_t count = 0;
  do {
    {
      const std::lock_guard lock(mutex_);
      count = TakeSurplus(surplus);
      NoteStock();
    }
    Discard(absl::MakeSpan(surplus).first(count), PageKind::kHuge);
  } while (count == kBatch);
}

void PageSource::DiscardGoing() {
  Batch going;
  size_t count = 0;
  do {
    {
      const std::lock_guard lock(mutex_);
      // Another Reuse, begun meanwhile, discards them at its end.
      count = reuses_ > 0 ? 0 : std::min(kBatch, going_.size());
      std::copy(going_.end() - static_cast<ptrdiff_t>(count), going_.end(), going.begin());
      going_.resize(going_.size() - count);
      if (going_.empty()) going_bytes_ = 0;
    }
    Discard(absl::MakeSpan(going).first(count), PageKind::kSmall);
  } while (count == kBatch);
}

void PageSource::Discard(absl::Span<std::byte*> regions, PageKind kind) {
  if (regions.empty()) return;
  std::sort(regions.begin(), regions.end());
  // Outside the lock: they are nobody's until they are on the free list.
  for (size_t first = 0, end = 1; first < regions.size(); first = end++) {
    while (end < regions.size() && end - first < kDiscardedAtOnce &&
           regions[end] == regions[end - 1] + kRegionBytes) {
      ++end;
    }
    madvise(regions[first], (end - first) * kRegionBytes, MADV_DONTNEED);
  }
  const std::lock_guard lock(mutex_);
  auto& free = free_[static_cast<int>(kind)];
  free.insert(free.end(), regions.begin(), regions.end());
}

void PageSource::AddReuse(int change) {
  {
    const std::lock_guard lock(mutex_);
    reuses_ += change;
    if (reuses_ > 0) return;
    // Neighbours together.
    const size_t kept = std::min(StockKept(), stock_.size());
    std::sort(stock_.begin() + static_cast<ptrdiff_t>(kept), stock_.end());
    std::sort(going_.begin(), going_.end());
  }
  DiscardGoing();
  DiscardSurplus();
}

void PageSource::ExpectHuge() noexcept {
  const std::lock_guard lock(mutex_);
  huge_expected_ = true;
  NoteStock();
}

size_t PageSource::StockWanted() const {
  const size_t in_use = taken_[static_cast<int>(PageKind::kHuge)];
  if (in_use == 0 && !huge_expected_) return 0;
  return in_use < kFewRegions ? 1 : kStock;
}

size_t PageSource::StockKept() const {
  if (reuses_ > 0) return SIZE_MAX;
  return std::max(StockWanted(), taken_[static_cast<int>(PageKind::kHuge)] / kKeptShare);
}

void PageSource::FillStock() {
  while (true) {
    std::byte* base = nullptr;
    {
      const std::lock_guard lock(mutex_);
      NoteStock();
      if (!low_.load(std::memory_order_relaxed)) return;
      base = TakeUntouched(PageKind::kHuge);
      if (base == nullptr) {
        // Tried again after the next region is taken.
        low_.store(false, std::memory_order_relaxed);
        return;
      }
    }
    *base = std::byte{0};  // the page fault
    const std::lock_guard lock(mutex_);
    stock_.push_back(base);
  }
}

size_t PageSource::stock_bytes() const {
  const std::lock_guard lock(mutex_);
  return stock_.size() * kRegionBytes + free_part_bytes_ + going_bytes_;
}

}  // namespace dcs::store
