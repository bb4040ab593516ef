#include "store/index/segment.h"

#include <gtest/gtest.h>

#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "store/index/route.h"
#include "store/log/log.h"
#include "store/log/record.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

// Shard hashes, numbered by the offset of their slot, in one segment.
class SegmentTest : public ::testing::Test {
 protected:
  ~SegmentTest() override {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    segment_->Discard(pool_, deferred);
  }

  bool Resize(size_t groups) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    return segment_->Resize(groups, pool_, deferred);
  }
  SlotFields FieldsFor(uint64_t hash) {
    hashes_.push_back(hash);
    SlotFields fields;
    fields.tag = TagOf(hash);
    fields.place = segment_->PlaceOf(hash);
    fields.offset = static_cast<uint32_t>(hashes_.size() - 1);
    return fields;
  }
  uint32_t Insert(uint64_t hash) {
    const SlotFields fields = FieldsFor(hash);
    segment_->Insert(fields);
    return fields.offset;
  }
  SlotRef Find(uint32_t offset) const {
    return segment_->FindSlot(hashes_[offset],
                              [offset](SlotRef slot) { return slot.offset() == offset; });
  }
  // The invariants that a segment has by itself.
  void Check(const std::map<uint32_t, SlotDeadline>& expected) const {
    ASSERT_EQ(segment_->count(), expected.size());
    std::vector<size_t> passed(segment_->groups());
    size_t with_deadline = 0;
    for (const auto& [offset, deadline] : expected) {
      const SlotRef slot = Find(offset);
      ASSERT_TRUE(slot) << "slot " << offset << " is lost";
      ASSERT_EQ(slot.deadline().coarse, deadline.coarse);
      ASSERT_EQ(slot.deadline().fine, deadline.fine);
      ASSERT_LE(segment_->earliest(), deadline.coarse);
      with_deadline += deadline.coarse != kCoarseNone;
      for (size_t group = segment_->HomeOf(slot.place()); group != slot.group;
           group = segment_->After(group)) {
        ++passed[group];
      }
    }
    ASSERT_EQ(segment_->with_deadline(), with_deadline);
    for (size_t group = 0; group < segment_->groups(); ++group) {
      ASSERT_EQ(segment_->SentOn(group), passed[group]) << "group " << group;
    }
    size_t of_homes = 0;
    for (size_t group = 0; group < segment_->groups(); ++group) {
      segment_->ForEachOfHome(group, [&](SlotRef slot) {
        ++of_homes;
        ASSERT_EQ(segment_->HomeOf(slot.place()), group);
      });
    }
    ASSERT_EQ(of_homes, expected.size()) << "each slot belongs to one home group";
  }

  Rig rig_;
  BlockPool pool_{rig_.pages};
  std::optional<Segment> segment_{std::in_place, 0, 0, 0};
  std::vector<uint64_t> hashes_;
};

TEST(StoreSizesTest, EveryStructureHasTheSizeThatThePaperReckonsWith) {
  EXPECT_EQ(sizeof(SlotBlock), 1728u);
  EXPECT_EQ(sizeof(SlotRef), 16u);
  EXPECT_EQ(sizeof(SlotDeadline), 8u);
  EXPECT_EQ(sizeof(SlotFields), 16u);
  EXPECT_EQ(sizeof(Segment), 192u);
  EXPECT_EQ(sizeof(Route), 16u);
  EXPECT_EQ(sizeof(Chunk), 64u);
  EXPECT_EQ(sizeof(Region), 16u);
  // 13 bytes a slot and 2 a group, rounded up: 13.5 bytes a slot.
  EXPECT_EQ(sizeof(SlotBlock) * 2, kBlockSlots * 27);
  EXPECT_EQ(BlockPool::kSlabBlocks, 1213u);
}

TEST(SegmentSizesTest, GrowByDoublingBelowABlockAndByBlocksAbove) {
  std::vector<size_t> steps;
  for (size_t groups = 0; groups < 64; groups = Segment::NextGroups(groups)) {
    steps.push_back(Segment::NextGroups(groups));
  }
  EXPECT_EQ(steps, (std::vector<size_t>{1, 2, 4, 8, 16, 24, 32, 40, 48, 56, 64}));
  EXPECT_EQ(Segment::MaxCount(0), 0u);
  EXPECT_EQ(Segment::MaxCount(1), 14u);
  EXPECT_EQ(Segment::MaxCount(64), 928u);
}

TEST(SegmentSizesTest, AFittingSizeHoldsAnEighthMoreAndIsNotSparse) {
  EXPECT_EQ(Segment::FitGroups(0), 0u);
  for (size_t count = 1; count < 5'000; ++count) {
    const size_t groups = Segment::FitGroups(count);
    ASSERT_GE(Segment::MaxCount(groups), count + count / 8);
    // What was just rebuilt must not be rebuilt again: neither larger nor smaller.
    if (groups > 1) {
      ASSERT_GE(count, Segment::SparseCount(groups)) << groups;
    }
    ASSERT_GE(Segment::FitGroups(count + 1), groups);
  }
}

TEST_F(SegmentTest, TheTagIsNeverThatOfAnEmptySlot) {
  EXPECT_NE(TagOf(0), 0);
  EXPECT_EQ(TagOf(0x1200), 0x12);
  for (uint64_t bits = 0; bits < 256; ++bits) EXPECT_NE(TagOf(bits << 8), 0);
}

TEST_F(SegmentTest, EveryPlaceIsInTheHomeGroupThatItsBordersSay) {
  for (int used = 0; used <= 6; ++used) {
    for (size_t groups = 1; groups <= 4096;
         groups = groups < 8 ? groups + 1 : groups * 9 / 8 / 8 * 8 + 8) {
      segment_.emplace(0, 10 + used, 10);
      ASSERT_TRUE(Resize(groups));
      const uint32_t step = uint32_t{1} << used;
      ASSERT_EQ(segment_->FirstLocalPlace(0), 0u);
      ASSERT_EQ(segment_->FirstLocalPlace(groups), uint32_t{1} << 16);
      size_t home = 0;
      for (uint32_t local = 0; local < uint32_t{1} << 16; local += step) {
        const auto place = static_cast<uint16_t>(local >> used);
        ASSERT_EQ(segment_->LocalPlace(place), local);
        const size_t next_home = segment_->HomeOf(place);
        ASSERT_GE(next_home, home) << "home groups keep the order of hashes";
        ASSERT_LT(next_home, groups);
        for (; home < next_home; ++home) ASSERT_EQ(segment_->FirstLocalPlace(home + 1), local);
      }
      for (; home < groups; ++home) {
        ASSERT_EQ(segment_->FirstLocalPlace(home + 1), uint32_t{1} << 16);
      }
      DeferredWork deferred(rig_.pages, rig_.lazy_free);
      segment_->Discard(pool_, deferred);
    }
  }
}

TEST_F(SegmentTest, TheBitsThatSplitsHaveUsedUpMakeWayForThoseBehindThePlace) {
  segment_.emplace(/*start=*/0, /*depth=*/5, /*base=*/2);
  const uint64_t shard_hash = uint64_t{0b00'101'0110100100111'011} << (64 - 21);
  EXPECT_EQ(segment_->PlaceOf(shard_hash), 0b011'0110100100111);
  EXPECT_EQ(segment_->LocalPlace(segment_->PlaceOf(shard_hash)), 0b0110100100111'000);
}

TEST_F(SegmentTest, NewPlacesAreTakenEightByEightWhileSlotsComeAndGo) {
  constexpr int kUsed = 6;
  segment_.emplace(/*start=*/0, /*depth=*/0, /*base=*/0);
  ASSERT_TRUE(Resize(16));
  SeededRandom random(TestSeed(21));
  std::map<uint32_t, SlotDeadline> expected;
  for (int i = 0; i < 150; ++i) expected[Insert(random.Next() >> kUsed)] = {};
  // What a segment of hashes that begin with zeros is like after six splits.
  Segment split(/*start=*/0, /*depth=*/kUsed, /*base=*/0);
  {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    ASSERT_TRUE(split.Resize(16, pool_, deferred));
    {
      Segment::Filling filling(split);
      segment_->ForEach([&](SlotRef slot) { filling.Add(slot.fields()); });
    }
    segment_->Discard(pool_, deferred);
    *segment_ = std::move(split);
  }
  Check(expected);
  size_t read = 0;
  const auto hash_of = [&](uint32_t offset) {
    ++read;
    return hashes_[offset];
  };
  const RecordKeys keys{hash_of, [](uint32_t) {}};
  for (size_t i = 0; i < 21; ++i) {
    const size_t read_before = read;
    segment_->TakeNewPlaces(keys);
    EXPECT_LE(read - read_before, 8u);
    for (int j = 0; j < 3; ++j) {
      expected[Insert(random.Next() >> kUsed)] = {};
      const auto gone = std::next(expected.begin(), static_cast<ptrdiff_t>(random.Below(100)));
      segment_->Clear(Find(gone->first));
      expected.erase(gone);
    }
    Check(expected);
  }
  EXPECT_EQ(segment_->new_places_left(), 11u);
  ASSERT_TRUE(Resize(24));
  EXPECT_EQ(segment_->base(), 0) << "not all had new places";
  EXPECT_EQ(segment_->new_places_left(), 48u);
  Check(expected);
  read = 0;
  segment_->TakeAllNewPlaces(keys);
  EXPECT_EQ(read, expected.size());
  ASSERT_TRUE(Resize(16));
  EXPECT_EQ(segment_->base(), kUsed);
  Check(expected);
  segment_->ForEach([&](SlotRef slot) {
    ASSERT_EQ(slot.place(), static_cast<uint16_t>(hashes_[slot.offset()] << kUsed >> 48));
  });
}

TEST_F(SegmentTest, SlotsOfAFullGroupStandInTheNextOneAndAreFound) {
  ASSERT_TRUE(Resize(4));
  std::map<uint32_t, SlotDeadline> expected;
  for (uint64_t i = 0; i < 40; ++i) {
    const uint64_t place = 0x4000 + i;  // home group 1
    expected[Insert((place << 48) | (i << 8))] = {};
  }
  EXPECT_EQ(segment_->SentOn(1), 24u);
  EXPECT_EQ(segment_->SentOn(2), 8u);
  Check(expected);
}

TEST_F(SegmentTest, TheLastGroupSendsOnToTheFirst) {
  ASSERT_TRUE(Resize(2));
  std::map<uint32_t, SlotDeadline> expected;
  for (uint64_t i = 0; i < 26; ++i) expected[Insert(0xFFFF'0000'0000'0000 | (i << 8))] = {};
  EXPECT_EQ(segment_->SentOn(1), 10u);
  EXPECT_EQ(segment_->SentOn(0), 0u);
  Check(expected);
  // A walk that clears what it sees still sees everything.
  size_t seen = 0;
  segment_->ForEachOfHome(1, [&](SlotRef slot) {
    ++seen;
    segment_->Clear(slot);
  });
  EXPECT_EQ(seen, 26u);
  Check({});
}

TEST_F(SegmentTest, ClearingTheGroupsOwnSlotsLeavesDisplacedOnesFindable) {
  ASSERT_TRUE(Resize(4));
  std::vector<uint32_t> offsets;
  for (uint64_t i = 0; i < 40; ++i) offsets.push_back(Insert(((0x4000 + i) << 48) | (i << 8)));
  std::map<uint32_t, SlotDeadline> expected;
  for (const uint32_t offset : offsets) expected[offset] = {};
  for (size_t i = 0; i < 16; ++i) {  // all that stand at home
    segment_->Clear(Find(offsets[i]));
    expected.erase(offsets[i]);
  }
  Check(expected);
  for (size_t i = 39; i >= 16; --i) {
    segment_->Clear(Find(offsets[i]));
    expected.erase(offsets[i]);
    Check(expected);
  }
  EXPECT_EQ(segment_->SentOn(1), 0u);
}

TEST_F(SegmentTest, KeepsWhatItHoldsUnderRandomUseAndResizing) {
  SeededRandom random(TestSeed(7));
  for (const int used : {0, 3, 6}) {
    {
      DeferredWork deferred(rig_.pages, rig_.lazy_free);
      segment_->Discard(pool_, deferred);
    }
    segment_.emplace(0, 12 + used, 12);
    hashes_.clear();
    std::map<uint32_t, SlotDeadline> expected;
    const auto any = [&] {
      return std::next(expected.begin(), static_cast<ptrdiff_t>(random.Below(expected.size())));
    };
    for (int i = 0; i < 12'000; ++i) {
      const bool growing = (i / 2'000) % 2 == 0;
      if (random.Below(10) < (growing ? 7u : 3u)) {
        if (segment_->count() == Segment::MaxCount(segment_->groups())) {
          if (segment_->groups() >= 64) continue;
          ASSERT_TRUE(Resize(Segment::NextGroups(segment_->groups())));
        }
        // Clustered around a few places, so that many are displaced.
        uint64_t hash = random.Next();
        if (random.OneIn(2)) hash |= uint64_t{0x7FF8} << 36;
        SlotFields fields = FieldsFor(hash);
        if (random.OneIn(2)) {
          fields.deadline = {static_cast<uint32_t>(random.Below(1'000'000)),
                             static_cast<uint8_t>(random.Next())};
        }
        segment_->Insert(fields);
        expected[fields.offset] = fields.deadline;
      } else if (!expected.empty()) {
        const auto at = any();
        segment_->Clear(Find(at->first));
        ASSERT_FALSE(Find(at->first));
        expected.erase(at);
      }
      if (!expected.empty() && random.OneIn(5)) {
        const auto at = any();
        at->second = random.OneIn(3) ? SlotDeadline{}
                                     : SlotDeadline{static_cast<uint32_t>(random.Next() >> 33), 7};
        segment_->SetDeadline(Find(at->first), at->second);
      }
      if (segment_->count() < Segment::SparseCount(segment_->groups()) && random.OneIn(20)) {
        ASSERT_TRUE(Resize(Segment::FitGroups(segment_->count())));
      }
      if (i % 200 != 0) continue;
      Check(expected);
      if (HasFailure()) return;
      segment_->TightenEarliest(kCoarseNone);
      uint32_t earliest = kCoarseNone;
      for (const auto& [offset, deadline] : expected)
        earliest = std::min(earliest, deadline.coarse);
      ASSERT_EQ(segment_->earliest(), earliest);
    }
  }
}

TEST_F(SegmentTest, FillingLeavesWhatInsertingLeaves) {
  SeededRandom random(TestSeed(8));
  for (const size_t groups : {1, 4, 16, 40}) {
    for (const bool sized : {false, true}) {
      DeferredWork deferred(rig_.pages, rig_.lazy_free);
      segment_->Discard(pool_, deferred);
      Segment filled(0, 0, 0);
      ASSERT_TRUE(segment_->Resize(groups, pool_, deferred));
      ASSERT_TRUE(filled.Resize(groups, pool_, deferred));
      {
        Segment::Filling filling(filled);
        for (size_t i = 0; i < Segment::MaxCount(groups); ++i) {
          // Every other one near the end, so that groups overflow, the last one into the first.
          SlotFields fields = FieldsFor(random.Next() | (i % 2 == 0 ? uint64_t{7} << 61 : 0));
          fields.units = static_cast<uint8_t>(random.Below(250) + sized);
          const uint32_t coarse[] = {kCoarseNone, kCoarseOutOfLine,
                                     static_cast<uint32_t>(1 + random.Below(1'000'000))};
          fields.deadline = {coarse[random.Below(3)], static_cast<uint8_t>(random.Next())};
          segment_->Insert(fields);
          filling.Add(fields);
        }
      }
      EXPECT_EQ(filled.count(), segment_->count());
      EXPECT_EQ(filled.with_deadline(), segment_->with_deadline());
      EXPECT_EQ(filled.earliest(), segment_->earliest());
      EXPECT_EQ(filled.latest(), segment_->latest());
      EXPECT_EQ(filled.all_sized(), segment_->all_sized());
      for (size_t block = 0; block < segment_->blocks(); ++block) {
        EXPECT_EQ(filled.earliest_in(block), segment_->earliest_in(block));
        EXPECT_EQ(std::memcmp(filled.block(block), segment_->block(block), sizeof(SlotBlock)), 0);
      }
      filled.Discard(pool_, deferred);
    }
  }
}

TEST_F(SegmentTest, AClearedSlotNoLongerHasADeadline) {
  ASSERT_TRUE(Resize(1));
  SlotFields fields = FieldsFor(0x1234'5678'9ABC'DEF0);
  fields.deadline = {5, 5};
  segment_->Insert(fields);
  EXPECT_EQ(segment_->earliest(), 5u);
  segment_->Clear(Find(fields.offset));
  EXPECT_EQ(segment_->earliest(), 5u) << "a lower bound until it is tightened";
  segment_->TightenEarliest(kCoarseNone);
  EXPECT_EQ(segment_->earliest(), kCoarseNone);
  EXPECT_EQ(segment_->with_deadline(), 0u);
}

TEST_F(SegmentTest, ResizingTakesNewBlocksAndReturnsTheOldOnes) {
  ASSERT_TRUE(Resize(64));
  EXPECT_EQ(pool_.use().blocks, 8u);
  ASSERT_TRUE(Resize(9));
  EXPECT_EQ(pool_.use().blocks, 2u);
  ASSERT_TRUE(Resize(0));
  EXPECT_EQ(pool_.use().blocks, 0u);
  EXPECT_FALSE(segment_->FindSlot(1, [](SlotRef) { return true; }));
}

}  // namespace
}  // namespace dcs::store
