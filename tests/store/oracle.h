// The store as one would write it without caring for speed or memory: what the real one is compared
// with.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "store/time/clock.h"
#include "store/time/deadline.h"

namespace dcs::store {

using OracleHash = std::map<std::string, std::string>;

struct OracleItem {
  std::variant<std::string, OracleHash> value;
  TimeMs deadline = kNoDeadline;
  uint64_t present_since = 0;  // the operation that made it, for the laws of walks
};

// Knows every key ever set and not removed; expired ones stay until somebody asks for them.
class Oracle {
 public:
  OracleItem* Find(const std::string& key, TimeMs now) {
    const auto at = items_.find(key);
    if (at == items_.end()) return nullptr;
    if (!Expired(at->second.deadline, now)) return &at->second;
    items_.erase(at);
    return nullptr;
  }

  // Keeps present_since where the key is there already: walks promise to see a key, not a value.
  OracleItem& Set(const std::string& key, std::variant<std::string, OracleHash> value,
                  TimeMs deadline, uint64_t operation, TimeMs now) {
    if (OracleItem* item = Find(key, now)) {
      item->value = std::move(value);
      item->deadline = deadline;
      return *item;
    }
    return items_[key] = {std::move(value), deadline, operation};
  }

  bool Erase(const std::string& key, TimeMs now) {
    if (Find(key, now) == nullptr) return false;
    items_.erase(key);
    return true;
  }

  void DropExpired(TimeMs now) {
    std::erase_if(items_, [now](const auto& entry) { return Expired(entry.second.deadline, now); });
  }
  void Clear() { items_.clear(); }
  const std::map<std::string, OracleItem>& items() const { return items_; }

 private:
  std::map<std::string, OracleItem> items_;
};

}  // namespace dcs::store
