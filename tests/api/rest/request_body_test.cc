#include "api/rest/request_body.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace dcs::rest {
namespace {

// The error code for the body, if any.
std::optional<ErrorId> ErrorOf(const std::string& body) {
  const ParsedBody parsed = ParseBody(body);
  if (const auto* error = std::get_if<ApiError>(&parsed)) return error->id;
  return std::nullopt;
}

TEST(RequestBody, ReadsObject) {
  const ParsedBody parsed = ParseBody(" {\"b\": 1, \"a\": \"\u00e9\"}\n");
  ASSERT_TRUE(std::holds_alternative<Json>(parsed));
  EXPECT_EQ(std::get<Json>(parsed).dump(), "{\"b\":1,\"a\":\"\u00e9\"}");
}

TEST(RequestBody, EmptyAndWhiteSpace_AreEmptyBodies) {
  for (const std::string body : {"", " ", "\r\n\t"}) EXPECT_EQ(ErrorOf(body), ErrorId::kEmptyBody);
}

TEST(RequestBody, RefusesNonObjects) {
  for (const std::string body :
       {"null", "[]", "1", "\"text\"", "{", "{}}", "{} {}", "{'a':1}", "{\"a\":}", "{\"a\":1,}",
        "{\"a\":\"\xff\"}", "{\"a\":NaN}", "// {}", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(ErrorOf(body), ErrorId::kBodyNotJson) << body;
  }
  EXPECT_EQ(ErrorOf(std::string("{\"a\":1}\0", 8)), ErrorId::kBodyNotJson);
}

TEST(RequestBody, DeepNesting_IsRefusedInLinearTime) {
  const auto nested = [](size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(ErrorOf(nested(20)), std::nullopt);
  EXPECT_EQ(ErrorOf(nested(100)), ErrorId::kBodyNotJson);
  EXPECT_EQ(ErrorOf(nested(5'000'000)), ErrorId::kBodyNotJson);
  EXPECT_EQ(ErrorOf("{\"a\":" + std::string(10'000'000, '[')), ErrorId::kBodyNotJson);
}

TEST(RequestBody, RefusesMoreThan10000Values) {
  const auto values = [](size_t count, const std::string& value) {
    std::string list = "[";
    for (size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + value;
    return "{\"a\":" + list + "]}";
  };
  // The object and the list are two.
  EXPECT_EQ(ErrorOf(values(9'998, "{}")), std::nullopt);
  EXPECT_EQ(ErrorOf(values(9'999, "{}")), ErrorId::kBodyNotJson);
  EXPECT_EQ(ErrorOf(values(200'000, "{}")), ErrorId::kBodyNotJson);
  EXPECT_EQ(ErrorOf(values(1'000'000, "1")), ErrorId::kBodyNotJson);
}

TEST(RequestBody, AbsentEqualsNull) {
  const Json json = {{"there", 0}, {"null", nullptr}};
  ASSERT_NE(FindMember(json, "there"), nullptr);
  EXPECT_EQ(*FindMember(json, "there"), 0);
  EXPECT_EQ(FindMember(json, "null"), nullptr);
  EXPECT_EQ(FindMember(json, "missing"), nullptr);
}

TEST(RequestBody, OnlyIntegersWithinTheLimitsAreIntegers) {
  EXPECT_EQ(AsInteger(5, 0, 10), 5);
  EXPECT_EQ(AsInteger(0, 0, 10), 0);
  EXPECT_EQ(AsInteger(10, 0, 10), 10);
  EXPECT_EQ(AsInteger(-3, -3, 10), -3);
  for (const char* text : {"-1", "11", "5.0", "1e1", "\"5\"", "true", "[5]", "{}",
                           "18446744073709551615", "9223372036854775808", "1e400"}) {
    EXPECT_EQ(AsInteger(Json::parse(text, nullptr, false), 0, 10), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace dcs::rest
