#include "api/rest/instance_json.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "api/rest/identifiers.h"
#include "store/time/clock.h"

namespace dcs::rest {
namespace {

std::set<std::string> Names(const Json& json) {
  std::set<std::string> names;
  for (const auto& [name, value] : json.items()) names.insert(name);
  return names;
}

class InstanceJsonTest : public ::testing::Test {
 protected:
  InstanceJsonTest() {
    api::InstanceSpec& spec = instance_.spec;
    spec.id = "5560df16-cebf-4473-95c4-d1b573c16e79";
    spec.name = "dcs-demo";
    spec.engine_version = "6.0";
    spec.mode = api::CacheMode::kHa;
    spec.capacity_gb = 2;
    spec.password = "secret";
    spec.spec_code = "redis.ha.xu1.large.r2.2";
    spec.az_codes = {"zone-a", "zone-b"};
    spec.tags = {{"team", "cache"}};
    spec.created_at = clock_.Now();
    instance_.phase = api::InstancePhase::kRunning;
    instance_.launched_at = clock_.Now() + 2'000;
    instance_.nodes.push_back(std::make_shared<api::Node>(
        store::KeyspaceOptions{.seed = 1, .lazy_free_thread = false}, clock_));
    instance_.master().resp_port = 6380;
  }

  store::VirtualClock clock_{1'592'187'678'669};
  api::Instance instance_;
};

TEST_F(InstanceJsonTest, RowsAndDetailsHaveTheMembersOfTheirModels) {
  const std::set<std::string> common = {"instance_id",
                                        "name",
                                        "status",
                                        "sub_status",
                                        "engine",
                                        "engine_version",
                                        "capacity",
                                        "capacity_minor",
                                        "max_memory",
                                        "used_memory",
                                        "spec_code",
                                        "ip",
                                        "port",
                                        "domain_name",
                                        "readonly_domain_name",
                                        "az_codes",
                                        "vpc_id",
                                        "vpc_name",
                                        "subnet_id",
                                        "security_group_id",
                                        "charging_mode",
                                        "order_id",
                                        "enterprise_project_id",
                                        "user_id",
                                        "user_name",
                                        "access_user",
                                        "no_password_access",
                                        "enable_ssl",
                                        "enable_publicip",
                                        "publicip_id",
                                        "publicip_address",
                                        "maintain_begin",
                                        "maintain_end",
                                        "created_at",
                                        "service_upgrade",
                                        "service_task_id",
                                        "description",
                                        "cpu_type",
                                        "tags",
                                        "features"};
  std::set<std::string> row = common;
  row.insert("updated_at");
  EXPECT_EQ(Names(InstanceRowJson(instance_)), row);
  std::set<std::string> details = common;
  details.merge(std::set<std::string>{"update_at",
                                      "launched_at",
                                      "cache_mode",
                                      "available_zones",
                                      "subnet_name",
                                      "subnet_cidr",
                                      "security_group_name",
                                      "enterprise_project_name",
                                      "replica_count",
                                      "sharding_count",
                                      "db_number",
                                      "product_type",
                                      "storage_type",
                                      "backend_addrs",
                                      "bandwidth_info",
                                      "domain_name_info",
                                      "instance_backup_policy",
                                      "transparent_client_ip_enable",
                                      "inquery_spec_code",
                                      "cloud_service_type_code",
                                      "cloud_resource_type_code",
                                      "support_slow_log_flag"});
  EXPECT_EQ(Names(InstanceDetailsJson(instance_)), details);
}

TEST_F(InstanceJsonTest, ValuesHaveTheTypesThatClientsExpect) {
  const Json json = InstanceDetailsJson(instance_);
  EXPECT_EQ(json["status"], "RUNNING");
  EXPECT_EQ(json["engine"], "Redis");
  EXPECT_EQ(json["engine_version"], "6.0");
  EXPECT_EQ(json["cache_mode"], "ha");
  EXPECT_EQ(json["replica_count"], 2);
  EXPECT_EQ(json["capacity"], 2);
  EXPECT_TRUE(json["capacity_minor"].is_null());
  EXPECT_EQ(json["max_memory"], 2048);
  EXPECT_TRUE(json["used_memory"].is_number_integer());
  EXPECT_EQ(json["ip"], "127.0.0.1");
  EXPECT_EQ(json["port"], 6380);
  EXPECT_EQ(json["no_password_access"], "false") << "text, not a Boolean";
  EXPECT_EQ(json["charging_mode"], 0);
  EXPECT_TRUE(json["order_id"].is_null());
  EXPECT_EQ(json["created_at"], "2020-06-15T02:21:18.669Z");
  EXPECT_EQ(json["launched_at"], "2020-06-15T02:21:20.669Z");
  EXPECT_EQ(json["tags"].dump(), R"([{"key":"team","value":"cache"}])");
  EXPECT_EQ(json["maintain_begin"], "02:00:00");
  EXPECT_FALSE(json.contains("password"));
  EXPECT_EQ(json.dump().find("secret"), std::string::npos) << "passwords are not shown";
}

TEST_F(InstanceJsonTest, CapacityBelow1GB_IsInTheMinorPart) {
  for (const auto& [gb, whole, minor, mb] :
       {std::tuple{0.125, 0, ".125", 128}, {0.25, 0, ".25", 256}, {0.5, 0, ".5", 512}}) {
    instance_.spec.capacity_gb = gb;
    const Json json = InstanceRowJson(instance_);
    EXPECT_EQ(json["capacity"], whole);
    EXPECT_EQ(json["capacity_minor"], minor);
    EXPECT_EQ(json["max_memory"], mb);
  }
}

TEST_F(InstanceJsonTest, MinorPart_NeverRoundsToOne) {
  for (const auto& [gb, whole, minor] :
       {std::tuple{1.9999, 1, ".9999"}, {1.5, 1, ".5"}, {2.3, 2, ".3"}, {0.000001, 0, ".000001"}}) {
    instance_.spec.capacity_gb = gb;
    const Json json = InstanceRowJson(instance_);
    EXPECT_EQ(json["capacity"], whole) << gb;
    EXPECT_EQ(json["capacity_minor"], minor) << gb;
  }
  instance_.spec.capacity_gb = 1.9999999;
  EXPECT_EQ(InstanceRowJson(instance_)["capacity"], 2);
  EXPECT_TRUE(InstanceRowJson(instance_)["capacity_minor"].is_null());
}

TEST_F(InstanceJsonTest, UsedMemoryGrowsWithTheKeys) {
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(
        instance_.master()
            .keyspace
            .Set("key:" + std::to_string(i), std::string(50, 'v'), store::kNoDeadline, clock_.Now())
            .ok());
  }
  EXPECT_GE(InstanceRowJson(instance_)["used_memory"], 5);
}

TEST_F(InstanceJsonTest, NoAddressBeforeFirstRun) {
  instance_.phase = api::InstancePhase::kCreating;
  instance_.master().resp_port = 0;
  instance_.launched_at.reset();
  const Json json = InstanceDetailsJson(instance_);
  EXPECT_TRUE(json["ip"].is_null());
  EXPECT_TRUE(json["port"].is_null());
  EXPECT_TRUE(json["launched_at"].is_null());
  EXPECT_EQ(json["update_at"], json["created_at"]);
}

TEST_F(InstanceJsonTest, GroupsShowOneShardWithAReplicaForMasterStandby) {
  const Json groups = GroupsJson(instance_);
  EXPECT_EQ(groups["group_count"], 1);
  const Json& group = groups["group_list"][0];
  EXPECT_TRUE(IsUuid(group["group_id"].get<std::string>()));
  ASSERT_EQ(group["replication_list"].size(), 2u);
  const Json& master = group["replication_list"][0];
  const Json& slave = group["replication_list"][1];
  EXPECT_EQ(Names(master), (std::set<std::string>{"replication_role", "replication_ip",
                                                  "is_replication", "replication_id", "node_id",
                                                  "status", "az_code", "dimensions"}));
  EXPECT_EQ(master["replication_role"], "master");
  EXPECT_EQ(master["is_replication"], false);
  EXPECT_EQ(master["status"], "Active");
  EXPECT_EQ(master["az_code"], "zone-a");
  EXPECT_EQ(master["dimensions"][0]["value"], instance_.id());
  EXPECT_EQ(slave["replication_role"], "slave");
  EXPECT_EQ(slave["is_replication"], true);
  EXPECT_EQ(slave["az_code"], "zone-b");
  EXPECT_NE(slave["replication_id"], master["replication_id"]);
  EXPECT_EQ(GroupsJson(instance_), groups) << "the same IDs each time";

  instance_.spec.mode = api::CacheMode::kSingle;
  instance_.phase = api::InstancePhase::kRestarting;
  const Json single = GroupsJson(instance_)["group_list"][0]["replication_list"];
  ASSERT_EQ(single.size(), 1u);
  EXPECT_EQ(single[0]["status"], "Inactive");
}

}  // namespace
}  // namespace dcs::rest
