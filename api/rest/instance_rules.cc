#include "api/rest/instance_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "api/rest/request_body.h"

namespace dcs::rest {
namespace {

constexpr size_t kShortestPassword = 8;
constexpr size_t kLongestPassword = 32;
constexpr int kPasswordClasses = 3;
constexpr std::string_view kSpecialCharacters = R"(`~!@#$^&*()-_=+\|{},<.>/?)";

constexpr int kHoursPerDay = 24;
constexpr int64_t kMaxSaveDays = 7;

// The number of two digits at `text[at]`; -1 if they are not digits.
int TwoDigits(std::string_view text, size_t at) {
  const auto digit = [&](size_t i) {
    return absl::ascii_isdigit(static_cast<unsigned char>(text[i])) ? text[i] - '0' : -100;
  };
  return std::max(10 * digit(at) + digit(at + 1), -1);
}

int HourOf(std::string_view full_hour) { return TwoDigits(full_hour, 0); }

// "00:00-01:00": from one full hour to another, or to the end of the day.
bool IsPeriod(const Json& json) {
  if (!json.is_string()) return false;
  const std::string_view text = json.get_ref<const std::string&>();
  if (text.size() != 11 || text[5] != '-') return false;
  return FullHour(text.substr(0, 5)) && (FullHour(text.substr(6)) || text.substr(6) == "24:00");
}

bool AreWeekdays(const Json& json) {
  return json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& day) {
           return AsInteger(day, 1, 7).has_value();
         });
}

}  // namespace

bool IsStrongPassword(std::string_view password) {
  if (password.size() < kShortestPassword || password.size() > kLongestPassword) return false;
  std::array<bool, 4> classes = {};
  for (const char c : password) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_islower(byte)) {
      classes[0] = true;
    } else if (absl::ascii_isupper(byte)) {
      classes[1] = true;
    } else if (absl::ascii_isdigit(byte)) {
      classes[2] = true;
    } else if (kSpecialCharacters.find(c) != std::string_view::npos) {
      classes[3] = true;
    } else {
      return false;
    }
  }
  return std::count(classes.begin(), classes.end(), true) >= kPasswordClasses;
}

std::optional<std::string> FullHour(std::string_view text) {
  const std::string_view rest = text.size() < 2 ? std::string_view() : text.substr(2);
  if (rest != ":00" && rest != ":00:00") return std::nullopt;
  const int hour = HourOf(text);
  if (hour < 0 || hour >= kHoursPerDay) return std::nullopt;
  return std::string(text.substr(0, 2)) + ":00:00";
}

bool IsMaintenanceWindow(std::string_view begin, std::string_view end) {
  const int hours = (HourOf(end) - HourOf(begin) + kHoursPerDay) % kHoursPerDay;
  return hours == 1 || hours == 4;
}

std::optional<ApiError> CheckBackupPolicy(const Json& policy) {
  const Json* type = FindMember(policy, "backup_type");
  if (type != nullptr && *type != "auto" && *type != "manual") {
    return ApiError{ErrorId::kInvalidBackupType, {}};
  }
  const Json* days = FindMember(policy, "save_days");
  if (days != nullptr && !AsInteger(*days, 1, kMaxSaveDays)) {
    return ApiError{ErrorId::kInvalidSaveDays, {}};
  }
  const Json* plan = FindMember(policy, "periodical_backup_plan");
  if (plan == nullptr) return std::nullopt;
  if (!plan->is_object()) return ApiError{ErrorId::kInvalidParameter, "periodical_backup_plan"};
  const Json* period = FindMember(*plan, "period_type");
  if (period != nullptr && *period != "weekly") return ApiError{ErrorId::kInvalidPeriodType, {}};
  const Json* at = FindMember(*plan, "backup_at");
  if (at != nullptr && !AreWeekdays(*at)) return ApiError{ErrorId::kInvalidBackupAt, {}};
  const Json* begin = FindMember(*plan, "begin_at");
  if (begin != nullptr && !IsPeriod(*begin)) return ApiError{ErrorId::kInvalidBeginAt, {}};
  return std::nullopt;
}

}  // namespace dcs::rest
