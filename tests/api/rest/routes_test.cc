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

TEST(Routes, OnlyLoginNeedsNoCredentials) {
  for (const Route& route : Routes()) {
    const bool own = !route.pattern.starts_with("/v2/") && !route.pattern.starts_with("/v3/");
    const bool login = route.pattern == "/v3/auth/tokens";
    const Auth expected = login ? Auth::kNone : own ? Auth::kSimToken : Auth::kRequired;
    EXPECT_EQ(route.auth, expected) << route.pattern;
  }
}

TEST(Routes, OnlyGetReads) {
  for (const Route& route : Routes()) {
    EXPECT_EQ(route.access == Access::kRead, route.method == "GET") << route.pattern;
    EXPECT_NE(route.handler, nullptr) << route.pattern;
    EXPECT_FALSE(route.operation.empty()) << route.pattern;
    EXPECT_TRUE(route.pattern.starts_with('/')) << route.pattern;
  }
}

}  // namespace
}  // namespace dcs::rest
