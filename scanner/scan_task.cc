#include "scanner/scan_task.h"

#include <array>
#include <utility>

namespace dcs::scanner {
namespace {

constexpr std::array<std::pair<ScanStatus, std::string_view>, 4> kStatusNames = {{
    {ScanStatus::kWaiting, "waiting"},
    {ScanStatus::kRunning, "running"},
    {ScanStatus::kSuccess, "success"},
    {ScanStatus::kFailed, "failed"},
}};

}  // namespace

std::string_view ToString(ScanStatus status) {
  return kStatusNames[static_cast<size_t>(status)].second;
}

std::string_view ToString(ScanType type) { return type == ScanType::kManual ? "manual" : "auto"; }

std::optional<ScanStatus> ParseScanStatus(std::string_view text) {
  for (const auto& [status, name] : kStatusNames) {
    if (name == text) return status;
  }
  return std::nullopt;
}

}  // namespace dcs::scanner
