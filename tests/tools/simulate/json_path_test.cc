#include "tools/simulate/json_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace dcs::simulate {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json Example() {
  return json::parse(
      R"({"load": [{"keys": 1}], "policies": [{"name": "a"}, {"name": "scan-10"}]})");
}

TEST(JsonPathTest, SetsByNumberAndByName) {
  json scenario = Example();
  ASSERT_TRUE(ApplySet(scenario, "load[0].keys=1000").ok());
  ASSERT_TRUE(ApplySet(scenario, "policies.scan-10.label=ten keys").ok());
  ASSERT_TRUE(ApplySet(scenario, "seed=7").ok());
  EXPECT_EQ(scenario["load"][0]["keys"], 1000);
  EXPECT_EQ(scenario["policies"][1]["label"], "ten keys");
  EXPECT_EQ(scenario["seed"], 7);
}

TEST(JsonPathTest, RefusesTextThatIsNotUtf8) {
  json scenario = Example();
  for (const char* assignment : {"title=\xff", "ti\xc3tle=x", "load[0].name=\xed\xa0\x80",
                                 "title=\"\xf5\"", "policies.a.label=\xc0\xaf"}) {
    const absl::Status status = ApplySet(scenario, assignment);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("UTF-8")) << assignment;
    EXPECT_THAT(CheckAssignment(assignment), HasSubstr("UTF-8"));
  }
  EXPECT_EQ(scenario, Example());
  EXPECT_EQ(CheckAssignment("title=\u00e9\u4e2d"), "");
}

TEST(JsonPathTest, UnknownPath_IsNamed) {
  json scenario = Example();
  for (const auto& [assignment, why] :
       {std::pair{"load[3].keys=1", "\"3\""}, std::pair{"policies.b.label=1", "\"b\""},
        std::pair{"load[0].keys.more=1", "\"more\""}, std::pair{"keys", "path=value"}}) {
    const absl::Status status = ApplySet(scenario, assignment);
    ASSERT_FALSE(status.ok()) << assignment;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
  }
  EXPECT_EQ(scenario, Example());
}

}  // namespace
}  // namespace dcs::simulate
