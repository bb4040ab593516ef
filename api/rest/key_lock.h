// Locks an access key whose signatures keep failing.
//
// Source: the API Gateway FAQ: five failures in a row lock the key for five minutes. A success
// before that forgets them. A locked key's requests are refused without being looked at: they
// neither lengthen the lock nor end it.
//
// Thread safety: one thread. Memory: one entry for each known key that has failed.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "store/clock.h"

namespace dcs::rest {

class KeyLock {
 public:
  static constexpr int kFailures = 5;
  static constexpr store::TimeMs kLockMs = 5 * 60 * 1000;

  bool IsLocked(std::string_view access_key, store::TimeMs now) const;
  void Failed(std::string_view access_key, store::TimeMs now);
  void Succeeded(std::string_view access_key);
  void Clear() { states_.clear(); }

 private:
  struct State {
    int failures = 0;  // in a row
    store::TimeMs locked_until = 0;
  };
  std::map<std::string, State, std::less<>> states_;
};

}  // namespace dcs::rest
