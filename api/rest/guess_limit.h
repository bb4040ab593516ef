// Limits guesses of a secret: too many failures in a row lock a name for one client network.
//
// Five failures in a row for a name (an access key, a user) from one network lock the name for that
// network and for a fixed time. A success resets the count. Requests during a lock are refused
// without checking their secret, and neither lengthen nor end it. Other networks are not affected,
// so knowing a name is not enough to lock its user out.
//
// Bounds: a network with failures for more than kMaxNames names is locked for every name. At most
// kMaxNetworks networks are remembered; a further one evicts the network whose last failure is
// oldest. So memory stays under 5 MB, and unlimited guessing needs more networks than that. A
// network is an IPv4 address or an IPv6 /64 prefix (NetworkOf).
//
// Thread safety: one thread. Cost: O(log names); O(networks) for a new network's first failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "store/time/clock.h"

namespace dcs::rest {

class GuessLimit {
 public:
  static constexpr int kFailures = 5;
  static constexpr size_t kMaxNames = 32;
  static constexpr size_t kMaxNetworks = 1024;

  explicit GuessLimit(store::TimeMs lock_ms) : lock_ms_(lock_ms) {}

  // `address` is the client's IP address as text.
  bool IsLocked(std::string_view name, std::string_view address, store::TimeMs now) const;
  void Failed(std::string_view name, std::string_view address, store::TimeMs now);
  void Succeeded(std::string_view name, std::string_view address);
  // Forgets all failures and locks.
  void Clear() { networks_.clear(); }

  size_t networks() const { return networks_.size(); }

 private:
  struct Failures {
    int in_a_row = 0;
    store::TimeMs locked_until = 0;
  };
  struct Network {
    std::map<std::string, Failures, std::less<>> names;  // by the name's SHA-256, for a fixed size
    store::TimeMs locked_until = 0;
    uint64_t last_failure = 0;  // sequence number
  };

  Network& FindOrAdd(const std::string& network);

  store::TimeMs lock_ms_;
  uint64_t failures_ = 0;
  std::map<std::string, Network, std::less<>> networks_;
};

}  // namespace dcs::rest
