#include "api/instance_config.h"

#include <algorithm>
#include <charconv>
#include <regex>
#include <system_error>

#include "absl/strings/str_split.h"

namespace dcs::api {
namespace {

using enum ConfigKind;

constexpr std::string_view kYesNo = "yes,no";

// IDs, ranges and defaults: the API page "Modifying Configuration Parameters" and the user guide's
// page of that name. Two defaults differ, because the simulator does neither by itself:
// maxmemory-policy (volatile-lru) and notify-keyspace-events (Ex).
// clang-format off
constexpr ConfigParameter kParameters[] = {
    {"1", "timeout", kInteger, "0", "0-7200", "3.0",
     "Close the connection after a client is idle for N seconds. 0: never."},
    {"2", "maxmemory-policy", kEnum, "noeviction",
     "volatile-lru,volatile-lfu,volatile-random,volatile-ttl,allkeys-lru,allkeys-lfu,"
     "allkeys-random,noeviction", "3.0",
     "How keys are chosen for eviction when the memory is full. The simulator evicts none."},
    {"11", "maxclients", kInteger, "10000", "1000-50000", "3.0",
     "The maximum number of clients connected at the same time."},
    {"13", "notify-keyspace-events", kRegular, "", "([KE]+([A]|[g$lshzxe]+)){0,11}", "3.0",
     "Which events in the keyspace clients are notified of."},
    {"17", "appendonly", kEnum, "yes", kYesNo, "3.0",
     "Whether the keys of a master/standby instance survive its restart.",
     /*ha_only=*/true, /*in_redis=*/false},
    {"18", "slowlog-log-slower-than", kInteger, "10000", "0-1000000", "3.0",
     "The execution time in microseconds from which a command is logged as slow."},
    {"19", "slowlog-max-len", kInteger, "128", "0-1000", "3.0",
     "How many slow commands are kept."},
    {"22", "proto-max-bulk-len", kInteger, "536870912", "1048576-536870912", "4.0",
     "The largest request in bytes."},
    {"35", "active-expire-num", kInteger, "20", "1-1000", "4.0",
     "How many keys with a deadline a cycle of natural deletion looks at in a time."},
    {"1001", "hz", kInteger, "10", "1-500", "3.0",
     "Cycles of natural deletion in a second."},
    {"1002", "active-expire-effort", kInteger, "1", "1-10", "6.0",
     "How thorough natural deletion is."},
    {"1003", "lazyfree-lazy-expire", kEnum, "no", kYesNo, "4.0",
     "Whether expired values are freed in the background."},
    {"1004", "lazyfree-lazy-server-del", kEnum, "no", kYesNo, "4.0",
     "Whether values that a command overwrites are freed in the background."},
    {"1005", "lazyfree-lazy-user-del", kEnum, "no", kYesNo, "6.0",
     "Whether DEL frees in the background, as UNLINK does."},
    {"1006", "lazyfree-lazy-user-flush", kEnum, "no", kYesNo, "7.0",
     "Whether FLUSHALL and FLUSHDB free in the background."},
};
// clang-format on

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

bool InRange(std::string_view range, std::string_view value) {
  const size_t dash = range.find('-');
  const std::optional<int64_t> number = ParseNumber(value);
  // As it would be written back: no leading zeros.
  return number && std::to_string(*number) == value &&
         *number >= *ParseNumber(range.substr(0, dash)) &&
         *number <= *ParseNumber(range.substr(dash + 1));
}

bool IsOneOf(std::string_view words, std::string_view value) {
  const std::vector<std::string> all =
      absl::StrSplit(absl::string_view(words.data(), words.size()), ',');
  return std::find(all.begin(), all.end(), value) != all.end();
}

bool Matches(std::string_view expression, std::string_view value) {
  constexpr size_t kLongest = 64;  // std::regex recurses by the length of the text
  return value.size() <= kLongest &&
         std::regex_match(value.begin(), value.end(),
                          std::regex(expression.begin(), expression.end()));
}

}  // namespace

std::string_view ToString(ConfigKind kind) {
  constexpr std::string_view kNames[] = {"Integer", "Enum", "Regular"};
  return kNames[static_cast<size_t>(kind)];
}

bool ConfigParameter::IsFor(const InstanceSpec& spec) const {
  // "3.0" to "7.0": their order as text is their order.
  return spec.engine_version >= since && (!ha_only || spec.mode == CacheMode::kHa);
}

bool ConfigParameter::Accepts(std::string_view value) const {
  switch (kind) {
    case kInteger:
      return InRange(range, value);
    case kEnum:
      return IsOneOf(range, value);
    case kRegular:
      return Matches(range, value);
  }
  return false;
}

absl::Span<const ConfigParameter> ConfigParameters() { return kParameters; }

const ConfigParameter* FindConfigParameter(std::string_view name, const InstanceSpec& spec) {
  const auto* found =
      std::find_if(std::begin(kParameters), std::end(kParameters),
                   [&](const ConfigParameter& parameter) { return parameter.name == name; });
  return found == std::end(kParameters) || !found->IsFor(spec) ? nullptr : found;
}

std::string_view InstanceConfig::Get(const ConfigParameter& parameter) const {
  const auto set = values.find(parameter.name);
  return set == values.end() ? parameter.default_value : std::string_view(set->second);
}

RedisParameters RedisParametersOf(const InstanceSpec& spec, const InstanceConfig& config) {
  constexpr double kBytesPerGb = 1 << 30;
  RedisParameters parameters = {
      {"maxmemory", std::to_string(static_cast<int64_t>(spec.capacity_gb * kBytesPerGb))}};
  for (const ConfigParameter& parameter : kParameters) {
    if (parameter.in_redis && parameter.IsFor(spec)) {
      parameters.emplace_back(parameter.name, config.Get(parameter));
    }
  }
  return parameters;
}

}  // namespace dcs::api
