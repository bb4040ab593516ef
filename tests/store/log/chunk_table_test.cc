#include "store/log/chunk_table.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/store/rig.h"

namespace dcs::store {
namespace {

class ChunkTableTest : public ::testing::Test {
 protected:
  uint32_t Take(ChunkTable& table) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    const uint32_t number = table.Take(deferred);
    if (number != ChunkTable::kNone) table[number].state = ChunkState::kClosed;
    return number;
  }

  Rig rig_;
};

TEST_F(ChunkTableTest, GivesTheNumberReturnedLastFirstAndElseTheNext) {
  ChunkTable table;
  for (uint32_t i = 0; i < 5; ++i) EXPECT_EQ(Take(table), i);
  table[3].used = 12;
  std::byte somewhere;
  table.base(3) = &somewhere;
  table.Return(1);
  table.Return(3);
  table.CheckInvariants();
  EXPECT_EQ(table[3].used, 0u);
  EXPECT_EQ(table[3].state, ChunkState::kFree);
  EXPECT_EQ(table.base(3), nullptr);
  EXPECT_EQ(Take(table), 3u);
  EXPECT_EQ(Take(table), 1u);
  EXPECT_EQ(Take(table), 5u);
  EXPECT_EQ(table.chunks().size(), 6u);
}

TEST_F(ChunkTableTest, KeepsItsEntriesWhenItMoves) {
  ChunkTable table;
  std::vector<std::byte*> mapped;
  for (uint32_t i = 0; i < ChunkTable::kSmall * 10; ++i) {
    ASSERT_EQ(Take(table), i);
    table[i].used = i * 7;
    table[i].mapping = std::make_unique<Mapping>(kSmallPageBytes);
    table.base(i) = table[i].mapping->data();
    mapped.push_back(table.base(i));
  }
  table.Return(5);
  ChunkTable moved(std::move(table));
  moved.CheckInvariants();
  EXPECT_EQ(Take(moved), 5u);
  for (uint32_t i = 0; i < mapped.size(); ++i) {
    moved.scratch()[i] = i;  // there is room
    if (i == 5) continue;
    ASSERT_EQ(moved[i].used, i * 7);
    ASSERT_EQ(moved.base(i), mapped[i]);
    *moved.base(i) = std::byte{1};
  }
  EXPECT_EQ(Take(moved), ChunkTable::kSmall * 10);
}

TEST_F(ChunkTableTest, MovedFromItTakesItsEntriesAlongWhateverItsSize) {
  for (const size_t size : {size_t{0}, size_t{1}, ChunkTable::kSmall - 1, ChunkTable::kSmall}) {
    ChunkTable table;
    for (uint32_t i = 0; i < size; ++i) table[Take(table)].used = i;
    ChunkTable moved(std::move(table));
    EXPECT_EQ(Take(moved), size);
    for (uint32_t i = 0; i < size; ++i) EXPECT_EQ(moved[i].used, i);
  }
}

TEST_F(ChunkTableTest, WithoutMemoryToMoveItStaysAndAsksAgain) {
  if (kSanitized) GTEST_SKIP() << "sanitizers map memory themselves";
  ChunkTable table;
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  {
    const NoMoreMappings refused;
    for (uint32_t i = 0; i < ChunkTable::kSmall; ++i) {
      EXPECT_EQ(table.Take(deferred), i);
      table[i].state = ChunkState::kClosed;
    }
    EXPECT_EQ(table.Take(deferred), ChunkTable::kNone);
    table.Return(7);
    EXPECT_EQ(table.Take(deferred), 7u);
    EXPECT_EQ(table.Take(deferred), ChunkTable::kNone);
  }
  EXPECT_EQ(table.Take(deferred), ChunkTable::kSmall);
  EXPECT_EQ(table.chunks().size(), ChunkTable::kSmall + 1);
}

TEST_F(ChunkTableTest, ItsNumbersEnd) {
  ChunkTable table;
  for (uint32_t i = 0; i < ChunkTable::kMost; ++i) ASSERT_EQ(Take(table), i);
  EXPECT_EQ(Take(table), ChunkTable::kNone);
  table.Return(ChunkTable::kMost - 1);
  EXPECT_EQ(Take(table), ChunkTable::kMost - 1);
}

}  // namespace
}  // namespace dcs::store
