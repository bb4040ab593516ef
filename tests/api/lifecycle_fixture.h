// A lifecycle on virtual time with fake fronts.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "api/lifecycle.h"
#include "scanner/event_queue.h"
#include "tests/api/fake_fronts.h"

namespace dcs::api {

inline constexpr store::TimeMs kStart = 1'700'000'000'000;

class LifecycleTest : public ::testing::Test {
 protected:
  explicit LifecycleTest(LifecycleOptions options = {.create_ms = 2'000,
                                                     .restart_ms = 3'000,
                                                     .soft_restart_ms = 1'000,
                                                     .flush_ms = 500,
                                                     .delete_ms = 400,
                                                     .max_instances = 3,
                                                     .natural_deletion = NaturalDeletionKind::kOff})
      : lifecycle_(events_, registry_, std::move(options), Parts()) {}

  LifecycleParts Parts() {
    return {.new_id = [this] { return "id-" + std::to_string(++last_id_); },
            .keyspace_options =
                [] {
                  return store::KeyspaceOptions{
                      .seed = 1, .epoch = kStart, .lazy_free_thread = false};
                },
            .work_meter = [](const scanner::NaturalDeletion::Work&) { return int64_t{0}; },
            .new_front = fronts_.Factory(),
            .can_listen = [this](uint16_t port) { return fronts_.CanListen(port); }};
  }
  InstanceSpec Spec(const std::string& name, CacheMode mode = CacheMode::kHa) {
    InstanceSpec spec;
    spec.id = lifecycle_.NewId();
    spec.name = name;
    spec.mode = mode;
    return spec;
  }
  Instance& Running(CacheMode mode = CacheMode::kHa) {
    Instance& instance = **lifecycle_.Launch(Spec("running", mode));
    Set(instance, "lasting", store::kNoDeadline);
    Set(instance, "expired", clock_.Now() + 10);
    events_.Advance(11);
    return instance;
  }
  void Set(Instance& instance, const std::string& key, store::TimeMs deadline) {
    ASSERT_TRUE(instance.master().keyspace.Set(key, "v", deadline, clock_.Now()).ok());
  }
  scanner::HistoryPage Histories(Instance& instance) { return instance.scans->Histories({}); }

  store::VirtualClock clock_{kStart};
  scanner::EventQueue events_{clock_};
  FakeFronts fronts_;
  Registry registry_;
  int last_id_ = 0;
  Lifecycle lifecycle_;
};

}  // namespace dcs::api
