// An Api over real instances, keyspaces and scans, under a virtual clock.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/registry.h"
#include "api/rest/api.h"
#include "api/rest/json.h"
#include "api/rest/signature.h"
#include "scanner/event_queue.h"
#include "scanner/keyspace_target.h"
#include "store/clock.h"

namespace dcs::rest {

inline const std::string kProject = "a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71";
inline const std::string kInstance = "5560df16-cebf-4473-95c4-d1b573c16e79";
inline const std::string kRedis3 = "30303030-cebf-4473-95c4-d1b573c16e79";
inline const std::string kInstancePath = "/v2/" + kProject + "/instances/" + kInstance;
inline const std::string kScanPath = kInstancePath + "/scan-expire-keys-task";
inline const std::string kHistoriesPath = kInstancePath + "/auto-expire/histories";
inline const Credential kCredential{"QTWAOYTTINDUT2QVKYUC",
                                    "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"};

inline ApiOptions DefaultOptions() {
  ApiOptions options;
  options.project_id = kProject;
  options.credentials = {kCredential};
  options.token = "a-token";
  return options;
}

class SimulatedApi {
 public:
  static constexpr store::TimeMs kStart = 1'592'187'678'669;  // 2020-06-15T02:21:18.669Z

  explicit SimulatedApi(ApiOptions options = DefaultOptions()) : api(registry, clock, options) {}

  // Scan IDs are those of the documents with a running number at their end:
  // "aa735b6f-...-000000000001".
  api::Instance& Add(const std::string& id, const std::string& engine_version) {
    auto instance = std::make_unique<api::Instance>();
    instance->id = id;
    instance->project_id = kProject;
    instance->name = "dcs-test";
    instance->engine_version = engine_version;
    instance->nodes.push_back(std::make_unique<api::Node>(
        store::KeyspaceOptions{.seed = 1, .epoch = clock.Now(), .lazy_free_thread = false}, clock));
    store::Keyspace& keyspace = instance->master().keyspace;
    instance->scans = std::make_unique<scanner::ScanService>(
        events,
        [this, &keyspace] { return std::make_unique<scanner::KeyspaceTarget>(keyspace, clock); },
        [this] { return NextScanId(); }, scanner::ScanServiceOptions{});
    return registry.Add(std::move(instance));
  }

  store::Keyspace& keyspace() { return registry.Find(kInstance)->master().keyspace; }

  // `expired` keys whose deadline has passed when this returns, and `live` ones that stay.
  void Fill(int expired, int live) {
    for (int i = 0; i < expired; ++i) {
      ASSERT_TRUE(
          keyspace().Set("expired" + std::to_string(i), "v", clock.Now() + 10, clock.Now()).ok());
    }
    for (int i = 0; i < live; ++i) {
      ASSERT_TRUE(
          keyspace().Set("live" + std::to_string(i), "v", store::kNoDeadline, clock.Now()).ok());
    }
    events.Advance(11);
  }

  HttpResponse Send(std::string_view method, std::string_view target, Headers headers = {}) {
    const auto request = MakeRequest(method, target, std::move(headers), "");
    if (!request.ok()) ADD_FAILURE() << request.status();
    return Handle(*request);
  }
  // Long work is done here and now.
  HttpResponse Handle(const HttpRequest& request) {
    HttpReply reply = api.Handle(request);
    if (const auto* work = std::get_if<LongWork>(&reply)) return (*work)();
    return std::get<HttpResponse>(std::move(reply));
  }
  // With the fixed token.
  HttpResponse Call(std::string_view method, std::string_view target) {
    return Send(method, target, {{"X-Auth-Token", "a-token"}});
  }
  // REQUIRES: the answer is a success with a body.
  Json Get(std::string_view target) {
    const HttpResponse response = Call("GET", target);
    EXPECT_EQ(response.status, 200) << response.body;
    return Json::parse(response.body);
  }
  Json Create() {
    const HttpResponse response = Call("POST", kScanPath);
    EXPECT_EQ(response.status, 200) << response.body;
    return Json::parse(response.body);
  }

  store::VirtualClock clock{kStart};
  scanner::EventQueue events{clock};
  api::Registry registry;
  Api api;

 private:
  std::string NextScanId() {
    char id[37];
    std::snprintf(id, sizeof(id), "aa735b6f-3d70-44e3-9771-%012d", ++last_scan_);
    return id;
  }

  int last_scan_ = 0;
};

// One instance of Redis 7, one of Redis 3.
class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    sim.Add(kInstance, "7.0");
    sim.Add(kRedis3, "3.0");
  }
  SimulatedApi sim;
};

// That the answer is this error, in the form of whoever gives it, with a request ID in its header.
inline void ExpectError(const HttpResponse& response, int status, std::string_view code,
                        std::string_view message) {
  EXPECT_EQ(response.status, status) << response.body;
  const Json body = Json::parse(response.body);
  EXPECT_EQ(body.value("error_code", ""), code);
  EXPECT_EQ(body.value("error_msg", ""), message);
  const std::string* request_id = response.headers.Find("X-Request-Id");
  ASSERT_NE(request_id, nullptr);
  EXPECT_EQ(request_id->size(), 32u);
  if (code.starts_with("APIGW.")) {
    EXPECT_EQ(body.value("request_id", ""), *request_id);
  } else {
    EXPECT_TRUE(body.contains("error_ext_msg") && body["error_ext_msg"].is_null()) << response.body;
  }
}

}  // namespace dcs::rest
