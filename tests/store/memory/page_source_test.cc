#include "store/memory/page_source.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "tests/failing_allocation.h"
#include "tests/store/rig.h"

namespace dcs::store {
namespace {

constexpr size_t kRegionPages = PageSource::kRegionBytes / kSmallPageBytes;

size_t ResidentPages(const Region& region) {
  std::vector<unsigned char> resident(kRegionPages);
  EXPECT_EQ(mincore(region.base, PageSource::kRegionBytes, resident.data()), 0);
  return static_cast<size_t>(
      std::count_if(resident.begin(), resident.end(), [](unsigned char page) { return page & 1; }));
}

bool AllZero(const Region& region) {
  return std::all_of(region.base, region.base + PageSource::kRegionBytes,
                     [](std::byte b) { return b == std::byte{0}; });
}

TEST(PageSourceTest, RegionsAreAligned) {
  PageSource pages;
  for (const PageKind kind : {PageKind::kSmall, PageKind::kHuge}) {
    const Region region = pages.Take(kind);
    ASSERT_NE(region.base, nullptr);
    EXPECT_EQ(region.kind, kind);
    EXPECT_EQ(region.bytes, PageSource::kRegionBytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(region.base) % PageSource::kRegionBytes, 0u);
    pages.GiveBack(region);
  }
}

TEST(PageSourceTest, SmallRegionTakesMemoryPageByPage) {
  PageSource pages;
  const Region region = pages.Take(PageKind::kSmall);
  EXPECT_EQ(ResidentPages(region), 0u);
  std::memset(region.base, 1, 3 * kSmallPageBytes);
  EXPECT_EQ(ResidentPages(region), 3u);
  pages.GiveBack(region);
}

TEST(PageSourceTest, ARegionGivenBackKeepsItsAddressButNoneOfItsMemory) {
  PageSource pages;
  for (const PageKind kind : {PageKind::kSmall, PageKind::kHuge}) {
    const Region first = pages.Take(kind);
    std::memset(first.base, 0xAB, PageSource::kRegionBytes);
    EXPECT_EQ(ResidentPages(first), kRegionPages);
    pages.GiveBack(first);
    const Region second = pages.Take(kind);
    EXPECT_EQ(second.base, first.base);
    EXPECT_EQ(ResidentPages(second), 0u);
    EXPECT_TRUE(AllZero(second));
    pages.GiveBack(second);
  }
}

TEST(PageSourceTest, RegionsOfSeveralReservationsNeverOverlap) {
  PageSource pages;
  constexpr size_t kRegions =
      2 * PageSource::kReservationBytes / PageSource::kRegionBytes + 3;  // begins a third one
  std::vector<Region> taken;
  std::set<std::byte*> bases;
  for (size_t i = 0; i < kRegions; ++i) {
    for (const PageKind kind : {PageKind::kSmall, PageKind::kHuge}) {
      taken.push_back(pages.Take(kind));
      ASSERT_NE(taken.back().base, nullptr);
      EXPECT_TRUE(bases.insert(taken.back().base).second);
    }
  }
  for (const Region& region : taken) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(region.base) % PageSource::kRegionBytes, 0u);
    region.base[0] = std::byte{1};
    region.base[PageSource::kRegionBytes - 1] = std::byte{1};
  }
  for (const Region& region : taken) pages.GiveBack(region);
}

TEST(PageSourceTest, AKindNeverGetsARegionOfTheOther) {
  PageSource pages;
  std::set<std::byte*> small;
  for (int i = 0; i < 10; ++i) {
    const Region region = pages.Take(PageKind::kSmall);
    small.insert(region.base);
    pages.GiveBack(region);
  }
  for (int i = 0; i < 10; ++i) {
    const Region region = pages.Take(PageKind::kHuge);
    EXPECT_EQ(small.count(region.base), 0u);
    pages.GiveBack(region);
  }
}

TEST(PageSourceTest, StocksTouchedHugeRegionsIfTheyAreUsed) {
  PageSource pages;
  pages.Restock();
  EXPECT_EQ(pages.stock_bytes(), 0u) << "nobody uses or expects any";
  pages.ExpectHuge();
  pages.Restock();
  EXPECT_EQ(pages.stock_bytes(), PageSource::kRegionBytes);
  std::vector<Region> taken;
  for (int i = 0; i < 32; ++i) taken.push_back(pages.Take(PageKind::kHuge));
  EXPECT_GE(ResidentPages(taken[0]), 1u) << "from stock";
  EXPECT_EQ(ResidentPages(taken[1]), 0u) << "beyond it";
  EXPECT_EQ(pages.stock_bytes(), 0u);
  pages.Restock();
  EXPECT_EQ(pages.stock_bytes(), 2 * PageSource::kRegionBytes) << "many are in use";
  for (const Region& region : taken) pages.GiveBack(region);
  EXPECT_EQ(pages.stock_bytes(), 0u) << "none in use, none in stock";
}

TEST(PageSourceTest, ReuseKeepsEveryReturnedHugeRegion) {
  PageSource pages;
  std::vector<Region> taken;
  for (int i = 0; i < 80; ++i) taken.push_back(pages.Take(PageKind::kHuge));
  const auto give_back = [&](size_t regions) {
    for (size_t i = 0; i < regions; ++i) {
      pages.GiveBack(taken.back());
      taken.pop_back();
    }
  };
  give_back(16);
  EXPECT_EQ(pages.stock_bytes(), 2 * PageSource::kRegionBytes);
  {
    const PageSource::Reuse reuse(pages);
    give_back(16);
    EXPECT_EQ(pages.stock_bytes(), 18 * PageSource::kRegionBytes) << "all of them";
  }
  EXPECT_EQ(pages.stock_bytes(), 2 * PageSource::kRegionBytes);
  give_back(taken.size());
}

TEST(PageSourceTest, SmallRegionsGivenBackDuringReuseGoAtItsEnd) {
  PageSource pages;
  std::vector<Region> taken;
  for (int i = 0; i < 5; ++i) {
    taken.push_back(pages.Take(PageKind::kSmall));
    std::memset(taken.back().base, 1, kSmallPageBytes);
  }
  {
    const PageSource::Reuse reuse(pages);
    // Not all of them neighbours, and out of order.
    for (const size_t i : {size_t{4}, size_t{0}, size_t{1}, size_t{3}}) pages.GiveBack(taken[i]);
  }
  for (const size_t i : {0, 1, 3, 4}) EXPECT_EQ(ResidentPages(taken[i]), 0u);
  EXPECT_EQ(ResidentPages(taken[2]), 1u) << "still in use";
  pages.GiveBack(taken[2]);
}

TEST(PageSourceTest, NoneOfManyNeighboursStaysBehind) {
  for (size_t neighbours = 1; neighbours <= 9; ++neighbours) {
    PageSource pages;
    std::vector<Region> taken;
    for (size_t i = 0; i < neighbours; ++i) {
      taken.push_back(pages.Take(PageKind::kSmall));
      std::memset(taken.back().base, 1, kSmallPageBytes);
    }
    {
      const PageSource::Reuse reuse(pages);
      for (const Region& region : taken) pages.GiveBack(region);
      EXPECT_EQ(ResidentPages(taken.back()), 1u) << "not before the end";
    }
    for (const Region& region : taken) EXPECT_EQ(ResidentPages(region), 0u) << neighbours;
  }
}

TEST(PageSourceTest, ReservationsTakeASmallShareOfALimitedAddressSpace) {
  EXPECT_EQ(PageSource::ReservationBytes(UINT64_MAX), PageSource::kReservationBytes);
  EXPECT_EQ(PageSource::ReservationBytes(uint64_t{16} << 30), size_t{256} << 20);
  EXPECT_EQ(PageSource::ReservationBytes(uint64_t{1} << 30), size_t{16} << 20);
  EXPECT_EQ(PageSource::ReservationBytes(uint64_t{100} << 20), 4 * PageSource::kRegionBytes);
  EXPECT_EQ(PageSource::ReservationBytes(0), 4 * PageSource::kRegionBytes);
}

TEST(PageSourceTest, PartsShareRegionsFromTheFirstOneInALimitedAddressSpace) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need address space of their own";
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit limited = before;
  limited.rlim_cur = rlim_t{4} << 30;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limited), 0);
  {
    PageSource pages;
    constexpr size_t kPart = size_t{64} << 10;
    std::vector<Region> parts;
    std::set<uintptr_t> regions;
    for (int i = 0; i < 100; ++i) {
      parts.push_back(pages.TakePart(kPart, kPart, 0));
      ASSERT_NE(parts.back().base, nullptr);
      regions.insert(reinterpret_cast<uintptr_t>(parts.back().base) / PageSource::kRegionBytes);
    }
    EXPECT_LE(regions.size(), 4u) << "32 parts to a region";
    for (const Region& part : parts) pages.GiveBack(part);
  }
  EXPECT_EQ(setrlimit(RLIMIT_AS, &before), 0);
}

TEST(PageSourceTest, SmallRegionsThatWaitForTheEndOfReuseAreCounted) {
  PageSource pages;
  const Region whole = pages.Take(PageKind::kSmall);
  const Region part = pages.TakePart(size_t{64} << 10, size_t{64} << 10, 0);
  const size_t before = pages.stock_bytes();
  {
    const PageSource::Reuse reuse(pages);
    pages.GiveBack(whole);
    pages.GiveBack(part);
    EXPECT_EQ(pages.stock_bytes(), before + PageSource::kRegionBytes + (size_t{64} << 10));
  }
  EXPECT_EQ(pages.stock_bytes(), before);
}

TEST(PageSourceTest, MoreSurplusThanOneBatchGoesAtTheEndOfReuse) {
  PageSource pages;
  std::vector<Region> taken;
  for (int i = 0; i < 150; ++i) {
    for (const PageKind kind : {PageKind::kSmall, PageKind::kHuge}) {
      taken.push_back(pages.Take(kind));
      taken.back().base[0] = std::byte{1};
    }
  }
  {
    const PageSource::Reuse reuse(pages);
    for (const Region& region : taken) pages.GiveBack(region);
  }
  EXPECT_EQ(pages.stock_bytes(), 0u);
  for (const Region& region : taken) EXPECT_EQ(ResidentPages(region), 0u);
}

// Whatever fails, a taker gets a region or none, and all that was taken goes back.
TEST(PageSourceTest, EveryAllocationFails_TakersGetNothingAndTheRestGoesOn) {
  for (const bool from_then_on : {false, true}) {
    bool failed = true;
    for (uint64_t n = 1; failed; ++n) {
      std::vector<Region> taken;
      taken.reserve(1000);
      PageSource pages;
      size_t refused = 0;
      {
        const FailingAllocation failing(n, from_then_on);
        const auto add = [&](Region region) {
          refused += region.base == nullptr;
          if (region.base != nullptr) taken.push_back(region);
        };
        for (int i = 0; i < 70; ++i) {
          add(pages.Take(i % 2 == 0 ? PageKind::kSmall : PageKind::kHuge));
          add(pages.TakePart(size_t{128} << 10, size_t{256} << 10, 2));
          pages.Restock();
        }
        failed = failing.failed();
        if (from_then_on) {
          while (!taken.empty()) {
            pages.GiveBack(taken.back());
            taken.pop_back();
          }
        }
      }
      EXPECT_TRUE(failed || refused == 0);
      for (const Region& region : taken) pages.GiveBack(region);
      EXPECT_EQ(pages.stock_bytes(), 0u);
      const Region region = pages.TakePart(size_t{128} << 10, size_t{256} << 10, 2);
      EXPECT_NE(region.base, nullptr) << "there is memory again";
      pages.GiveBack(region);
    }
  }
}

TEST(PageSourceTest, PartsAreOnSmallPagesUntilTheirCompanyIsLarge) {
  PageSource pages;
  constexpr size_t kPart = size_t{256} << 10;
  std::vector<Region> parts;
  for (size_t bytes = 0; bytes < PageSource::kSharedFromBytes; bytes += kPart) {
    parts.push_back(pages.TakePart(kPart, kPart, 3));
    ASSERT_EQ(parts.back().kind, PageKind::kSmall);
  }
  std::set<std::byte*> bases;
  for (size_t i = 0; i < 16; ++i) {
    parts.push_back(pages.TakePart(kPart, kPart, 3));
    ASSERT_EQ(parts.back().kind, PageKind::kSlice);
    ASSERT_EQ(parts.back().bytes, kPart);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(parts.back().base) % kPart, 0u);
    ASSERT_TRUE(bases.insert(parts.back().base).second);
    parts.back().base[0] = parts.back().base[kPart - 1] = std::byte{1};
  }
  EXPECT_EQ(*bases.rbegin() - *bases.begin(), 15 * kPart) << "two regions side by side";
  const Region other = pages.TakePart(kPart, kPart, 4);
  EXPECT_EQ(other.kind, PageKind::kSmall) << "another company";
  pages.GiveBack(other);
  for (const Region& part : parts) pages.GiveBack(part);
  EXPECT_EQ(pages.stock_bytes(), 0u);
}

TEST(PageSourceTest, AFreePartIsTakenAgainBeforeANewRegion) {
  PageSource pages;
  constexpr size_t kSmall = size_t{64} << 10, kLarge = size_t{512} << 10;
  std::vector<Region> parts;
  for (size_t bytes = 0; bytes < PageSource::kSharedFromBytes; bytes += kLarge) {
    parts.push_back(pages.TakePart(kLarge, kLarge, 0));
  }
  const Region small = pages.TakePart(kSmall, kSmall, 0);
  EXPECT_EQ(small.kind, PageKind::kSlice);
  const size_t free_before = pages.stock_bytes();
  const Region again = pages.TakePart(kSmall, kLarge, 0);
  EXPECT_EQ(again.bytes, kSmall) << "less than asked for, but touched already";
  EXPECT_EQ(pages.stock_bytes(), free_before - kSmall);
  const Region large = pages.TakePart(kLarge, kLarge, 0);
  EXPECT_EQ(large.bytes, kLarge);
  for (const Region& part : {small, again, large}) pages.GiveBack(part);
  for (const Region& part : parts) pages.GiveBack(part);
}

TEST(PageSourceTest, AFreePartIsTakenAgainWhereSoLittleIsLeftThatNewOnesAreSmall) {
  PageSource pages;
  constexpr size_t kPart = size_t{256} << 10;
  std::vector<Region> small, slices;
  for (size_t bytes = 0; bytes < PageSource::kSharedFromBytes; bytes += kPart) {
    small.push_back(pages.TakePart(kPart, kPart, 0));
  }
  for (size_t i = 0; i < PageSource::kRegionBytes / kPart; ++i) {
    slices.push_back(pages.TakePart(kPart, kPart, 0));
    ASSERT_EQ(slices.back().kind, PageKind::kSlice);
  }
  // All slices but one, and more than as much of the others.
  while (slices.size() > 1) {
    pages.GiveBack(slices.back());
    slices.pop_back();
  }
  for (int i = 0; i < 10; ++i) {
    pages.GiveBack(small.back());
    small.pop_back();
  }
  const size_t free_before = pages.stock_bytes();
  slices.push_back(pages.TakePart(kPart / 4, kPart * 2, 0));
  EXPECT_EQ(slices.back().kind, PageKind::kSlice);
  EXPECT_EQ(slices.back().bytes, kPart);
  EXPECT_EQ(pages.stock_bytes(), free_before - kPart);
  // Where none is free, all that was asked for, on small pages.
  const Region other = pages.TakePart(kPart, kPart * 2, 1);
  EXPECT_EQ(other.kind, PageKind::kSmall);
  EXPECT_EQ(other.bytes, kPart * 2);
  pages.GiveBack(other);
  for (const Region& part : small) pages.GiveBack(part);
  for (const Region& part : slices) pages.GiveBack(part);
}

}  // namespace
}  // namespace dcs::store
