#include "store/memory/counting_allocator.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace dcs::store {
namespace {

TEST(CountingAllocatorTest, CountsWhatIsHeld) {
  size_t bytes = 0;
  {
    std::vector<uint64_t, CountingAllocator<uint64_t>> numbers{CountingAllocator<uint64_t>(&bytes)};
    EXPECT_EQ(bytes, 0u);
    numbers.reserve(100);
    EXPECT_EQ(bytes, 800u);
    numbers.resize(1000);
    EXPECT_EQ(bytes, numbers.capacity() * sizeof(uint64_t));
  }
  EXPECT_EQ(bytes, 0u);
}

TEST(CountingAllocatorTest, AllocatorsOfOneCounterAreEqualWhateverTheirType) {
  size_t one = 0, other = 0;
  const CountingAllocator<int> ints(&one);
  EXPECT_TRUE(ints == CountingAllocator<char>(ints));
  EXPECT_FALSE(ints == CountingAllocator<int>(&other));
}

}  // namespace
}  // namespace dcs::store
