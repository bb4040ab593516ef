// What the API front is told when it is made.
#pragma once

#include <string>

#include "api/rest/access_list.h"
#include "scanner/fast_scan.h"
#include "store/clock.h"

namespace dcs::rest {

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
  // Whether failed signatures lock their access key for a while (key_lock.h).
  bool lock_keys = true;
  // How long a token that a user fetches is good for. Source: IAM's API page.
  store::TimeMs token_lifetime_ms = 24 * 60 * 60 * 1000;

  // What times fast sweeps.
  scanner::ScanMeter meter = {};
};

}  // namespace dcs::rest
