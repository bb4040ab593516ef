#include "api/rest/autoscan_handlers.h"

#include <nlohmann/json.hpp>
#include <variant>

#include "api/rest/autoscan_json.h"
#include "api/rest/request_body.h"

namespace dcs::rest {

Answer ShowAutoscanConfig(const Call& call) {
  if (!call.instance->supports_expired_key_scan()) return ApiError{ErrorId::kScanNotSupported, {}};
  return JsonSuccess(AutoscanConfigJson(call.instance->id(), call.instance->auto_scan->config()));
}

Answer UpdateAutoscanConfig(const Call& call) {
  if (!call.instance->supports_expired_key_scan()) return ApiError{ErrorId::kScanNotSupported, {}};
  if (!call.instance->running()) return ApiError{ErrorId::kInstanceNotRunning, {}};
  const ParsedBody& body = call.body;
  if (const auto* error = std::get_if<ApiError>(&body)) return *error;
  scanner::AutoScan& automatic = *call.instance->auto_scan;
  const auto config =
      ParseAutoscanConfig(std::get<Json>(body), automatic.config(), call.clock.Now());
  if (const auto* error = std::get_if<ApiError>(&config)) return *error;
  automatic.Configure(std::get<scanner::AutoScanConfig>(config));
  return JsonSuccess(AutoscanConfigJson(call.instance->id(), automatic.config()));
}

}  // namespace dcs::rest
