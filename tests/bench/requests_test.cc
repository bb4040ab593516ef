#include "bench/side_by_side/requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dcs::bench {
namespace {

constexpr size_t kRequests = 1'000;

// The words of each request in `batch`, which must consist of whole requests.
std::vector<std::vector<std::string>> Decode(std::string_view batch) {
  std::vector<std::vector<std::string>> requests;
  const auto number = [&](char type) {
    EXPECT_EQ(batch.front(), type);
    const size_t end = batch.find("\r\n");
    const size_t value = std::strtoul(std::string(batch.substr(1, end)).c_str(), nullptr, 10);
    batch.remove_prefix(end + 2);
    return value;
  };
  while (!batch.empty()) {
    std::vector<std::string>& words = requests.emplace_back(number('*'));
    for (std::string& word : words) {
      const size_t size = number('$');
      word = batch.substr(0, size);
      batch.remove_prefix(size + 2);
    }
  }
  return requests;
}

std::vector<std::vector<std::string>> All(RequestSource& source) {
  std::string batch;
  while (source.Fill(batch, 7) > 0) {
  }
  return Decode(batch);
}

TEST(RequestsTest, Keys_Have16BytesWithTheirNumber) {
  EXPECT_EQ(KeyText(0), "key:000000000000");
  EXPECT_EQ(KeyText(123'456'789), "key:000123456789");
  EXPECT_EQ(KeyText(987'654'321'012), "key:987654321012");
  EXPECT_EQ(KeyText(7).size(), kKeyBytes);
}

TEST(RequestsTest, RandomRequests_DrawFromAllKeysOnly) {
  constexpr uint64_t kKeys = 50;
  RandomRequests gets(Access::kGet, kKeys, 1);
  std::string batch;
  ASSERT_EQ(gets.Fill(batch, kRequests), kRequests);
  std::set<std::string> drawn;
  for (const auto& words : Decode(batch)) {
    ASSERT_EQ(words.size(), 2u);
    EXPECT_EQ(words[0], "GET");
    drawn.insert(words[1]);
  }
  EXPECT_EQ(drawn.size(), kKeys);
  EXPECT_EQ(*drawn.begin(), KeyText(0));
  EXPECT_EQ(*drawn.rbegin(), KeyText(kKeys - 1));
}

TEST(RequestsTest, SameSeed_SameKeys) {
  std::string first, second, other;
  RandomRequests(Access::kSet, 1'000'000, 5).Fill(first, 100);
  RandomRequests(Access::kSet, 1'000'000, 5).Fill(second, 100);
  RandomRequests(Access::kSet, 1'000'000, 6).Fill(other, 100);
  EXPECT_EQ(first, second);
  EXPECT_NE(first, other);
}

TEST(RequestsTest, Mix_WritesEveryKeyOnceWithItsShareOfShortDeadlines) {
  const Mix mix = {.expiring_percent = 33};
  MixedSets sets(mix, 100, 100 + kRequests);
  const auto requests = All(sets);
  ASSERT_EQ(requests.size(), kRequests);
  std::set<std::string> deadlines;
  for (size_t i = 0; i < kRequests; ++i) {
    const std::vector<std::string>& words = requests[i];
    ASSERT_EQ(words.size(), mix.Expires(100 + i) ? 5u : 3u);
    EXPECT_EQ(words[1], KeyText(100 + i));
    EXPECT_EQ(words[2].size(), kValueBytes);
    if (words.size() < 5) continue;
    EXPECT_EQ(words[3], "PX");
    const int ttl_ms = std::atoi(words[4].c_str());
    EXPECT_GE(ttl_ms, kShortestTtlMs);
    EXPECT_LE(ttl_ms, kLongestTtlMs);
    deadlines.insert(words[4]);
  }
  EXPECT_GT(deadlines.size(), 100u);
}

TEST(RequestsTest, Mix_CountsExpiringKeys) {
  EXPECT_EQ(Mix{}.CountExpiring(kRequests), 0u);
  EXPECT_EQ(Mix{.expiring_percent = 100}.CountExpiring(kRequests), kRequests);
  const auto third = static_cast<double>(Mix{.expiring_percent = 33}.CountExpiring(1'000'000));
  EXPECT_NEAR(third, 330'000, 3'000);
}

TEST(RequestsTest, Mix_CanSkipTheOtherKeys) {
  const Mix mix = {.expiring_percent = 50, .others = Others::kNotWritten};
  MixedSets sets(mix, 0, kRequests);
  const auto requests = All(sets);
  EXPECT_EQ(requests.size(), mix.CountExpiring(kRequests));
  for (const auto& words : requests) EXPECT_EQ(words.size(), 5u);
}

TEST(RequestsTest, Mix_CanGiveOtherKeysAFarDeadline) {
  MixedSets sets({.others = Others::kFarDeadline}, 0, 3);
  for (const auto& words : All(sets)) {
    ASSERT_EQ(words.size(), 5u);
    EXPECT_EQ(words[4], std::to_string(kFarTtlMs));
  }
}

TEST(RequestsTest, HashFields_WritesEachFieldOnce) {
  HashFields source("h", 3 * HashFields::kFieldsPerRequest);
  const auto requests = All(source);
  ASSERT_EQ(requests.size(), 3u);
  uint64_t field = 0;
  for (const auto& words : requests) {
    ASSERT_EQ(words.size(), 2 + 2 * HashFields::kFieldsPerRequest);
    EXPECT_EQ(words[0], "HSET");
    EXPECT_EQ(words[1], "h");
    for (size_t i = 2; i < words.size(); i += 2) EXPECT_EQ(words[i], KeyText(field++));
  }
}

}  // namespace
}  // namespace dcs::bench
