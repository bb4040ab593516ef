#include "api/rest/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

using testing::ElementsAre;
using testing::Pair;

Answer Nothing(const Call&) { return Success{}; }

constexpr Route kRoutes[] = {
    {"GET", "/v2/{project_id}/instances", "list", Nothing, Access::kRead, Auth::kRequired},
    {"POST", "/v2/{project_id}/instances", "create", Nothing, Access::kWrite, Auth::kRequired},
    {"GET", "/v2/{project_id}/instances/status", "status", Nothing, Access::kRead, Auth::kRequired},
    {"GET", "/v2/{project_id}/instances/{instance_id}", "show", Nothing, Access::kRead,
     Auth::kRequired},
};

Match Find(std::string_view method, std::vector<std::string> segments) {
  static const Router router(kRoutes);
  return router.Find(method, segments);
}

TEST(Router, FindsTheRouteAndItsParameters) {
  const Match match = Find("GET", {"v2", "P", "instances", "I"});
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->operation, "show");
  EXPECT_THAT(match.parameters, ElementsAre(Pair("project_id", "P"), Pair("instance_id", "I")));
  ASSERT_NE(match.Find("instance_id"), nullptr);
  EXPECT_EQ(*match.Find("instance_id"), "I");
  EXPECT_EQ(match.Find("other"), nullptr);
}

TEST(Router, ParametersMatchEmptySegmentsInTheMiddle) {
  const Match match = Find("GET", {"v2", "", "instances", "I"});
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->operation, "show");
  EXPECT_EQ(*match.Find("project_id"), "");
}

TEST(Router, TrailingSlash_IsAnotherUrl) {
  for (const char* method : {"GET", "POST", "DELETE"}) {
    const Match match = Find(method, {"v2", "P", "instances", ""});
    EXPECT_EQ(match.route, nullptr) << method;
    EXPECT_EQ(match.Allow(), "") << method;
  }
}

TEST(Router, HeadFindsTheRouteOfGet) {
  EXPECT_EQ(Find("HEAD", {"v2", "P", "instances", "I"}).route->operation, "show");
  EXPECT_EQ(Find("HEAD", {"v2", "P", "instances"}).route->operation, "list");
}

TEST(Router, Allow_IncludesHeadAndOptions) {
  EXPECT_EQ(Find("DELETE", {"v2", "P", "instances"}).Allow(), "GET, POST, HEAD, OPTIONS");
  EXPECT_EQ(Find("GET", {"v2", "P", "instances"}).Allow(), "");
  EXPECT_EQ(Find("GET", {"nowhere"}).Allow(), "");
}

TEST(Router, EarlierOfTwoMatchesWins) {
  EXPECT_EQ(Find("GET", {"v2", "P", "instances", "status"}).route->operation, "status");
}

TEST(Router, WrongMethod_DiffersFromUnknownUrl) {
  const Match wrong_method = Find("DELETE", {"v2", "P", "instances"});
  EXPECT_EQ(wrong_method.route, nullptr);
  EXPECT_EQ(wrong_method.allowed_methods, "GET, POST");
  const Match lower_case = Find("get", {"v2", "P", "instances"});
  EXPECT_EQ(lower_case.route, nullptr);
  EXPECT_EQ(lower_case.allowed_methods, "GET, POST");
  const Match found = Find("POST", {"v2", "P", "instances"});
  EXPECT_EQ(found.route->operation, "create");
  EXPECT_EQ(found.allowed_methods, "");
}

TEST(Router, UnknownUrls_DoNotMatch) {
  const std::vector<std::vector<std::string>> unknown = {{},
                                                         {""},
                                                         {"v2"},
                                                         {"v2", "P", "instances", "I", ""},
                                                         {"v2", "P", "Instances"},
                                                         {"V2", "P", "instances"},
                                                         {"v2", "P", "instances", "I", "x"},
                                                         {"", "v2", "P", "instances"},
                                                         {"v2/P", "instances"}};
  for (const auto& segments : unknown) {
    const Match match = Find("GET", segments);
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allowed_methods, "");
  }
}

}  // namespace
}  // namespace dcs::rest
