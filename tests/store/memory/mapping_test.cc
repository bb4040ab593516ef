#include "store/memory/mapping.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "store/memory/page_source.h"

namespace dcs::store {
namespace {

TEST(MappingTest, RoundsUpToWholeZeroedPages) {
  const Mapping mapping(5000);
  ASSERT_NE(mapping.data(), nullptr);
  EXPECT_EQ(mapping.bytes(), 2 * kSmallPageBytes);
  EXPECT_TRUE(std::all_of(mapping.data(), mapping.data() + mapping.bytes(),
                          [](std::byte b) { return b == std::byte{0}; }));
}

TEST(MappingTest, GrowKeepsContents) {
  Mapping mapping(kSmallPageBytes);
  std::memset(mapping.data(), 'x', kSmallPageBytes);
  ASSERT_TRUE(mapping.Grow(size_t{8} << 20));
  EXPECT_EQ(mapping.bytes(), size_t{8} << 20);
  EXPECT_TRUE(std::all_of(mapping.data(), mapping.data() + kSmallPageBytes,
                          [](std::byte b) { return b == std::byte{'x'}; }));
  mapping.data()[mapping.bytes() - 1] = std::byte{1};
}

TEST(MappingTest, MoveTransfersOwnership) {
  Mapping first(kSmallPageBytes);
  std::byte* const data = first.data();
  Mapping second(std::move(first));
  EXPECT_EQ(second.data(), data);
  Mapping third;
  third = std::move(second);
  EXPECT_EQ(third.data(), data);
  EXPECT_EQ(third.bytes(), kSmallPageBytes);
}

TEST(MappingTest, RefusesImpossibleSize) {
  const Mapping mapping(size_t{1} << 60);
  EXPECT_EQ(mapping.data(), nullptr);
  EXPECT_EQ(mapping.bytes(), 0u);
  Mapping grown(kSmallPageBytes);
  EXPECT_FALSE(grown.Grow(size_t{1} << 60));
  EXPECT_EQ(grown.bytes(), kSmallPageBytes);
}

}  // namespace
}  // namespace dcs::store
