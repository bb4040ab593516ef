#include "api/rest/guess_limit.h"

#include <algorithm>

#include "api/rest/authority.h"
#include "api/rest/digest.h"

namespace dcs::rest {

bool GuessLimit::IsLocked(std::string_view name, std::string_view address,
                          store::TimeMs now) const {
  if (networks_.empty()) return false;
  const auto network = networks_.find(NetworkOf(address));
  if (network == networks_.end()) return false;
  if (now < network->second.locked_until) return true;
  const auto failures = network->second.names.find(Sha256(name));
  return failures != network->second.names.end() && now < failures->second.locked_until;
}

void GuessLimit::Failed(std::string_view name, std::string_view address, store::TimeMs now) {
  Network& network = FindOrAdd(NetworkOf(address));
  network.last_failure = ++failures_;
  std::string key = Sha256(name);
  if (network.names.size() >= kMaxNames && !network.names.contains(key)) {
    // An expired lock equals no entry.
    std::erase_if(network.names, [now](const auto& entry) {
      return entry.second.in_a_row == 0 && now >= entry.second.locked_until;
    });
    if (network.names.size() >= kMaxNames) {
      network.names.clear();
      network.locked_until = now + lock_ms_;
      return;
    }
  }
  Failures& failures = network.names[std::move(key)];
  if (++failures.in_a_row < kFailures) return;
  failures = {.in_a_row = 0, .locked_until = now + lock_ms_};
}

void GuessLimit::Succeeded(std::string_view name, std::string_view address) {
  if (networks_.empty()) return;
  const auto network = networks_.find(NetworkOf(address));
  if (network == networks_.end()) return;
  network->second.names.erase(Sha256(name));
  if (network->second.names.empty() && network->second.locked_until == 0) networks_.erase(network);
}

GuessLimit::Network& GuessLimit::FindOrAdd(const std::string& network) {
  if (networks_.size() >= kMaxNetworks && !networks_.contains(network)) {
    networks_.erase(
        std::min_element(networks_.begin(), networks_.end(), [](const auto& a, const auto& b) {
          return a.second.last_failure < b.second.last_failure;
        }));
  }
  return networks_[network];
}

}  // namespace dcs::rest
