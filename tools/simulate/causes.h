// The causes of the simulated node's work and of releases.
//
// Thread safety: plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace dcs::simulate {

// A cause of work or of releases.
enum class Cause : uint8_t {
  kCommand,    // a client's command itself; releases nothing
  kAccess,     // a command that finds an expired key
  kOverwrite,  // a write over an expired key that the access did not release
  kNaturalDeletion,
  kScan,  // an expired key scan
  kFastSweep,
  kClientScan,  // a client's SCAN: its command and the keys it releases
  kIdeal,       // the ideal policy: costs nothing
};
inline constexpr size_t kCauses = 8;
// The names in report.json: "commands", "access", "overwrite", "natural_deletion", "scans",
// "fast_sweeps", "client_scan", "ideal".
std::string_view NameOf(Cause cause);

// One figure a cause.
template <typename T>
struct ByCause {
  std::array<T, kCauses> of{};
  T& operator[](Cause cause) { return of[static_cast<size_t>(cause)]; }
  const T& operator[](Cause cause) const { return of[static_cast<size_t>(cause)]; }
  T total() const { return std::accumulate(of.begin(), of.end(), T{}); }
};

}  // namespace dcs::simulate
