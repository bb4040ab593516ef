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

// nullopt if a character is not a decimal digit.
std::optional<int> Digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Texts of decimal digits, each of the right length.
struct CivilText {
  std::string_view year, month, day, hour, minute, second;
};

std::optional<store::TimeMs> FromCivil(const CivilText& text) {
  const auto year = Digits(text.year);
  const auto month = Digits(text.month);
  const auto day = Digits(text.day);
  const auto hour = Digits(text.hour);
  const auto minute = Digits(text.minute);
  const auto second = Digits(text.second);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const year_month_day date{std::chrono::year(*year),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const milliseconds since_epoch = sys_days(date).time_since_epoch() + std::chrono::hours(*hour) +
                                   std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  return since_epoch.count();
}

bool IsUtcSuffix(std::string_view text) {
  return text.empty() || text == "Z" || text == "z" || text == "+00:00";
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

std::string FormatHttpDate(store::TimeMs time) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime t = ToCivil(time);
  const std::chrono::weekday weekday(sys_days(year_month_day(
      std::chrono::year(t.year), std::chrono::month(t.month), std::chrono::day(t.day))));
  char text[64];
  std::snprintf(text, sizeof(text), "%s, %02u %s %04d %02u:%02u:%02u GMT",
                kDays[weekday.c_encoding()], t.day, kMonths[t.month - 1], t.year, t.hour, t.minute,
                t.second);
  return text;
}

std::optional<store::TimeMs> ParseBasicTime(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  return FromCivil({text.substr(0, 4), text.substr(4, 2), text.substr(6, 2), text.substr(9, 2),
                    text.substr(11, 2), text.substr(13, 2)});
}

std::string FormatTimeWithoutZone(store::TimeMs time) {
  std::string text = FormatTime(time);
  text.pop_back();
  return text;
}

std::optional<store::TimeMs> ParseUtcTime(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < kForm.size()) return std::nullopt;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] != 'd' && text[i] != kForm[i]) return std::nullopt;
  }
  const std::optional<store::TimeMs> whole =
      FromCivil({text.substr(0, 4), text.substr(5, 2), text.substr(8, 2), text.substr(11, 2),
                 text.substr(14, 2), text.substr(17, 2)});
  std::string_view rest = text.substr(kForm.size());
  std::optional<int> fraction = 0;
  if (rest.starts_with('.')) {
    const size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (end < 2 || end > 10) return std::nullopt;
    std::string milliseconds(rest.substr(1, std::min<size_t>(end - 1, 3)));
    milliseconds.resize(3, '0');
    fraction = Digits(milliseconds);
    rest.remove_prefix(end);
  }
  if (!whole || !IsUtcSuffix(rest)) return std::nullopt;
  return *whole + *fraction;
}

}  // namespace dcs::rest
