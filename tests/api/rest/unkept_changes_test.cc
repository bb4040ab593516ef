// While --state-dir cannot be written, saved data must not change.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "api/rest/routes.h"
#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

struct Change {
  std::string method;
  std::string target;
  std::string body;
  std::string operation;
};

// One valid request of each operation that changes saved data.
std::vector<Change> Changes() {
  const std::string instances = "/v2/" + kProject + "/instances";
  const std::string create =
      R"({"name":"demo","engine":"Redis","engine_version":"6.0","capacity":1,)"
      R"("spec_code":"redis.ha.xu1.large.r2.1","az_codes":["cn-north-4a"],"vpc_id":"v",)"
      R"("subnet_id":"s"})";
  return {
      {"POST", kScanPath, "", "CreateAutoExpireScanTask"},
      {"POST", kInstancePath + "/auto-expire/scan", "", "ScanExpireKey"},
      {"PUT", kInstancePath + "/scan-expire-keys/autoscan-config",
       R"({"enable_auto_scan":true,"first_scan_at":"2099-01-01T00:00:00.000","interval":1440,)"
       R"("timeout":2880,"scan_keys_count":60})",
       "UpdateExpireAutoScanConfig"},
      {"POST", instances, create, "CreateInstance"},
      {"PUT", instances + "/status", R"({"instances":[")" + kInstance + R"("],"action":"restart"})",
       "RestartOrFlushInstances"},
      {"PUT", kInstancePath + "/configs",
       R"({"redis_config":[{"param_id":"1","param_name":"timeout","param_value":"77"}]})",
       "UpdateConfigurations"},
      {"POST", "/_sim/clock/advance?ms=1000", "", "SimAdvanceClock"},
      {"PUT", "/_sim/clock/rate?rate=2", "", "SimSetClockRate"},
      {"POST", "/_sim/reset", "", "SimReset"},
      {"DELETE", kInstancePath, "", "DeleteSingleInstance"},
  };
}

class UnkeptChanges : public testing::Test {
 protected:
  static ApiOptions Options(const absl::Status& kept) {
    ApiOptions options = DefaultOptions();
    options.keeping = [&kept] { return kept; };
    return options;
  }
  UnkeptChanges() { sim.Add(kInstance, "7.0"); }

  // All saved data that clients can read.
  std::string Everything() {
    std::string all;
    for (const std::string& target :
         {"/v2/" + kProject + "/instances", kInstancePath, kHistoriesPath,
          kInstancePath + "/configs", kInstancePath + "/scan-expire-keys/autoscan-config",
          std::string("/_sim/clock")}) {
      const HttpResponse response = sim.Call("GET", target);
      EXPECT_EQ(response.status, 200) << response.body;
      all += response.body + "\n";
    }
    return all;
  }

  absl::Status kept = absl::UnavailableError("the disk is full");
  SimulatedApi sim{Options(kept)};
};

TEST_F(UnkeptChanges, EveryChange_Answers500AndChangesNothing) {
  const std::string before = Everything();
  for (const Change& change : Changes()) {
    SCOPED_TRACE(change.operation);
    ExpectError(sim.Call(change.method, change.target, change.body), 500, "DCS.5000",
                "Internal service error.");
    EXPECT_EQ(Everything(), before);
  }
}

TEST_F(UnkeptChanges, StateWrittenAgain_AcceptsEveryChange) {
  kept = absl::OkStatus();
  for (const Change& change : Changes()) {
    const HttpResponse response = sim.Call(change.method, change.target, change.body);
    EXPECT_LT(response.status, 300) << change.operation << response.body;
    sim.events.Advance(60'000);
  }
}

TEST_F(UnkeptChanges, CredentialsAndInstances_AreCheckedFirst) {
  ExpectError(sim.Send("POST", kScanPath), 401, "DCS.1003", "No token in the request.");
  ExpectError(
      sim.Call("DELETE", "/v2/" + kProject + "/instances/00000000-cebf-4473-95c4-d1b573c16e79"),
      404, "DCS.3022", "This DCS instance does not exist.");
}

TEST_F(UnkeptChanges, UnsavedOperations_StillWork) {
  EXPECT_EQ(sim.Send("POST", "/_sim/sweep").status, 200);
  EXPECT_EQ(sim.Send("POST", "/_sim/snapshot").status, 200);
  EXPECT_EQ(sim.Send("GET", "/_sim/census").status, 200);
}

TEST(UnkeptChangesTable, EveryWritingRoute_IsTestedOrNotSaved) {
  std::set<std::string> tested;
  for (const Change& change : Changes()) tested.insert(change.operation);
  for (const Route& route : Routes()) {
    const bool kept = route.access == Access::kWrite && route.keeping == Keeping::kKept;
    EXPECT_EQ(tested.contains(std::string(route.operation)), kept) << route.operation;
  }
}

}  // namespace
}  // namespace dcs::rest
