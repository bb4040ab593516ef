#include "api/rest/time_format.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace dcs::rest {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

struct CivilTime {
  int year;
  unsigned month, day, hour, minute, second, millisecond;
};

CivilTime ToCivil(store::TimeMs time) {
  using namespace std::chrono_literals;
  static constexpr milliseconds kFirst = sys_days(0y / 1 / 1).time_since_epoch();
  static constexpr milliseconds kLast = sys_days(10000y / 1 / 1).time_since_epoch() - 1ms;
  const milliseconds since_epoch = std::clamp(milliseconds(time), kFirst, kLast);
  const days day = floor<days>(since_epoch);
  const year_month_day date{sys_days(day)};
  const std::chrono::hh_mm_ss clock(since_epoch - day);
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<unsigned>(clock.hours().count()),
          static_cast<unsigned>(clock.minutes().count()),
          static_cast<unsigned>(clock.seconds().count()),
          static_cast<unsigned>(clock.subseconds().count())};
}

// nullopt where one of them is not a decimal digit.
std::optional<int> Digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::string FormatTime(store::TimeMs time) {
  const CivilTime t = ToCivil(time);
  char text[64];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ", t.year, t.month, t.day,
                t.hour, t.minute, t.second, t.millisecond);
  return text;
}

std::string FormatBasicTime(store::TimeMs time) {
  const CivilTime t = ToCivil(time);
  char text[64];
  std::snprintf(text, sizeof(text), "%04d%02u%02uT%02u%02u%02uZ", t.year, t.month, t.day, t.hour,
                t.minute, t.second);
  return text;
}

std::optional<store::TimeMs> ParseBasicTime(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const auto year = Digits(text.substr(0, 4));
  const auto month = Digits(text.substr(4, 2));
  const auto day = Digits(text.substr(6, 2));
  const auto hour = Digits(text.substr(9, 2));
  const auto minute = Digits(text.substr(11, 2));
  const auto second = Digits(text.substr(13, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const year_month_day date{std::chrono::year(*year),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const milliseconds since_epoch = sys_days(date).time_since_epoch() + std::chrono::hours(*hour) +
                                   std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  return since_epoch.count();
}

}  // namespace dcs::rest
