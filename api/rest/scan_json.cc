#include "api/rest/scan_json.h"

#include <nlohmann/json.hpp>

#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

Json Identity(std::string_view instance_id, const scanner::ScanTask& task) {
  return {{"id", task.id},
          {"instance_id", instance_id},
          {"status", scanner::ToString(task.status)},
          {"scan_type", scanner::ToString(task.type)}};
}

void AddTimes(const scanner::ScanTask& task, Json& json) {
  json["created_at"] = FormatTime(task.created_at);
  if (task.started_at) json["started_at"] = FormatTime(*task.started_at);
  if (task.finished_at) json["finished_at"] = FormatTime(*task.finished_at);
}

}  // namespace

Json ScanTaskJson(std::string_view instance_id, const scanner::ScanTask& task) {
  Json json = Identity(instance_id, task);
  AddTimes(task, json);
  return json;
}

Json ScanRecordJson(std::string_view instance_id, const scanner::ScanTask& task) {
  Json json = Identity(instance_id, task);
  json["num"] = task.released;
  AddTimes(task, json);
  return json;
}

Json HistoriesJson(std::string_view instance_id, const scanner::HistoryPage& page) {
  // An array even if it is empty: Terraform fails on a missing or null one.
  Json records = Json::array();
  for (const scanner::ScanTask& task : page.records) {
    records.push_back(ScanRecordJson(instance_id, task));
  }
  return {{"instance_id", instance_id},
          {"total", page.expired_keys},
          {"count", page.scans},
          {"records", std::move(records)}};
}

Json ScanProgressJson(const scanner::ScanTask& task) {
  Json json = {{"id", task.id},
               {"status", scanner::ToString(task.status)},
               {"steps", task.steps},
               {"visited", task.visited},
               {"keys_at_start", task.keys_at_start},
               {"released", task.released},
               {"released_bytes", task.released_bytes}};
  if (!task.failure.empty()) json["failure"] = task.failure;
  return json;
}

Json FastSweepJson(const scanner::FastSweepResult& swept) {
  return {{"visited", swept.found.visited},
          {"released", swept.found.released},
          {"released_bytes", swept.found.released_bytes},
          {"seconds", swept.seconds},
          {"cpu_seconds", swept.cpu_seconds}};
}

}  // namespace dcs::rest
