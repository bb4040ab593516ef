#include "api/rest/clock_handlers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/api/rest/simulated_api.h"

namespace dcs::rest {
namespace {

using ClockHandlers = ApiTest;

constexpr int64_t kHour = 3'600'000;

std::string AdvanceBy(int64_t ms) { return "/_sim/clock/advance?ms=" + std::to_string(ms); }

TEST_F(ClockHandlers, ShowClock_NeedsNoCredentials) {
  const HttpResponse response = sim.Send("GET", "/_sim/clock");
  EXPECT_EQ(response.status, 200);
  const Json clock = Json::parse(response.body);
  EXPECT_EQ(clock["mode"], "virtual");
  EXPECT_EQ(clock["now"], "2020-06-15T02:21:18.669Z");
  EXPECT_EQ(clock["now_ms"], SimulatedApi::kStart);
  EXPECT_EQ(clock["start"], clock["now"]);
  EXPECT_EQ(clock["rate"], 0);
  EXPECT_EQ(clock["advancing"], false);
}

TEST_F(ClockHandlers, Advance_AnswersWithTheNewTime) {
  const HttpResponse response = sim.Send("POST", AdvanceBy(3 * kHour));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"now":"2020-06-15T05:21:18.669Z","now_ms":1592198478669,"reached":true})");
  EXPECT_EQ(sim.clock.Now(), SimulatedApi::kStart + 3 * kHour);
}

TEST_F(ClockHandlers, Advance_RunsAutomaticScans) {
  sim.Fill(/*expired=*/100, /*live=*/10);
  const HttpResponse set =
      sim.Call("PUT", kInstancePath + "/scan-expire-keys/autoscan-config",
               R"({"enable_auto_scan":true,"first_scan_at":"2020-06-15T03:00:00.000Z",)"
               R"("interval":3600,"timeout":7200,"scan_keys_count":10})");
  ASSERT_TRUE(set.status >= 200 && set.status < 300) << set.body;
  EXPECT_EQ(sim.Send("POST", AdvanceBy(3 * kHour)).status, 200);
  const Json histories = sim.Get(kHistoriesPath);
  EXPECT_EQ(histories["count"], 3) << histories;
  EXPECT_EQ(histories["total"], 100);
}

TEST_F(ClockHandlers, SetRate_IsShown) {
  for (const std::string rate : {"60", "0.5", "0", "100000"}) {
    const HttpResponse response = sim.Send("PUT", "/_sim/clock/rate?rate=" + rate);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(Json::parse(response.body)["rate"], std::stod(rate));
    EXPECT_EQ(sim.time_control.rate(), std::stod(rate));
  }
}

TEST_F(ClockHandlers, InvalidValues_AreNamedAndChangeNothing) {
  for (const std::string query : {"", "?ms", "?ms=", "?ms=-1", "?ms=1.5", "?ms=x", "?ms=2678400001",
                                  "?ms=1&ms=2", "?ms=99999999999999999999"}) {
    ExpectError(sim.Send("POST", "/_sim/clock/advance" + query), 400, "DCS.4062",
                "Invalid ms parameter in the request.");
  }
  for (const std::string query : {"", "?rate=", "?rate=-1", "?rate=1e3", "?rate=nan", "?rate=inf",
                                  "?rate=100000.1", "?rate=1&rate=2", "?rate=.", "?rate=1.2.3"}) {
    ExpectError(sim.Send("PUT", "/_sim/clock/rate" + query), 400, "DCS.4062",
                "Invalid rate parameter in the request.");
  }
  EXPECT_EQ(sim.clock.Now(), SimulatedApi::kStart);
  EXPECT_EQ(sim.time_control.rate(), 0);
}

TEST_F(ClockHandlers, RefusedAdvance_AnswersTheReason) {
  sim.time_control.refusal = absl::OutOfRangeError("too late");
  ExpectError(sim.Send("POST", AdvanceBy(1)), 400, "DCS.4062",
              "Invalid ms parameter in the request.");
  sim.time_control.refusal = absl::ResourceExhaustedError("too many");
  ExpectError(sim.Send("POST", AdvanceBy(1)), 409, "SIM.0002",
              "The clock cannot be advanced: too many advances are under way.");
}

TEST_F(ClockHandlers, SystemClock_CannotBeMoved) {
  Api api(sim.lifecycle, sim.clock, DefaultOptions());
  const auto send = [&](std::string_view method, std::string_view target) {
    return std::get<HttpResponse>(api.Handle(*MakeRequest(method, target, {}, "")));
  };
  const Json clock = Json::parse(send("GET", "/_sim/clock").body);
  EXPECT_EQ(clock["mode"], "real");
  EXPECT_EQ(clock["rate"], 1);
  EXPECT_FALSE(clock.contains("start"));
  for (const auto& response :
       {send("POST", AdvanceBy(1)), send("PUT", "/_sim/clock/rate?rate=2")}) {
    ExpectError(response, 409, "SIM.0001",
                "The clock is the system's and cannot be moved. Start with --clock virtual.");
  }
}

// ---- Who asks, when time is moved

TEST_F(ClockHandlers, TokensAndLocksUseTheClock_SignaturesUseRealTime) {
  store::VirtualClock real(SimulatedApi::kStart);
  ApiOptions options = DefaultOptions();
  options.signing_clock = &real;
  SimulatedApi apart(options);
  apart.Add(kInstance, "7.0");
  const auto signed_at = [&](store::TimeMs time, const Credential& credential) {
    HttpRequest request = *MakeRequest("GET", kHistoriesPath, {{"Host", "dcs.example"}}, "");
    Sign(request, credential, time);
    return apart.Handle(request);
  };
  EXPECT_EQ(apart.Send("POST", AdvanceBy(3 * kHour)).status, 200);
  EXPECT_EQ(signed_at(real.Now(), kCredential).status, 200);
  EXPECT_EQ(signed_at(apart.clock.Now(), kCredential).status, 401);
  const Credential wrong{kCredential.access_key, "wrong"};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(signed_at(real.Now(), wrong).status, 401);
  EXPECT_EQ(signed_at(real.Now(), kCredential).status, 401) << "locked";
  EXPECT_EQ(apart.Send("POST", AdvanceBy(5 * 60 * 1000)).status, 200);
  EXPECT_EQ(signed_at(real.Now(), kCredential).status, 200);
}

}  // namespace
}  // namespace dcs::rest
