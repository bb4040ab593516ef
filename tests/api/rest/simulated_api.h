// An Api over real instances, keyspaces and scans, under a virtual clock.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/lifecycle.h"
#include "api/registry.h"
#include "api/rest/api.h"
#include "api/rest/json.h"
#include "api/rest/signature.h"
#include "scanner/event_queue.h"
#include "store/time/clock.h"
#include "tests/api/fake_fronts.h"
#include "tests/api/rest/documented_answers.h"

namespace dcs::rest {

inline const std::string kProject = "a4d31cb6-3d72-4fdc-8ec9-6e3a41e47f71";
inline const std::string kInstance = "5560df16-cebf-4473-95c4-d1b573c16e79";
inline const std::string kRedis3 = "30303030-cebf-4473-95c4-d1b573c16e79";
inline const std::string kInstancePath = "/v2/" + kProject + "/instances/" + kInstance;
inline const std::string kScanPath = kInstancePath + "/scan-expire-keys-task";
inline const std::string kHistoriesPath = kInstancePath + "/auto-expire/histories";
inline const Credential kCredential{"QTWAOYTTINDUT2QVKYUC",
                                    "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"};
inline const Credential kReader{"READER0TTINDUT2QVKYUC", "nothing-but-reading"};

inline ApiOptions DefaultOptions() {
  ApiOptions options;
  options.project_id = kProject;
  options.save_keys = [](std::string_view, size_t,
                         api::Node& node) -> absl::StatusOr<store::SnapshotSize> {
    std::stringbuf nowhere;
    store::SnapshotSize size;
    absl::Status status = store::WriteSnapshot(node.keyspace, nowhere, size);
    if (!status.ok()) return status;
    return size;
  };
  options.access.keys = {{kCredential, Role::kFull}, {kReader, Role::kReadOnly}};
  options.access.users = {{"operator", "a-password", Role::kFull},
                          {"reader", "b-password", Role::kReadOnly}};
  options.access.tokens = {{"a-token", Role::kFull},
                           {"reader-token", Role::kReadOnly},
                           {"outsider-token", Role::kNone},
                           {"blocked-token", Role::kBlocked}};
  return options;
}

// Without natural deletion: only scans release keys.
inline api::LifecycleOptions DefaultLifecycle() {
  api::LifecycleOptions options;
  options.natural_deletion = api::NaturalDeletionKind::kOff;
  return options;
}

// Moves the virtual clock at once.
class ImmediateTimeControl final : public api::TimeControl {
 public:
  explicit ImmediateTimeControl(scanner::EventQueue& events)
      : events_(events), start_(events.clock().Now()) {}

  double rate() const override { return rate_; }
  store::TimeMs start() const override { return start_; }
  bool advancing() const override { return false; }
  absl::Status Advance(int64_t ms, Reached reached) override {
    if (!refusal.ok()) return refusal;
    events_.Advance(ms);
    reached(true);
    return absl::OkStatus();
  }
  absl::Status SetRate(double rate) override {
    rate_ = rate;
    return absl::OkStatus();
  }

  absl::Status refusal;  // the error of advances; OK: none

 private:
  scanner::EventQueue& events_;
  const store::TimeMs start_;
  double rate_ = 0;
};

class SimulatedApi {
 public:
  static constexpr store::TimeMs kStart = 1'592'187'678'669;  // 2020-06-15T02:21:18.669Z

  explicit SimulatedApi(ApiOptions options = DefaultOptions(),
                        api::LifecycleOptions lifecycle_options = DefaultLifecycle())
      : lifecycle(events, registry, lifecycle_options, Parts()),
        api(lifecycle, clock, Complete(options)) {}

  // Adds a running instance. IDs of scans are those of the documents with a sequence number at the
  // end: "aa735b6f-...-000000000001". IDs of instances created over the API have the same form.
  api::Instance& Add(const std::string& id, const std::string& engine_version) {
    api::InstanceSpec spec;
    spec.id = id;
    spec.project_id = kProject;
    spec.name = id == kInstance ? "dcs-test" : "dcs-test-" + id.substr(0, 8);
    spec.engine_version = engine_version;
    return **lifecycle.Launch(spec);
  }

  store::Keyspace& keyspace() { return registry.Find(kInstance)->master().keyspace; }

  // Adds `expired` keys whose deadline has passed on return, and `live` keys without deadline.
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

  HttpResponse Send(std::string_view method, std::string_view target, Headers headers = {},
                    std::string body = "") {
    const auto request = MakeRequest(method, target, std::move(headers), std::move(body));
    if (!request.ok()) ADD_FAILURE() << request.status();
    return Handle(*request);
  }
  // Runs long work and awaited answers to their end. Every answer must match the OpenAPI document.
  HttpResponse Handle(const HttpRequest& request) {
    static DocumentedAnswers documented;
    HttpReply reply = api.Handle(request);
    if (const auto* step = std::get_if<LongStep>(&reply)) {
      step->work();
      HttpReply next = step->reply();  // lives in `step`, which the assignment destroys
      reply = std::move(next);
    }
    HttpResponse response;
    if (const auto* work = std::get_if<LongWork>(&reply)) {
      response = (*work)();
    } else if (const auto* awaited = std::get_if<AwaitedResponse>(&reply)) {
      awaited->begin([&response](HttpResponse answer) { response = std::move(answer); });
    } else {
      response = std::get<HttpResponse>(std::move(reply));
    }
    EXPECT_EQ(documented.Violation(request, response), "") << request.method << request.target;
    return response;
  }
  // Uses the fixed token.
  HttpResponse Call(std::string_view method, std::string_view target, std::string body = "") {
    return Send(method, target, {{"X-Auth-Token", "a-token"}}, std::move(body));
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
  ImmediateTimeControl time_control{events};
  api::FakeFronts fronts;
  absl::Status reset_status;
  size_t node_count = 1;  // of instances that are added from now on
  api::Registry registry;
  api::Lifecycle lifecycle;
  Api api;

 private:
  // A reset leaves one instance of Redis 7.
  ApiOptions Complete(ApiOptions options) {
    options.time_control = &time_control;
    options.reset = [this](const auto& done) {
      lifecycle.RemoveAll("the simulator was reset");
      Add(kInstance, "7.0");
      done(reset_status);
    };
    return options;
  }
  api::LifecycleParts Parts() {
    return {.new_id = [this] { return NextId(); },
            .keyspace_options =
                [this] {
                  return store::KeyspaceOptions{
                      .seed = 1, .epoch = clock.Now(), .lazy_free_thread = false};
                },
            .node_count = [this](const api::InstanceSpec&) { return node_count; },
            .work_meter = [](const scanner::NaturalDeletion::Work&) { return int64_t{0}; },
            .new_front = fronts.Factory(),
            .can_listen = [this](uint16_t port) { return fronts.CanListen(port); }};
  }
  std::string NextId() {
    char id[37];
    std::snprintf(id, sizeof(id), "aa735b6f-3d70-44e3-9771-%012d", ++last_id_);
    return id;
  }

  int last_id_ = 0;
};

// One instance of Redis 7 and one of Redis 3.
class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    sim.Add(kInstance, "7.0");
    sim.Add(kRedis3, "3.0");
  }
  SimulatedApi sim;
};

// Expects the answer to be this error, in the form of its source, with a request ID in its header.
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
