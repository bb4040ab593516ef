#include "api/resp/server/settings.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/glob.h"
#include "api/resp/protocol/numbers.h"
#include "api/resp/protocol/to_absl.h"
#include "api/resp/server/byte_count.h"

namespace dcs::resp {
namespace {

enum class Kind {
  kText,
  kBool,          // yes, no
  kInteger,       // within limits
  kMemory,        // bytes, or with a unit: 100mb
  kWord,          // one of `words`
  kSave,          // seconds and changes, alternating
  kEvents,        // flags of notify-keyspace-events
  kOutputLimits,  // a client class and its limits, any number of times
};

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

struct Parameter {
  std::string_view name;
  Kind kind;
  std::string_view initial;
  Settings::Number Settings::*number = nullptr;
  int64_t least = 0;
  int64_t most = kMost;
  std::string_view words = {};  // separated by ", "
  bool immutable = false;
};

constexpr std::string_view kPolicies =
    "volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, "
    "allkeys-random, noeviction";
constexpr int64_t kMiB = int64_t{1} << 20;

// clang-format off
constexpr Parameter kParameters[] = {
    {"active-expire-effort", Kind::kInteger, "1", &Settings::active_expire_effort, 1, 10},
    {"active-expire-num", Kind::kInteger, "20", &Settings::active_expire_num, 1, 1000},  // DCS's own
    {"appendfsync", Kind::kWord, "everysec", nullptr, 0, 0, "everysec, always, no"},
    {"appendonly", Kind::kWord, "no", nullptr, 0, 0, "no"},
    {"bind", Kind::kText, "", nullptr, 0, 0, {}, true},
    {"client-output-buffer-limit", Kind::kOutputLimits,
     "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
    {"client-query-buffer-limit", Kind::kMemory, "1073741824",
     &Settings::query_buffer_limit_bytes, kMiB, 1024 * kMiB},
    {"cluster-enabled", Kind::kBool, "no", nullptr, 0, 0, {}, true},
    {"databases", Kind::kInteger, "1", nullptr, 1, 1, {}, true},
    {"dir", Kind::kText, "/", nullptr, 0, 0, {}, true},
    {"enable-debug-command", Kind::kWord, "yes", &Settings::debug_command, 0, 0,
     "no, yes, local", true},
    {"hash-max-listpack-entries", Kind::kInteger, "512", nullptr, 0, kMost, {}, true},
    {"hash-max-listpack-value", Kind::kInteger, "64", nullptr, 0, kMost, {}, true},
    {"hz", Kind::kInteger, "10", &Settings::hz, 0, std::numeric_limits<int32_t>::max()},
    {"lazyfree-lazy-eviction", Kind::kBool, "no"},
    {"lazyfree-lazy-expire", Kind::kBool, "no", &Settings::lazy_expire},
    {"lazyfree-lazy-server-del", Kind::kBool, "no", &Settings::lazy_server_del},
    {"lazyfree-lazy-user-del", Kind::kBool, "no", &Settings::lazy_user_del},
    {"lazyfree-lazy-user-flush", Kind::kBool, "no", &Settings::lazy_user_flush},
    {"lfu-decay-time", Kind::kInteger, "1", nullptr, 1, 1},
    {"lfu-log-factor", Kind::kInteger, "10", nullptr, 10, 10},
    {"loglevel", Kind::kWord, "notice", nullptr, 0, 0, "debug, verbose, notice, warning"},
    {"maxclients", Kind::kInteger, "10000", &Settings::maxclients, 1, 4294967295},
    {"maxmemory", Kind::kMemory, "0", &Settings::maxmemory},
    {"maxmemory-policy", Kind::kWord, "noeviction", &Settings::maxmemory_policy, 0, 0, kPolicies},
    {"maxmemory-samples", Kind::kInteger, "5", nullptr, 1, std::numeric_limits<int32_t>::max()},
    {"notify-keyspace-events", Kind::kEvents, ""},
    {"port", Kind::kInteger, "0", nullptr, 0, 65535, {}, true},
    {"proto-max-bulk-len", Kind::kMemory, "536870912", &Settings::proto_max_bulk_bytes,
     kMiB, 512 * kMiB},
    {"requirepass", Kind::kText, ""},
    {"save", Kind::kSave, ""},
    {"slowlog-log-slower-than", Kind::kInteger, "10000", nullptr, -1},
    {"slowlog-max-len", Kind::kInteger, "128"},
    {"tcp-backlog", Kind::kInteger, "511", nullptr, 0, 65535, {}, true},
    {"tcp-keepalive", Kind::kInteger, "300", nullptr, 0, std::numeric_limits<int32_t>::max()},
    {"timeout", Kind::kInteger, "0", &Settings::timeout_s, 0, std::numeric_limits<int32_t>::max()},
};
// clang-format on

std::optional<size_t> FindRow(std::string_view name) {
  for (size_t row = 0; row < std::size(kParameters); ++row) {
    if (IsWord(name, kParameters[row].name)) return row;
  }
  return std::nullopt;
}

// ---- What a value means: its canonical text, and the number that is read ------------------------

struct Value {
  std::string text;
  int64_t number = 0;
  ClassLimits limits = {};  // of Kind::kOutputLimits
};
using Parsed = std::optional<Value>;  // nullopt: `problem` says why

std::string OutOfLimits(const Parameter& parameter) {
  return absl::StrCat("argument must be between ", parameter.least, " and ", parameter.most,
                      " inclusive");
}

Parsed ParseBool(std::string_view text, std::string& problem) {
  if (IsWord(text, "yes")) return Value{"yes", 1};
  if (IsWord(text, "no")) return Value{"no", 0};
  problem = "argument must be 'yes' or 'no'";
  return std::nullopt;
}

Parsed ParseLimitedInteger(const Parameter& parameter, std::string_view text,
                           std::string& problem) {
  const std::optional<int64_t> number = ParseInteger(text);
  if (!number) {
    problem = "argument couldn't be parsed into an integer";
  } else if (*number < parameter.least || *number > parameter.most) {
    problem = OutOfLimits(parameter);
  } else {
    return Value{std::string(text), *number};
  }
  return std::nullopt;
}

Parsed ParseMemory(const Parameter& parameter, std::string_view text, std::string& problem) {
  const std::optional<uint64_t> bytes = ParseBytes(text);
  if (!bytes) {
    problem = "argument must be a memory value";
    return std::nullopt;
  }
  // kMost stands for no limit: more than 2^63 bytes are shown as given and mean 2^63 - 1.
  const uint64_t most = parameter.most == kMost ? *bytes : static_cast<uint64_t>(parameter.most);
  if (*bytes < static_cast<uint64_t>(parameter.least) || *bytes > most) {
    problem = OutOfLimits(parameter);
    return std::nullopt;
  }
  return Value{absl::StrCat(*bytes),
               static_cast<int64_t>(std::min(*bytes, static_cast<uint64_t>(kMost)))};
}

Parsed ParseWord(const Parameter& parameter, std::string_view text, std::string& problem) {
  int64_t index = 0;
  for (const absl::string_view word : absl::StrSplit(ToAbsl(parameter.words), ", ")) {
    if (absl::EqualsIgnoreCase(ToAbsl(text), word)) return Value{std::string(word), index};
    ++index;
  }
  problem = absl::StrCat("argument(s) must be one of the following: ", ToAbsl(parameter.words));
  return std::nullopt;
}

Parsed ParseSave(std::string_view text, std::string& problem) {
  const std::vector<std::string> words =
      absl::StrSplit(ToAbsl(text), absl::ByAnyChar(" "), absl::SkipEmpty());
  bool good = words.size() % 2 == 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::optional<int64_t> number = ParseInteger(words[i]);
    good = good && number && *number >= (i % 2 == 0 ? 1 : 0);
  }
  if (good) return Value{absl::StrJoin(words, " "), 0};
  problem = "Invalid save parameters";
  return std::nullopt;
}

// Stored in Redis's order; A stands for all classes but K, E, m and n.
Parsed ParseEvents(std::string_view text, std::string& problem) {
  constexpr std::string_view kAll = "g$lshzxetd";
  constexpr std::string_view kOthers = "KEmn";
  std::set<char> given;
  for (const char flag : text) {
    if (flag == 'A') {
      given.insert(kAll.begin(), kAll.end());
    } else if (kAll.find(flag) != kAll.npos || kOthers.find(flag) != kOthers.npos) {
      given.insert(flag);
    } else {
      problem = "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
      return std::nullopt;
    }
  }
  const auto has = [&](char flag) { return given.contains(flag); };
  std::string canonical;
  if (std::all_of(kAll.begin(), kAll.end(), has)) {
    canonical = "A";
  } else {
    std::copy_if(kAll.begin(), kAll.end(), std::back_inserter(canonical), has);
  }
  std::copy_if(kOthers.begin(), kOthers.end(), std::back_inserter(canonical), has);
  return Value{canonical, 0};
}

// Classes that are not named keep what `now` says.
Parsed ParseOutputLimits(std::string_view text, std::string_view now, std::string& problem) {
  const ClassLimits current = *ParseClassLimits(now, {}, problem);
  const std::optional<ClassLimits> limits = ParseClassLimits(text, current, problem);
  if (!limits) return std::nullopt;
  return Value{limits->Text(), 0, *limits};
}

// `now` is the text of the value in force.
Parsed Parse(const Parameter& parameter, std::string_view text, std::string_view now,
             std::string& problem) {
  switch (parameter.kind) {
    case Kind::kText:
      return Value{std::string(text), 0};
    case Kind::kBool:
      return ParseBool(text, problem);
    case Kind::kInteger:
      return ParseLimitedInteger(parameter, text, problem);
    case Kind::kMemory:
      return ParseMemory(parameter, text, problem);
    case Kind::kWord:
      return ParseWord(parameter, text, problem);
    case Kind::kSave:
      return ParseSave(text, problem);
    case Kind::kEvents:
      return ParseEvents(text, problem);
    case Kind::kOutputLimits:
      return ParseOutputLimits(text, now, problem);
  }
  return std::nullopt;
}

absl::Status Failed(std::string_view name, std::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(
      "CONFIG SET failed (possibly related to argument '", ToAbsl(name), "') - ", ToAbsl(problem)));
}

const size_t kRequirePassRow = *FindRow("requirepass");
const size_t kMaxClientsRow = *FindRow("maxclients");

}  // namespace

Settings::Settings() : values_(std::size(kParameters)) {
  for (size_t row = 0; row < std::size(kParameters); ++row) {
    std::string problem;
    const Parsed value = Parse(kParameters[row], kParameters[row].initial, "", problem);
    Apply(row, value->text, value->number, &value->limits);
  }
}

bool Settings::UsesLfu() const {
  return policy() == MaxmemoryPolicy::kVolatileLfu || policy() == MaxmemoryPolicy::kAllkeysLfu;
}

bool Settings::UsesLru() const {
  return policy() == MaxmemoryPolicy::kVolatileLru || policy() == MaxmemoryPolicy::kAllkeysLru;
}

bool Settings::IsPassword(std::string_view given) const {
  const std::lock_guard lock(mutex_);
  const std::string& wanted = values_[kRequirePassRow];
  unsigned different = wanted.size() == given.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    const char expected = wanted.empty() ? '\0' : wanted[i % wanted.size()];
    different |= static_cast<unsigned char>(expected ^ given[i]);
  }
  return different == 0;
}

std::vector<std::pair<std::string, std::string>> Settings::Matching(
    std::span<const std::string_view> patterns) const {
  std::array<std::string_view, std::size(kParameters)> names;  // empty: not wanted
  const auto want = [&](size_t row, std::string_view name) {
    if (names[row].empty()) names[row] = name;
  };
  for (const std::string_view pattern : patterns) {
    if (pattern.find_first_of("[*?") == pattern.npos) {
      if (const std::optional<size_t> row = FindRow(pattern)) want(*row, pattern);
      continue;
    }
    for (size_t row = 0; row < std::size(kParameters); ++row) {
      const std::string_view name = kParameters[row].name;
      if (names[row].empty() && GlobMatch(pattern, name, Case::kIgnored)) want(row, name);
    }
  }
  std::vector<std::pair<std::string, std::string>> matching;
  const std::lock_guard lock(mutex_);
  for (size_t row = 0; row < std::size(kParameters); ++row) {
    if (!names[row].empty()) matching.emplace_back(names[row], values_[row]);
  }
  return matching;
}

std::string Settings::Text(size_t row) const {
  const std::lock_guard lock(mutex_);
  return values_[row];
}

absl::Status Settings::SetAll(std::span<const std::string_view> pairs, bool lowers_maxclients) {
  // A value may keep a part of the one before.
  const std::lock_guard one_at_a_time(setting_);
  // All names are checked before the first value, as in Redis.
  std::vector<size_t> rows;  // of each pair; each row once
  for (size_t i = 0; i < pairs.size(); i += 2) {
    const std::optional<size_t> row = FindRow(pairs[i]);
    if (!row) {
      return absl::NotFoundError(
          absl::StrCat("Unknown option or number of arguments for CONFIG SET - '",
                       ToAbsl(Quoted(pairs[i])), "'"));
    }
    if (kParameters[*row].immutable) return Failed(pairs[i], "can't set immutable config");
    if (std::find(rows.begin(), rows.end(), *row) != rows.end()) {
      return Failed(pairs[i], "duplicate parameter");
    }
    rows.push_back(*row);
  }
  std::vector<Value> values;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Parameter& parameter = kParameters[rows[i]];
    std::string problem;
    Parsed value = Parse(parameter, pairs[2 * i + 1], Text(rows[i]), problem);
    if (!value) return Failed(parameter.name, problem);
    if (rows[i] == kMaxClientsRow && value->number > most_clients_) {
      const int64_t most = most_clients_;
      if (!lowers_maxclients) {
        return Failed(parameter.name, absl::StrCat("The operating system is not able to handle the "
                                                   "specified number of clients, try with ",
                                                   most));
      }
      value = Value{absl::StrCat(most), most};
    }
    values.push_back(*std::move(value));
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    Apply(rows[i], std::move(values[i].text), values[i].number, &values[i].limits);
  }
  return absl::OkStatus();
}

void Settings::LimitClients(int64_t most) {
  most_clients_ = most;
  if (maxclients > most) Apply(kMaxClientsRow, absl::StrCat(most), most);
}

void Settings::Publish(std::string_view name, std::string_view value) {
  if (const std::optional<size_t> row = FindRow(name)) Apply(*row, std::string(value), 0);
}

void Settings::Apply(size_t row, std::string text, int64_t number,
                     const ClassLimits* limits) noexcept {
  const Parameter& parameter = kParameters[row];
  const std::lock_guard lock(mutex_);
  if (parameter.kind == Kind::kOutputLimits) output_limits.Set(*limits);
  if (parameter.number != nullptr) {
    (this->*parameter.number).store(number, std::memory_order_relaxed);
  }
  if (row == kRequirePassRow) password_needed_.store(!text.empty(), std::memory_order_relaxed);
  values_[row].swap(text);
}

}  // namespace dcs::resp
