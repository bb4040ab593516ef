// What an instance was asked to be: plain data, as it is written to disk and shown again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/time/clock.h"

namespace dcs::api {

// A cluster has several masters and comes later.
enum class CacheMode : uint8_t { kSingle, kHa };

// "single", "ha": the API's own words.
std::string_view ToString(CacheMode mode);

inline constexpr std::string_view kEngineVersions[] = {"3.0", "4.0", "5.0", "6.0", "7.0"};
bool IsEngineVersion(std::string_view version);

struct InstanceSpec {
  std::string id;  // a UUID
  std::string project_id;
  std::string name;
  std::string engine_version = "7.0";  // one of kEngineVersions
  CacheMode mode = CacheMode::kSingle;
  double capacity_gb = 0;  // 0: no limit
  std::string password;    // empty: Redis clients need none
  uint16_t port = 0;       // the one wished for; 0: any
  store::TimeMs created_at = 0;

  // What the simulator has no use for, but clients read again.
  std::string spec_code;
  std::string description;
  std::string access_user;
  std::string vpc_id;
  std::string subnet_id;
  std::string security_group_id;
  std::string enterprise_project_id;
  std::string maintain_begin = "02:00:00";
  std::string maintain_end = "06:00:00";
  std::string backup_policy;  // JSON text; empty: none
  std::vector<std::string> az_codes;
  std::vector<std::pair<std::string, std::string>> tags;
  bool enable_ssl = false;
  bool prepaid = false;
  std::string order_id;  // of a prepaid one
};

}  // namespace dcs::api
