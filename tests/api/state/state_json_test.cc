#include "api/state/state_json.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dcs::state {
namespace {

// A record in which every member differs from its default.
api::InstanceRecord Full() {
  api::InstanceRecord state;
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
  state.generation = 41;
  state.ports = {20'001, 0};
  state.saved_nodes = {1};
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

std::string Whole(const std::vector<std::string>& instances) {
  std::vector<std::shared_ptr<const std::string>> texts;
  for (const auto& text : instances) texts.push_back(std::make_shared<const std::string>(text));
  return StateToJson(
      {.is_virtual = true, .now = 1'700'000'000'000, .start = 1'600'000'000'000, .rate = 60.5},
      {{"gone", 40, 3}}, texts);
}

TEST(StateJson, RoundTrip_KeepsEverything) {
  const std::string json = InstanceRecordToJson(Full());
  const auto state = StateFromJson(Whole({json}), 2);
  ASSERT_TRUE(state.ok()) << state.status();
  ASSERT_EQ(state->instances.size(), 1u);
  EXPECT_EQ(InstanceRecordToJson(state->instances.front()), json);
  ASSERT_TRUE(state->clock);
  EXPECT_TRUE(state->clock->is_virtual);
  EXPECT_EQ(state->clock->now, 1'700'000'000'000);
  EXPECT_EQ(state->clock->start, 1'600'000'000'000);
  EXPECT_EQ(state->clock->rate, 60.5);
  ASSERT_EQ(state->removed.size(), 1u);
  EXPECT_EQ(state->removed[0].id, "gone");
  EXPECT_EQ(state->removed[0].generation, 40u);
  EXPECT_EQ(state->removed[0].nodes, 3u);
  const api::InstanceRecord& back = state->instances.front();
  EXPECT_EQ(back.generation, 41u);
  EXPECT_EQ(back.saved_nodes, std::vector<size_t>{1});
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

// The text of the first version has no clock, no generations and no removed instances.
TEST(StateJson, Version1_IsRead) {
  std::string json = InstanceRecordToJson(Full());
  const std::string added = R"("generation":41,"saved_nodes":[1],)";
  ASSERT_NE(json.find(added), std::string::npos) << json;
  json.erase(json.find(added), added.size());
  const auto state = StateFromJson("[" + json + "]", 1);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_FALSE(state->clock);
  ASSERT_EQ(state->instances.size(), 1u);
  EXPECT_EQ(state->instances[0].spec.name, Full().spec.name);
  EXPECT_EQ(state->instances[0].generation, 0u);
  EXPECT_FALSE(StateFromJson("[" + json + "]", 2).ok());
  EXPECT_FALSE(StateFromJson(Whole({json}), 2).ok()) << "the second version has all members";
}

TEST(StateJson, ImpossibleClock_IsRefused) {
  for (const auto& [right, wrong] :
       {std::pair{"1700000000000", "1500000000000"}, std::pair{"1700000000000", "9000000000000"},
        std::pair{"60.5", "-1"}, std::pair{"60.5", "1e9"}}) {
    std::string json = Whole({});
    json.replace(json.find(right), std::string(right).size(), wrong);
    EXPECT_EQ(StateFromJson(json, 2).status().code(), absl::StatusCode::kDataLoss) << json;
  }
}

TEST(StateJson, EveryMemberIsWritten) {
  const std::string full = InstanceRecordToJson(Full());
  const std::string empty = InstanceRecordToJson({});
  EXPECT_EQ(StateFromJson(Whole({empty, full}), 2)->instances.size(), 2u);
  // A member that is not written would leave its value missing.
  for (const char* value :
       {"\"secret\"", "6380", "22:00:00", "23:00:00", "\"order\"", "\"enterprise\"", "\"group\"",
        "\"subnet\"", "\"vpc\"", "\"user\"", "0.125", "000001", "000002", "000003", "000004",
        "000005", "000006", "20001", "\"why\""}) {
    EXPECT_NE(full.find(value), std::string::npos) << value;
    EXPECT_EQ(empty.find(value), std::string::npos) << value;
  }
}

TEST(StateJson, MissingOrExtraMembers_AreRefusedWithTheInstancesNumber) {
  const std::string good = InstanceRecordToJson({});
  for (const char* bad : {"{}", "1", "null", R"({"spec":{}})"}) {
    const auto state = StateFromJson(Whole({good, bad}), 2);
    EXPECT_EQ(state.status().code(), absl::StatusCode::kDataLoss) << bad;
    EXPECT_TRUE(std::string(state.status().message()).starts_with("instance 2 cannot be read: "))
        << state.status();
  }
  for (const char* bad :
       {"", "[", "[]", "{}", "1", R"({"clock":{},"removed":[],"instances":[]})"}) {
    EXPECT_EQ(StateFromJson(bad, 2).status().code(), absl::StatusCode::kDataLoss) << bad;
  }
  EXPECT_EQ(StateFromJson("{}", 1).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace dcs::state
