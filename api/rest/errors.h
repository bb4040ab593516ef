// Every error that the API can answer with: one table of status, code and published message.
//
//   return ApiError{ErrorId::kInvalidParameter, "limit"};
//   -> 400 {"error_code":"DCS.4062","error_msg":"Invalid limit parameter in the request.",
//           "error_ext_msg":null}
//
// The messages are the product's own, mistakes included: scripts match on them. A new error is one
// enumerator and one row in errors.cc. Thread safety: a constant table and free functions.
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
  kInvalidParameterValue,  // the same message under a second code; the sources do not say when
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
  // Who asks
  kInvalidToken,
  kTokenExpired,
  kNoToken,
  kProjectMismatch,
  kRoleForbidden,
  kPolicyForbids,  // argument: the action, such as dcs:instance:analyzeExpiredKey
  kReadOnlyTenant,
  kRoleForbiddenByTenant,
  // Where
  kUrlNotFound,
  kInstanceNotFound,
  kMethodNotAllowed,
  // The service itself
  kInternal,
  kJobSubmissionFailed,
  // The simulator itself, for what the cloud does not have
  kTooBusy,
  kClockNotMovable,
  kClockBusy,
  kResetFailed,
  kForeignOrigin,
  kForeignHost,
  kNoSimToken,
  kContentCoding,
  kUnknownExpectation,
  // The gateway before the service
  kGatewayBadCredentials,  // argument: what was wrong with them
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

// Who answers decides the form of the body.
enum class ErrorSource : uint8_t { kService, kGateway, kIam };

struct ErrorRow {
  ErrorId id;
  int http_status;
  std::string_view code;     // empty where the source's form has none
  std::string_view message;  // "{0}" stands for the argument
  ErrorSource source = ErrorSource::kService;
};

// In the order of ErrorId, one row each.
absl::Span<const ErrorRow> ErrorTable();
const ErrorRow& Row(ErrorId id);

struct ApiError {
  ErrorId id;
  std::string argument;  // for messages with {0}
};

// The row's message with the argument filled in. At most 1,024 characters, the limit that the API's
// pages publish; the gateway publishes none, and its messages have at most 32 KiB.
std::string Message(const ApiError& error);

// The whole answer, X-Request-Id and HttpResponse::log_note included.
HttpResponse ErrorResponse(const ApiError& error, std::string_view request_id);

}  // namespace dcs::rest
