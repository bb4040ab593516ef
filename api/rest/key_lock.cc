#include "api/rest/key_lock.h"

namespace dcs::rest {

bool KeyLock::IsLocked(std::string_view access_key, store::TimeMs now) const {
  const auto found = states_.find(access_key);
  return found != states_.end() && now < found->second.locked_until;
}

void KeyLock::Failed(std::string_view access_key, store::TimeMs now) {
  State& state = states_[std::string(access_key)];
  if (++state.failures < kFailures) return;
  state = {.failures = 0, .locked_until = now + kLockMs};
}

void KeyLock::Succeeded(std::string_view access_key) {
  const auto found = states_.find(access_key);
  if (found != states_.end()) states_.erase(found);
}

}  // namespace dcs::rest
