#include "api/rest/canonical_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

using testing::ElementsAre;

TEST(CanonicalPaths, EndWithSlashAndKeepEmptySegments) {
  EXPECT_THAT(CanonicalPaths("/v2/p/instances//scan"), ElementsAre("/v2/p/instances//scan/"));
  EXPECT_THAT(CanonicalPaths("/v2/"), ElementsAre("/v2/"));
  EXPECT_THAT(CanonicalPaths("/"), ElementsAre("/"));
}

TEST(CanonicalPaths, CoverEachSdksFormOfEncodedSegments) {
  EXPECT_THAT(CanonicalPaths("/%7bi%7d"), ElementsAre("/%7Bi%7D/", "/%257bi%257d/", "/%7bi%7d/"));
  EXPECT_THAT(CanonicalPaths("/a%2Fb"), ElementsAre("/a%2Fb/", "/a/b/", "/a%252Fb/"));
}

TEST(CanonicalPaths, EncodeBareReservedCharacters) {
  EXPECT_THAT(CanonicalPaths("/a{b}"), ElementsAre("/a%7Bb%7D/", "/a{b}/"));
}

TEST(CanonicalQuery, SortsByNameThenValueAndEncodesBoth) {
  const std::vector<QueryParameter> query = {
      {"tag", "2"}, {"name", "a b/c"}, {"tag", "10"}, {"flag", ""}, {"Z", "1"}};
  EXPECT_EQ(CanonicalQuery(query), "Z=1&flag=&name=a%20b%2Fc&tag=10&tag=2");
  EXPECT_EQ(CanonicalQuery({}), "");
}

TEST(CanonicalRequest, HasTheSdksLayout) {
  const auto request =
      MakeRequest("POST", "/v2/p?b=1&a=2", {{"X-B", "  two words\t"}, {"x-A", "1"}}, "body");
  EXPECT_EQ(CanonicalRequest(*request, "/v2/p/", "x-b;x-a", std::vector<std::string>{"x-b", "x-a"},
                             "HASH"),
            "POST\n/v2/p/\na=2&b=1\nx-b:two words\nx-a:1\n\nx-b;x-a\nHASH");
}

}  // namespace
}  // namespace dcs::rest
