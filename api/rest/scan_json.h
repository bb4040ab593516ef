// Scan tasks and histories as the API shows them.
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

// What creating a scan answers.
Json ScanTaskJson(std::string_view instance_id, const scanner::ScanTask& task);

// The histories' form of the same: with `num`, the expired keys found so far.
Json ScanRecordJson(std::string_view instance_id, const scanner::ScanTask& task);

Json HistoriesJson(std::string_view instance_id, const scanner::HistoryPage& page);

// The simulator's own view, for progress bars.
Json ScanProgressJson(const scanner::ScanTask& task);

// What a fast sweep answers.
Json FastSweepJson(const scanner::FastSweepResult& swept);

}  // namespace dcs::rest
