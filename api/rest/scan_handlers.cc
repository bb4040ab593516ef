#include "api/rest/scan_handlers.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "api/rest/query_values.h"
#include "api/rest/scan_json.h"
#include "scanner/scan_service.h"

namespace dcs::rest {
namespace {

constexpr int64_t kDefaultLimit = 10;
constexpr int64_t kMaxLimit = 1000;
// The API's integers have 32 bits.
constexpr int64_t kMaxOffset = std::numeric_limits<int32_t>::max();

std::variant<scanner::HistoryQuery, ApiError> ParseHistoryQuery(const HttpRequest& request) {
  const auto offset = QueryNumber(request, "offset", 0, kMaxOffset, 0);
  if (const auto* error = std::get_if<ApiError>(&offset)) return *error;
  const auto limit = QueryNumber(request, "limit", 1, kMaxLimit, kDefaultLimit);
  if (const auto* error = std::get_if<ApiError>(&limit)) return *error;
  scanner::HistoryQuery query{.offset = static_cast<size_t>(std::get<int64_t>(offset)),
                              .limit = static_cast<size_t>(std::get<int64_t>(limit)),
                              .status = std::nullopt};
  if (const std::optional<std::string_view> status = request.FindQuery("status")) {
    query.status = scanner::ParseScanStatus(*status);
    if (!query.status || request.CountQuery("status") > 1) {
      return ApiError{ErrorId::kInvalidParameter, "status"};
    }
  }
  return query;
}

}  // namespace

Answer CreateScan(const Call& call) {
  if (!call.instance->supports_expired_key_scan()) return ApiError{ErrorId::kScanNotSupported, {}};
  if (!call.instance->running()) return ApiError{ErrorId::kInstanceNotRunning, {}};
  scanner::ScanService& scans = *call.instance->scans;
  if (scans.full()) return ApiError{ErrorId::kInstanceJobRunning, {}};
  const scanner::ScanTask task = scans.Create(scanner::ScanType::kManual);
  return JsonSuccess(ScanTaskJson(call.instance->id(), task));
}

Answer ShowScanHistories(const Call& call) {
  if (!call.instance->supports_expired_key_scan()) return ApiError{ErrorId::kScanNotSupported, {}};
  const auto query = ParseHistoryQuery(call.request);
  if (const auto* error = std::get_if<ApiError>(&query)) return *error;
  const scanner::HistoryPage page =
      call.instance->scans->Histories(std::get<scanner::HistoryQuery>(query));
  return JsonSuccess(HistoriesJson(call.instance->id(), page));
}

}  // namespace dcs::rest
