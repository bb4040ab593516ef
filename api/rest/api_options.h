// The options of the API front.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/node.h"
#include "api/rest/access_list.h"
#include "api/rest/origin_check.h"
#include "api/time_control.h"
#include "scanner/fast_sweep.h"
#include "store/snapshot.h"
#include "store/time/clock.h"

namespace dcs::rest {

// Saves the keys of an instance's node-th node. Called on the thread for long work.
using KeySaver = std::function<absl::StatusOr<store::SnapshotSize>(std::string_view instance_id,
                                                                   size_t number, api::Node& node)>;

struct ApiOptions {
  // The one simulated project: 32 hex digits or a UUID.
  std::string project_id;
  // The project's name, which in the cloud is the region's.
  std::string project_name = "cn-north-4";
  // The scheme of the API's URLs, for links in answers.
  std::string url_scheme = "http";
  // The account that owns the project, for clients that ask IAM.
  std::string domain_id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
  std::string domain_name = "dcs-sim";

  // Off: no authentication; every client may do everything.
  bool authentication = true;
  AccessList access;
  // Whether failed signatures and logins lock the key or user for a while (guess_limit.h).
  bool lock_keys = true;
  // Which Host and Origin headers are accepted.
  OriginPolicy origins = {};
  // The token of the simulator's own operations (sim_token.h). Empty: none required.
  std::string sim_token = {};
  // Lifetime of a token that a user fetches. Source: IAM's API page.
  store::TimeMs token_lifetime_ms = 24 * 60 * 60 * 1000;

  // Whether changes can be saved beyond the end of the program: OK, or the reason why not. If not,
  // operations refuse to change saved data. Empty: nothing is saved. Cheap; thread-safe.
  std::function<absl::Status()> keeping = {};
  // Implements POST /_sim/snapshot. Empty: nothing is saved, and the operation does not exist.
  KeySaver save_keys = {};

  // Moves the clock; nullptr if it cannot be moved.
  api::TimeControl* time_control = nullptr;
  // The clock for signature times; nullptr: the simulator's clock. Must outlive the API.
  const store::Clock* signing_clock = nullptr;
  // Restores the initial state, then calls `done` once with the result. Empty if there is no reset.
  std::function<void(std::function<void(const absl::Status& status)> done)> reset;

  // Times fast sweeps and snapshots.
  scanner::SweepMeter meter = {};
};

}  // namespace dcs::rest
