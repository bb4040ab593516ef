#include "api/resp/server/hold.h"

#include <gtest/gtest.h>

namespace dcs::resp {
namespace {

TEST(Hold, LetsThoseWhoWaitGoOnWhenTheLastHasEnded) {
  Hold hold;
  int went_on = 0;
  const auto go_on = [&] { ++went_on; };
  EXPECT_FALSE(hold.Wait(go_on)) << "nothing to wait for";
  hold.Raise();
  hold.Raise();
  EXPECT_TRUE(hold.Wait(go_on));
  EXPECT_TRUE(hold.Wait(go_on));
  hold.End();
  EXPECT_EQ(went_on, 0);
  EXPECT_TRUE(hold.raised());
  hold.End();
  EXPECT_EQ(went_on, 2);
  EXPECT_FALSE(hold.raised());
}

}  // namespace
}  // namespace dcs::resp
