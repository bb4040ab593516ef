#include "api/rest/routes.h"

#include "api/rest/autoscan_handlers.h"
#include "api/rest/clock_handlers.h"
#include "api/rest/config_handlers.h"
#include "api/rest/iam_handlers.h"
#include "api/rest/instance_handlers.h"
#include "api/rest/openapi.h"
#include "api/rest/scan_handlers.h"
#include "api/rest/sim_handlers.h"
#include "api/rest/token_handlers.h"

namespace dcs::rest {
namespace {

using enum Access;

constexpr Route kRoutes[] = {
    // Expired key scans
    {"POST", "/v2/{project_id}/instances/{instance_id}/scan-expire-keys-task",
     "CreateAutoExpireScanTask", CreateScan, kWrite, Auth::kRequired},
    {"POST", "/v2/{project_id}/instances/{instance_id}/auto-expire/scan", "ScanExpireKey",
     CreateScan, kWrite, Auth::kRequired},
    {"GET", "/v2/{project_id}/instances/{instance_id}/auto-expire/histories",
     "ShowExpireKeyScanInfo", ShowScanHistories, kRead, Auth::kRequired},
    {"GET", "/v2/{project_id}/instances/{instance_id}/scan-expire-keys/autoscan-config",
     "ShowExpireAutoScanConfig", ShowAutoscanConfig, kRead, Auth::kRequired},
    {"PUT", "/v2/{project_id}/instances/{instance_id}/scan-expire-keys/autoscan-config",
     "UpdateExpireAutoScanConfig", UpdateAutoscanConfig, kWrite, Auth::kRequired, Body::kJson},

    // Instances
    {"POST", "/v2/{project_id}/instances", "CreateInstance", CreateInstance, kWrite,
     Auth::kRequired, Body::kJson},
    {"GET", "/v2/{project_id}/instances", "ListInstances", ListInstances, kRead, Auth::kRequired},
    // Must precede the next rows: "status" is not an instance.
    {"PUT", "/v2/{project_id}/instances/status", "RestartOrFlushInstances", ChangeInstances, kWrite,
     Auth::kRequired, Body::kJson},
    {"GET", "/v2/{project_id}/instances/{instance_id}", "ShowInstance", ShowInstance, kRead,
     Auth::kRequired},
    {"DELETE", "/v2/{project_id}/instances/{instance_id}", "DeleteSingleInstance", DeleteInstance,
     kWrite, Auth::kRequired},
    {"GET", "/v2/{project_id}/instance/{instance_id}/groups", "ListGroupReplicationInfo",
     ListGroups, kRead, Auth::kRequired},

    // Configuration of instances
    {"GET", "/v2/{project_id}/instances/{instance_id}/configs", "ListConfigurations",
     ListConfigurations, kRead, Auth::kRequired},
    {"PUT", "/v2/{project_id}/instances/{instance_id}/configs", "UpdateConfigurations",
     UpdateConfigurations, kWrite, Auth::kRequired, Body::kJson},

    // IAM, as far as SDKs and Terraform use it
    {"GET", "/v3/projects", "KeystoneListProjects", ListProjects, kRead, Auth::kRequired},
    {"GET", "/v3/auth/domains", "KeystoneListAuthDomains", ListDomains, kRead, Auth::kRequired},
    {"POST", "/v3/auth/tokens", "KeystoneCreateUserTokenByPassword", CreateToken, kWrite,
     Auth::kNone, Body::kJson, Keeping::kNotKept},

    // The simulator's own operations
    {"GET", "/_sim/health", "SimHealth", ShowHealth, kRead, Auth::kSimToken},
    {"GET", "/_sim/census", "SimCensus", ShowCensus, kRead, Auth::kSimToken},
    {"POST", "/_sim/sweep", "SimSweep", FastSweep, kWrite, Auth::kSimToken, Body::kIgnored,
     Keeping::kNotKept},
    // Reports itself whether it could be written.
    {"POST", "/_sim/snapshot", "SimSnapshot", SaveSnapshot, kWrite, Auth::kSimToken, Body::kIgnored,
     Keeping::kNotKept},
    {"GET", "/_sim/scans", "SimScan", ShowScanProgress, kRead, Auth::kSimToken},
    {"GET", "/_sim/clock", "SimClock", ShowClock, kRead, Auth::kSimToken},
    {"POST", "/_sim/clock/advance", "SimAdvanceClock", AdvanceClock, kWrite, Auth::kSimToken},
    {"PUT", "/_sim/clock/rate", "SimSetClockRate", SetClockRate, kWrite, Auth::kSimToken},
    {"POST", "/_sim/reset", "SimReset", Reset, kWrite, Auth::kSimToken},
    {"GET", "/_sim/openapi.json", "SimOpenApi", ShowOpenApi, kRead, Auth::kSimToken},
};

}  // namespace

absl::Span<const Route> Routes() { return kRoutes; }

}  // namespace dcs::rest
