#include "store/log/chunk_table.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <utility>

#include "tests/failing_allocation.h"

namespace dcs::store {
namespace {

uint32_t Take(ChunkTable& table) {
  const uint32_t number = table.Take();
  if (number != ChunkTable::kNone) table[number].state = ChunkState::kClosed;
  return number;
}

TEST(ChunkTableTest, ReusesTheLastReturnedNumberFirst) {
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

TEST(ChunkTableTest, MoveKeepsEveryEntry) {
  ChunkTable table;
  for (uint32_t i = 0; i < 300; ++i) table[Take(table)].used = i;
  table.Return(5);
  ChunkTable moved(std::move(table));
  moved.CheckInvariants();
  EXPECT_EQ(Take(moved), 5u);
  for (uint32_t i = 6; i < 300; ++i) EXPECT_EQ(moved[i].used, i);
  EXPECT_EQ(Take(moved), 300u);
}

TEST(ChunkTableTest, FailedAllocation_ReturnsNoneAndKeepsEveryEntry) {
  for (uint64_t n = 1; n <= 2; ++n) {
    ChunkTable table;
    while (table.chunks().size() < 64) table[Take(table)].used = 1;
    uint32_t refused = 0, returned = 0;
    {
      const ExhaustedMemory exhausted(n);
      refused = Take(table);
      table.Return(7);
      returned = Take(table);
    }
    EXPECT_EQ(refused, ChunkTable::kNone);
    EXPECT_EQ(returned, 7u);
    table.CheckInvariants();
    EXPECT_EQ(Take(table), 64u);
  }
}

TEST(ChunkTableTest, EveryNumberTaken_ReturnsNone) {
  ChunkTable table;
  for (uint32_t i = 0; i < ChunkTable::kMost; ++i) ASSERT_EQ(Take(table), i);
  EXPECT_EQ(Take(table), ChunkTable::kNone);
  table.Return(ChunkTable::kMost - 1);
  EXPECT_EQ(Take(table), ChunkTable::kMost - 1);
}

}  // namespace
}  // namespace dcs::store
