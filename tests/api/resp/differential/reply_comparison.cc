#include "tests/api/resp/differential/reply_comparison.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "api/resp/protocol/to_absl.h"
#include "tests/api/resp/resp_value.h"

namespace dcs::resp {
namespace {

enum class Compare {
  kBytes,
  kTime,       // integers may be a little apart; -1 and -2 not
  kUnordered,  // elements in any order
  kPairs,      // keys with their values, in any order
  kScan,       // the cursor, and elements in any order
  kScanPairs,
  kType,  // only the type of the reply
};

Compare ComparisonOf(const std::vector<std::string>& line) {
  struct Row {
    std::string_view name;
    Compare compare;
  };
  static constexpr Row kRows[] = {
      {"ttl", Compare::kTime},        {"pttl", Compare::kTime},
      {"expiretime", Compare::kTime}, {"pexpiretime", Compare::kTime},
      {"keys", Compare::kUnordered},  {"hkeys", Compare::kUnordered},
      {"hvals", Compare::kUnordered}, {"hgetall", Compare::kPairs},
      {"scan", Compare::kScan},       {"hscan", Compare::kScanPairs},
      {"hello", Compare::kType},      {"memory", Compare::kType},
      {"randomkey", Compare::kType},
  };
  // Cursors other than 0 mean what the one who gave them out says.
  if (IsWord(line[0], "hscan") && line.size() > 2 && line[2] != "0") return Compare::kType;
  for (const Row& row : kRows) {
    if (IsWord(line[0], row.name)) return row.compare;
  }
  return Compare::kBytes;
}

std::vector<RespValue> Sorted(const std::vector<RespValue>& values, size_t unit) {
  std::vector<std::vector<std::string>> units;
  for (size_t i = 0; i + unit <= values.size(); i += unit) {
    units.emplace_back();
    for (size_t j = 0; j < unit; ++j) units.back().push_back(values[i + j].text);
  }
  std::sort(units.begin(), units.end());
  std::vector<RespValue> sorted;
  for (const auto& each : units) {
    for (const std::string& text : each) sorted.push_back({'$', false, text, {}});
  }
  return sorted;
}

bool SameTime(const RespValue& a, const RespValue& b) {
  if (a.type != ':' || b.type != ':') return a == b;
  const long long x = std::stoll(a.text), y = std::stoll(b.text);
  if (x < 0 || y < 0) return x == y;
  return std::llabs(x - y) < 10'000;  // of a slow machine; deadlines here are days apart
}

}  // namespace

bool SameReply(const std::vector<std::string>& line, const std::string& ours,
               const std::string& theirs) {
  const Compare compare = ComparisonOf(line);
  if (ours == theirs) return true;
  if (compare == Compare::kBytes || ours.empty() || theirs.empty()) return false;
  const RespValue a = ParseReply(ours), b = ParseReply(theirs);
  if (a.type != b.type || a.null != b.null || a.elements.size() != b.elements.size()) return false;
  if (a.type == '-') return false;
  switch (compare) {
    case Compare::kBytes:
      return false;
    case Compare::kTime:
      return SameTime(a, b);
    case Compare::kUnordered:
      return Sorted(a.elements, 1) == Sorted(b.elements, 1);
    case Compare::kPairs:
      return Sorted(a.elements, 2) == Sorted(b.elements, 2);
    case Compare::kScan:
    case Compare::kScanPairs: {
      const size_t unit = compare == Compare::kScan ? 1 : 2;
      if (a.elements.size() != 2) return false;
      // A walk that is not at its end has seen other elements on either side.
      if (a.elements[0].text != "0" || b.elements[0].text != "0") return true;
      return Sorted(a.elements[1].elements, unit) == Sorted(b.elements[1].elements, unit);
    }
    case Compare::kType:
      return true;
  }
  return false;
}

}  // namespace dcs::resp
