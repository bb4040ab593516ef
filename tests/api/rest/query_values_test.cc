#include "api/rest/query_values.h"

#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

std::variant<int64_t, ApiError> Number(std::string_view query) {
  const auto request = MakeRequest("GET", "/x?" + std::string(query), {}, "");
  return QueryNumber(*request, "limit", 1, 1000, 10);
}

void ExpectRefused(std::string_view query) {
  const auto result = Number(query);
  const auto* error = std::get_if<ApiError>(&result);
  ASSERT_NE(error, nullptr) << query;
  EXPECT_EQ(error->id, ErrorId::kInvalidParameter);
  EXPECT_EQ(Message(*error), "Invalid limit parameter in the request.");
}

TEST(QueryNumber, Absent_IsTheFallback) {
  EXPECT_EQ(std::get<int64_t>(Number("")), 10);
  EXPECT_EQ(std::get<int64_t>(Number("Limit=3")), 10);
}

TEST(QueryNumber, AcceptsBothEndsOfTheRange) {
  EXPECT_EQ(std::get<int64_t>(Number("limit=1")), 1);
  EXPECT_EQ(std::get<int64_t>(Number("limit=1000")), 1000);
  EXPECT_EQ(std::get<int64_t>(Number("limit=007")), 7);
}

TEST(QueryNumber, RefusesEverythingElse) {
  for (const std::string_view query :
       {"limit=0", "limit=1001", "limit=-1", "limit=-0", "limit=%2B1", "limit=", "limit", "limit=a",
        "limit=1a", "limit=1.0", "limit=+1", "limit=1+", "limit=0x1", "limit=1%00",
        "limit=99999999999999999999", "limit=1&limit=1"}) {
    ExpectRefused(query);
  }
}

TEST(QueryDecimal, AcceptsOnlyNumbersInRange) {
  const auto decimal = [](const std::string& query) {
    return QueryDecimal(*MakeRequest("GET", "/x?" + query, {}, ""), "rate", 0, 100);
  };
  EXPECT_EQ(std::get<double>(decimal("rate=0")), 0.0);
  EXPECT_EQ(std::get<double>(decimal("rate=0.5")), 0.5);
  EXPECT_EQ(std::get<double>(decimal("rate=100")), 100.0);
  for (const std::string query :
       {"", "rate", "rate=", "rate=.", "rate=-1", "rate=100.5", "rate=1e1", "rate=1.2.3",
        "rate=nan", "rate=inf", "rate=0x1", "rate=1&rate=1", "rate=%2B1"}) {
    const auto result = decimal(query);
    const auto* error = std::get_if<ApiError>(&result);
    ASSERT_NE(error, nullptr) << query;
    EXPECT_EQ(Message(*error), "Invalid rate parameter in the request.");
  }
}

}  // namespace
}  // namespace dcs::rest
