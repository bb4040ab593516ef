#include "api/rest/clock_handlers.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>

#include "api/rest/query_values.h"
#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

Json TimeJson(store::TimeMs now) { return {{"now", FormatTime(now)}, {"now_ms", now}}; }

Json ClockJson(const Call& call) {
  const api::TimeControl* control = call.options.time_control;
  Json clock = TimeJson(call.clock.Now());
  clock["mode"] = control != nullptr ? "virtual" : "real";
  clock["rate"] = control != nullptr ? control->rate() : 1.0;
  clock["advancing"] = control != nullptr && control->advancing();
  if (control != nullptr) clock["start"] = FormatTime(control->start());
  return clock;
}

// Maps the control's errors to the error table.
ApiError RefusalOf(const absl::Status& status, std::string parameter) {
  const bool busy = absl::IsResourceExhausted(status) || absl::IsUnavailable(status);
  if (busy) return {ErrorId::kClockBusy, {}};
  return {ErrorId::kInvalidParameter, std::move(parameter)};
}

}  // namespace

Answer ShowClock(const Call& call) { return JsonSuccess(ClockJson(call)); }

Answer AdvanceClock(const Call& call) {
  api::TimeControl* control = call.options.time_control;
  if (control == nullptr) return ApiError{ErrorId::kClockNotMovable, {}};
  const auto ms = QueryNumber(call.request, "ms", 0, api::TimeControl::kMostAdvanceMs, -1);
  if (const auto* error = std::get_if<ApiError>(&ms)) return *error;
  if (std::get<int64_t>(ms) < 0) return ApiError{ErrorId::kInvalidParameter, "ms"};
  return Awaited{[control, &clock = call.clock, ms = std::get<int64_t>(ms)](auto done) {
    const absl::Status status = control->Advance(ms, [done, &clock](bool reached) {
      Json answer = TimeJson(clock.Now());
      answer["reached"] = reached;
      done(JsonSuccess(answer));
    });
    if (!status.ok()) done(RefusalOf(status, "ms"));
  }};
}

Answer SetClockRate(const Call& call) {
  api::TimeControl* control = call.options.time_control;
  if (control == nullptr) return ApiError{ErrorId::kClockNotMovable, {}};
  const auto rate = QueryDecimal(call.request, "rate", 0, api::TimeControl::kMostRate);
  if (const auto* error = std::get_if<ApiError>(&rate)) return *error;
  const absl::Status status = control->SetRate(std::get<double>(rate));
  if (!status.ok()) return RefusalOf(status, "rate");
  return JsonSuccess(ClockJson(call));
}

}  // namespace dcs::rest
