#include "scanner/listeners.h"

#include <gtest/gtest.h>

#include <vector>

namespace dcs::scanner {
namespace {

TEST(Listeners, Tell_CallsAllInOrderOfAdding) {
  Listeners<int> listeners;
  std::vector<int> heard;
  listeners.Tell(1);
  listeners.Add([&](int value) { heard.push_back(value); });
  listeners.Add([&](int value) { heard.push_back(10 * value); });
  listeners.Tell(2);
  EXPECT_EQ(heard, (std::vector{2, 20}));
}

TEST(Listeners, Remove_LeavesTheOthers) {
  Listeners<> listeners;
  int first = 0, second = 0;
  const auto id = listeners.Add([&] { ++first; });
  listeners.Add([&] { ++second; });
  listeners.Remove(id);
  listeners.Remove(id);
  listeners.Remove(4711);
  listeners.Tell();
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
  EXPECT_NE(listeners.Add([] {}), id) << "IDs are not used again";
}

}  // namespace
}  // namespace dcs::scanner
