// The errors of the API: one table of status, code and published message.
//
//   return ApiError{ErrorId::kInvalidParameter, "limit"};
//   -> 400 {"error_code":"DCS.4062","error_msg":"Invalid limit parameter in the request.",
//           "error_ext_msg":null}
//
// The messages are the product's own, including mistakes, because scripts match them. A new error
// is one enumerator and one row in errors.cc.
// Thread safety: a constant table and free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "api/rest/http_message.h"

namespace dcs::rest {

enum class ErrorId : uint8_t {
  // Requests
  kInvalidProjectId,
  kInvalidInstanceId,
  kEmptyBody,
  kBodyNotJson,
  kInvalidParameter,       // argument: the parameter's name
  kInvalidParameterValue,  // the same message with a second code; the sources do not tell when
  kInvalidTaskId,
  // Expired key scans
  kScanNotSupported,
  kInvalidFirstScanAt,
  kInvalidInterval,
  kInvalidTimeout,
  kInvalidScanKeysCount,
  // Instances
  kEngineNotSupported,
  kInstanceTypeNotSupported,
  kEngineVersionNotSupported,
  kInvalidInstanceName,
  kInstanceJobRunning,
  kWrongInstanceState,
  kInstanceNotRunning,
  kInstanceNameExists,
  kInvalidAction,
  kInstancesMissing,
  kInvalidConfigValue,  // argument: the configuration parameter's name
  kDescriptionTooLong,
  kPasswordTooSimple,
  kPasswordMissing,
  kInvalidSaveDays,
  kInvalidBackupType,
  kInvalidPeriodType,
  kInvalidBackupAt,
  kInvalidBeginAt,
  kInvalidMaintainTime,
  kSslNotSupported,
  kInstanceNotDeletable,
  kTooManyInstances,
  kInstanceRestarting,
  kInstanceCreating,
  kInstanceExtending,
  kInstanceConfiguring,
  kWrongTaskState,
  // Authentication and roles
  kInvalidToken,
  kTokenExpired,
  kNoToken,
  kProjectMismatch,
  kRoleForbidden,
  kPolicyForbids,  // argument: the action, such as dcs:instance:analyzeExpiredKey
  kReadOnlyTenant,
  kRoleForbiddenByTenant,
  // URLs and methods
  kUrlNotFound,
  kInstanceNotFound,
  kMethodNotAllowed,
  // The service itself
  kInternal,
  kJobSubmissionFailed,
  // The simulator's own errors, for features that the cloud lacks
  kTooBusy,
  kClockNotMovable,
  kClockBusy,
  kResetFailed,
  kForeignOrigin,
  kForeignHost,
  kNoSimToken,
  kContentCoding,
  kUnknownExpectation,
  // The gateway in front of the service
  kGatewayBadCredentials,  // argument: the error in the credentials
  kGatewayNotAuthorized,
  kGatewayNoSuchApi,
  kGatewayWrongMethod,
  kGatewayBadRequest,
  kGatewayTooLarge,
  // IAM
  kIamBadBody,
  kIamInvalidParameter,  // argument: the parameter's name
  kIamWrongPassword,
  kIamLocked,
  kCount,
};

// The source of an error decides the form of its body.
enum class ErrorSource : uint8_t { kService, kGateway, kIam };

struct ErrorRow {
  ErrorId id;
  int http_status;
  std::string_view code;     // empty if the source's form has none
  std::string_view message;  // "{0}" is replaced by the argument
  ErrorSource source = ErrorSource::kService;
};

// In the order of ErrorId, one row per error.
absl::Span<const ErrorRow> ErrorTable();
const ErrorRow& Row(ErrorId id);

struct ApiError {
  ErrorId id;
  std::string argument;  // for messages with {0}
};

// The row's message with its argument. At most 1,024 characters, the limit that the API's pages
// publish; gateway messages have no published limit and are cut at 32 KiB.
std::string Message(const ApiError& error);

// The complete answer, including X-Request-Id and HttpResponse::log_note.
HttpResponse ErrorResponse(const ApiError& error, std::string_view request_id);

}  // namespace dcs::rest
