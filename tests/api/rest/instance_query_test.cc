#include "api/rest/instance_query.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "store/time/clock.h"

namespace dcs::rest {
namespace {

class InstanceQueryTest : public ::testing::Test {
 protected:
  InstanceQueryTest() {
    instance_.spec.id = "5560df16-cebf-4473-95c4-d1b573c16e79";
    instance_.spec.name = "dcs-demo-7";
    instance_.spec.tags = {{"team", "cache"}, {"stage", "test"}};
    instance_.phase = api::InstancePhase::kRunning;
    instance_.nodes.push_back(std::make_shared<api::Node>(
        store::KeyspaceOptions{.seed = 1, .lazy_free_thread = false}, clock_));
  }
  InstanceQuery Parsed(const std::string& query) {
    const auto parsed = ParseInstanceQuery(*MakeRequest("GET", "/?" + query, {}, ""));
    EXPECT_TRUE(std::holds_alternative<InstanceQuery>(parsed)) << query;
    return std::get<InstanceQuery>(parsed);
  }
  bool Matches(const std::string& query) { return Parsed(query).Matches(instance_); }

  store::VirtualClock clock_{0};
  api::Instance instance_;
};

TEST_F(InstanceQueryTest, EmptyQuery_MatchesAllInPagesOfTen) {
  const InstanceQuery query = Parsed("");
  EXPECT_EQ(query.offset, 0u);
  EXPECT_EQ(query.limit, 10u);
  EXPECT_TRUE(query.Matches(instance_));
  EXPECT_TRUE(Matches("name=&status=&instance_id=&ip=&tags=&unknown=1"));
}

TEST_F(InstanceQueryTest, Name_MatchesPartsUnlessNameEqual) {
  EXPECT_TRUE(Matches("name=demo"));
  EXPECT_FALSE(Matches("name=Demo"));
  EXPECT_FALSE(Matches("name=demo&name_equal=true"));
  EXPECT_TRUE(Matches("name=dcs-demo-7&name_equal=true"));
  EXPECT_TRUE(Matches("name=demo&name_equal=false"));
}

TEST_F(InstanceQueryTest, OtherFilters_MatchTheWholeValue) {
  EXPECT_TRUE(Matches("instance_id=5560DF16-cebf-4473-95c4-d1b573c16e79"));
  EXPECT_FALSE(Matches("instance_id=5560df16"));
  EXPECT_TRUE(Matches("status=RUNNING"));
  EXPECT_FALSE(Matches("status=CREATING"));
  EXPECT_FALSE(Matches("status=NONSENSE"));
  EXPECT_TRUE(Matches("ip=127.0.0.1"));
  EXPECT_FALSE(Matches("ip=127.0.0"));
  EXPECT_TRUE(Matches("tags=team%3Dcache"));
  EXPECT_TRUE(Matches("tags=team=cache,stage=test"));
  EXPECT_FALSE(Matches("tags=team=cache,stage=live"));
  EXPECT_FALSE(Matches("tags=team"));
  EXPECT_FALSE(Matches("name=demo&status=ERROR")) << "all of them";
}

// Each comparison costs an instance its number of tags times the number of tags in the query.
TEST_F(InstanceQueryTest, RepeatedTag_CountsOnce) {
  std::string target = "/?tags=";
  for (int i = 0; i < 5'000; ++i) target += i % 2 == 0 ? "a," : "a=b,";
  const auto parsed = ParseInstanceQuery(*MakeRequest("GET", target, {}, ""));
  EXPECT_EQ(std::get<InstanceQuery>(parsed).tags.size(), 2u);
}

TEST_F(InstanceQueryTest, FailedInstances_AreShownOnlyOnRequest) {
  instance_.phase = api::InstancePhase::kCreateFailed;
  EXPECT_FALSE(Matches(""));
  EXPECT_FALSE(Matches("include_failure=false"));
  EXPECT_TRUE(Matches("include_failure=true"));
  EXPECT_TRUE(Matches("status=CREATEFAILED"));
}

TEST_F(InstanceQueryTest, BadValuesAreNamed) {
  for (const auto& [query, name] : {std::pair{"offset=-1", "offset"},
                                    {"offset=x", "offset"},
                                    {"limit=0", "limit"},
                                    {"limit=1001", "limit"},
                                    {"limit=5&limit=5", "limit"},
                                    {"name_equal=1", "name_equal"},
                                    {"include_failure=maybe", "include_failure"}}) {
    const auto parsed = ParseInstanceQuery(*MakeRequest("GET", std::string("/?") + query, {}, ""));
    const auto* error = std::get_if<ApiError>(&parsed);
    ASSERT_NE(error, nullptr) << query;
    EXPECT_EQ(error->id, ErrorId::kInvalidParameter);
    EXPECT_EQ(error->argument, name);
  }
}

}  // namespace
}  // namespace dcs::rest
