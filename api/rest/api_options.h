// What the API front is told when it is made.
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
  // The one project that is simulated: 32 hex digits or a UUID.
  std::string project_id;
  // Its name, which in the cloud is the region's.
  std::string project_name = "cn-north-4";
  // How clients reach the API, for links in answers.
  std::string url_scheme = "http";
  // The account that the project belongs to, for clients that ask IAM.
  std::string domain_id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
  std::string domain_name = "dcs-sim";

  // Off: nobody is asked who they are, everybody may do everything.
  bool authentication = true;
  AccessList access;
  // Whether failed signatures and logins lock the key or user for a while (guess_limit.h).
  bool lock_keys = true;
  // Which Host and Origin headers are accepted.
  OriginPolicy origins = {};
  // What the simulator's own operations ask for (sim_token.h). Empty: nothing.
  std::string sim_token = {};
  // How long a token that a user fetches is good for. Source: IAM's API page.
  store::TimeMs token_lifetime_ms = 24 * 60 * 60 * 1000;

  // Whether changes can be kept over the end of the program: OK, or why not. While they cannot, no
  // operation changes anything that is kept. Empty: nothing is kept. Cheap; thread-safe.
  std::function<absl::Status()> keeping = {};
  // What POST /_sim/snapshot does; empty: nothing is kept, and there is no such operation.
  KeySaver save_keys = {};

  // What moves the clock; nullptr where nothing does.
  api::TimeControl* time_control = nullptr;
  // What signatures' times are compared with; nullptr: the simulator's clock. Outlives the API.
  const store::Clock* signing_clock = nullptr;
  // Brings the started state back and calls `done` then, once, saying whether it could. Empty where
  // nothing does.
  std::function<void(std::function<void(const absl::Status& status)> done)> reset;

  // What times fast sweeps and snapshots.
  scanner::SweepMeter meter = {};
};

}  // namespace dcs::rest
