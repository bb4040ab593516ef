#include "store/memory/retired.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "tests/store/rig.h"

namespace dcs::store {
namespace {

// A heap value that says when it is destroyed.
class TellingValue final : public HeapValue {
 public:
  TellingValue(size_t size, bool& destroyed)
      : HeapValue(ValueType::kHash), size_(size), destroyed_(destroyed) {}
  ~TellingValue() override { destroyed_ = true; }
  size_t size() const override { return size_; }
  size_t bytes() const override { return size_ * 10; }

 private:
  const size_t size_;
  bool& destroyed_;
};

TEST(MappingTest, HoldsWholePagesThatReadAsZero) {
  const Mapping mapping(5000);
  ASSERT_NE(mapping.data(), nullptr);
  EXPECT_EQ(mapping.bytes(), 2 * kSmallPageBytes);
  EXPECT_TRUE(std::all_of(mapping.data(), mapping.data() + mapping.bytes(),
                          [](std::byte b) { return b == std::byte{0}; }));
}

TEST(MappingTest, KeepsItsContentsWhenItGrows) {
  Mapping mapping(kSmallPageBytes);
  std::memset(mapping.data(), 'x', kSmallPageBytes);
  ASSERT_TRUE(mapping.Grow(size_t{8} << 20));
  EXPECT_EQ(mapping.bytes(), size_t{8} << 20);
  EXPECT_TRUE(std::all_of(mapping.data(), mapping.data() + kSmallPageBytes,
                          [](std::byte b) { return b == std::byte{'x'}; }));
  mapping.data()[mapping.bytes() - 1] = std::byte{1};
}

TEST(MappingTest, MovingLeavesNothingBehind) {
  Mapping first(kSmallPageBytes);
  std::byte* const data = first.data();
  Mapping second(std::move(first));
  EXPECT_EQ(second.data(), data);
  Mapping third;
  third = std::move(second);
  EXPECT_EQ(third.data(), data);
  EXPECT_EQ(third.bytes(), kSmallPageBytes);
}

TEST(MappingTest, AnImpossibleSizeIsRefused) {
  const Mapping mapping(size_t{1} << 60);
  EXPECT_EQ(mapping.data(), nullptr);
  EXPECT_EQ(mapping.bytes(), 0u);
  Mapping grown(kSmallPageBytes);
  EXPECT_FALSE(grown.Grow(size_t{1} << 60));
  EXPECT_EQ(grown.bytes(), kSmallPageBytes);
}

TEST(RetiredTest, GivesRegionsBackAtItsEnd) {
  Rig rig;
  const Region region = rig.pages.Take(PageKind::kHuge);
  Region other;
  {
    Retired retired(rig.pages, rig.lazy_free);
    retired.Add(region);
    other = rig.pages.Take(PageKind::kHuge);
    EXPECT_NE(other.base, region.base);
  }
  EXPECT_EQ(rig.pages.Take(PageKind::kHuge).base, region.base);
  rig.pages.GiveBack(region);
  rig.pages.GiveBack(other);
}

TEST(RetiredTest, SmallValuesGoAtItsEndAndLargeOnesToTheLazyFreeThread) {
  Rig rig;
  bool small_gone = false, large_gone = false;
  {
    Retired retired(rig.pages, rig.lazy_free);
    retired.Add(std::make_unique<TellingValue>(LazyFree::kWorthQueueing, small_gone),
                FreeMode::kLazy);
    retired.Add(std::make_unique<TellingValue>(LazyFree::kWorthQueueing + 1, large_gone),
                FreeMode::kLazy);
    EXPECT_FALSE(small_gone);
  }
  EXPECT_TRUE(small_gone);
  EXPECT_FALSE(large_gone);
  EXPECT_EQ(rig.lazy_free.counters().pending_objects, 1u);
  EXPECT_EQ(rig.lazy_free.counters().pending_bytes, 650u);
  rig.lazy_free.Drain();
  EXPECT_TRUE(large_gone);
}

TEST(RetiredTest, NowMeansNowForLargeValuesToo) {
  Rig rig;
  bool gone = false;
  {
    Retired retired(rig.pages, rig.lazy_free);
    retired.Add(std::make_unique<TellingValue>(100'000, gone), FreeMode::kNow);
  }
  EXPECT_TRUE(gone);
  EXPECT_EQ(rig.lazy_free.counters().freed_objects, 0u);
}

TEST(RetiredTest, OnlyLargeMappingsAreLeftToTheLazyFreeThread) {
  Rig rig;
  {
    Retired retired(rig.pages, rig.lazy_free);
    retired.Add(Mapping((size_t{1} << 20) - kSmallPageBytes));
    retired.Add(Mapping(size_t{1} << 20));
  }
  EXPECT_EQ(rig.lazy_free.counters().pending_objects, 1u);
  EXPECT_EQ(rig.lazy_free.counters().pending_bytes, size_t{1} << 20);
  rig.lazy_free.Drain();
  EXPECT_EQ(rig.lazy_free.counters().pending_bytes, 0u);
}

TEST(RetiredTest, BringsPagesAtItsEndAsTheyAre) {
  if (!SystemBringsPages()) GTEST_SKIP();
  Rig rig;
  const Mapping mapping(3 * kSmallPageBytes);
  std::byte* const data = mapping.data();
  madvise(data, mapping.bytes(), MADV_NOHUGEPAGE);
  data[0] = std::byte{1};
  const auto resident = [&] {
    std::array<unsigned char, 3> pages = {};
    EXPECT_EQ(mincore(data, mapping.bytes(), pages.data()), 0);
    return std::array{pages[0] & 1, pages[1] & 1, pages[2] & 1};
  };
  {
    Retired retired(rig.pages, rig.lazy_free);
    retired.BringPage(data);
    retired.BringPage(data + 2 * kSmallPageBytes + 5);
    EXPECT_EQ(resident(), (std::array{1, 0, 0}));
  }
  EXPECT_EQ(resident(), (std::array{1, 0, 1}));
  EXPECT_EQ(data[0], std::byte{1});
}

TEST(RetiredTest, APageThatIsNotMappedAnyMoreIsNotBrought) {
  Rig rig;
  Retired retired(rig.pages, rig.lazy_free);
  const Mapping mapping(kSmallPageBytes);
  retired.BringPage(mapping.data());
}

}  // namespace
}  // namespace dcs::store
