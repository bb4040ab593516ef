#include "api/state/state_json.h"

#include <exception>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "api/state/json_fields.h"

namespace dcs::state {
namespace {

using api::InstanceConfig;
using api::InstanceSpec;
using api::InstanceState;
using scanner::AutoScanConfig;
using scanner::AutoScanState;
using scanner::ScanTask;

// ---- The structs --------------------------------------------------------------------------------

constexpr std::tuple kSpecFields{
    Field{"id", &InstanceSpec::id},
    Field{"project_id", &InstanceSpec::project_id},
    Field{"name", &InstanceSpec::name},
    Field{"engine_version", &InstanceSpec::engine_version},
    Field{"mode", &InstanceSpec::mode},
    Field{"capacity_gb", &InstanceSpec::capacity_gb},
    Field{"password", &InstanceSpec::password},
    Field{"port", &InstanceSpec::port},
    Field{"created_at", &InstanceSpec::created_at},
    Field{"spec_code", &InstanceSpec::spec_code},
    Field{"description", &InstanceSpec::description},
    Field{"access_user", &InstanceSpec::access_user},
    Field{"vpc_id", &InstanceSpec::vpc_id},
    Field{"subnet_id", &InstanceSpec::subnet_id},
    Field{"security_group_id", &InstanceSpec::security_group_id},
    Field{"enterprise_project_id", &InstanceSpec::enterprise_project_id},
    Field{"maintain_begin", &InstanceSpec::maintain_begin},
    Field{"maintain_end", &InstanceSpec::maintain_end},
    Field{"backup_policy", &InstanceSpec::backup_policy},
    Field{"az_codes", &InstanceSpec::az_codes},
    Field{"tags", &InstanceSpec::tags},
    Field{"enable_ssl", &InstanceSpec::enable_ssl},
    Field{"prepaid", &InstanceSpec::prepaid},
    Field{"order_id", &InstanceSpec::order_id},
};

constexpr std::tuple kConfigFields{
    Field{"values", &InstanceConfig::values},
    Field{"changed_at", &InstanceConfig::changed_at},
};

constexpr std::tuple kAutoScanConfigFields{
    Field{"enabled", &AutoScanConfig::enabled},
    Field{"first_scan_at", &AutoScanConfig::first_scan_at},
    Field{"interval_s", &AutoScanConfig::interval_s},
    Field{"timeout_s", &AutoScanConfig::timeout_s},
    Field{"keys_per_step", &AutoScanConfig::keys_per_step},
    Field{"updated_at", &AutoScanConfig::updated_at},
};

constexpr std::tuple kScanFields{
    Field{"id", &ScanTask::id},
    Field{"status", &ScanTask::status},
    Field{"type", &ScanTask::type},
    Field{"created_at", &ScanTask::created_at},
    Field{"started_at", &ScanTask::started_at},
    Field{"finished_at", &ScanTask::finished_at},
    Field{"steps", &ScanTask::steps},
    Field{"visited", &ScanTask::visited},
    Field{"released", &ScanTask::released},
    Field{"released_bytes", &ScanTask::released_bytes},
    Field{"keys_at_start", &ScanTask::keys_at_start},
    Field{"failure", &ScanTask::failure},
};

// ---- What there is to remember ------------------------------------------------------------------

struct Section {
  std::string_view name;
  Json (*write)(const InstanceState& state);
  void (*read)(const Json& json, InstanceState& state);
};

const Section kSections[] = {
    {"spec", [](const InstanceState& state) { return ToJson(state.spec, kSpecFields); },
     [](const Json& json, InstanceState& state) { FromJson(json, kSpecFields, state.spec); }},
    {"config", [](const InstanceState& state) { return ToJson(state.config, kConfigFields); },
     [](const Json& json, InstanceState& state) { FromJson(json, kConfigFields, state.config); }},
    {"launched_at", [](const InstanceState& state) { return Encode(state.launched_at); },
     [](const Json& json, InstanceState& state) { Decode(json, state.launched_at); }},
    {"ports", [](const InstanceState& state) { return Encode(state.ports); },
     [](const Json& json, InstanceState& state) { Decode(json, state.ports); }},
    {"auto_scan",
     [](const InstanceState& state) {
       return ToJson(state.auto_scan.config, kAutoScanConfigFields);
     },
     [](const Json& json, InstanceState& state) {
       FromJson(json, kAutoScanConfigFields, state.auto_scan.config);
     }},
    {"next_auto_scan",
     [](const InstanceState& state) { return Encode(state.auto_scan.next_start); },
     [](const Json& json, InstanceState& state) { Decode(json, state.auto_scan.next_start); }},
    {"scans",
     [](const InstanceState& state) {
       Json scans = Json::array();
       for (const ScanTask& scan : state.scans) scans.push_back(ToJson(scan, kScanFields));
       return scans;
     },
     [](const Json& json, InstanceState& state) {
       for (const Json& scan : json) FromJson(scan, kScanFields, state.scans.emplace_back());
     }},
};

InstanceState ReadInstance(const Json& json) {
  InstanceState state;
  for (const Section& section : kSections) {
    section.read(json.at(std::string(section.name)), state);
  }
  return state;
}

}  // namespace

std::string InstanceStateToJson(const InstanceState& state) {
  Json json = Json::object();
  for (const Section& section : kSections) json[std::string(section.name)] = section.write(state);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<std::vector<InstanceState>> InstanceStatesFromJson(std::string_view json) {
  std::vector<InstanceState> states;
  try {
    for (const Json& instance : Json::parse(json)) states.push_back(ReadInstance(instance));
  } catch (const std::exception& error) {
    return absl::DataLossError(
        absl::StrCat("instance ", states.size() + 1, " cannot be read: ", error.what()));
  }
  return states;
}

}  // namespace dcs::state
