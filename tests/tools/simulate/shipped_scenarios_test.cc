#include "tools/simulate/shipped_scenarios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tools/simulate/scenario_json.h"
#include "tools/simulate/simulate_options.h"

namespace dcs::simulate {
namespace {

using testing::HasSubstr;

TEST(ShippedScenariosTest, EqualTheFilesOfTheirDirectory) {
  std::set<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(DCS_SCENARIOS)) {
    if (file.path().extension() != ".json") continue;
    if (file.path().filename() == "scenario.schema.json") continue;
    files.insert(file.path().stem());
    const ShippedScenario* shipped = FindShipped(file.path().stem().string());
    ASSERT_NE(shipped, nullptr) << file.path() << " is not in tools/simulate/CMakeLists.txt";
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    EXPECT_EQ(shipped->text, text.str());
  }
  EXPECT_EQ(files.size(), ShippedScenarios().size());
}

TEST(ShippedScenariosTest, NamesMatchTheFilesAndAreSorted) {
  std::string last;
  for (const ShippedScenario& shipped : ShippedScenarios()) {
    const absl::StatusOr<Scenario> scenario = ParseScenario(shipped.text, {});
    ASSERT_TRUE(scenario.ok()) << shipped.name << ": " << scenario.status();
    EXPECT_EQ(scenario->name, shipped.name);
    EXPECT_LT(last, shipped.name);
    last = shipped.name;
  }
  EXPECT_EQ(FindShipped("no-such"), nullptr);
}

TEST(ShippedScenariosTest, ListAlignsTitlesAndShowsQuestions) {
  std::istringstream lines(ListOfScenarios());
  size_t column = 0;
  for (const ShippedScenario& shipped : ShippedScenarios()) {
    const Scenario scenario = *ParseScenario(shipped.text, {});
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(line.substr(0, shipped.name.size()), shipped.name);
    const size_t title = line.find(scenario.title);
    ASSERT_NE(title, std::string::npos) << line;
    if (column == 0) column = title;
    EXPECT_EQ(title, column) << line;
    if (scenario.question.empty()) continue;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(line, std::string(column, ' ') + scenario.question);
  }
}

TEST(ShippedScenariosTest, IsPath_DecidesByForm) {
  EXPECT_FALSE(IsPath("same-ttl"));
  EXPECT_TRUE(IsPath("./same-ttl"));
  EXPECT_TRUE(IsPath("same-ttl.json"));
  EXPECT_TRUE(IsPath("other"));
}

}  // namespace
}  // namespace dcs::simulate
