#include "api/state/state_json.h"

#include <exception>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/printable.h"
#include "api/state/json_fields.h"
#include "api/time_control.h"
#include "store/time/steered_clock.h"

namespace dcs::state {
namespace {

using api::ClockState;
using api::InstanceConfig;
using api::InstanceRecord;
using api::InstanceSpec;
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

constexpr std::tuple kClockFields{
    Field{"is_virtual", &ClockState::is_virtual},
    Field{"now", &ClockState::now},
    Field{"start", &ClockState::start},
    Field{"rate", &ClockState::rate},
};

constexpr std::tuple kRemovedFields{
    Field{"id", &RemovedInstance::id},
    Field{"generation", &RemovedInstance::generation},
    Field{"nodes", &RemovedInstance::nodes},
};

// ---- The saved properties of an instance ---------------------------------------------------------

struct Section {
  std::string_view name;
  int since;  // the first version that has the member
  Json (*write)(const InstanceRecord& record);
  void (*read)(const Json& json, InstanceRecord& record);
};

const Section kSections[] = {
    {"spec", 1, [](const InstanceRecord& record) { return ToJson(record.spec, kSpecFields); },
     [](const Json& json, InstanceRecord& record) { FromJson(json, kSpecFields, record.spec); }},
    {"config", 1, [](const InstanceRecord& record) { return ToJson(record.config, kConfigFields); },
     [](const Json& json, InstanceRecord& record) {
       FromJson(json, kConfigFields, record.config);
     }},
    {"launched_at", 1, [](const InstanceRecord& record) { return Encode(record.launched_at); },
     [](const Json& json, InstanceRecord& record) { Decode(json, record.launched_at); }},
    {"ports", 1, [](const InstanceRecord& record) { return Encode(record.ports); },
     [](const Json& json, InstanceRecord& record) { Decode(json, record.ports); }},
    {"auto_scan", 1,
     [](const InstanceRecord& record) {
       return ToJson(record.auto_scan.config, kAutoScanConfigFields);
     },
     [](const Json& json, InstanceRecord& record) {
       FromJson(json, kAutoScanConfigFields, record.auto_scan.config);
     }},
    {"next_auto_scan", 1,
     [](const InstanceRecord& record) { return Encode(record.auto_scan.next_start); },
     [](const Json& json, InstanceRecord& record) { Decode(json, record.auto_scan.next_start); }},
    {"generation", 2, [](const InstanceRecord& record) { return Encode(record.generation); },
     [](const Json& json, InstanceRecord& record) { Decode(json, record.generation); }},
    {"saved_nodes", 2, [](const InstanceRecord& record) { return Encode(record.saved_nodes); },
     [](const Json& json, InstanceRecord& record) { Decode(json, record.saved_nodes); }},
    {"scans", 1,
     [](const InstanceRecord& record) {
       Json scans = Json::array();
       for (const ScanTask& scan : record.scans) scans.push_back(ToJson(scan, kScanFields));
       return scans;
     },
     [](const Json& json, InstanceRecord& record) {
       for (const Json& scan : json) FromJson(scan, kScanFields, record.scans.emplace_back());
     }},
};

InstanceRecord ReadInstance(const Json& json, int version) {
  InstanceRecord record;
  for (const Section& section : kSections) {
    if (section.since <= version) section.read(json.at(std::string(section.name)), record);
  }
  return record;
}

absl::Status ReadInstances(const Json& json, int version, SavedState& state) {
  try {
    for (const Json& instance : json) state.instances.push_back(ReadInstance(instance, version));
  } catch (const std::exception& error) {
    return absl::DataLossError(absl::StrCat("instance ", state.instances.size() + 1,
                                            " cannot be read: ", api::Printable(error.what())));
  }
  return absl::OkStatus();
}

// A virtual clock cannot be set to a time outside its range.
bool IsPossible(const ClockState& clock) {
  return !clock.is_virtual || (clock.start <= clock.now && clock.now <= store::SteeredClock::kEnd &&
                               clock.rate >= 0 && clock.rate <= api::TimeControl::kMostRate);
}

}  // namespace

std::string InstanceRecordToJson(const InstanceRecord& record) {
  Json json = Json::object();
  for (const Section& section : kSections) json[std::string(section.name)] = section.write(record);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string StateToJson(const ClockState& clock, const std::vector<RemovedInstance>& removed,
                        const std::vector<std::shared_ptr<const std::string>>& instances) {
  Json gone = Json::array();
  for (const RemovedInstance& instance : removed) gone.push_back(ToJson(instance, kRemovedFields));
  std::string json = "{\"clock\":" + ToJson(clock, kClockFields).dump();
  json += ",\"removed\":" + gone.dump() + ",\"instances\":[";
  const char* separator = "";
  for (const auto& instance : instances) {
    json.append(std::exchange(separator, ",\n")).append(*instance);
  }
  json += "]}";
  return json;
}

absl::StatusOr<SavedState> StateFromJson(std::string_view text, int version) {
  SavedState state;
  const Json json = Json::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (version == 1) {
    if (!json.is_array()) return absl::DataLossError("an array of instances is expected");
    if (absl::Status status = ReadInstances(json, version, state); !status.ok()) return status;
    return state;
  }
  if (!json.is_object() || json.size() != 3) {
    return absl::DataLossError("an object of clock, removed and instances is expected");
  }
  try {
    FromJson(json.at("clock"), kClockFields, state.clock.emplace());
    for (const Json& gone : json.at("removed")) {
      FromJson(gone, kRemovedFields, state.removed.emplace_back());
    }
    if (!json.at("instances").is_array()) return absl::DataLossError("no instances are there");
  } catch (const std::exception& error) {
    return absl::DataLossError(
        absl::StrCat("the state cannot be read: ", api::Printable(error.what())));
  }
  if (!IsPossible(*state.clock)) return absl::DataLossError("the clock cannot show such a time");
  absl::Status status = ReadInstances(json.at("instances"), version, state);
  if (!status.ok()) return status;
  return state;
}

}  // namespace dcs::state
