#include "api/instance_config.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace dcs::api {
namespace {

InstanceSpec Spec(const std::string& version, CacheMode mode = CacheMode::kHa) {
  InstanceSpec spec;
  spec.engine_version = version;
  spec.mode = mode;
  return spec;
}

const ConfigParameter& Parameter(std::string_view name) {
  return *FindConfigParameter(name, Spec("7.0"));
}

TEST(InstanceConfig, NoTwoParametersShareAnIdOrAName) {
  std::set<std::string_view> ids, names;
  for (const ConfigParameter& parameter : ConfigParameters()) {
    EXPECT_TRUE(ids.insert(parameter.id).second) << parameter.id;
    EXPECT_TRUE(names.insert(parameter.name).second) << parameter.name;
  }
}

TEST(InstanceConfig, EveryDefaultIsInItsRange) {
  for (const ConfigParameter& parameter : ConfigParameters()) {
    EXPECT_TRUE(parameter.Accepts(parameter.default_value)) << parameter.name;
    EXPECT_FALSE(parameter.description.empty()) << parameter.name;
  }
}

TEST(InstanceConfig, IntegersAreDecimalAndWithinTheirRange) {
  const ConfigParameter& timeout = Parameter("timeout");
  for (const char* value : {"0", "7", "7200"}) EXPECT_TRUE(timeout.Accepts(value)) << value;
  for (const char* value :
       {"", "-1", "7201", "+5", " 5", "5 ", "5.0", "0x5", "05", "five", "99999999999999999999"}) {
    EXPECT_FALSE(timeout.Accepts(value)) << value;
  }
  EXPECT_TRUE(Parameter("active-expire-num").Accepts("1000"));
  EXPECT_FALSE(Parameter("active-expire-num").Accepts("1001"));
  EXPECT_FALSE(Parameter("active-expire-num").Accepts("0"));
}

TEST(InstanceConfig, EnumsAreOneOfTheirWords) {
  EXPECT_TRUE(Parameter("lazyfree-lazy-expire").Accepts("yes"));
  EXPECT_TRUE(Parameter("maxmemory-policy").Accepts("allkeys-lfu"));
  for (const char* value : {"", "YES", "yes,no", "true", "y"}) {
    EXPECT_FALSE(Parameter("lazyfree-lazy-expire").Accepts(value)) << value;
  }
}

TEST(InstanceConfig, KeyspaceEventsMatchThePublishedExpression) {
  const ConfigParameter& events = Parameter("notify-keyspace-events");
  for (const char* value : {"", "Ex", "KEA", "Kg$", "KExE$"}) {
    EXPECT_TRUE(events.Accepts(value)) << value;
  }
  for (const char* value : {"x", "K", "A", "Exq", "yes"})
    EXPECT_FALSE(events.Accepts(value)) << value;
  EXPECT_FALSE(events.Accepts(std::string(100'000, 'K')));
}

TEST(InstanceConfig, ParametersAreForTheVersionsAndModesThatHaveThem) {
  EXPECT_EQ(FindConfigParameter("active-expire-num", Spec("3.0")), nullptr);
  EXPECT_NE(FindConfigParameter("active-expire-num", Spec("4.0")), nullptr);
  EXPECT_EQ(FindConfigParameter("active-expire-effort", Spec("5.0")), nullptr);
  EXPECT_NE(FindConfigParameter("active-expire-effort", Spec("6.0")), nullptr);
  EXPECT_NE(FindConfigParameter("appendonly", Spec("7.0", CacheMode::kHa)), nullptr);
  EXPECT_EQ(FindConfigParameter("appendonly", Spec("7.0", CacheMode::kSingle)), nullptr);
  EXPECT_EQ(FindConfigParameter("no-such", Spec("7.0")), nullptr);
}

TEST(InstanceConfig, TheRedisProcessGetsAllItsParametersAndTheCapacity) {
  InstanceSpec spec = Spec("7.0");
  spec.capacity_gb = 0.125;
  InstanceConfig config;
  config.values["hz"] = "50";
  const RedisParameters list = RedisParametersOf(spec, config);
  const std::map<std::string, std::string> parameters(list.begin(), list.end());
  EXPECT_EQ(parameters.size(), list.size()) << "none twice";
  EXPECT_EQ(parameters.at("maxmemory"), "134217728");
  EXPECT_EQ(parameters.at("hz"), "50");
  EXPECT_EQ(parameters.at("active-expire-num"), "20");
  EXPECT_FALSE(parameters.contains("appendonly"));
}

}  // namespace
}  // namespace dcs::api
