#include "api/rest/routes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace dcs::rest {
namespace {

TEST(Routes, NoTwoRowsHaveTheSameMethodAndPattern) {
  std::set<std::string> seen;
  for (const Route& route : Routes()) {
    EXPECT_TRUE(seen.insert(std::string(route.method) + " " + std::string(route.pattern)).second)
        << route.pattern;
  }
}

TEST(Routes, OnlyTheSimulatorsOwnAndTheDoorItselfNeedNoAuthentication) {
  for (const Route& route : Routes()) {
    const bool open = route.pattern.starts_with("/_sim/") || route.pattern == "/v3/auth/tokens";
    EXPECT_EQ(route.auth == Auth::kNone, open) << route.pattern;
  }
}

TEST(Routes, GetReadsAndNothingElseDoes) {
  for (const Route& route : Routes()) {
    EXPECT_EQ(route.access == Access::kRead, route.method == "GET") << route.pattern;
    EXPECT_NE(route.handler, nullptr) << route.pattern;
    EXPECT_FALSE(route.operation.empty()) << route.pattern;
    EXPECT_TRUE(route.pattern.starts_with('/')) << route.pattern;
  }
}

}  // namespace
}  // namespace dcs::rest
