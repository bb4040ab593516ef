// The request bodies that create instances and change their state.
//
// Source: the API pages of CreateInstance and RestartOrFlushInstances.
// Thread safety: free functions without state.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "api/instance_spec.h"
#include "api/rest/errors.h"
#include "api/rest/json.h"

namespace dcs::rest {

struct CreateRequest {
  api::InstanceSpec spec;  // without ID, project and time
  int count = 1;           // instance_num
};

// name, engine, capacity, spec_code, az_codes, vpc_id and subnet_id are mandatory, as in the cloud.
// Without password, or with no_password_access true, Redis clients need no password. Unknown
// members are ignored.
//
// Errors: DCS.4062 for a member that is missing, has the wrong type or is out of range, and for a
// port of several instances; DCS.4010 for the name; DCS.4011 for the description; DCS.4006 for an
// engine other than Redis; DCS.4008 for its version; DCS.4007 for a spec_code of a cluster or an
// edition that is not simulated; DCS.4019 for a password that is too simple; DCS.4845 if a required
// password is missing; DCS.4106 for a maintenance window; DCS.4201 for enable_ssl before Redis 6.0;
// DCS.4072 to 4076 for the backup policy.
std::variant<CreateRequest, ApiError> ParseCreateRequest(const Json& body);

enum class InstanceAction { kRestart, kSoftRestart, kFlush };

struct ActionRequest {
  std::vector<std::string> instances;
  InstanceAction action = InstanceAction::kRestart;
};

// Errors: DCS.4064 for the action, DCS.4065 without instances, DCS.4100 for more than 50, DCS.4061
// for an invalid ID.
std::variant<ActionRequest, ApiError> ParseActionRequest(const Json& body);

}  // namespace dcs::rest
