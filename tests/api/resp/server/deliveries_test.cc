#include "api/resp/server/deliveries.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace dcs::resp {
namespace {

Deliveries::Item Message(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

TEST(Deliveries, Push_AsksForOneNotificationUntilTaken) {
  Deliveries deliveries;
  EXPECT_FALSE(deliveries.waiting());
  EXPECT_TRUE(deliveries.Push(Message("a")));
  EXPECT_FALSE(deliveries.Push(Message("bc")));
  EXPECT_FALSE(deliveries.Push(nullptr));
  EXPECT_EQ(deliveries.bytes(), 3u);
  std::vector<Deliveries::Item> taken;
  deliveries.Take(taken);
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_EQ(*taken[0], "a");
  EXPECT_EQ(*taken[1], "bc");
  EXPECT_EQ(taken[2], nullptr);
  EXPECT_FALSE(deliveries.waiting());
  EXPECT_EQ(deliveries.bytes(), 0u);
  EXPECT_TRUE(deliveries.Push(Message("d")));
}

TEST(Deliveries, End_ReleasesMessagesAndIgnoresLaterOnes) {
  Deliveries deliveries;
  const Deliveries::Item message = Message("a");
  deliveries.Push(message);
  deliveries.End();
  EXPECT_EQ(message.use_count(), 1);
  EXPECT_FALSE(deliveries.Push(message));
  EXPECT_FALSE(deliveries.waiting());
  EXPECT_EQ(message.use_count(), 1);
}

}  // namespace
}  // namespace dcs::resp
