#include "store/index/block_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "absl/types/span.h"
#include "store/time/deadline.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr size_t kSlabBlocks = BlockPool::kSlabBlocks;
constexpr size_t kTogether = BlockPool::kMostTogether;

uintptr_t SlabOf(const SlotBlock* block) { return BlockPool::SlabOf(block); }

bool Empty(const SlotBlock& block) {
  const auto zero = [](auto field) { return field == 0; };
  const auto no_tags = [&](const SlotGroup& group) { return std::ranges::all_of(group.tag, zero); };
  return std::ranges::all_of(block.group, no_tags) && std::ranges::all_of(block.sent_on, zero) &&
         std::ranges::all_of(block.coarse, [](uint32_t c) { return c == kCoarseNone; });
}

// A pool, and the blocks taken from it, which it gets back at the end.
class PoolUnderTest {
 public:
  explicit PoolUnderTest(Rig& rig) : rig_(rig), pool_(rig.pages) {}
  ~PoolUnderTest() {
    for (SlotBlock* block : std::set<SlotBlock*>(taken_)) Return(block);
  }

  SlotBlock* Take() { return TakeAtOnce(1)[0]; }
  std::vector<SlotBlock*> TakeAtOnce(size_t blocks) {
    std::vector<SlotBlock*> taken(blocks);
    EXPECT_TRUE(pool_.Take(absl::MakeSpan(taken)));
    taken_.insert(taken.begin(), taken.end());
    return taken;
  }
  // So many as are free in a slab, to the last: the odd ones first, and then eight by eight.
  std::vector<SlotBlock*> TakeRoom(size_t blocks) {
    std::vector<SlotBlock*> taken = TakeAtOnce(blocks % kTogether);
    while (taken.size() < blocks) {
      for (SlotBlock* block : TakeAtOnce(kTogether)) taken.push_back(block);
    }
    return taken;
  }
  // Fills one slab after the other.
  std::vector<SlotBlock*> TakeMany(size_t blocks) {
    std::vector<SlotBlock*> taken;
    while (taken.size() < blocks) {
      for (SlotBlock* block : TakeRoom(std::min(blocks - taken.size(), kSlabBlocks))) {
        taken.push_back(block);
      }
    }
    return taken;
  }
  void Return(SlotBlock* block) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    pool_.Return(absl::MakeSpan(&block, 1), deferred);
    taken_.erase(block);
  }
  size_t committed_bytes() const { return pool_.use().committed_bytes; }
  size_t blocks_in_use() const { return pool_.use().blocks; }
  BlockPool& pool() { return pool_; }

 private:
  Rig& rig_;
  BlockPool pool_;
  std::set<SlotBlock*> taken_;
};

class BlockPoolTest : public ::testing::Test {
 protected:
  Rig rig_;
};

TEST_F(BlockPoolTest, BlocksAreEmptyAlignedAndApart) {
  PoolUnderTest pool(rig_);
  std::set<SlotBlock*> blocks;
  for (SlotBlock* const block : pool.TakeMany(3 * kSlabBlocks)) {
    ASSERT_NE(block, nullptr);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    ASSERT_TRUE(Empty(*block));
    std::memset(static_cast<void*>(block), 0xFF, sizeof(*block));
    const auto [at, added] = blocks.insert(block);
    ASSERT_TRUE(added);
    if (at != blocks.begin()) {
      ASSERT_GE(block, *std::prev(at) + 1);
    }
    if (std::next(at) != blocks.end()) {
      ASSERT_LE(block + 1, *std::next(at));
    }
  }
  EXPECT_EQ(pool.blocks_in_use(), 3 * kSlabBlocks);
}

TEST_F(BlockPoolTest, AReturnedBlockIsTakenAgainEmpty) {
  PoolUnderTest pool(rig_);
  SlotBlock* const kept = pool.Take();
  SlotBlock* const returned = pool.Take();
  std::memset(static_cast<void*>(returned), 0xFF, sizeof(*returned));
  pool.Return(returned);
  EXPECT_EQ(pool.Take(), returned);
  EXPECT_TRUE(Empty(*returned));
  EXPECT_TRUE(Empty(*kept));
}

TEST_F(BlockPoolTest, AFewBlocksTakeAFewPages) {
  PoolUnderTest pool(rig_);
  EXPECT_EQ(pool.committed_bytes(), 0u);
  pool.TakeMany(4);
  EXPECT_LE(pool.committed_bytes(), 2 * kSmallPageBytes);
}

TEST_F(BlockPoolTest, ASlabWithoutBlocksIsGivenBackAtOnce) {
  PoolUnderTest pool(rig_);
  const std::vector<SlotBlock*> blocks = pool.TakeMany(8 * kSlabBlocks);
  const size_t full = pool.committed_bytes();
  EXPECT_EQ(full, 8 * PageSource::kRegionBytes);
  // Slab by slab, as they were filled.
  for (size_t slab = 0; slab < 8; ++slab) {
    for (size_t i = 0; i < kSlabBlocks; ++i) pool.Return(blocks[slab * kSlabBlocks + i]);
    EXPECT_EQ(pool.committed_bytes(), full - (slab + 1) * PageSource::kRegionBytes);
  }
  EXPECT_EQ(pool.blocks_in_use(), 0u);
  EXPECT_NE(pool.Take(), nullptr);
}

TEST_F(BlockPoolTest, NewBlocksComeFromTheLowestSlabSoThatOthersDrain) {
  PoolUnderTest pool(rig_);
  const std::vector<SlotBlock*> blocks = pool.TakeMany(3 * kSlabBlocks);
  constexpr size_t kOld = 0, kMiddle = kSlabBlocks, kYoung = 2 * kSlabBlocks;
  for (size_t i = 0; i < 20; ++i) pool.Return(blocks[kOld + i]);
  for (size_t i = 0; i < 500; ++i) pool.Return(blocks[kMiddle + i]);
  for (size_t i = 0; i < kSlabBlocks - 10; ++i) pool.Return(blocks[kYoung + i]);
  std::map<uintptr_t, size_t> taken;
  for (const size_t room : {20, 500}) {
    for (const SlotBlock* block : pool.TakeRoom(room)) ++taken[SlabOf(block)];
  }
  EXPECT_EQ(taken[SlabOf(blocks[kOld])], 20u);
  EXPECT_EQ(taken[SlabOf(blocks[kMiddle])], 500u);
  for (size_t i = kSlabBlocks - 10; i < kSlabBlocks; ++i) pool.Return(blocks[kYoung + i]);
  EXPECT_EQ(pool.committed_bytes(), 2 * PageSource::kRegionBytes);
}

TEST_F(BlockPoolTest, ANewSlabTakesALowPlaceThatIsFree) {
  PoolUnderTest pool(rig_);
  const std::vector<SlotBlock*> blocks = pool.TakeMany(3 * kSlabBlocks);
  for (size_t i = 0; i < kSlabBlocks; ++i) pool.Return(blocks[i]);
  const SlotBlock* const in_new = pool.Take();
  // With room in all three, the new slab comes first.
  for (const size_t slab : {1, 2}) {
    for (size_t i = 0; i < 100; ++i) pool.Return(blocks[slab * kSlabBlocks + i]);
  }
  EXPECT_EQ(SlabOf(pool.Take()), SlabOf(in_new));
}

// Segments that become small one after the other: each returns eight blocks, wherever they lie, and
// takes one.
TEST_F(BlockPoolTest, WhatIsLeftOfManySegmentsGathersInFewSlabs) {
  PoolUnderTest pool(rig_);
  constexpr size_t kSlabs = 20, kSegments = kSlabs * (kSlabBlocks / kTogether);
  std::vector<std::vector<SlotBlock*>> segments;
  for (size_t i = 0; i < kSegments; ++i) segments.push_back(pool.TakeAtOnce(kTogether));
  SeededRandom random(TestSeed(61));
  for (size_t i = kSegments; i > 1; --i) std::swap(segments[i - 1], segments[random.Below(i)]);
  for (const std::vector<SlotBlock*>& segment : segments) {
    pool.TakeAtOnce(1);
    for (SlotBlock* block : segment) pool.Return(block);
  }
  EXPECT_LE(pool.committed_bytes(), kSlabs / 2 * PageSource::kRegionBytes)
      << "an eighth of the blocks are left";
}

TEST_F(BlockPoolTest, TracksAccess_UnaskedWhileSmall_OnRequestBeyond) {
  PoolUnderTest test(rig_);
  BlockPool& pool = test.pool();
  ASSERT_TRUE(pool.tracks_access());
  std::vector<SlotBlock*> taken = test.TakeMany(4 * kSlabBlocks);
  ASSERT_TRUE(pool.tracks_access());
  BlockPool::AccessOf(taken[7])[5] = 77;
  EXPECT_GE(pool.use().access_bytes, 4 * kSlabBlocks * kBlockSlots * sizeof(AccessWord));
  SlotBlock* const fifth = test.Take();
  while (pool.tracks_access()) test.Take();
  EXPECT_EQ(pool.use().access_bytes, 0u);
  EXPECT_EQ(BlockPool::AccessOf(taken[7])[5], kNoAccess) << "the memory is given back";
  BlockPool::AccessOf(taken[7])[5] = 77;  // a thread that still saw it on
  pool.TrackAccess(true);
  ASSERT_TRUE(pool.tracks_access());
  EXPECT_EQ(BlockPool::AccessOf(taken[7])[5], kNoAccess);
  ASSERT_NE(BlockPool::AccessOf(fifth), nullptr);
  // Each slot has its own word.
  AccessWord* const words = BlockPool::AccessOf(taken[1]);
  EXPECT_GE(std::abs(words - BlockPool::AccessOf(taken[2])), static_cast<ptrdiff_t>(kBlockSlots));
  pool.TrackAccess(false);
  EXPECT_FALSE(pool.tracks_access());
  pool.CheckInvariants();
}

TEST_F(BlockPoolTest, AReturnedBlockIsTakenBeforeANewSlab) {
  PoolUnderTest pool(rig_);
  const std::vector<SlotBlock*> blocks = pool.TakeMany(kSlabBlocks + 10);
  const size_t committed = pool.committed_bytes();
  for (size_t i = 0; i < 500; ++i) pool.Return(blocks[i]);
  for (const SlotBlock* block : pool.TakeRoom(500)) ASSERT_EQ(SlabOf(block), SlabOf(blocks[0]));
  EXPECT_EQ(pool.committed_bytes(), committed) << "no page more than before";
}

TEST_F(BlockPoolTest, StaysExactUnderRandomUse) {
  PoolUnderTest pool(rig_);
  SeededRandom random(TestSeed(6));
  std::map<SlotBlock*, uint8_t> blocks;
  std::vector<SlotBlock*> taken;
  for (int i = 0; i < 60'000; ++i) {
    const bool growing = (i / 10'000) % 2 == 0;
    if (taken.empty() || random.Below(10) < (growing ? 7u : 3u)) {
      SlotBlock* const block = pool.Take();
      ASSERT_TRUE(Empty(*block));
      const auto mark = static_cast<uint8_t>(1 + random.Below(255));
      std::memset(static_cast<void*>(block), mark, sizeof(*block));
      ASSERT_TRUE(blocks.emplace(block, mark).second);
      taken.push_back(block);
    } else {
      std::swap(taken[random.Below(taken.size())], taken.back());
      SlotBlock* const block = taken.back();
      taken.pop_back();
      const auto* bytes = reinterpret_cast<const uint8_t*>(block);
      ASSERT_EQ(bytes[0], blocks[block]);
      ASSERT_EQ(bytes[sizeof(*block) - 1], blocks[block]);
      blocks.erase(block);
      pool.Return(block);
    }
    ASSERT_EQ(pool.blocks_in_use(), taken.size());
    ASSERT_GE(pool.committed_bytes(), taken.size() * sizeof(SlotBlock));
  }
  for (SlotBlock* block : taken) pool.Return(block);
  EXPECT_EQ(pool.committed_bytes(), 0u);
}

TEST_F(BlockPoolTest, WhatIsTakenTogetherLiesInOneSlabAndMostlyAdjacent) {
  PoolUnderTest pool(rig_);
  SeededRandom random(TestSeed(15));
  std::vector<std::vector<SlotBlock*>> spans;
  size_t blocks = 0, steps = 0, adjacent = 0;
  for (int i = 0; i < 6'000; ++i) {
    if (spans.empty() || random.Below(10) < 7u) {
      spans.push_back(pool.TakeAtOnce(1 + random.Below(kTogether)));
      const std::vector<SlotBlock*>& span = spans.back();
      for (size_t at = 1; at < span.size(); ++at) {
        ASSERT_EQ(SlabOf(span[at]), SlabOf(span[0]));
        ASSERT_GT(span[at], span[at - 1]);
        ++steps;
        adjacent += span[at] == span[at - 1] + 1;
      }
      blocks += span.size();
    } else {
      std::swap(spans[random.Below(spans.size())], spans.back());
      for (SlotBlock* block : spans.back()) pool.Return(block);
      blocks -= spans.back().size();
      spans.pop_back();
    }
    ASSERT_EQ(pool.blocks_in_use(), blocks);
    if (i % 100 == 0) pool.pool().CheckInvariants();
  }
  EXPECT_GT(adjacent, steps / 2);
  pool.pool().CheckInvariants();
}

TEST_F(BlockPoolTest, TheLowestFreeBlocksAreTakenFirst) {
  PoolUnderTest pool(rig_);
  const std::vector<SlotBlock*> blocks = pool.TakeMany(100);
  for (size_t i = 0; i < blocks.size(); ++i) ASSERT_EQ(BlockPool::NumberOf(blocks[i]), i);
  for (const size_t i : {70, 3, 64, 63, 5}) pool.Return(blocks[i]);
  EXPECT_EQ(pool.TakeAtOnce(3), (std::vector<SlotBlock*>{blocks[3], blocks[5], blocks[63]}));
  EXPECT_EQ(pool.TakeAtOnce(3), (std::vector<SlotBlock*>{blocks[64], blocks[70], blocks[99] + 1}));
}

TEST_F(BlockPoolTest, AReturnedBlocksMemoryIsNotTouched) {
  PoolUnderTest pool(rig_);
  const std::vector<SlotBlock*> blocks = pool.TakeAtOnce(2);
  std::memset(static_cast<void*>(blocks[1]), 0xA5, sizeof(SlotBlock));
  pool.Return(blocks[1]);
  const auto* bytes = reinterpret_cast<const uint8_t*>(blocks[1]);
  EXPECT_TRUE(std::all_of(bytes, bytes + sizeof(SlotBlock), [](uint8_t b) { return b == 0xA5; }));
}

TEST_F(BlockPoolTest, ASlabWithFewerThanEightFreeBlocksIsLeftAlone) {
  PoolUnderTest pool(rig_);
  std::vector<SlotBlock*> blocks;
  for (size_t i = 0; i < kSlabBlocks - kTogether; ++i) blocks.push_back(pool.Take());
  const uintptr_t first = SlabOf(blocks[0]);
  // Eight are left, which are enough for whoever comes.
  blocks.push_back(pool.Take());
  EXPECT_EQ(SlabOf(blocks.back()), first);
  EXPECT_NE(SlabOf(pool.Take()), first) << "seven are left";
  pool.Return(blocks[10]);
  const std::vector<SlotBlock*> last = pool.TakeAtOnce(kTogether);
  EXPECT_EQ(last[0], blocks[10]);
  EXPECT_EQ(BlockPool::NumberOf(last[kTogether - 1]), kSlabBlocks - 1);
  EXPECT_EQ(SlabOf(last[kTogether - 1]), first);
  EXPECT_NE(SlabOf(pool.TakeAtOnce(kTogether)[0]), first) << "it is full";
  pool.pool().CheckInvariants();
}

TEST_F(BlockPoolTest, ALongerSpanIsTakenEightByEight) {
  PoolUnderTest pool(rig_);
  const std::vector<SlotBlock*> filler = pool.TakeMany(kSlabBlocks - 12);
  const std::vector<SlotBlock*> blocks = pool.TakeAtOnce(20);
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(SlabOf(blocks[i]), SlabOf(blocks[i / kTogether * kTogether])) << i;
  }
  EXPECT_EQ(SlabOf(blocks[0]), SlabOf(filler[0]));
  EXPECT_NE(SlabOf(blocks[8]), SlabOf(filler[0]));
  pool.pool().CheckInvariants();
}

TEST_F(BlockPoolTest, WithoutMemoryNothingIsTaken) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need address space of their own";
  PoolUnderTest pool(rig_);
  // All that lies on small pages, but for 17 blocks; the huge pages' address space is not there yet.
  pool.TakeMany(4 * kSlabBlocks - 17);
  std::vector<SlotBlock*> blocks(24);
  const size_t committed = pool.committed_bytes();
  const bool taken = [&] {
    const NoMoreMappings limited;
    return pool.pool().Take(absl::MakeSpan(blocks));
  }();
  EXPECT_FALSE(taken);
  EXPECT_EQ(pool.blocks_in_use(), 4 * kSlabBlocks - 17);
  EXPECT_LE(pool.committed_bytes(), committed + 16 * sizeof(SlotBlock) + kSmallPageBytes);
  pool.pool().CheckInvariants();
  EXPECT_EQ(pool.TakeAtOnce(24).size(), 24u) << "once there is memory again";
}

TEST_F(BlockPoolTest, SeveralBlocksComeAndGoAtOnce) {
  PoolUnderTest pool(rig_);
  std::vector<SlotBlock*> blocks(kSlabBlocks + 7);
  ASSERT_TRUE(pool.pool().Take(absl::MakeSpan(blocks)));
  EXPECT_EQ(std::set<SlotBlock*>(blocks.begin(), blocks.end()).size(), blocks.size());
  EXPECT_EQ(pool.blocks_in_use(), blocks.size());
  pool.pool().Return(blocks);
  EXPECT_EQ(pool.committed_bytes(), 0u);
}

TEST_F(BlockPoolTest, ThreadsShareAPool) {
  BlockPool pool(rig_.pages);
  const auto work = [&](uint64_t seed) {
    SeededRandom random(seed);
    std::vector<std::vector<SlotBlock*>> taken;
    for (int i = 0; i < 3'000; ++i) {
      if (taken.empty() || random.OneIn(2)) {
        taken.emplace_back(1 + random.Below(8));
        ASSERT_TRUE(pool.Take(absl::MakeSpan(taken.back())));
        for (SlotBlock* block : taken.back()) block->group[0].tag[0] = static_cast<uint8_t>(seed);
      } else {
        for (SlotBlock* block : taken.back()) ASSERT_EQ(block->group[0].tag[0], seed);
        DeferredWork deferred(rig_.pages, rig_.lazy_free);
        pool.Return(taken.back(), deferred);
        taken.pop_back();
      }
    }
    for (const auto& blocks : taken) pool.Return(blocks);
  };
  std::thread other([&] { work(1); });
  work(2);
  other.join();
  EXPECT_EQ(pool.use().blocks, 0u);
  EXPECT_EQ(pool.use().committed_bytes, 0u);
}

}  // namespace
}  // namespace dcs::store
