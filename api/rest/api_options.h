// What the API front is told when it is made.
#pragma once

#include <string>
#include <vector>

#include "api/rest/signature.h"
#include "scanner/fast_scan.h"

namespace dcs::rest {

struct ApiOptions {
  // The one project that is simulated: 32 hex digits or a UUID.
  std::string project_id;
  // Its name, which in the cloud is the region's.
  std::string project_name = "cn-north-4";
  // The account that the project belongs to, for clients that ask IAM.
  std::string domain_id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
  std::string domain_name = "dcs-sim";

  // Off: nobody is asked who they are. The credentials and the token then do not matter.
  bool authentication = true;
  std::vector<Credential> credentials;  // whose signatures are accepted
  std::string token;                    // accepted as X-Auth-Token; empty: none is

  // What times fast sweeps.
  scanner::ScanMeter meter = {};
};

}  // namespace dcs::rest
