#include "store/key_hash.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace dcs::store {
namespace {

TEST(KeyHashTest, DependsOnEveryByteAndOnTheSeed) {
  const std::string key("a\0b", 3);
  EXPECT_EQ(HashBytes(key, 1), HashBytes(std::string("a\0b", 3), 1));
  EXPECT_NE(HashBytes(key, 1), HashBytes(key, 2));
  EXPECT_NE(HashBytes(key, 1), HashBytes("a", 1));
  EXPECT_NE(HashBytes("", 1), HashBytes(std::string(1, '\0'), 1));
}

TEST(KeyHashTest, SpreadsNumberedKeysEvenlyOverTheTopBits) {
  std::array<int, 64> counts{};
  constexpr int kKeys = 64'000;
  for (int i = 0; i < kKeys; ++i) ++counts[HashBytes("user:" + std::to_string(i), 7) >> 58];
  for (const int count : counts) {
    EXPECT_GT(count, 800);  // 1,000 expected, 32 the standard deviation
    EXPECT_LT(count, 1200);
  }
}

}  // namespace
}  // namespace dcs::store
