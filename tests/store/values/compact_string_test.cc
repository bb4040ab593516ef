#include "store/values/compact_string.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/failing_allocation.h"

namespace dcs::store {
namespace {

TEST(CompactStringTest, KeepsTextsOfEveryLength) {
  for (size_t length : {0, 1, 8, 14, 15, 16, 17, 100, 127, 128, 255, 70'000}) {
    std::string text(length, '\xFF');
    if (length > 0) text[length - 1] = '\0';
    const CompactString string(text);
    EXPECT_EQ(string.view(), text);
    EXPECT_EQ(string.heap_bytes(), length > CompactString::kMostInPlace ? length : 0);
  }
}

TEST(CompactStringTest, Move_TakesTheAllocation) {
  for (const std::string& text : {std::string("short"), std::string(50, 'x')}) {
    RecordedAllocations recorded;
    recorded.During([&] {
      CompactString from(text);
      CompactString to(std::move(from));
      EXPECT_EQ(to.view(), text);
      CompactString other(std::string(40, 'y'));
      other = std::move(to);
      EXPECT_EQ(other.view(), text);
    });
    EXPECT_EQ(recorded.bytes(), 0u);
  }
}

}  // namespace
}  // namespace dcs::store
