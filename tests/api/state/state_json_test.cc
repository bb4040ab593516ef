#include "api/state/state_json.h"

#include <gtest/gtest.h>

#include <string>

namespace dcs::state {
namespace {

// Every member differs from its default.
api::InstanceState Full() {
  api::InstanceState state;
  state.spec = {.id = "id",
                .project_id = "project",
                .name = "ein Name: ä \"\n",
                .engine_version = "5.0",
                .mode = api::CacheMode::kHa,
                .capacity_gb = 0.125,
                .password = "secret",
                .port = 6380,
                .created_at = 1'700'000'000'001,
                .spec_code = "code",
                .description = "description",
                .access_user = "user",
                .vpc_id = "vpc",
                .subnet_id = "subnet",
                .security_group_id = "group",
                .enterprise_project_id = "enterprise",
                .maintain_begin = "22:00:00",
                .maintain_end = "23:00:00",
                .backup_policy = "{\"a\":1}",
                .az_codes = {"a", "b"},
                .tags = {{"k", "v"}, {"k2", ""}},
                .enable_ssl = true,
                .prepaid = true,
                .order_id = "order"};
  state.config = {.values = {{"hz", "100"}, {"timeout", "5"}}, .changed_at = 1'700'000'000'002};
  state.launched_at = 1'700'000'000'003;
  state.ports = {20'001, 0};
  state.auto_scan = {.config = {.enabled = true,
                                .first_scan_at = 1'700'000'000'004,
                                .interval_s = 60,
                                .timeout_s = 120,
                                .keys_per_step = 7,
                                .updated_at = 1'700'000'000'005},
                     .next_start = 1'700'000'000'006};
  scanner::ScanTask ended;
  ended.id = "scan";
  ended.status = scanner::ScanStatus::kFailed;
  ended.type = scanner::ScanType::kAuto;
  ended.created_at = 1;
  ended.started_at = 2;
  ended.finished_at = 3;
  ended.steps = 4;
  ended.visited = 5;
  ended.released = 6;
  ended.released_bytes = uint64_t{1} << 63;
  ended.keys_at_start = 8;
  ended.failure = "why";
  state.scans = {scanner::ScanTask(), ended};
  return state;
}

TEST(StateJson, EverythingThereIsToRememberComesBack) {
  const std::string json = InstanceStateToJson(Full());
  const auto states = InstanceStatesFromJson("[" + json + "]");
  ASSERT_TRUE(states.ok()) << states.status();
  ASSERT_EQ(states->size(), 1u);
  EXPECT_EQ(InstanceStateToJson(states->front()), json);
  const api::InstanceState& back = states->front();
  EXPECT_EQ(back.spec.name, Full().spec.name);
  EXPECT_EQ(back.spec.tags, Full().spec.tags);
  EXPECT_EQ(back.spec.mode, api::CacheMode::kHa);
  EXPECT_EQ(back.config.values, Full().config.values);
  EXPECT_EQ(back.ports, Full().ports);
  EXPECT_EQ(back.auto_scan.next_start, 1'700'000'000'006);
  EXPECT_EQ(back.scans[0].started_at, std::nullopt);
  EXPECT_EQ(back.scans[1].released_bytes, uint64_t{1} << 63);
  EXPECT_EQ(back.scans[1].type, scanner::ScanType::kAuto);
}

TEST(StateJson, NoMemberIsForgotten) {
  const std::string full = InstanceStateToJson(Full());
  const std::string empty = InstanceStateToJson({});
  EXPECT_EQ(InstanceStatesFromJson("[" + empty + "," + full + "]")->size(), 2u);
  // What stands for itself in `full` would show were a member not written.
  for (const char* value :
       {"\"secret\"", "6380", "22:00:00", "23:00:00", "\"order\"", "\"enterprise\"", "\"group\"",
        "\"subnet\"", "\"vpc\"", "\"user\"", "0.125", "000001", "000002", "000003", "000004",
        "000005", "000006", "20001", "\"why\""}) {
    EXPECT_NE(full.find(value), std::string::npos) << value;
    EXPECT_EQ(empty.find(value), std::string::npos) << value;
  }
}

TEST(StateJson, WhatIsMissingOrTooMuchIsRefusedByNumberOfTheInstance) {
  const std::string good = InstanceStateToJson({});
  for (const char* bad : {"{}", "1", "null", R"({"spec":{}})"}) {
    const auto states = InstanceStatesFromJson("[" + good + "," + bad + "]");
    EXPECT_EQ(states.status().code(), absl::StatusCode::kDataLoss) << bad;
    EXPECT_TRUE(std::string(states.status().message()).starts_with("instance 2 cannot be read: "))
        << states.status();
  }
  EXPECT_FALSE(InstanceStatesFromJson("[" + good).ok());
  EXPECT_FALSE(InstanceStatesFromJson("").ok());
}

}  // namespace
}  // namespace dcs::state
