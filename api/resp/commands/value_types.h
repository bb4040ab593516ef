// What Redis calls the types of values and the ways they are kept.
#pragma once

#include <string_view>

#include "api/resp/protocol/numbers.h"
#include "store/keyspace.h"
#include "store/values/hash_value.h"

namespace dcs::resp {

// As TYPE says it and SCAN TYPE takes it.
inline std::string_view TypeName(store::ValueType type) {
  return type == store::ValueType::kString ? "string" : "hash";
}

// What TYPE says of a key that is not there.
inline constexpr std::string_view kNoType = "none";

// As OBJECT ENCODING says it; what Redis 7 would choose under its default limits. O(1).
inline std::string_view EncodingName(const store::Entry& entry) {
  if (entry.type == store::ValueType::kHash) {
    const auto& hash = static_cast<const store::HashValue&>(*entry.heap);
    return hash.compact() ? "listpack" : "hashtable";
  }
  if (entry.form == store::StringForm::kRaw) return "raw";
  if (entry.form == store::StringForm::kPlain && ParseInteger(entry.string)) return "int";
  return entry.string.size() <= 44 ? "embstr" : "raw";
}

}  // namespace dcs::resp
