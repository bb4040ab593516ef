#include "api/rest/authority.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace dcs::rest {
namespace {

namespace ip = boost::asio::ip;

// The length limit of DNS names.
constexpr size_t kMaxName = 253;

// An IPv4 address mapped into IPv6 is the same host as the IPv4 address.
std::optional<ip::address> ReadAddress(std::string_view text) {
  boost::system::error_code error;
  ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ||
                  c == '_';
         });
}

// The part before the port, and the rest: "" or ":" and the port.
std::optional<std::pair<std::string_view, std::string_view>> SplitPort(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return std::pair(text.substr(0, end + 1), text.substr(end + 1));
  }
  const size_t colon = std::min(text.find(':'), text.size());
  return std::pair(text.substr(0, colon), text.substr(colon));
}

}  // namespace

std::optional<Authority> ParseAddress(std::string_view text) {
  // A zone ("%eth0") is meaningful on one machine only. A NUL would hide the text after it.
  if (text.find_first_of(std::string_view("%\0", 2)) != std::string_view::npos) return std::nullopt;
  const std::optional<ip::address> address = ReadAddress(text);
  if (!address) return std::nullopt;
  return Authority{.host = address->to_string(),
                   .kind = address->is_loopback() ? HostKind::kLoopback : HostKind::kAddress,
                   .port = std::nullopt};
}

std::optional<Authority> ParseAuthority(std::string_view text) {
  const auto parts = SplitPort(text);
  if (!parts) return std::nullopt;
  const auto [host, port] = *parts;
  std::optional<Authority> authority;
  if (host.starts_with('[')) {
    authority = ParseAddress(host.substr(1, host.size() - 2));
    // "[127.0.0.1]" is not a host.
    if (host.find(':') == std::string_view::npos) return std::nullopt;
  } else if (IsName(host)) {
    authority = ParseAddress(host);
    if (!authority) {
      authority =
          Authority{.host = absl::AsciiStrToLower(absl::string_view(host.data(), host.size())),
                    .kind = HostKind::kName,
                    .port = std::nullopt};
      if (authority->host == "localhost") authority->kind = HostKind::kLoopback;
    }
  }
  if (!authority || port.empty() || port == ":") return authority;
  uint32_t number = 0;
  const bool digits = std::all_of(port.begin() + 1, port.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  if (port.front() != ':' || !digits || port.size() > 6 ||
      !absl::SimpleAtoi(absl::string_view(port.data() + 1, port.size() - 1), &number) ||
      number > 65535) {
    return std::nullopt;
  }
  authority->port = static_cast<uint16_t>(number);
  return authority;
}

std::string NetworkOf(std::string_view address) {
  const std::optional<ip::address> parsed = ReadAddress(address);
  if (!parsed) return std::string(address);
  if (parsed->is_v4()) return parsed->to_string();
  ip::address_v6::bytes_type bytes = parsed->to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace dcs::rest
