#include "api/rest/http_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace dcs::rest {
namespace {

using testing::ElementsAre;

absl::StatusOr<HttpRequest> Get(std::string_view target) {
  return MakeRequest("GET", target, {}, "");
}

TEST(Headers, NamesAreCaseInsensitive) {
  Headers headers = {{"X-Sdk-Date", "1"}, {"x-sdk-date", "2"}};
  ASSERT_NE(headers.Find("x-SDK-date"), nullptr);
  EXPECT_EQ(*headers.Find("x-SDK-date"), "1");
  EXPECT_EQ(headers.Count("X-SDK-DATE"), 2u);
  EXPECT_EQ(headers.Find("x-sdk"), nullptr);
  headers.Set("X-SDK-DATE", "3");
  EXPECT_EQ(headers.Count("x-sdk-date"), 1u);
  EXPECT_EQ(*headers.Find("x-sdk-date"), "3");
}

TEST(HttpRequest, KeepsEmptySegments) {
  EXPECT_THAT(Get("/v2//x/")->segments, ElementsAre("v2", "", "x", ""));
  EXPECT_THAT(Get("/")->segments, ElementsAre(""));
}

TEST(HttpRequest, DecodesSegmentsAfterSplittingThePath) {
  const auto request = Get("/v2/%7Binstance_id%7D/a%2Fb/c+d/%00");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->raw_path, "/v2/%7Binstance_id%7D/a%2Fb/c+d/%00");
  EXPECT_THAT(request->segments,
              ElementsAre("v2", "{instance_id}", "a/b", "c+d", std::string(1, '\0')));
}

TEST(HttpRequest, DecodesTheQueryAndKeepsItsOrderAndRepetitions) {
  const auto request = Get("/x?b=2&a=1&b=%31&flag&empty=&sp=a+b&eq=a=b&&q=?");
  ASSERT_TRUE(request.ok());
  std::string seen;
  for (const auto& [name, value] : request->query) seen += name + ":" + value + ";";
  EXPECT_EQ(seen, "b:2;a:1;b:1;flag:;empty:;sp:a b;eq:a=b;q:?;");
  EXPECT_EQ(request->CountQuery("b"), 2u);
  EXPECT_EQ(request->FindQuery("b"), "2");
  EXPECT_EQ(request->FindQuery("B"), std::nullopt);
}

TEST(HttpRequest, AcceptsTheAbsoluteForm) {
  const auto request = Get("HTTP://dcs.example:8080/v2/x?a=1");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->raw_path, "/v2/x");
  EXPECT_EQ(request->FindQuery("a"), "1");
  EXPECT_EQ(request->target, "HTTP://dcs.example:8080/v2/x?a=1");
  EXPECT_EQ(Get("https://dcs.example")->raw_path, "/");
  EXPECT_EQ(Get("http://dcs.example?a=1")->raw_path, "/");
  EXPECT_EQ(Get("http://dcs.example?a=1")->FindQuery("a"), "1");
}

TEST(HttpRequest, AsteriskForm_IsForOptionsOnly) {
  const auto request = MakeRequest("OPTIONS", "*", {}, "");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->raw_path, "*");
  EXPECT_TRUE(request->segments.empty());
  EXPECT_FALSE(MakeRequest("OPTIONS", "**", {}, "").ok());
}

TEST(HttpRequest, RefusesTargetsWithoutPath) {
  for (const std::string_view target : {"", "*", "?a=1", "v2/x", "dcs.example:443", "ftp://a/b"}) {
    EXPECT_EQ(Get(target).status().code(), absl::StatusCode::kInvalidArgument) << target;
  }
}

TEST(HttpRequest, RefusesBadPercentEncodingInPathAndQuery) {
  for (const std::string_view target : {"/%", "/a%2", "/%zz/b", "/a?x=%", "/a?%g0=1"}) {
    EXPECT_EQ(Get(target).status().code(), absl::StatusCode::kInvalidArgument) << target;
  }
}

TEST(HttpRequest, RandomTargets_ParseOrAreRefused) {
  const unsigned seed = 20240409;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  size_t parsed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string target = round % 2 == 0 ? "/" : "";
    for (size_t n = random() % 40; n > 0; --n) {
      target += random() % 3 == 0 ? "%/?&=+#"[random() % 7] : static_cast<char>(random() % 256);
    }
    const auto request = Get(target);
    if (!request.ok()) continue;
    ++parsed;
    // Nothing is lost: there are as many segments as slashes, and the path is a part of the target.
    EXPECT_EQ(request->segments.size(),
              std::count(request->raw_path.begin(), request->raw_path.end(), '/'));
    EXPECT_NE(request->target.find(request->raw_path), std::string::npos);
  }
  EXPECT_GT(parsed, 1000u);
}

}  // namespace
}  // namespace dcs::rest
