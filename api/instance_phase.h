// The phase of an instance's life, in the service's words: what the API shows as `status`.
//
//   CREATING -> RUNNING                       or CREATEFAILED if a port cannot be listened on
//   RUNNING -> RESTARTING -> RUNNING          or ERROR for the same reason
//   RUNNING -> FLUSHING -> RUNNING
//   RUNNING -> DELETING -> removed            (also from CREATEFAILED and ERROR)
//
// instance_record.h is what is saved of an instance; the phase is not part of it.
// Source: the DCS user guide's table of instance statuses.
#pragma once

#include <cstdint>
#include <string_view>

namespace dcs::api {

enum class InstancePhase : uint8_t {
  kCreating,
  kCreateFailed,
  kRunning,
  kRestarting,
  kFlushing,
  kDeleting,
  kError,
};

// "CREATING", "CREATEFAILED", ...
std::string_view ToString(InstancePhase phase);

}  // namespace dcs::api
