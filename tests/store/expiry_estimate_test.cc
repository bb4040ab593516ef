// Keyspace::EstimateExpiry beside the exact census.
#include <gtest/gtest.h>

#include <string>

#include "store/keyspace.h"
#include "tests/store/rig.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;

TEST(ExpiryEstimateTest, FewKeys_IsExact) {
  Keyspace keyspace({.shards = 4, .seed = 1, .epoch = kNow, .lazy_free_thread = false});
  EXPECT_EQ(keyspace.EstimateExpiry(kNow).mean_ttl_ms, 0);
  ASSERT_TRUE(keyspace.Set("none", "v", kNoDeadline, kNow).ok());
  EXPECT_EQ(keyspace.EstimateExpiry(kNow).mean_ttl_ms, 0);
  ASSERT_TRUE(keyspace.Set("a", "v", kNow + 1'000'000, kNow).ok());
  EXPECT_EQ(keyspace.EstimateExpiry(kNow + 3'000).mean_ttl_ms, 997'000);
  ASSERT_TRUE(keyspace.Set("b", "v", kNow + 5'000, kNow).ok());
  const TimeMs far = kNow + kDeadlineWindowMs;
  ASSERT_TRUE(keyspace.Set("far", "v", far, kNow).ok());
  const ExpiryEstimate estimate = keyspace.EstimateExpiry(kNow + 6'000);
  EXPECT_TRUE(estimate.exact);
  EXPECT_EQ(estimate.keys, 4u);
  EXPECT_EQ(estimate.keys_with_deadline, 3u);
  EXPECT_EQ(estimate.expired_keys, 1u);
  EXPECT_EQ(estimate.expired_bytes, keyspace.TakeCensus(kNow + 6'000).expired_bytes);
  EXPECT_EQ(estimate.mean_ttl_ms, (994'000 + far - kNow - 6'000) / 2) << "of live keys alone";
}

TEST(ExpiryEstimateTest, ManyKeys_ComesNearTheCensus) {
  Keyspace keyspace({.shards = 4, .seed = 3, .epoch = kNow, .lazy_free_thread = false});
  const size_t keys = Scaled(300'000);
  double ttl_ms = 0;
  for (size_t i = 0; i < keys; ++i) {
    const TimeMs deadline = i % 4 == 0 ? kNow + 10 : kNow + 1'000 + static_cast<TimeMs>(i);
    if (i % 4 != 0) ttl_ms += static_cast<double>(deadline - kNow - 11);
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), std::string(i % 50, 'v'), deadline, kNow).ok());
  }
  const TimeMs now = kNow + 11;
  const Census census = keyspace.TakeCensus(now);
  const ExpiryEstimate estimate = keyspace.EstimateExpiry(now);
  EXPECT_FALSE(estimate.exact);
  EXPECT_EQ(estimate.keys, keys);
  EXPECT_EQ(estimate.keys_with_deadline, keys);
  const auto near = [](double estimated, double counted) {
    EXPECT_NEAR(estimated, counted, 0.1 * counted);
  };
  near(static_cast<double>(estimate.expired_keys), static_cast<double>(census.expired_keys));
  near(static_cast<double>(estimate.expired_bytes), static_cast<double>(census.expired_bytes));
  near(static_cast<double>(estimate.mean_ttl_ms), ttl_ms / static_cast<double>(keys * 3 / 4));
  SweepAll(keyspace, 1'000, now);
  EXPECT_EQ(keyspace.EstimateExpiry(now).expired_keys, 0u);
}

// One key in 100,000 has a deadline: it is found all the same.
TEST(ExpiryEstimateTest, RareDeadlines_AreFound) {
  Keyspace keyspace({.shards = 1, .seed = 3, .epoch = kNow, .lazy_free_thread = false});
  for (size_t i = 0; i < Scaled(100'000); ++i) {
    const TimeMs deadline = i == 5'000 ? kNow + 60'000 : kNoDeadline;
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), "v", deadline, kNow).ok());
  }
  EXPECT_EQ(keyspace.EstimateExpiry(kNow).mean_ttl_ms, 60'000);
}

}  // namespace
}  // namespace dcs::store
