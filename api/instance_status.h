// What an instance is doing, in the service's words.
//
//   CREATING -> RUNNING            or CREATEFAILED, where its port cannot be listened on
//   RUNNING -> RESTARTING -> RUNNING             or ERROR, for the same reason
//   RUNNING -> FLUSHING -> RUNNING
//   RUNNING -> DELETING -> gone    (from CREATEFAILED and ERROR too)
//
// Source: the DCS user guide's table of instance statuses.
#pragma once

#include <cstdint>
#include <string_view>

namespace dcs::api {

enum class InstanceStatus : uint8_t {
  kCreating,
  kCreateFailed,
  kRunning,
  kRestarting,
  kFlushing,
  kDeleting,
  kError,
};

std::string_view ToString(InstanceStatus status);

}  // namespace dcs::api
