#include "api/rest/sim_handlers.h"

#include <gtest/gtest.h>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

using SimHandlers = ApiTest;

TEST_F(SimHandlers, HealthSaysWhatIsPlayedToAnyone) {
  const HttpResponse response = sim.Send("GET", "/_sim/health");
  EXPECT_EQ(response.status, 200);
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["status"], "ok");
  EXPECT_EQ(answer["now"], "2020-06-15T02:21:18.669Z");
  EXPECT_EQ(answer["project_id"], kProject);
  ASSERT_EQ(answer["instances"].size(), 2u);
  EXPECT_EQ(answer["instances"][0]["instance_id"], kInstance);
  EXPECT_EQ(answer["instances"][1]["engine_version"], "3.0");
}

TEST_F(SimHandlers, TheCensusCountsWhatIsExpiredButNotReleased) {
  sim.Fill(/*expired=*/40, /*live=*/60);
  const std::string target = "/_sim/census?instance_id=" + kInstance;
  const Json before = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(before["keys"], 100);
  EXPECT_EQ(before["keys_with_deadline"], 40);
  EXPECT_EQ(before["expired_keys"], 40);
  EXPECT_GT(before["expired_bytes"], 0);
  EXPECT_GT(before["used_bytes"], before["expired_bytes"]);
  EXPECT_EQ(before.size(), 5u);
  sim.Create();
  sim.events.Advance(60'000);
  const Json after = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(after["keys"], 60);
  EXPECT_EQ(after["expired_keys"], 0);
  EXPECT_EQ(after["expired_bytes"], 0);
}

TEST_F(SimHandlers, TheInstanceMayBeLeftOutOnlyWhereThereIsOne) {
  ExpectError(sim.Send("GET", "/_sim/census"), 400, "DCS.4062",
              "Invalid instance_id parameter in the request.");
  SimulatedApi one;
  one.Add(kInstance, "7.0");
  EXPECT_EQ(one.Send("GET", "/_sim/census").status, 200);
}

TEST_F(SimHandlers, InstancesAreCheckedAsEverywhere) {
  for (const std::string operation : {"/_sim/census", "/_sim/scans"}) {
    ExpectError(sim.Send("GET", operation + "?instance_id=x"), 400, "DCS.4061",
                "Invalid instance ID format.");
    ExpectError(sim.Send("GET", operation + "?instance_id="), 400, "DCS.4061",
                "Invalid instance ID format.");
    ExpectError(sim.Send("GET", operation + "?instance_id=00000000-cebf-4473-95c4-d1b573c16e79"),
                404, "DCS.3022", "This DCS instance does not exist.");
  }
}

TEST_F(SimHandlers, AScansProgressCanBeFollowedToItsEnd) {
  sim.Fill(/*expired=*/300, /*live=*/700);
  const std::string target =
      "/_sim/scans?instance_id=" + kInstance + "&id=" + std::string(sim.Create()["id"]);
  Json progress = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(progress["status"], "waiting");
  EXPECT_EQ(progress["visited"], 0);
  sim.events.Advance(10);
  progress = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(progress["status"], "running");
  EXPECT_EQ(progress["steps"], 2);
  EXPECT_EQ(progress["keys_at_start"], 1000);
  EXPECT_GE(progress["visited"], 200);
  EXPECT_LT(progress["visited"], 1000);
  sim.events.Advance(60'000);
  progress = Json::parse(sim.Send("GET", target).body);
  EXPECT_EQ(progress["status"], "success");
  EXPECT_EQ(progress["visited"], 1000);
  EXPECT_EQ(progress["released"], 300);
  EXPECT_GT(progress["released_bytes"], 0);
}

TEST_F(SimHandlers, AScanThatIsMissingMalformedOrUnknownIsSaidToBe) {
  const std::string target = "/_sim/scans?instance_id=" + kInstance;
  ExpectError(sim.Send("GET", target), 400, "DCS.4062", "Invalid id parameter in the request.");
  ExpectError(sim.Send("GET", target + "&id=1"), 400, "DCS.4070", "Invalid task ID format.");
  ExpectError(sim.Send("GET", target + "&id=aa735b6f-3d70-44e3-9771-000000000099"), 404, "DCS.4001",
              "The requested URL does not exist.");
}

}  // namespace
}  // namespace dcs::rest
