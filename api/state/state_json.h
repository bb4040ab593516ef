// The state as JSON: one table of the saved properties of an instance, and the other members of the
// state.
//
//   {"clock":{...},"removed":[{...}, ...],"instances":[{...}, ...]}
//
// To save another property of an instance, add a member to api::InstanceRecord and a row to the
// table in state_json.cc. Thread safety: free functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/clock_state.h"
#include "api/instance_record.h"

namespace dcs::state {

// A removed instance whose files may still exist; they are superseded.
struct RemovedInstance {
  std::string id;
  uint64_t generation = 0;
  size_t nodes = 1;
};

struct SavedState {
  std::optional<api::ClockState> clock;  // nullopt: version 1, or nothing was saved
  std::vector<RemovedInstance> removed;
  std::vector<api::InstanceRecord> instances;
};

// One line of JSON. Bytes that are not UTF-8 become U+FFFD.
std::string InstanceRecordToJson(const api::InstanceRecord& record);

// The whole text; `instances` are results of InstanceRecordToJson.
std::string StateToJson(const api::ClockState& clock, const std::vector<RemovedInstance>& removed,
                        const std::vector<std::shared_ptr<const std::string>>& instances);

// Reads version 1 (an array of instances) and version 2. Errors: kDataLoss, with the value found
// and what was expected.
absl::StatusOr<SavedState> StateFromJson(std::string_view json, int version);

}  // namespace dcs::state
