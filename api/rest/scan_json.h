// The JSON of scan tasks and histories.
//
// Source: the API pages of CreateAutoExpireScanTask and ShowExpireKeyScanInfo. started_at and
// finished_at are absent, not null, until they exist. Thread safety: free functions without state.
#pragma once

#include <string_view>

#include "api/rest/json.h"
#include "scanner/fast_sweep.h"
#include "scanner/scan_service.h"
#include "scanner/scan_task.h"

namespace dcs::rest {

// The answer of creating a scan.
Json ScanTaskJson(std::string_view instance_id, const scanner::ScanTask& task);

// The form in the histories: with `num`, the expired keys found so far.
Json ScanRecordJson(std::string_view instance_id, const scanner::ScanTask& task);

Json HistoriesJson(std::string_view instance_id, const scanner::HistoryPage& page);

// The simulator's own form, for progress bars.
Json ScanProgressJson(const scanner::ScanTask& task);

// The answer of a fast sweep.
Json FastSweepJson(const scanner::FastSweepResult& swept);

}  // namespace dcs::rest
