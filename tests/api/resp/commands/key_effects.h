// What commands have done to a server's keys and to the counters that show it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/api/resp/differential/reference_redis.h"
#include "tests/api/resp/resp_value.h"
#include "tests/api/resp/session.h"

namespace dcs::resp {

struct KeyEffects {
  int64_t keys = 0;  // DBSIZE: expired keys that hold memory count
  int64_t expired_keys = 0;
  int64_t hits = 0;
  int64_t misses = 0;

  bool operator==(const KeyEffects&) const = default;
  KeyEffects operator-(const KeyEffects& other) const {
    return {keys - other.keys, expired_keys - other.expired_keys, hits - other.hits,
            misses - other.misses};
  }
  friend std::ostream& operator<<(std::ostream& out, const KeyEffects& effects) {
    return out << "keys " << effects.keys << ", expired_keys " << effects.expired_keys << ", hits "
               << effects.hits << ", misses " << effects.misses;
  }
};

inline KeyEffects EffectsOf(const ServerState& state) {
  return {static_cast<int64_t>(state.node.keyspace.size()),
          static_cast<int64_t>(state.run->Keys().expired_keys()),
          static_cast<int64_t>(state.counters.keyspace_hits.load()),
          static_cast<int64_t>(state.counters.keyspace_misses.load())};
}

// From the replies to DBSIZE and INFO stats.
inline KeyEffects EffectsOf(std::string_view dbsize, std::string_view stats) {
  const auto field = [&](std::string_view name) -> int64_t {
    const size_t at = stats.find("\n" + std::string(name) + ":");
    if (at == std::string_view::npos) return -1;
    return std::strtoll(stats.data() + at + name.size() + 2, nullptr, 10);
  };
  return {std::strtoll(ParseReply(dbsize).text.c_str(), nullptr, 10), field("expired_keys"),
          field("keyspace_hits"), field("keyspace_misses")};
}

}  // namespace dcs::resp
