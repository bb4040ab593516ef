// One expired key scan: the record that the API shows, including its progress.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/time/clock.h"

namespace dcs::scanner {

enum class ScanStatus : uint8_t { kWaiting, kRunning, kSuccess, kFailed };
enum class ScanType : uint8_t { kManual, kAuto };

// "waiting", "running", "success", "failed"; "manual", "auto": the API's own words.
std::string_view ToString(ScanStatus status);
std::string_view ToString(ScanType type);
std::optional<ScanStatus> ParseScanStatus(std::string_view text);

struct ScanTask {
  std::string id;  // a UUID, 36 characters
  ScanStatus status = ScanStatus::kWaiting;
  ScanType type = ScanType::kManual;
  store::TimeMs created_at = 0;
  std::optional<store::TimeMs> started_at;
  std::optional<store::TimeMs> finished_at;

  uint64_t steps = 0;
  uint64_t visited = 0;   // keys looked at
  uint64_t released = 0;  // expired keys found: `num` in the API
  uint64_t released_bytes = 0;
  uint64_t keys_at_start = 0;  // number of keys when it started
  std::string failure;         // why it failed; empty otherwise
};

}  // namespace dcs::scanner
