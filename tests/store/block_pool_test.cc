#include "store/block_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <vector>

#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr size_t kSlabBlocks = PageSource::kRegionBytes / sizeof(SlotBlock);

uintptr_t SlabOf(const SlotBlock* block) {
  return reinterpret_cast<uintptr_t>(block) & ~(uintptr_t{PageSource::kRegionBytes} - 1);
}

bool Empty(const SlotBlock& block) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&block);
  return std::all_of(bytes, bytes + sizeof(block), [](std::byte b) { return b == std::byte{0}; });
}

class BlockPoolTest : public ::testing::Test {
 protected:
  std::vector<SlotBlock*> TakeMany(BlockPool& pool, size_t blocks) {
    std::vector<SlotBlock*> taken;
    for (size_t i = 0; i < blocks; ++i) taken.push_back(pool.Take());
    return taken;
  }
  void Return(BlockPool& pool, SlotBlock* block) {
    Retired retired(rig_.pages, rig_.lazy_free);
    pool.Return(block, retired);
  }

  Rig rig_;
};

TEST_F(BlockPoolTest, BlocksAreEmptyAlignedAndApart) {
  BlockPool pool(rig_.pages);
  std::set<SlotBlock*> blocks;
  for (size_t i = 0; i < 3 * kSlabBlocks; ++i) {
    SlotBlock* const block = pool.Take();
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
  BlockPool pool(rig_.pages);
  SlotBlock* const kept = pool.Take();
  SlotBlock* const returned = pool.Take();
  std::memset(static_cast<void*>(returned), 0xFF, sizeof(*returned));
  Return(pool, returned);
  EXPECT_EQ(pool.Take(), returned);
  EXPECT_TRUE(Empty(*returned));
  EXPECT_TRUE(Empty(*kept));
}

TEST_F(BlockPoolTest, AFewBlocksTakeAFewPages) {
  BlockPool pool(rig_.pages);
  EXPECT_EQ(pool.committed_bytes(), 0u);
  TakeMany(pool, 4);
  EXPECT_LE(pool.committed_bytes(), 2 * kSmallPageBytes);
}

TEST_F(BlockPoolTest, ASlabWithoutBlocksIsGivenBackAtOnce) {
  BlockPool pool(rig_.pages);
  const std::vector<SlotBlock*> blocks = TakeMany(pool, 8 * kSlabBlocks);
  const size_t full = pool.committed_bytes();
  EXPECT_EQ(full, 8 * PageSource::kRegionBytes);
  // Slab by slab, as they were filled.
  for (size_t slab = 0; slab < 8; ++slab) {
    for (size_t i = 0; i < kSlabBlocks; ++i) Return(pool, blocks[slab * kSlabBlocks + i]);
    EXPECT_EQ(pool.committed_bytes(), full - (slab + 1) * PageSource::kRegionBytes);
  }
  EXPECT_EQ(pool.blocks_in_use(), 0u);
  EXPECT_NE(pool.Take(), nullptr);
}

TEST_F(BlockPoolTest, NewBlocksComeFromTheFullestSlabSoThatOthersDrain) {
  BlockPool pool(rig_.pages);
  const std::vector<SlotBlock*> blocks = TakeMany(pool, 3 * kSlabBlocks);
  const uintptr_t sparse = SlabOf(blocks[0]);
  const uintptr_t full = SlabOf(blocks[kSlabBlocks]);
  const uintptr_t middle = SlabOf(blocks[2 * kSlabBlocks]);
  for (size_t i = 0; i < kSlabBlocks - 10; ++i) Return(pool, blocks[i]);
  for (size_t i = 0; i < 20; ++i) Return(pool, blocks[kSlabBlocks + i]);
  for (size_t i = 0; i < 500; ++i) Return(pool, blocks[2 * kSlabBlocks + i]);
  std::map<uintptr_t, size_t> taken;
  for (size_t i = 0; i < 520; ++i) ++taken[SlabOf(pool.Take())];
  EXPECT_EQ(taken[full], 20u);
  EXPECT_EQ(taken[middle], 500u);
  EXPECT_EQ(taken[sparse], 0u);
  for (size_t i = kSlabBlocks - 10; i < kSlabBlocks; ++i) Return(pool, blocks[i]);
  EXPECT_EQ(pool.committed_bytes(), 2 * PageSource::kRegionBytes);
}

TEST_F(BlockPoolTest, AReturnedBlockOfAFullSlabIsTakenBeforeAFreshOneOfAnEmptierSlab) {
  BlockPool pool(rig_.pages);
  const std::vector<SlotBlock*> blocks = TakeMany(pool, kSlabBlocks + 10);
  const size_t committed = pool.committed_bytes();
  for (size_t i = 0; i < 500; ++i) Return(pool, blocks[i]);
  for (size_t i = 0; i < 500; ++i) ASSERT_EQ(SlabOf(pool.Take()), SlabOf(blocks[0])) << i;
  EXPECT_EQ(pool.committed_bytes(), committed) << "no page more than before";
}

TEST_F(BlockPoolTest, StaysExactUnderRandomUse) {
  BlockPool pool(rig_.pages);
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
      Return(pool, block);
    }
    ASSERT_EQ(pool.blocks_in_use(), taken.size());
    ASSERT_GE(pool.committed_bytes(), taken.size() * sizeof(SlotBlock));
  }
  for (SlotBlock* block : taken) Return(pool, block);
  EXPECT_EQ(pool.committed_bytes(), 0u);
}

TEST_F(BlockPoolTest, MovingAPoolTakesItsBlocksAlong) {
  BlockPool pool(rig_.pages);
  SlotBlock* const block = pool.Take();
  BlockPool moved(std::move(pool));
  EXPECT_EQ(moved.blocks_in_use(), 1u);
  Return(moved, block);
  EXPECT_EQ(moved.committed_bytes(), 0u);
}

}  // namespace
}  // namespace dcs::store
