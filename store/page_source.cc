#include "store/page_source.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace dcs::store {
namespace {

// A reservation is mapped one region larger than it is used, to be aligned.
constexpr size_t kMappedBytes = PageSource::kReservationBytes + PageSource::kRegionBytes;

// How many neighbouring regions one call of the system gives back. The call costs 1 us or more, by the
// machine, and 7 us for each huge region; and a kernel may let no other thread in before it ends: a whole
// sweep's at once would keep those waiting who share the processor, for milliseconds.
constexpr size_t kDiscardedAtOnce = 2;

std::byte* FirstRegionIn(std::byte* mapped) {
  const auto address = reinterpret_cast<uintptr_t>(mapped);
  return mapped + (RoundUp(address, PageSource::kRegionBytes) - address);
}

std::byte* RegionOf(std::byte* part) {
  const auto address = reinterpret_cast<uintptr_t>(part);
  return part - address % PageSource::kRegionBytes;
}

}  // namespace

PageSource::PageSource() { FillStock(); }

PageSource::~PageSource() {
  assert(taken_[0] + taken_[1] == 0 && "~PageSource: every region must have been given back");
  for (std::byte* mapped : reservations_) munmap(mapped, kMappedBytes);
}

std::byte* PageSource::Map(PageKind kind) {
  void* mapped = mmap(nullptr, kMappedBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* const start = static_cast<std::byte*>(mapped);
  // Advice only: where huge pages are switched off for the machine, small ones do the same work.
  madvise(FirstRegionIn(start), kReservationBytes,
          kind == PageKind::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  return start;
}

void PageSource::AddReservation(std::byte* mapped, PageKind kind) {
  if (mapped == nullptr) return;
  reservations_.push_back(mapped);
  // Taken from behind: those that were given back before those that nobody has had.
  std::vector<std::byte*> regions;
  for (size_t at = kReservationBytes; at > 0; at -= kRegionBytes) {
    regions.push_back(FirstRegionIn(mapped) + at - kRegionBytes);
  }
  auto& free = free_[static_cast<int>(kind)];
  free.insert(free.begin(), regions.begin(), regions.end());
}

std::byte* PageSource::TakeUntouched(PageKind kind) {
  auto& free = free_[static_cast<int>(kind)];
  if (free.empty()) AddReservation(Map(kind), kind);
  if (free.empty()) return nullptr;
  std::byte* base = free.back();
  free.pop_back();
  return base;
}

std::byte* PageSource::TakeWhole(PageKind kind) {
  std::vector<std::byte*>& stock = Stock(kind);
  if (stock.empty()) return TakeUntouched(kind);
  std::byte* base = stock.back();
  stock.pop_back();
  return base;
}

Region PageSource::Take(PageKind kind) {
  const std::lock_guard lock(mutex_);
  std::byte* base = TakeWhole(kind);
  if (base == nullptr) return {};
  ++taken_[static_cast<int>(kind)];
  NoteStock();
  return {base, kind, 0, kRegionBytes};
}

Region PageSource::TakePart(size_t least, size_t most, uint8_t company) {
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
  if (!touched && part_bytes_[company] < kSharedFromBytes) {
    part.base = TakeWhole(PageKind::kSmall);
    if (part.base == nullptr) return {};
    ++taken_[static_cast<int>(PageKind::kSmall)];
  } else {
    Parts& parts = parts_[{company, part.bytes}];
    if (parts.free.empty()) {
      std::byte* base = TakeWhole(PageKind::kHuge);
      if (base == nullptr) return {};
      ++taken_[static_cast<int>(PageKind::kHuge)];
      parts.taken[base] = 0;
      for (size_t at = 0; at < kRegionBytes; at += bytes) parts.free.insert(base + at);
      free_part_bytes_ += kRegionBytes;
    }
    part.kind = PageKind::kSlice;
    part.base = parts.free.extract(parts.free.begin()).value();
    ++parts.taken[RegionOf(part.base)];
    free_part_bytes_ -= bytes;
  }
  part_bytes_[company] += bytes;
  if (part_bytes_[company] >= kSharedFromBytes / 16 * 15) huge_expected_ = true;
  NoteStock();
  return part;
}

std::byte* PageSource::ReturnSlice(const Region& slice) {
  Parts& parts = parts_[{slice.company, slice.bytes}];
  std::byte* const region = RegionOf(slice.base);
  parts.free.insert(slice.base);
  free_part_bytes_ += slice.bytes;
  const auto taken = parts.taken.find(region);
  if (--taken->second > 0) return nullptr;
  parts.taken.erase(taken);
  parts.free.erase(parts.free.lower_bound(region), parts.free.lower_bound(region + kRegionBytes));
  free_part_bytes_ -= kRegionBytes;
  return region;
}

void PageSource::GiveBack(Region region) {
  // What is kept in stock beyond what fewer regions in use want goes with them.
  std::vector<std::byte*> surplus;
  {
    const std::lock_guard lock(mutex_);
    if (region.bytes < kRegionBytes) part_bytes_[region.company] -= region.bytes;
    if (region.kind == PageKind::kSlice) {
      region = {ReturnSlice(region), PageKind::kHuge, 0, kRegionBytes};
      if (region.base == nullptr) return;
    }
    --taken_[static_cast<int>(region.kind)];
    if (taken_[static_cast<int>(PageKind::kHuge)] == 0) huge_expected_ = false;
    const bool huge = region.kind == PageKind::kHuge;
    if (huge || reuses_ > 0) {
      (huge ? Stock(PageKind::kHuge) : going_).push_back(region.base);
      region.base = nullptr;
    }
    surplus = TakeSurplus();
    NoteStock();
  }
  if (region.base != nullptr) Discard({&region.base, 1}, region.kind);
  Discard(absl::MakeSpan(surplus), PageKind::kHuge);
}

std::vector<std::byte*> PageSource::TakeSurplus() {
  std::vector<std::byte*>& stock = Stock(PageKind::kHuge);
  const size_t kept = std::min(StockKept(), stock.size());
  std::vector<std::byte*> surplus(stock.begin() + static_cast<ptrdiff_t>(kept), stock.end());
  stock.resize(kept);
  return surplus;
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
  std::vector<std::byte*> surplus, going;
  {
    const std::lock_guard lock(mutex_);
    reuses_ += change;
    surplus = TakeSurplus();
    if (reuses_ == 0) going = std::exchange(going_, {});
  }
  Discard(absl::MakeSpan(going), PageKind::kSmall);
  Discard(absl::MakeSpan(surplus), PageKind::kHuge);
}

void PageSource::ExpectHuge() {
  const std::lock_guard lock(mutex_);
  huge_expected_ = true;
  NoteStock();
}

size_t PageSource::StockWanted(PageKind kind) const {
  if (kind == PageKind::kSmall) return kSmallStock;
  const size_t in_use = taken_[static_cast<int>(PageKind::kHuge)];
  if (in_use == 0 && !huge_expected_) return 0;
  return in_use < kFewRegions ? 1 : kStock;
}

size_t PageSource::StockKept() const {
  if (reuses_ > 0) return SIZE_MAX;
  return std::max(StockWanted(PageKind::kHuge),
                  taken_[static_cast<int>(PageKind::kHuge)] / kKeptShare);
}

void PageSource::FillStock() {
  bool refused = false;
  for (const PageKind kind : {PageKind::kSmall, PageKind::kHuge}) {
    {
      const std::lock_guard lock(mutex_);
      if (!FewFree(kind)) continue;
    }
    std::byte* const mapped = Map(kind);
    refused |= mapped == nullptr;
    const std::lock_guard lock(mutex_);
    AddReservation(mapped, kind);
  }
  for (const PageKind kind : {PageKind::kSmall, PageKind::kHuge}) {
    while (true) {
      std::byte* base = nullptr;
      {
        const std::lock_guard lock(mutex_);
        if (Stock(kind).size() >= StockWanted(kind)) break;
        base = TakeUntouched(kind);
      }
      refused |= base == nullptr;
      if (base == nullptr) break;
      *base = std::byte{0};  // the fault
      const std::lock_guard lock(mutex_);
      Stock(kind).push_back(base);
    }
  }
  const std::lock_guard lock(mutex_);
  NoteStock();
  // It is asked again when somebody has taken some.
  if (refused) low_.store(false, std::memory_order_relaxed);
}

size_t PageSource::stock_bytes() const {
  const std::lock_guard lock(mutex_);
  return stock_[static_cast<int>(PageKind::kHuge)].size() * kRegionBytes + free_part_bytes_;
}

}  // namespace dcs::store
