#include "store/index/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

// An index whose "records" are shard hashes chosen by the test, numbered by their offset.
class IndexUnderTest {
 public:
  IndexUnderTest(Rig& rig, size_t max_segment_groups)
      : rig_(rig), index_(rig.blocks, max_segment_groups) {}

  // False where the index has no room.
  bool Add(uint64_t hash) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    hashes_.push_back(hash);
    read_at_once_ = 0;
    const auto hash_of = [this](uint32_t offset) {
      ++read_at_once_;
      return hashes_[offset];
    };
    if (!index_.MakeRoom(hash, {hash_of, [](uint32_t) {}}, deferred)) {
      hashes_.pop_back();
      return false;
    }
    Segment& segment = index_.SegmentAt(hash);
    index_.Insert(
        segment,
        {TagOf(hash), 0, segment.PlaceOf(hash), static_cast<uint32_t>(hashes_.size() - 1), {}});
    return true;
  }
  SlotRef Find(uint32_t offset) const {
    return index_.FindSlot(hashes_[offset],
                           [offset](SlotRef slot) { return slot.offset() == offset; });
  }
  bool Has(uint32_t offset) const { return static_cast<bool>(Find(offset)); }
  // The index's way to the slots is the segment's.
  void CheckRoute(uint64_t hash) const {
    using Candidate = std::tuple<const SlotBlock*, uint32_t, uint32_t>;
    std::vector<Candidate> by_route, by_segment;
    const auto into = [](std::vector<Candidate>& candidates) {
      return [&candidates](SlotRef slot) {
        candidates.emplace_back(slot.block, slot.group, slot.in_group);
        return false;
      };
    };
    ASSERT_FALSE(index_.FindSlot(hash, into(by_route)));
    const SlotRef first = index_.FirstAtHome(
        hash, Purpose::kLook, [](SlotRef slot) { return slot; }, [] { return SlotRef{}; });
    if (first) {
      ASSERT_FALSE(by_route.empty());
      ASSERT_EQ(by_route[0], Candidate(first.block, first.group, first.in_group));
    }
    ASSERT_FALSE(index_.SegmentAt(hash).FindSlot(hash, into(by_segment)));
    ASSERT_EQ(by_route, by_segment);
  }
  void Remove(uint32_t offset) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    const uint64_t hash = hashes_[offset];
    Segment& segment = index_.SegmentAt(hash);
    index_.Clear(segment, Find(offset));
    index_.ShrinkIfSparse(segment, deferred);
  }
  // Walks all segments; checks that each key is in the segment of its hash, and places.
  void Check() const {
    uint64_t position = 0;
    size_t segments = 0, slots = 0;
    do {
      const Segment& segment = index_.SegmentAt(position);
      ASSERT_EQ(segment.start(), position);
      const uint64_t end = segment.end();
      ASSERT_TRUE(end == 0 || end > position);
      ASSERT_LE(segment.depth() - segment.base(), Index::kMaxUsedPlaceBits);
      ASSERT_LE(segment.depth(), index_.depth());
      segment.ForEach([&](SlotRef slot) {
        ++slots;
        const uint64_t hash = hashes_[slot.offset()];
        ASSERT_GE(hash, position);
        ASSERT_TRUE(end == 0 || hash < end);
        const uint16_t place = segment.PlaceOf(hash);
        ASSERT_EQ(segment.LocalPlace(slot.place()), segment.LocalPlace(place));
        if (segment.HasNewPlace(slot)) {
          ASSERT_EQ(slot.place(), place);
        }
        ASSERT_EQ(slot.tag(), TagOf(hash));
        if (slot.offset() % 8 == 0) CheckRoute(hash);
      });
      CheckRoute(position);
      CheckRoute(end - 1);
      ++segments;
      position = end;
    } while (position != 0);
    ASSERT_EQ(segments, index_.segments());
    ASSERT_EQ(slots, index_.count());
  }

  const Index& index() const { return index_; }
  size_t size() const { return hashes_.size(); }
  // Records that the last Add has read.
  size_t read_at_once() const { return read_at_once_; }

 private:
  Rig& rig_;
  Index index_;
  std::vector<uint64_t> hashes_;
  size_t read_at_once_ = 0;
};

class IndexTest : public ::testing::TestWithParam<size_t> {
 protected:
  Rig rig_;
};

TEST_P(IndexTest, EveryKeyIsFoundThroughGrowthAndSplits) {
  IndexUnderTest keys(rig_, GetParam());
  SeededRandom random(TestSeed(9));
  const size_t count = Scaled(100'000);
  for (size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(keys.Add(random.Next()));
    if (i % (count / 10) == 0) keys.Check();
  }
  keys.Check();
  for (uint32_t i = 0; i < count; ++i) ASSERT_TRUE(keys.Has(i));
  EXPECT_EQ(keys.index().count(), count);
}

TEST_P(IndexTest, GivesItsBlocksBackWhenTheKeysGo) {
  IndexUnderTest keys(rig_, GetParam());
  SeededRandom random(TestSeed(10));
  const size_t count = Scaled(50'000);
  for (size_t i = 0; i < count; ++i) ASSERT_TRUE(keys.Add(random.Next()));
  const size_t full = keys.index().blocks();
  for (uint32_t i = 0; i < count; ++i) {
    if (i % 10 != 0) keys.Remove(i);
  }
  keys.Check();
  // Half a block a segment at the least, where segments are small.
  if (GetParam() >= 16) {
    EXPECT_LT(keys.index().blocks(), full / 3);
  }
  for (uint32_t i = 0; i < count; ++i) ASSERT_EQ(i % 10 == 0, keys.Has(i));
  for (uint32_t i = 0; i < count; i += 10) keys.Remove(i);
  EXPECT_EQ(keys.index().blocks(), 0u);
  EXPECT_EQ(keys.index().blocks(), 0u);
  keys.Check();
}

INSTANTIATE_TEST_SUITE_P(SegmentSizes, IndexTest, ::testing::Values(1, 2, 8, 64));

TEST(IndexFillTest, ASlotCostsUnderTwentyBytesAKeyOverADoubling) {
  Rig rig;
  IndexUnderTest keys(rig, 64);
  SeededRandom random(TestSeed(11));
  double sum = 0;
  int measured = 0;
  for (size_t i = 1; i <= 200'000; ++i) {
    ASSERT_TRUE(keys.Add(random.Next()));
    if (i < 100'000 || i % 10'000 != 0) continue;
    sum += static_cast<double>(keys.index().bytes()) / static_cast<double>(i);
    ++measured;
  }
  EXPECT_LT(sum / measured, 20.0);
}

TEST(IndexFillTest, PlacesAreTakenAnewAFewAtATime) {
  Rig rig;
  IndexUnderTest keys(rig, 64);
  SeededRandom random(TestSeed(18));
  size_t all = 0, most = 0;
  for (size_t i = 0; i < 200'000; ++i) {
    ASSERT_TRUE(keys.Add(random.Next()));
    all += keys.read_at_once();
    most = std::max(most, keys.read_at_once());
    if (i % 10'000 == 0) keys.Check();
  }
  keys.Check();
  EXPECT_GT(keys.index().depth(), Index::kMaxUsedPlaceBits);
  // Each key that the segments of that depth then had, once.
  EXPECT_GT(all, 64 * Segment::MaxCount(40) * 9 / 10);
  EXPECT_LT(all, 64 * Segment::MaxCount(48) * 11 / 10);
  EXPECT_LE(most, kGroupSlots);
}

TEST(IndexFillTest, NoNewPlaceIsTakenTwiceThoughTheSegmentDoesNotFill) {
  Rig rig;
  IndexUnderTest keys(rig, 64);
  SeededRandom random(TestSeed(19));
  std::vector<uint32_t> present;
  const auto add = [&] {
    ASSERT_TRUE(keys.Add(random.Next()));
    present.push_back(static_cast<uint32_t>(keys.size() - 1));
  };
  // To the depth that uses six bits up, and until some segments have begun; then as many go as come.
  while (keys.index().depth() < Index::kMaxUsedPlaceBits || keys.read_at_once() == 0) add();
  const size_t count = present.size();
  size_t all = 0;
  for (size_t i = 0; i < 4 * count; ++i) {
    const size_t gone = random.Below(present.size());
    keys.Remove(present[gone]);
    present[gone] = present.back();
    present.pop_back();
    add();
    all += keys.read_at_once();
    if (i % (count / 2) == 0) keys.Check();
  }
  keys.Check();
  EXPECT_EQ(keys.index().count(), count);
  for (const uint32_t offset : present) ASSERT_TRUE(keys.Has(offset));
  EXPECT_GT(all, 0u);
  EXPECT_LE(all, count);
}

TEST(IndexClusterTest, KeysThatShareTwentyHashBitsDoNotDoubleTheDirectoryWithoutEnd) {
  Rig rig;
  IndexUnderTest keys(rig, 64);
  SeededRandom random(TestSeed(12));
  constexpr size_t kClustered = 20'000;
  for (size_t i = 0; i < kClustered; ++i) {
    ASSERT_TRUE(keys.Add((uint64_t{0xABCDE} << 44) | (random.Next() >> 20)));
  }
  keys.Check();
  // 20,000 keys fill 20 segments: 5 bits, and four more.
  EXPECT_LE(keys.index().depth(), 9);
  EXPECT_LE(keys.index().segments(), 20u);
  for (uint32_t i = 0; i < kClustered; ++i) ASSERT_TRUE(keys.Has(i));
  // When others come, the limit rises and what can split does.
  for (size_t i = 0; i < Scaled(300'000); ++i) ASSERT_TRUE(keys.Add(random.Next()));
  keys.Check();
  EXPECT_LE(keys.index().depth(), 9 + 5);
  for (uint32_t i = 0; i < keys.size(); ++i) ASSERT_TRUE(keys.Has(i));
  for (uint32_t i = 0; i < keys.size(); ++i) keys.Remove(i);
  EXPECT_EQ(keys.index().blocks(), 0u);
}

TEST(IndexClusterTest, EqualHashesAreKeptApartByTheirKeys) {
  Rig rig;
  IndexUnderTest keys(rig, 2);
  for (size_t i = 0; i < 2'000; ++i) ASSERT_TRUE(keys.Add(0x0123'4567'89AB'CDEF));
  keys.Check();
  for (uint32_t i = 0; i < 2'000; ++i) ASSERT_TRUE(keys.Has(i));
  for (uint32_t i = 0; i < 2'000; i += 2) keys.Remove(i);
  for (uint32_t i = 0; i < 2'000; ++i) ASSERT_EQ(keys.Has(i), i % 2 == 1);
}

TEST(IndexClusterTest, ASegmentThatCannotSplitTakes59392KeysAndThenRefuses) {
  Rig rig;
  IndexUnderTest keys(rig, 64);
  SeededRandom random(TestSeed(13));
  // Below the directory's 40 bits, so that no split ever helps; spread over the places behind.
  const auto clustered = [&] { return (uint64_t{0xFEDCB} << 44) | (random.Next() >> 20); };
  for (size_t i = 0; i < 59'392; ++i) {
    ASSERT_TRUE(keys.Add(clustered())) << "refused with " << i << " keys";
  }
  EXPECT_FALSE(keys.Add(clustered()));
  keys.Check();
  EXPECT_EQ(keys.index().count(), 59'392u);
  EXPECT_TRUE(keys.Add(1)) << "other segments still take keys";
}

TEST(IndexClusterTest, ALargeSegmentIsAskedItselfUntilItIsSmallAgain) {
  Rig rig;
  IndexUnderTest keys(rig, 64);
  SeededRandom random(TestSeed(16));
  constexpr uint64_t kCluster = uint64_t{0xFEDCB} << 44;
  while (!keys.index().RouteAt(kCluster).asks_segment()) {
    ASSERT_TRUE(keys.Add(kCluster | (random.Next() >> 20)));
  }
  EXPECT_EQ(keys.size(), Segment::MaxCount(64) + 1);
  for (uint32_t i = 0; i < 1'000; ++i) ASSERT_TRUE(keys.Add(kCluster | (random.Next() >> 20)));
  keys.Check();
  for (uint32_t i = 0; i < keys.size(); ++i) ASSERT_TRUE(keys.Has(i));
  for (uint32_t i = 0; i < keys.size(); ++i) {
    keys.Remove(i);
    ASSERT_FALSE(keys.Has(i));
    if (i % 100 == 0) keys.Check();
  }
  EXPECT_FALSE(keys.index().RouteAt(kCluster).asks_segment());
  EXPECT_EQ(keys.index().RouteAt(kCluster).groups(), 0u);
}

TEST(IndexRouteTest, LookupsAgreeThroughRandomGrowthAndShrinking) {
  for (const size_t max_groups : {1, 2, 4, 16, 64}) {
    Rig rig;
    IndexUnderTest keys(rig, max_groups);
    SeededRandom random(TestSeed(17));
    std::vector<uint32_t> present;
    for (size_t i = 0; i < Scaled(60'000); ++i) {
      const bool growing = (i / 10'000) % 2 == 0;
      if (present.empty() || random.Below(10) < (growing ? 8u : 2u)) {
        // A third of them near each other, so that many are displaced.
        const uint64_t hash = random.Next();
        ASSERT_TRUE(keys.Add(random.OneIn(3) ? hash >> 6 : hash));
        present.push_back(static_cast<uint32_t>(keys.size() - 1));
      } else {
        std::swap(present[random.Below(present.size())], present.back());
        keys.Remove(present.back());
        ASSERT_FALSE(keys.Has(present.back()));
        present.pop_back();
      }
      keys.CheckRoute(random.Next() >> random.Below(8));
      if (i % 10'000 == 5'000) keys.Check();
      if (::testing::Test::HasFatalFailure()) return;
    }
    for (const uint32_t offset : present) ASSERT_TRUE(keys.Has(offset));
    keys.Check();
  }
}

TEST(IndexClusterTest, ALargeClusterSurvivesTheSplitsThatOtherKeysAllow) {
  Rig rig;
  IndexUnderTest keys(rig, 64);
  SeededRandom random(TestSeed(14));
  size_t clustered = 0;
  while (keys.Add((uint64_t{0xFEDCB} << 44) | (random.Next() >> 20))) ++clustered;
  // Each doubling of the others lets the cluster's segment split once more, all to one side.
  for (int doubling = 0; doubling < 2; ++doubling) {
    for (size_t others = keys.size(); others > 0; --others) {
      ASSERT_TRUE(keys.Add(random.Next() >> 1));  // none of them in the cluster's half
    }
    while (keys.Add((uint64_t{0xFEDCB} << 44) | (random.Next() >> 20))) {
      ASSERT_LE(++clustered, 59'392u);
    }
  }
  keys.Check();
  for (uint32_t i = 0; i < keys.size(); ++i) ASSERT_TRUE(keys.Has(i));
}

TEST(IndexTestMove, MovingTakesTheSegmentsAlong) {
  Rig rig;
  Index index(rig.blocks, 8);
  DeferredWork deferred(rig.pages, rig.lazy_free);
  const auto no_keys = [](uint32_t) -> uint64_t { return 0; };
  ASSERT_TRUE(index.MakeRoom(5, {no_keys, [](uint32_t) {}}, deferred));
  index.Insert(index.SegmentAt(5), {TagOf(5), 0, 0, 7, {}});
  const Index moved(std::move(index));
  EXPECT_EQ(moved.count(), 1u);
  EXPECT_TRUE(moved.FindSlot(5, [](SlotRef slot) { return slot.offset() == 7; }));
}

}  // namespace
}  // namespace dcs::store
