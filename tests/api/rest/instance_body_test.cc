#include "api/rest/instance_body.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace dcs::rest {
namespace {

// The body of the SDK's sample, including members that do not matter here.
Json Body() {
  return Json::parse(R"({
    "name": "dcs-demo", "engine": "Redis", "engine_version": "5.0", "capacity": 0.125,
    "spec_code": "redis.ha.xu1.tiny.r2.128", "az_codes": ["cn-north-4a", "cn-north-4b"],
    "vpc_id": "d9c5ab5c-0000-4000-8000-1c9ff1c1b8f8",
    "subnet_id": "2c5a1b44-0000-4000-8000-7a8f2e6b3d11",
    "security_group_id": "5c7a1b44-0000-4000-8000-7a8f2e6b3d11", "port": 6380,
    "password": "Demo@1234", "no_password_access": false, "access_user": "default",
    "description": "for tests", "enterprise_project_id": "0", "instance_num": 1,
    "maintain_begin": "22:00:00", "maintain_end": "02:00:00", "enable_ssl": false,
    "tags": [{"key": "team", "value": "cache"}, {"key": "empty"}],
    "instance_backup_policy": {"backup_type": "auto", "save_days": 3},
    "rename_commands": {"flushall": "wipe"}, "template_id": "x", "private_ip": "192.168.0.9",
    "bss_param": {"charging_mode": "postPaid", "is_auto_renew": "false"}, "surprise": [1, {}]
  })");
}

Json With(const char* name, Json value) {
  Json body = Body();
  body[name] = std::move(value);
  return body;
}

CreateRequest Parsed(const Json& body) {
  const auto request = ParseCreateRequest(body);
  if (const auto* error = std::get_if<ApiError>(&request)) {
    ADD_FAILURE() << Message(*error);
    return {};
  }
  return std::get<CreateRequest>(request);
}

std::string Refusal(const Json& body) {
  const auto request = ParseCreateRequest(body);
  const auto* error = std::get_if<ApiError>(&request);
  return error == nullptr ? "none" : std::string(Row(error->id).code) + " " + Message(*error);
}

std::string InvalidParameter(const std::string& name) {
  return "DCS.4062 Invalid " + name + " parameter in the request.";
}

TEST(CreateBody, ReadsTheSdksBody) {
  const CreateRequest request = Parsed(Body());
  const api::InstanceSpec& spec = request.spec;
  EXPECT_EQ(request.count, 1);
  EXPECT_EQ(spec.name, "dcs-demo");
  EXPECT_EQ(spec.engine_version, "5.0");
  EXPECT_EQ(spec.mode, api::CacheMode::kHa);
  EXPECT_DOUBLE_EQ(spec.capacity_gb, 0.125);
  EXPECT_EQ(spec.port, 6380);
  EXPECT_EQ(spec.password, "Demo@1234");
  EXPECT_EQ(spec.az_codes, (std::vector<std::string>{"cn-north-4a", "cn-north-4b"}));
  EXPECT_EQ(spec.vpc_id, "d9c5ab5c-0000-4000-8000-1c9ff1c1b8f8");
  EXPECT_EQ(spec.access_user, "default");
  EXPECT_EQ(spec.maintain_begin, "22:00:00");
  ASSERT_EQ(spec.tags.size(), 2u);
  EXPECT_EQ(spec.tags[0], (std::pair<std::string, std::string>{"team", "cache"}));
  EXPECT_EQ(spec.backup_policy, R"({"backup_type":"auto","save_days":3})");
  EXPECT_FALSE(spec.prepaid);
}

TEST(CreateBody, MandatoryMembersAreTheClouds) {
  for (const char* name :
       {"name", "engine", "capacity", "spec_code", "az_codes", "vpc_id", "subnet_id"}) {
    Json body = Body();
    body.erase(name);
    EXPECT_EQ(Refusal(body), InvalidParameter(name));
    EXPECT_EQ(Refusal(With(name, nullptr)), InvalidParameter(name));
  }
  for (const char* name : {"engine_version", "port", "password", "no_password_access", "tags",
                           "bss_param", "instance_num", "description", "surprise"}) {
    Json body = Body();
    body.erase(name);
    body.erase("no_password_access");
    EXPECT_EQ(Refusal(body), "none") << name;
  }
  Json body = Body();
  body.erase("engine_version");
  EXPECT_EQ(Parsed(body).spec.engine_version, "7.0");
}

TEST(CreateBody, MembersOfAnotherTypeAreNamed) {
  const std::pair<const char*, Json> cases[] = {
      {"name", 5},
      {"spec_code", Json::array()},
      {"vpc_id", true},
      {"engine", 1},
      {"engine_version", 5.0},
      {"capacity", "2"},
      {"port", "6379"},
      {"port", 0},
      {"port", 65536},
      {"port", 6379.0},
      {"instance_num", 0},
      {"instance_num", 101},
      {"password", 1234},
      {"no_password_access", "true"},
      {"az_codes", "cn-north-4a"},
      {"az_codes", Json::array()},
      {"az_codes", Json::array({1})},
      {"tags", "team"},
      {"tags", Json::array({"team"})},
      {"tags", Json::array({Json::object()})},
      {"enable_ssl", "no"},
      {"instance_backup_policy", "auto"},
      {"bss_param", "postPaid"},
      {"description", 1},
      {"password", std::string(1025, 'x')},
      {"az_codes", Json::array({std::string(1025, 'x')})},
      {"tags", Json::array({{{"key", std::string(1025, 'x')}}})},
      {"tags", Json::array({{{"key", "k"}, {"value", std::string(1025, 'x')}}})},
      {"instance_backup_policy", {{"x", std::string(1025, 'x')}}},
      {"capacity", 0},
      {"capacity", -1},
      {"capacity", 1e300},
  };
  for (const auto& [name, value] : cases) {
    EXPECT_EQ(Refusal(With(name, value)), InvalidParameter(name)) << value;
  }
}

TEST(CreateBody, Name_HasFourTo64AllowedCharacters) {
  for (const std::string& name :
       {std::string("abc"), std::string(65, 'a'), std::string("a b c d"),
        std::string("caf\u00e9-1"), std::string("a.b.c"), std::string()}) {
    EXPECT_EQ(Refusal(With("name", name)),
              "DCS.4010 Invalid DCS instance name. The name must be 4 to 64 characters in length. "
              "Only letters (case-insensitive), digits, underscores (_) ,and hyphens (-) are "
              "allowed.")
        << name;
  }
  for (const std::string& name : {std::string("a-_9"), std::string(64, 'Z')}) {
    EXPECT_EQ(Refusal(With("name", name)), "none") << name;
  }
}

TEST(CreateBody, UnsupportedEngineVersionOrType_IsRefused) {
  EXPECT_EQ(Refusal(With("engine", "Memcached")),
            "DCS.4006 The selected cache engine type is not supported.");
  EXPECT_EQ(Refusal(With("engine", "redis")), "none");
  for (const char* version : {"2.8", "8.0", "", "7"}) {
    EXPECT_EQ(Refusal(With("engine_version", version)),
              "DCS.4008 The selected cache engine version is not supported.");
  }
  for (const char* version : {"3.0", "4.0", "5.0", "6.0", "7.0"}) {
    EXPECT_EQ(Refusal(With("engine_version", version)), "none");
  }
  for (const char* spec_code :
       {"redis.cluster.xu1.large.r2.8", "redis.proxy.xu1.large.8", "redis.ha.xu1.large.p2.rw_split",
        "dcs.cluster", "redis.ha.xu1.large.enterprise.1"}) {
    EXPECT_EQ(Refusal(With("spec_code", spec_code)), "DCS.4007 Instance type is not supported.")
        << spec_code;
  }
  EXPECT_EQ(Refusal(With("spec_code", "whatever")), InvalidParameter("spec_code"));
}

TEST(CreateBody, SpecCode_DeterminesTheCacheMode) {
  for (const auto& [spec_code, mode] :
       {std::pair{"redis.single.xu1.tiny.128", api::CacheMode::kSingle},
        {"dcs.single_node", api::CacheMode::kSingle},
        {"redis.ha.xu1.large.r2.4", api::CacheMode::kHa},
        {"redis.ha.au1.large.r4.4", api::CacheMode::kHa},
        {"dcs.master_standby", api::CacheMode::kHa}}) {
    EXPECT_EQ(Parsed(With("spec_code", spec_code)).spec.mode, mode) << spec_code;
  }
}

TEST(CreateBody, Password_IsRequiredOnlyIfAccessNeedsIt) {
  Json open = With("no_password_access", true);
  EXPECT_EQ(Parsed(open).spec.password, "") << "the password is not used then";
  open.erase("password");
  EXPECT_EQ(Parsed(open).spec.password, "");
  Json asked = With("no_password_access", false);
  asked.erase("password");
  EXPECT_EQ(Refusal(asked), "DCS.4845 The password parameter is missing or its value is invalid.");
  asked["password"] = "";
  EXPECT_EQ(Refusal(asked), "DCS.4845 The password parameter is missing or its value is invalid.");
  asked.erase("password");
  asked.erase("no_password_access");
  EXPECT_EQ(Parsed(asked).spec.password, "");
}

TEST(CreateBody, PasswordsMustBeStrong) {
  for (const char* password :
       {"abc", "Demo@12", "demo1234", "DEMO@DEMO", "demodemo", "Demo 1234", "Demo\"1234",
        "D\u00e9mo@1234", "Demo@1234Demo@1234Demo@1234Demo@12"}) {
    EXPECT_EQ(Refusal(With("password", password)),
              "DCS.4019 The password does not meet complexity requirements.")
        << password;
  }
  for (const char* password :
       {"Demo@123", "Demo1234", "demo@123", "DEMO#123", "Aa`~!@#$^&*()-_=+\\|{},<.>/?",
        "Demo@1234Demo@1234Demo@1234Demo1"}) {
    EXPECT_EQ(Refusal(With("password", password)), "none") << password;
  }
}

TEST(CreateBody, MaintenanceWindowsAreFullHours) {
  const auto window = [](const Json& begin, const Json& end) {
    Json body = Body();
    body["maintain_begin"] = begin;
    body["maintain_end"] = end;
    return body;
  };
  for (const Json& hour :
       {Json("25:00"), Json("24:00:00"), Json("22:30:00"), Json("22"), Json("22:00:00Z"),
        Json("2:00:00"), Json("-1:00:00"), Json(22), Json("22:00:00\n"), Json::array()}) {
    EXPECT_EQ(Refusal(window(hour, "02:00:00")), InvalidParameter("maintain_begin")) << hour;
    EXPECT_EQ(Refusal(window("22:00:00", hour)), InvalidParameter("maintain_end")) << hour;
  }
  const std::string illegal = "DCS.4106 The value of maintain time illegal.";
  EXPECT_EQ(Refusal(window("22:00:00", nullptr)), illegal);
  EXPECT_EQ(Refusal(window("", "02:00:00")), illegal);
  EXPECT_EQ(Refusal(window("22:00:00", "22:00:00")), illegal);
  EXPECT_EQ(Refusal(window("22:00:00", "21:00:00")), illegal);
  EXPECT_EQ(Refusal(window("02:00:00", "04:00:00")), illegal);
  EXPECT_EQ(Parsed(window("22:00", "23:00")).spec.maintain_end, "23:00:00");
  EXPECT_EQ(Parsed(window("06:00:00", "10:00:00")).spec.maintain_begin, "06:00:00");
  EXPECT_EQ(Parsed(window("", "")).spec.maintain_begin, "02:00:00");
  EXPECT_EQ(Parsed(window(nullptr, nullptr)).spec.maintain_end, "06:00:00");
}

TEST(CreateBody, Ssl_NeedsRedis6OrLater) {
  for (const char* version : {"3.0", "4.0", "5.0", "6.0", "7.0"}) {
    Json body = With("enable_ssl", true);
    body["engine_version"] = version;
    EXPECT_EQ(Refusal(body),
              std::string_view(version) < "6.0" ? "DCS.4201 Do not support SSL." : "none")
        << version;
    body["enable_ssl"] = false;
    EXPECT_EQ(Refusal(body), "none") << version;
  }
}

TEST(CreateBody, LongDescription_IsRefused) {
  EXPECT_EQ(Refusal(With("description", std::string(1025, 'x'))),
            "DCS.4011 DCS instance description cannot exceed 1024 characters.");
  EXPECT_EQ(Refusal(With("description", std::string(1024, 'x'))), "none");
}

TEST(CreateBody, PortOfSeveralInstances_IsRefused) {
  Json body = With("instance_num", 2);
  EXPECT_EQ(Refusal(body), InvalidParameter("port"));
  body.erase("port");
  EXPECT_EQ(Parsed(body).count, 2);
}

TEST(CreateBody, BackupPoliciesAreChecked) {
  const auto policy = [](const char* name, Json value) {
    Json plan = {{"period_type", "weekly"}, {"begin_at", "00:00-01:00"}, {"backup_at", {1, 7}}};
    Json sent = {{"backup_type", "auto"}, {"save_days", 7}};
    (plan.contains(name) ? plan : sent)[name] = std::move(value);
    if (!sent.contains("periodical_backup_plan")) sent["periodical_backup_plan"] = plan;
    return Refusal(With("instance_backup_policy", sent));
  };
  const auto invalid = [](const std::string& code, const std::string& name) {
    return code + " Invalid " + name + " instance backup policy parameter in the request.";
  };
  EXPECT_EQ(policy("backup_type", "auto"), "none");
  EXPECT_EQ(policy("backup_type", "hourly"), invalid("DCS.4073", "backupType"));
  EXPECT_EQ(policy("save_days", 8), invalid("DCS.4072", "saveDays"));
  EXPECT_EQ(policy("save_days", "1"), invalid("DCS.4072", "saveDays"));
  EXPECT_EQ(policy("period_type", "daily"), invalid("DCS.4074", "periodType"));
  EXPECT_EQ(policy("backup_at", {0}), invalid("DCS.4075", "backupAt"));
  EXPECT_EQ(policy("backup_at", 1), invalid("DCS.4075", "backupAt"));
  for (const char* begin : {"00:00", "0:00-1:00", "00:30-01:30", "00:00-25:00", "25:00-26:00"}) {
    EXPECT_EQ(policy("begin_at", begin), invalid("DCS.4076", "beginAt")) << begin;
  }
  EXPECT_EQ(policy("begin_at", "23:00-24:00"), "none");
  EXPECT_EQ(policy("periodical_backup_plan", 1), InvalidParameter("periodical_backup_plan"));
}

TEST(CreateBody, ChargingModesAreTheClouds) {
  EXPECT_EQ(Refusal(With("bss_param", {{"charging_mode", "free"}})),
            InvalidParameter("charging_mode"));
  EXPECT_FALSE(Parsed(With("bss_param", Json::object())).spec.prepaid);
}

TEST(CreateBody, Prepaid_IsStored) {
  EXPECT_TRUE(Parsed(With("bss_param", {{"charging_mode", "prePaid"}})).spec.prepaid);
}

// ---- Actions ------------------------------------------------------------------------------------

std::string ActionRefusal(const Json& body) {
  const auto request = ParseActionRequest(body);
  const auto* error = std::get_if<ApiError>(&request);
  return error == nullptr ? "none" : std::string(Row(error->id).code) + " " + Message(*error);
}

const std::string kId = "5560df16-cebf-4473-95c4-d1b573c16e79";

TEST(ActionBody, ReadsTheThreeActions) {
  for (const auto& [name, action] : {std::pair{"restart", InstanceAction::kRestart},
                                     {"soft_restart", InstanceAction::kSoftRestart},
                                     {"flush", InstanceAction::kFlush}}) {
    const auto request = ParseActionRequest({{"instances", {kId, kId}}, {"action", name}});
    ASSERT_TRUE(std::holds_alternative<ActionRequest>(request)) << name;
    EXPECT_EQ(std::get<ActionRequest>(request).action, action);
    EXPECT_EQ(std::get<ActionRequest>(request).instances.size(), 2u);
  }
}

TEST(ActionBody, Errors_UseTheApisWords) {
  const std::string action =
      "DCS.4064 The action parameter in the request must be start, stop, or restart.";
  for (const Json& value : {Json("stop"), Json("start"), Json("RESTART"), Json(), Json(1)}) {
    EXPECT_EQ(ActionRefusal({{"instances", {kId}}, {"action", value}}), action) << value;
  }
  EXPECT_EQ(ActionRefusal({{"instances", {kId}}}), action);
  const std::string instances =
      "DCS.4065 The instances parameter in the request cannot be a null value or left unspecified.";
  for (const Json& value : {Json(), Json::array(), Json(kId), Json::object()}) {
    EXPECT_EQ(ActionRefusal({{"instances", value}, {"action", "flush"}}), instances) << value;
  }
  EXPECT_EQ(ActionRefusal({{"action", "flush"}}), instances);
  EXPECT_EQ(ActionRefusal({{"instances", Json(51, kId)}, {"action", "flush"}}),
            "DCS.4100 The number of instance IDs in an instances array cannot exceed 50.");
  EXPECT_EQ(ActionRefusal({{"instances", Json(50, kId)}, {"action", "flush"}}), "none");
  for (const Json& id : {Json("x"), Json(1), Json()}) {
    EXPECT_EQ(ActionRefusal({{"instances", Json::array({id})}, {"action", "flush"}}),
              "DCS.4061 Invalid instance ID format.");
  }
}

}  // namespace
}  // namespace dcs::rest
