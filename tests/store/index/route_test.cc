#include "store/index/route.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "store/index/index.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

class RouteTest : public ::testing::Test {
 protected:
  // Leads where the segment does, for some places in it.
  void Check(const Route& route, const Segment& segment) {
    ASSERT_FALSE(route.asks_segment());
    ASSERT_EQ(route.groups(), segment.groups());
    ASSERT_EQ(route.base(), segment.base());
    ASSERT_EQ(route.used(), segment.depth() - segment.base());
    ASSERT_EQ(route.has_whole_blocks(), segment.groups() >= kBlockGroups);
    for (size_t i = 0; i < segment.blocks(); ++i) ASSERT_EQ(route.block(i), segment.block(i));
    if (segment.groups() == 0) return;
    for (int i = 0; i < 100; ++i) {
      const uint64_t hash = segment.start() + (random_.Next() >> segment.depth());
      const uint16_t place = segment.PlaceOf(hash);
      ASSERT_EQ(route.LocalPlaceOf(hash), segment.LocalPlace(place));
      ASSERT_EQ(Route::HomeOf(route.LocalPlaceOf(hash), route.groups()), segment.HomeOf(place));
    }
  }

  Rig rig_;
  SeededRandom random_{TestSeed(18)};
};

TEST_F(RouteTest, LeadsToNothingAtFirst) {
  EXPECT_EQ(Route().groups(), 0u);
  EXPECT_FALSE(Route().asks_segment());
  EXPECT_FALSE(Route().has_whole_blocks());
}

TEST_F(RouteTest, HoldsEverySizeAtEveryDepth) {
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  // What others hold in between, so that block numbers of all sizes occur, adjacent ones or not.
  std::vector<SlotBlock*> others;
  for (int depth = 0; depth <= Index::kMaxDepth; ++depth) {
    for (int used = 0; used <= std::min(depth, Index::kMaxUsedPlaceBits); ++used) {
      const uint64_t start = depth == 0 ? 0 : random_.Next() >> (64 - depth) << (64 - depth);
      Segment segment(start, depth, depth - used);
      Check(Route(segment), segment);
      for (const size_t groups : {1, 2, 4, 8, 16, 24, 32, 40, 48, 56, 64}) {
        ASSERT_TRUE(segment.Resize(groups, rig_.blocks, deferred));
        Check(Route(segment), segment);
        if (HasFailure()) return;
        SlotBlock* other = nullptr;
        ASSERT_TRUE(rig_.blocks.Take(absl::MakeSpan(&other, 1)));
        others.push_back(other);
        if (!random_.OneIn(3)) continue;
        std::swap(others[random_.Below(others.size())], others.back());
        rig_.blocks.Return(absl::MakeSpan(&others.back(), 1));
        others.pop_back();
      }
      segment.Discard(rig_.blocks, deferred);
    }
  }
  rig_.blocks.Return(others);
}

TEST_F(RouteTest, AsksTheSegmentAboutAnyOtherSize) {
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  for (const size_t groups : {3, 9, 60, 72, 4'096}) {
    Segment segment(0, 0, 0);
    ASSERT_TRUE(segment.Resize(groups, rig_.blocks, deferred));
    EXPECT_TRUE(Route(segment).asks_segment()) << groups;
    EXPECT_FALSE(Route(segment).has_whole_blocks()) << groups;
    segment.Discard(rig_.blocks, deferred);
  }
}

}  // namespace
}  // namespace dcs::store
