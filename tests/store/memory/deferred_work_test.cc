#include "store/memory/deferred_work.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/store/rig.h"

namespace dcs::store {
namespace {

// A heap value that reports its destruction.
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

TEST(DeferredWorkTest, ReturnsRegionsAfterTheLock) {
  Rig rig;
  const Region region = rig.pages.Take(PageKind::kHuge);
  Region other;
  {
    DeferredWork deferred(rig.pages, rig.lazy_free);
    deferred.Add(region);
    other = rig.pages.Take(PageKind::kHuge);
    EXPECT_NE(other.base, region.base);
  }
  EXPECT_EQ(rig.pages.Take(PageKind::kHuge).base, region.base);
  rig.pages.GiveBack(region);
  rig.pages.GiveBack(other);
}

TEST(DeferredWorkTest, DestroysSmallValuesAndQueuesLargeOnes) {
  Rig rig;
  bool small_gone = false, large_gone = false;
  {
    DeferredWork deferred(rig.pages, rig.lazy_free);
    deferred.Add(std::make_unique<TellingValue>(LazyFree::kWorthQueueing, small_gone),
                 FreeMode::kLazy);
    deferred.Add(std::make_unique<TellingValue>(LazyFree::kWorthQueueing + 1, large_gone),
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

TEST(DeferredWorkTest, FreeModeNow_DestroysLargeValueAtOnce) {
  Rig rig;
  bool gone = false;
  {
    DeferredWork deferred(rig.pages, rig.lazy_free);
    deferred.Add(std::make_unique<TellingValue>(100'000, gone), FreeMode::kNow);
  }
  EXPECT_TRUE(gone);
  EXPECT_EQ(rig.lazy_free.counters().freed_objects, 0u);
}

TEST(DeferredWorkTest, QueuesLargeMappingsOnly) {
  Rig rig;
  {
    DeferredWork deferred(rig.pages, rig.lazy_free);
    deferred.Add(Mapping((size_t{1} << 20) - kSmallPageBytes));
    deferred.Add(Mapping(size_t{1} << 20));
  }
  EXPECT_EQ(rig.lazy_free.counters().pending_objects, 1u);
  EXPECT_EQ(rig.lazy_free.counters().pending_bytes, size_t{1} << 20);
  rig.lazy_free.Drain();
  EXPECT_EQ(rig.lazy_free.counters().pending_bytes, 0u);
}

}  // namespace
}  // namespace dcs::store
