#include "api/descriptor_budget.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace dcs::api {
namespace {

TEST(DescriptorPlan, KeepsAllHttpConnectionsIfThereAreMany) {
  const auto plan = PlanDescriptors(20'000, 1024, 100);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->http_connections, 1024);
  EXPECT_EQ(plan->own, 164);
  EXPECT_EQ(plan->redis_clients, 20'000 - 1024 - 164);
}

TEST(DescriptorPlan, GivesHttpAQuarterOfFew) {
  const auto plan = PlanDescriptors(1024, 1024, 100);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->http_connections, 256);
  EXPECT_EQ(plan->redis_clients, 604);
  EXPECT_EQ(plan->http_connections + plan->own + plan->redis_clients, plan->limit);
}

TEST(DescriptorPlan, RefusesALimitThatLeavesNoClient) {
  EXPECT_GE(PlanDescriptors(128, 1024, 100)->redis_clients, 1);
  EXPECT_EQ(PlanDescriptors(64, 1024, 100).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(DescriptorLimit, IsRaisedToTheHardLimit) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit lower{256, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  const auto hard = static_cast<int64_t>(std::min<rlim_t>(before.rlim_max, kMostDescriptors));
  EXPECT_EQ(RaiseDescriptorLimit(), std::max<int64_t>(hard, 256));
  rlimit after{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_max, before.rlim_max);
  EXPECT_GE(static_cast<int64_t>(after.rlim_cur), std::min<int64_t>(hard, 256));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(DescriptorBudget, GivesEachPlaceOnce) {
  const auto budget = std::make_shared<DescriptorBudget>(2);
  std::vector<DescriptorBudget::Place> places;
  places.push_back(*budget->Take());
  places.push_back(*budget->Take());
  EXPECT_FALSE(budget->Take());
  EXPECT_EQ(budget->used(), 2);
  places.pop_back();
  EXPECT_EQ(budget->used(), 1);
  places.front() = *budget->Take();
  EXPECT_EQ(budget->used(), 1) << "the place that was replaced is returned";
  places.clear();
  EXPECT_EQ(budget->used(), 0);
}

}  // namespace
}  // namespace dcs::api
