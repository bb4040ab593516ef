#include "api/rest/routes.h"

#include "api/rest/iam_handlers.h"
#include "api/rest/scan_handlers.h"
#include "api/rest/sim_handlers.h"

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

    // IAM, as far as SDKs and Terraform ask it on their way
    {"GET", "/v3/projects", "KeystoneListProjects", ListProjects, kRead, Auth::kRequired},
    {"GET", "/v3/auth/domains", "KeystoneListAuthDomains", ListDomains, kRead, Auth::kRequired},

    // The simulator's own
    {"GET", "/_sim/health", "SimHealth", ShowHealth, kRead, Auth::kNone},
    {"GET", "/_sim/census", "SimCensus", ShowCensus, kRead, Auth::kNone},
    {"POST", "/_sim/sweep", "SimSweep", Sweep, kWrite, Auth::kNone},
    {"GET", "/_sim/scans", "SimScan", ShowScanProgress, kRead, Auth::kNone},
};

}  // namespace

absl::Span<const Route> Routes() { return kRoutes; }

}  // namespace dcs::rest
