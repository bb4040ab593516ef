#include "store/page_source.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

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

TEST(PageSourceTest, RegionsAreAlignedAndReadAsZero) {
  PageSource pages;
  for (const PageKind kind : {PageKind::kSmall, PageKind::kHuge}) {
    const Region region = pages.Take(kind);
    ASSERT_NE(region.base, nullptr);
    EXPECT_EQ(region.kind, kind);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(region.base) % PageSource::kRegionBytes, 0u);
    EXPECT_TRUE(AllZero(region));
    pages.GiveBack(region);
  }
}

TEST(PageSourceTest, AFreshSmallRegionTakesMemoryPageByPage) {
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

}  // namespace
}  // namespace dcs::store
