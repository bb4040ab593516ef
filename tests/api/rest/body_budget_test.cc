#include "api/rest/body_budget.h"

#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

constexpr size_t kFree = BodyBudget::kFree;

TEST(BodyBudget, ShortBodies_AreNotCounted) {
  BodyBudget budget(0);
  BodyBudget::Share share(budget);
  EXPECT_TRUE(share.GrowTo(kFree));
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_FALSE(share.GrowTo(kFree + 1));
}

TEST(BodyBudget, SharesTogetherStayWithinTheLimit) {
  BodyBudget budget(1000);
  BodyBudget::Share first(budget);
  BodyBudget::Share second(budget);
  EXPECT_TRUE(first.GrowTo(kFree + 100));
  EXPECT_TRUE(first.GrowTo(kFree + 700));
  EXPECT_EQ(budget.used(), 700u);
  EXPECT_FALSE(second.GrowTo(kFree + 301));
  EXPECT_EQ(budget.used(), 700u);
  EXPECT_TRUE(second.GrowTo(kFree + 300));
  EXPECT_EQ(budget.used(), 1000u);
  first.Release();
  EXPECT_EQ(budget.used(), 300u);
  EXPECT_TRUE(second.GrowTo(kFree + 1000));
}

TEST(BodyBudget, DestroyedShare_ReturnsItsBytes) {
  BodyBudget budget(1000);
  {
    BodyBudget::Share share(budget);
    EXPECT_TRUE(share.GrowTo(kFree + 1000));
  }
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace dcs::rest
