#include "api/rest/instance_json.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_format.h"
#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

using api::Instance;
using api::InstanceSpec;

constexpr double kMbPerGb = 1024;
constexpr size_t kBytesPerMb = size_t{1} << 20;

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

// Whole GB in `capacity`; the fraction in `capacity_minor` as text, ".125". Both are computed from
// the capacity in millionths, so a fraction that rounds up carries into the whole GB.
void AddCapacity(const Instance& instance, Json& json) {
  constexpr int64_t kMillion = 1'000'000;
  const double gb = instance.spec.capacity_gb;
  const auto millionths = static_cast<int64_t>(std::llround(gb * kMillion));
  std::string minor;
  if (const int64_t rest = millionths % kMillion; rest != 0) {
    minor = absl::StrFormat(".%06d", rest);
    minor.erase(minor.find_last_not_of('0') + 1);
  }
  size_t used = 0;
  for (const auto& node : instance.nodes) used += node->TakeStats({.used = true}).used_bytes;
  json["capacity"] = millionths / kMillion;
  json["capacity_minor"] = OrNull(minor);
  json["max_memory"] = static_cast<int64_t>(gb * kMbPerGb);
  json["used_memory"] = used / kBytesPerMb;
}

// Clients cannot connect before the instance has run once.
void AddAddress(const Instance& instance, Json& json) {
  const uint16_t port = instance.master().resp_port.load();
  const std::string& host = instance.master().host;
  json["ip"] = port == 0 ? Json() : Json(host);
  json["port"] = port == 0 ? Json() : Json(port);
  json["domain_name"] = port == 0 ? Json() : Json(host);
  json["readonly_domain_name"] = nullptr;
}

Json TagsJson(const InstanceSpec& spec) {
  Json tags = Json::array();
  for (const auto& [key, value] : spec.tags) tags.push_back({{"key", key}, {"value", value}});
  return tags;
}

void AddNetworkAndBilling(const InstanceSpec& spec, Json& json) {
  json["az_codes"] = spec.az_codes;
  json["vpc_id"] = OrNull(spec.vpc_id);
  json["vpc_name"] = nullptr;
  json["subnet_id"] = OrNull(spec.subnet_id);
  json["security_group_id"] = OrNull(spec.security_group_id);
  json["charging_mode"] = spec.prepaid ? 1 : 0;
  json["order_id"] = OrNull(spec.order_id);
  json["enterprise_project_id"] = OrNull(spec.enterprise_project_id);
}

void AddAccess(const InstanceSpec& spec, Json& json) {
  json["user_id"] = nullptr;
  json["user_name"] = nullptr;
  json["access_user"] = OrNull(spec.access_user);
  json["no_password_access"] = spec.password.empty() ? "true" : "false";  // text, as in the cloud
  json["enable_ssl"] = spec.enable_ssl;
  json["enable_publicip"] = false;
  json["publicip_id"] = nullptr;
  json["publicip_address"] = nullptr;
}

// The members common to both forms.
Json CommonJson(const Instance& instance) {
  const InstanceSpec& spec = instance.spec;
  Json json = {
      {"instance_id", spec.id}, {"name", spec.name}, {"status", ToString(instance.phase)},
      {"sub_status", nullptr},  {"engine", "Redis"}, {"engine_version", spec.engine_version}};
  AddCapacity(instance, json);
  json["spec_code"] = OrNull(spec.spec_code);
  AddAddress(instance, json);
  AddNetworkAndBilling(spec, json);
  AddAccess(spec, json);
  json["maintain_begin"] = spec.maintain_begin;
  json["maintain_end"] = spec.maintain_end;
  json["created_at"] = FormatTime(spec.created_at);
  json["service_upgrade"] = false;
  json["service_task_id"] = nullptr;
  json["description"] = spec.description;
  json["cpu_type"] = "x86_64";
  json["tags"] = TagsJson(spec);
  json["features"] = {{"support_acl", false},
                      {"support_transparent_client_ip", false},
                      {"support_ssl", false},
                      {"support_audit_log", false}};
  return json;
}

std::string UpdatedAt(const Instance& instance) {
  return FormatTime(instance.launched_at.value_or(instance.spec.created_at));
}

// An ID derived from instance and name: always the same, because the instance does not store it.
std::string DerivedId(const Instance& instance, const std::string& name) {
  const auto of_instance = boost::uuids::string_generator()(instance.id());
  return to_string(boost::uuids::name_generator_sha1(of_instance)(name));
}

Json ReplicaJson(const Instance& instance, bool master, size_t place) {
  const std::string name = "replica-" + std::to_string(place);
  const std::vector<std::string>& zones = instance.spec.az_codes;
  return {{"replication_role", master ? "master" : "slave"},
          {"replication_ip", instance.master().host},
          {"is_replication", !master},
          {"replication_id", DerivedId(instance, name)},
          {"node_id", DerivedId(instance, name + "-node")},
          {"status", instance.running() ? "Active" : "Inactive"},
          {"az_code", zones.empty() ? Json() : Json(zones[std::min(place, zones.size() - 1)])},
          {"dimensions", Json::array({{{"name", "dcs_instance_id"}, {"value", instance.id()}}})}};
}

}  // namespace

Json InstanceRowJson(const Instance& instance) {
  Json json = CommonJson(instance);
  json["updated_at"] = UpdatedAt(instance);
  return json;
}

Json InstanceDetailsJson(const Instance& instance) {
  const InstanceSpec& spec = instance.spec;
  Json json = CommonJson(instance);
  json["update_at"] = UpdatedAt(instance);  // sic: the list calls it updated_at
  json["launched_at"] = instance.launched_at ? Json(FormatTime(*instance.launched_at)) : Json();
  json["cache_mode"] = ToString(spec.mode);
  json["available_zones"] = spec.az_codes;
  json["subnet_name"] = nullptr;
  json["subnet_cidr"] = nullptr;
  json["security_group_name"] = nullptr;
  json["enterprise_project_name"] = nullptr;
  json["replica_count"] = spec.mode == api::CacheMode::kHa ? 2 : 1;
  json["sharding_count"] = instance.nodes.size();
  json["db_number"] = 1;
  json["product_type"] = "generic";
  json["storage_type"] = "DRAM";
  json["backend_addrs"] = nullptr;
  json["bandwidth_info"] = nullptr;
  json["domain_name_info"] = nullptr;
  json["instance_backup_policy"] =
      spec.backup_policy.empty() ? Json() : Json::parse(spec.backup_policy);
  json["transparent_client_ip_enable"] = false;
  json["inquery_spec_code"] = OrNull(spec.spec_code);
  json["cloud_service_type_code"] = "hws.service.type.dcs";
  json["cloud_resource_type_code"] = "hws.resource.type.dcs3";
  json["support_slow_log_flag"] = false;
  return json;
}

Json CreatedJson(absl::Span<const Instance* const> instances) {
  Json created = Json::array();
  for (const Instance* instance : instances) {
    created.push_back({{"instance_id", instance->id()}, {"instance_name", instance->spec.name}});
  }
  return {{"order_id", instances.empty() ? Json() : OrNull(instances.front()->spec.order_id)},
          {"instances", std::move(created)}};
}

// A node of ours is a shard: its master and, for master/standby, a replica of the master.
Json GroupsJson(const Instance& instance) {
  const size_t replicas = instance.spec.mode == api::CacheMode::kHa ? 2 : 1;
  Json groups = Json::array();
  for (size_t shard = 0; shard < instance.nodes.size(); ++shard) {
    Json list = Json::array();
    for (size_t replica = 0; replica < replicas; ++replica) {
      list.push_back(ReplicaJson(instance, replica == 0, shard * replicas + replica));
    }
    const std::string name = "group-" + std::to_string(shard);
    groups.push_back({{"group_id", DerivedId(instance, name)},
                      {"group_name", name},
                      {"replication_list", std::move(list)}});
  }
  return {{"group_count", groups.size()}, {"group_list", std::move(groups)}};
}

}  // namespace dcs::rest
