#include "api/rest/errors.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/rest/json.h"

namespace dcs::rest {
namespace {

struct Published {
  ErrorId id;
  std::string_view argument;
  int status;
  std::string_view code;
  std::string_view message;
};

using enum ErrorId;

// As printed by the API pages, with an argument filled in.
constexpr Published kPublished[] = {
    {kInvalidProjectId, "", 400, "DCS.4002", "Invalid project ID format."},
    {kInvalidInstanceId, "", 400, "DCS.4061", "Invalid instance ID format."},
    {kEmptyBody, "", 400, "DCS.4004", "Empty request body."},
    {kBodyNotJson, "", 400, "DCS.4005",
     "The message body contains invalid characters or is not in JSON format."},
    {kInvalidParameter, "limit", 400, "DCS.4062", "Invalid limit parameter in the request."},
    {kInvalidParameterValue, "x", 400, "DCS.4063", "Invalid x parameter in the request."},
    {kInvalidTaskId, "", 400, "DCS.4070", "Invalid task ID format."},
    {kScanNotSupported, "", 400, "DCS.4818", "Do not support auto expire scan."},
    {kInvalidFirstScanAt, "", 400, "DCS.4819",
     "The first_scan_at parameter is invalid. Its must be ISO format utc date-time. The time must "
     "be "
     "later than the current time."},
    {kInvalidInterval, "", 400, "DCS.4820",
     "The interval parameter is invalid. must Greater than or equal to 0."},
    {kInvalidTimeout, "", 400, "DCS.4821",
     "The timeout parameter is invalid. Its must Greater than or equal to interval * 2, if "
     "interval "
     "is 0, timeout must Greater than 1 second."},
    {kInvalidScanKeysCount, "", 400, "DCS.4822",
     "The scan_keys_count parameter is invalid. Its must Greater than or equal to 10, and Less "
     "than "
     "or equal to 1000."},
    {kEngineNotSupported, "", 400, "DCS.4006", "The selected cache engine type is not supported."},
    {kInstanceTypeNotSupported, "", 400, "DCS.4007", "Instance type is not supported."},
    {kEngineVersionNotSupported, "", 400, "DCS.4008",
     "The selected cache engine version is not supported."},
    {kInvalidInstanceName, "", 400, "DCS.4010",
     "Invalid DCS instance name. The name must be 4 to 64 characters in length. Only letters "
     "(case-insensitive), digits, underscores (_) ,and hyphens (-) are allowed."},
    {kInstanceJobRunning, "", 400, "DCS.4017", "This DCS instance job task is still running."},
    {kWrongInstanceState, "", 400, "DCS.4026",
     "This operation is not allowed when the DCS instance is in the current state."},
    {kInstanceNotRunning, "", 400, "DCS.4049", "The instance status is not running."},
    {kInstanceNameExists, "", 400, "DCS.4060", "This DCS instance name already exists."},
    {kInvalidAction, "", 400, "DCS.4064",
     "The action parameter in the request must be start, stop, or restart."},
    {kInstancesMissing, "", 400, "DCS.4065",
     "The instances parameter in the request cannot be a null value or left unspecified."},
    {kInvalidConfigValue, "timeout", 400, "DCS.4066",
     "Invalid value of the configure parameter timeout."},
    {kDescriptionTooLong, "", 400, "DCS.4011",
     "DCS instance description cannot exceed 1024 characters."},
    {kPasswordTooSimple, "", 400, "DCS.4019",
     "The password does not meet complexity requirements."},
    {kPasswordMissing, "", 400, "DCS.4845",
     "The password parameter is missing or its value is invalid."},
    {kInvalidSaveDays, "", 400, "DCS.4072",
     "Invalid saveDays instance backup policy parameter in the request."},
    {kInvalidBackupType, "", 400, "DCS.4073",
     "Invalid backupType instance backup policy parameter in the request."},
    {kInvalidPeriodType, "", 400, "DCS.4074",
     "Invalid periodType instance backup policy parameter in the request."},
    {kInvalidBackupAt, "", 400, "DCS.4075",
     "Invalid backupAt instance backup policy parameter in the request."},
    {kInvalidBeginAt, "", 400, "DCS.4076",
     "Invalid beginAt instance backup policy parameter in the request."},
    {kInvalidMaintainTime, "", 400, "DCS.4106", "The value of maintain time illegal."},
    {kSslNotSupported, "", 400, "DCS.4201", "Do not support SSL."},
    {kInstanceNotDeletable, "", 400, "DCS.4099",
     "DCS instances in the Creating, Starting, Stopping, or Restarting state cannot be deleted."},
    {kTooManyInstances, "", 400, "DCS.4100",
     "The number of instance IDs in an instances array cannot exceed 50."},
    {kInstanceRestarting, "", 400, "DCS.4111", "the instance is restarting."},
    {kInstanceCreating, "", 400, "DCS.4118", "the instance is creating."},
    {kInstanceExtending, "", 400, "DCS.4113", "the instance is extending."},
    {kInstanceConfiguring, "", 400, "DCS.4114", "the instance is configuring."},
    {kWrongTaskState, "", 400, "DCS.4957",
     "This operation is not allowed when the task is in the current state."},
    {kInvalidToken, "", 401, "DCS.1001", "Invalid token."},
    {kTokenExpired, "", 401, "DCS.1002", "Token expired."},
    {kNoToken, "", 401, "DCS.1003", "No token in the request."},
    {kProjectMismatch, "", 401, "DCS.1004", "Project ID does not match the token."},
    {kRoleForbidden, "", 403, "DCS.2003",
     "This role does not have the permission to perform this operation."},
    {kPolicyForbids, "dcs:instance:analyzeExpiredKey", 403, "DCS.2007",
     "Policy does not allow dcs:instance:analyzeExpiredKey to be performed."},
    {kReadOnlyTenant, "", 403, "DCS.3002",
     "This tenant has read permission only and cannot perform this operation."},
    {kRoleForbiddenByTenant, "", 403, "DCS.3003",
     "This role does not have the permission to perform this operation."},
    {kUrlNotFound, "", 404, "DCS.4001", "The requested URL does not exist."},
    {kInstanceNotFound, "", 404, "DCS.3022", "This DCS instance does not exist."},
    {kMethodNotAllowed, "", 405, "DCS.5001", "This request method is not allowed."},
    {kInternal, "", 500, "DCS.5000", "Internal service error."},
    {kJobSubmissionFailed, "", 500, "DCS.5006", "Submit job failed."},
    {kTooBusy, "", 503, "SIM.0010",
     "Too many large request bodies are being received. Try again later."},
    {kClockNotMovable, "", 409, "SIM.0001",
     "The clock is the system's and cannot be moved. Start with --clock virtual."},
    {kClockBusy, "", 409, "SIM.0002",
     "The clock cannot be advanced: too many advances are under way."},
    {kResetFailed, "a port is in use", 500, "SIM.0003",
     "The started state could not be brought back: a port is in use."},
    {kForeignOrigin, "", 403, "SIM.0004",
     "Pages of this origin may not use the server. --allow-origin allows an origin."},
    {kForeignHost, "", 403, "SIM.0005",
     "The server does not answer to this Host. --allow-host allows a host."},
    {kNoSimToken, "", 401, "SIM.0006",
     "This operation needs the simulator's token, in X-Sim-Token or Authorization: Bearer."},
    {kContentCoding, "", 415, "SIM.0011",
     "The body has a Content-Encoding. The server takes none: send the JSON as it is."},
    {kUnknownExpectation, "", 417, "SIM.0012",
     "The server cannot do what Expect asks for. It knows 100-continue."},
    {kGatewayBadCredentials, "decrypt token fail", 401, "APIGW.0301",
     "Incorrect IAM authentication information: decrypt token fail"},
    {kGatewayNotAuthorized, "", 403, "APIGW.0302",
     "The IAM user is not authorized to access the API."},
    {kGatewayNoSuchApi, "", 404, "APIGW.0101",
     "The API does not exist or has not been published in the environment."},
    {kGatewayWrongMethod, "", 404, "APIGW.0101", "The API does not exist."},
    {kGatewayBadRequest, "", 400, "APIGW.0201", "API request error."},
    {kGatewayTooLarge, "", 413, "APIGW.0201", "Request entity too large."},
    {kIamBadBody, "", 400, "", "The request body is invalid"},
    {kIamInvalidParameter, "user name", 400, "", "Request parameter 'user name' is invalid."},
    {kIamWrongPassword, "", 401, "", "The username or password is wrong."},
    {kIamLocked, "", 401, "", "The account is locked."},
};

TEST(Errors, EveryError_HasItsPublishedStatusCodeAndMessage) {
  ASSERT_EQ(ErrorTable().size(), std::size(kPublished));
  for (const Published& expected : kPublished) {
    const HttpResponse response =
        ErrorResponse({expected.id, std::string(expected.argument)}, "0123456789abcdef");
    EXPECT_EQ(response.status, expected.status) << expected.code;
    const Json body = Json::parse(response.body);
    if (Row(expected.id).source == ErrorSource::kIam) {
      EXPECT_EQ(body["error"]["code"], expected.status);
      EXPECT_EQ(body["error"]["message"], expected.message);
    } else {
      EXPECT_EQ(body["error_code"], expected.code);
      EXPECT_EQ(body["error_msg"], expected.message);
    }
    ASSERT_NE(response.headers.Find("X-Request-Id"), nullptr);
    EXPECT_EQ(*response.headers.Find("X-Request-Id"), "0123456789abcdef");
    EXPECT_EQ(*response.headers.Find("Content-Type"), "application/json;charset=UTF-8");
  }
}

TEST(Errors, ServiceError_HasThreeMembers) {
  EXPECT_EQ(ErrorResponse({kScanNotSupported, {}}, "1").body,
            R"({"error_code":"DCS.4818","error_msg":"Do not support auto expire scan.",)"
            R"("error_ext_msg":null})");
}

TEST(Errors, GatewayError_HasThreeMembers) {
  EXPECT_EQ(ErrorResponse({kGatewayBadRequest, {}}, "ab12").body,
            R"({"error_msg":"API request error.","error_code":"APIGW.0201","request_id":"ab12"})");
}

TEST(Errors, IamError_HasOneMember) {
  EXPECT_EQ(ErrorResponse({kIamWrongPassword, {}}, "1").body,
            R"({"error":{"code":401,"message":"The username or password is wrong.",)"
            R"("title":"Unauthorized"}})");
}

TEST(Errors, ServiceCodes_HaveAtMostNineCharacters) {
  for (const ErrorRow& row : ErrorTable()) {
    if (row.source == ErrorSource::kService) {
      EXPECT_LE(row.code.size(), 9u) << row.code;
    }
  }
}

TEST(Errors, ArgumentsOfAnyBytes_GiveValidJson) {
  const HttpResponse response = ErrorResponse({kGatewayBadCredentials, "\xff\"\n{0}"}, "1");
  EXPECT_EQ(Json::parse(response.body)["error_msg"],
            "Incorrect IAM authentication information: \xEF\xBF\xBD\"\n{0}");
}

TEST(Errors, Messages_HaveBoundedLength) {
  EXPECT_EQ(Message({kInvalidParameter, std::string(5000, 'x')}).size(), 1024u);
}

// A truncated canonical request is useless.
TEST(Errors, GatewayMessages_HoldAWholeCanonicalRequest) {
  EXPECT_GT(Message({kGatewayBadCredentials, std::string(17 << 10, 'x')}).size(), 17u << 10);
  EXPECT_EQ(Message({kGatewayBadCredentials, std::string(100'000, 'x')}).size(), 32u << 10);
}

TEST(Errors, LogNote_HasCodeAndMessageButNoSignedHeaders) {
  EXPECT_EQ(ErrorResponse({kInvalidParameter, "limit"}, "1").log_note,
            "DCS.4062 Invalid limit parameter in the request.");
  EXPECT_EQ(ErrorResponse({kIamLocked, {}}, "1").log_note, "The account is locked.");
  EXPECT_EQ(ErrorResponse({kGatewayBadCredentials,
                           "verify aksk signature fail, canonicalRequest:GET|x-security-token:t"},
                          "1")
                .log_note,
            "APIGW.0301 Incorrect IAM authentication information: verify aksk signature fail, ");
}

}  // namespace
}  // namespace dcs::rest
