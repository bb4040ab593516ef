#include "api/rest/errors.h"

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "api/rest/json.h"

namespace dcs::rest {
namespace {

using enum ErrorId;

constexpr size_t kMaxMessage = 1024;
// Exceeds the longest canonical request, which is made of a head of at most 16 KiB.
constexpr size_t kMaxGatewayMessage = 32 << 10;

// Sources: the API pages' error tables; the gateway's "API Request Signing Guide", Error Codes;
// IAM's API page on tokens.
constexpr std::array kTable = {
    ErrorRow{kInvalidProjectId, 400, "DCS.4002", "Invalid project ID format."},
    ErrorRow{kInvalidInstanceId, 400, "DCS.4061", "Invalid instance ID format."},
    ErrorRow{kEmptyBody, 400, "DCS.4004", "Empty request body."},
    ErrorRow{kBodyNotJson, 400, "DCS.4005",
             "The message body contains invalid characters or is not in JSON format."},
    ErrorRow{kInvalidParameter, 400, "DCS.4062", "Invalid {0} parameter in the request."},
    ErrorRow{kInvalidParameterValue, 400, "DCS.4063", "Invalid {0} parameter in the request."},
    ErrorRow{kInvalidTaskId, 400, "DCS.4070", "Invalid task ID format."},

    ErrorRow{kScanNotSupported, 400, "DCS.4818", "Do not support auto expire scan."},
    ErrorRow{
        kInvalidFirstScanAt, 400, "DCS.4819",
        "The first_scan_at parameter is invalid. Its must be ISO format utc date-time. The time "
        "must be later than the current time."},
    ErrorRow{kInvalidInterval, 400, "DCS.4820",
             "The interval parameter is invalid. must Greater than or equal to 0."},
    ErrorRow{kInvalidTimeout, 400, "DCS.4821",
             "The timeout parameter is invalid. Its must Greater than or equal to interval * 2, if "
             "interval is 0, timeout must Greater than 1 second."},
    ErrorRow{kInvalidScanKeysCount, 400, "DCS.4822",
             "The scan_keys_count parameter is invalid. Its must Greater than or equal to 10, and "
             "Less than or equal to 1000."},

    ErrorRow{kEngineNotSupported, 400, "DCS.4006",
             "The selected cache engine type is not supported."},
    ErrorRow{kInstanceTypeNotSupported, 400, "DCS.4007", "Instance type is not supported."},
    ErrorRow{kEngineVersionNotSupported, 400, "DCS.4008",
             "The selected cache engine version is not supported."},
    ErrorRow{
        kInvalidInstanceName, 400, "DCS.4010",
        "Invalid DCS instance name. The name must be 4 to 64 characters in length. Only letters "
        "(case-insensitive), digits, underscores (_) ,and hyphens (-) are allowed."},
    ErrorRow{kInstanceJobRunning, 400, "DCS.4017", "This DCS instance job task is still running."},
    ErrorRow{kWrongInstanceState, 400, "DCS.4026",
             "This operation is not allowed when the DCS instance is in the current state."},
    ErrorRow{kInstanceNotRunning, 400, "DCS.4049", "The instance status is not running."},
    ErrorRow{kInstanceNameExists, 400, "DCS.4060", "This DCS instance name already exists."},
    ErrorRow{kInvalidAction, 400, "DCS.4064",
             "The action parameter in the request must be start, stop, or restart."},
    ErrorRow{kInstancesMissing, 400, "DCS.4065",
             "The instances parameter in the request cannot be a null value or left unspecified."},
    ErrorRow{kInvalidConfigValue, 400, "DCS.4066", "Invalid value of the configure parameter {0}."},
    ErrorRow{kDescriptionTooLong, 400, "DCS.4011",
             "DCS instance description cannot exceed 1024 characters."},
    ErrorRow{kPasswordTooSimple, 400, "DCS.4019",
             "The password does not meet complexity requirements."},
    ErrorRow{kPasswordMissing, 400, "DCS.4845",
             "The password parameter is missing or its value is invalid."},
    ErrorRow{kInvalidSaveDays, 400, "DCS.4072",
             "Invalid saveDays instance backup policy parameter in the request."},
    ErrorRow{kInvalidBackupType, 400, "DCS.4073",
             "Invalid backupType instance backup policy parameter in the request."},
    ErrorRow{kInvalidPeriodType, 400, "DCS.4074",
             "Invalid periodType instance backup policy parameter in the request."},
    ErrorRow{kInvalidBackupAt, 400, "DCS.4075",
             "Invalid backupAt instance backup policy parameter in the request."},
    ErrorRow{kInvalidBeginAt, 400, "DCS.4076",
             "Invalid beginAt instance backup policy parameter in the request."},
    ErrorRow{kInvalidMaintainTime, 400, "DCS.4106", "The value of maintain time illegal."},
    ErrorRow{kSslNotSupported, 400, "DCS.4201", "Do not support SSL."},
    ErrorRow{kInstanceNotDeletable, 400, "DCS.4099",
             "DCS instances in the Creating, Starting, Stopping, or Restarting state cannot be "
             "deleted."},
    ErrorRow{kTooManyInstances, 400, "DCS.4100",
             "The number of instance IDs in an instances array cannot exceed 50."},
    ErrorRow{kInstanceRestarting, 400, "DCS.4111", "the instance is restarting."},
    ErrorRow{kInstanceCreating, 400, "DCS.4118", "the instance is creating."},
    ErrorRow{kInstanceExtending, 400, "DCS.4113", "the instance is extending."},
    ErrorRow{kInstanceConfiguring, 400, "DCS.4114", "the instance is configuring."},
    ErrorRow{kWrongTaskState, 400, "DCS.4957",
             "This operation is not allowed when the task is in the current state."},

    ErrorRow{kInvalidToken, 401, "DCS.1001", "Invalid token."},
    ErrorRow{kTokenExpired, 401, "DCS.1002", "Token expired."},
    ErrorRow{kNoToken, 401, "DCS.1003", "No token in the request."},
    ErrorRow{kProjectMismatch, 401, "DCS.1004", "Project ID does not match the token."},
    ErrorRow{kRoleForbidden, 403, "DCS.2003",
             "This role does not have the permission to perform this operation."},
    ErrorRow{kPolicyForbids, 403, "DCS.2007", "Policy does not allow {0} to be performed."},
    ErrorRow{kReadOnlyTenant, 403, "DCS.3002",
             "This tenant has read permission only and cannot perform this operation."},
    ErrorRow{kRoleForbiddenByTenant, 403, "DCS.3003",
             "This role does not have the permission to perform this operation."},

    ErrorRow{kUrlNotFound, 404, "DCS.4001", "The requested URL does not exist."},
    ErrorRow{kInstanceNotFound, 404, "DCS.3022", "This DCS instance does not exist."},
    ErrorRow{kMethodNotAllowed, 405, "DCS.5001", "This request method is not allowed."},

    ErrorRow{kInternal, 500, "DCS.5000", "Internal service error."},
    ErrorRow{kJobSubmissionFailed, 500, "DCS.5006", "Submit job failed."},

    ErrorRow{kTooBusy, 503, "SIM.0010",
             "Too many large request bodies are being received. Try again later."},
    ErrorRow{kClockNotMovable, 409, "SIM.0001",
             "The clock is the system's and cannot be moved. Start with --clock virtual."},
    ErrorRow{kClockBusy, 409, "SIM.0002",
             "The clock cannot be advanced: too many advances are under way."},
    ErrorRow{kResetFailed, 500, "SIM.0003", "The started state could not be brought back: {0}."},
    ErrorRow{kForeignOrigin, 403, "SIM.0004",
             "Pages of this origin may not use the server. --allow-origin allows an origin."},
    ErrorRow{kForeignHost, 403, "SIM.0005",
             "The server does not answer to this Host. --allow-host allows a host."},
    ErrorRow{
        kNoSimToken, 401, "SIM.0006",
        "This operation needs the simulator's token, in X-Sim-Token or Authorization: Bearer."},
    ErrorRow{kContentCoding, 415, "SIM.0011",
             "The body has a Content-Encoding. The server takes none: send the JSON as it is."},
    ErrorRow{kUnknownExpectation, 417, "SIM.0012",
             "The server cannot do what Expect asks for. It knows 100-continue."},

    ErrorRow{kGatewayBadCredentials, 401, "APIGW.0301",
             "Incorrect IAM authentication information: {0}", ErrorSource::kGateway},
    ErrorRow{kGatewayNotAuthorized, 403, "APIGW.0302",
             "The IAM user is not authorized to access the API.", ErrorSource::kGateway},
    ErrorRow{kGatewayNoSuchApi, 404, "APIGW.0101",
             "The API does not exist or has not been published in the environment.",
             ErrorSource::kGateway},
    ErrorRow{kGatewayWrongMethod, 404, "APIGW.0101", "The API does not exist.",
             ErrorSource::kGateway},
    ErrorRow{kGatewayBadRequest, 400, "APIGW.0201", "API request error.", ErrorSource::kGateway},
    ErrorRow{kGatewayTooLarge, 413, "APIGW.0201", "Request entity too large.",
             ErrorSource::kGateway},

    ErrorRow{kIamBadBody, 400, "", "The request body is invalid", ErrorSource::kIam},
    ErrorRow{kIamInvalidParameter, 400, "", "Request parameter '{0}' is invalid.",
             ErrorSource::kIam},
    ErrorRow{kIamWrongPassword, 401, "", "The username or password is wrong.", ErrorSource::kIam},
    ErrorRow{kIamLocked, 401, "", "The account is locked.", ErrorSource::kIam},
};

constexpr bool RowsFollowTheEnum() {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<size_t>(kTable[i].id) != i) return false;
  }
  return kTable.size() == static_cast<size_t>(kCount);
}
static_assert(RowsFollowTheEnum());

// error_ext_msg: the field's description says that it "is set to null", but the page's example
// omits it. Clients ignore it, so the general description decides.
Json Body(const ErrorRow& row, const ApiError& error, std::string_view request_id) {
  if (row.source == ErrorSource::kGateway) {
    return {{"error_msg", Message(error)}, {"error_code", row.code}, {"request_id", request_id}};
  }
  if (row.source == ErrorSource::kIam) {
    return {{"error",
             {{"code", row.http_status},
              {"message", Message(error)},
              {"title", row.http_status == 401 ? "Unauthorized" : "Bad Request"}}}};
  }
  return {{"error_code", row.code}, {"error_msg", Message(error)}, {"error_ext_msg", nullptr}};
}

// Drops the canonical request, which repeats signed headers such as X-Security-Token.
std::string LogNote(const ErrorRow& row, const std::string& message) {
  return absl::StrCat(absl::string_view(row.code.data(), row.code.size()),
                      row.code.empty() ? "" : " ",
                      message.substr(0, message.find("canonicalRequest:")));
}

}  // namespace

absl::Span<const ErrorRow> ErrorTable() { return kTable; }

const ErrorRow& Row(ErrorId id) { return kTable[static_cast<size_t>(id)]; }

std::string Message(const ApiError& error) {
  const std::string_view message = Row(error.id).message;
  const size_t most =
      Row(error.id).source == ErrorSource::kGateway ? kMaxGatewayMessage : kMaxMessage;
  const absl::string_view argument = absl::string_view(error.argument).substr(0, most);
  std::string text = absl::StrReplaceAll({message.data(), message.size()}, {{"{0}", argument}});
  if (text.size() > most) text.resize(most);
  return text;
}

HttpResponse ErrorResponse(const ApiError& error, std::string_view request_id) {
  const ErrorRow& row = Row(error.id);
  HttpResponse response{.status = row.http_status,
                        .headers = {{"Content-Type", std::string(kJsonContentType)}},
                        .body = Serialize(Body(row, error, request_id))};
  response.headers.Add("X-Request-Id", request_id);
  // The accepted codings (RFC 9110, 12.5.3).
  if (error.id == kContentCoding) response.headers.Add("Accept-Encoding", "identity");
  response.log_note = LogNote(row, Message(error));
  return response;
}

}  // namespace dcs::rest
