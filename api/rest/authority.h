// An authority: the host and the port in a Host header, an absolute request target or an origin.
//
// Thread safety: plain data and free functions. Cost: O(length).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcs::rest {

enum class HostKind : uint8_t {
  kName,      // a domain name other than localhost
  kAddress,   // an IP address that is not loopback; DNS cannot redirect it
  kLoopback,  // localhost, 127.0.0.0/8 or ::1
};

struct Authority {
  // In lower case. An IP address is in its shortest form without brackets; an IPv4 address mapped
  // into IPv6 becomes IPv4.
  std::string host;
  HostKind kind = HostKind::kName;
  std::optional<uint16_t> port;
};

// Parses "host", "host:port" or "[IPv6]:port". An empty port counts as none. Returns nullopt for
// anything else: an empty host, user information, white space, a port over 65535.
std::optional<Authority> ParseAuthority(std::string_view text);

// Parses an IP address without brackets or port. Returns nullopt for a name.
std::optional<Authority> ParseAddress(std::string_view text);

// The client's network, for limits per client: an IPv4 address itself, the /64 prefix of an IPv6
// address. A host owns its whole /64, so a limit per address would not limit it. Returns `address`
// unchanged if it is not an IP address.
std::string NetworkOf(std::string_view address);

}  // namespace dcs::rest
