#include "bench/side_by_side/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace dcs::bench {
namespace {

using ::testing::HasSubstr;

Figure Cpu(double dcs_sim, double rival) {
  Figure figure{"Throughput", "GET: server CPU", Unit::kSeconds, Better::kLess, "CPU"};
  figure.sides = {Measured{{dcs_sim}}, Measured{{rival}}};
  return figure;
}

Figure Rate(double dcs_sim, double rival) {
  Figure figure = Cpu(dcs_sim, rival);
  figure.unit = Unit::kPerSecond;
  figure.better = Better::kMore;
  figure.noun = "throughput";
  return figure;
}

TEST(ReportTest, Values_HaveThreeDigitsAndAFittingUnit) {
  EXPECT_EQ(FormatValue(3'412'000, Unit::kPerSecond), "3.41 M/s");
  EXPECT_EQ(FormatValue(31.5e9, Unit::kPerSecond), "31.5 G/s");
  EXPECT_EQ(FormatValue(0.5, Unit::kPerSecond), "0.50 /s");
  EXPECT_EQ(FormatValue(17.24e-6, Unit::kSeconds), "17.2 us");
  EXPECT_EQ(FormatValue(1.5, Unit::kSeconds), "1.50 s");
  EXPECT_EQ(FormatValue(0, Unit::kSeconds), "0.00 ns");
  EXPECT_EQ(FormatValue(3. * 1024 * 1024, Unit::kBytes), "3.00 MiB");
  EXPECT_EQ(FormatValue(151.2, Unit::kBytesPerKey), "151 B");
  EXPECT_EQ(FormatValue(-2.5, Unit::kPercent), "-2.50 %");
}

TEST(ReportTest, Ratio_NamesItsDirection) {
  EXPECT_EQ(RatioText(Cpu(1e-6, 3e-6)), "3.00 times less CPU");
  EXPECT_EQ(RatioText(Cpu(3e-6, 2e-6)), "1.50 times more CPU (worse)");
  EXPECT_EQ(RatioText(Rate(300, 100)), "3.00 times more throughput");
  EXPECT_EQ(RatioText(Rate(80, 100)), "1.25 times less throughput (worse)");
}

TEST(ReportTest, EqualInThreeDigits_IsTheSame) {
  EXPECT_EQ(RatioText(Cpu(1.001, 1)), "the same CPU");
  EXPECT_EQ(RatioText(Rate(1, 1.001)), "the same throughput");
}

TEST(ReportTest, Ratio_UsesMedians) {
  Figure figure = Rate(0, 0);
  figure.sides = {Measured{{1000, 20, 30}}, Measured{{10, 10, 1}}};
  EXPECT_EQ(RatioText(figure), "3.00 times more throughput");
}

TEST(ReportTest, MissingValue_HasNoRatio) {
  Figure figure = Rate(1, 1);
  figure.sides[kRival].rounds.clear();
  EXPECT_EQ(RatioText(figure), "-");
  EXPECT_EQ(RatioText(Rate(5, 0)), "-");
  EXPECT_EQ(RatioText(Rate(5, -1)), "-");
}

TEST(ReportTest, UnfinishedWait_IsABound) {
  Figure figure = Cpu(0.1, 5);
  figure.sides[kRival].at_least = true;
  EXPECT_EQ(RatioText(figure), "over 50.0 times less CPU");
  figure.sides[kDcsSim].at_least = true;
  EXPECT_EQ(RatioText(figure), "-");
}

Report Example() {
  Report report;
  report.facts = {{"machine", "a fine one"}, {"keys", "1,000"}};
  report.rival = "redis-server 7.0.15";
  report.figures = {Cpu(1e-6, 2e-6), Rate(2000, 1000)};
  report.figures[1].group = "Another";
  report.figures[1].remark = "look here";
  report.figures[1].sides[kRival] = {};
  report.failures = {"memory: no server"};
  return report;
}

TEST(ReportTest, Markdown_IsOneTableAfterTheFacts) {
  EXPECT_EQ(ToMarkdown(Example()),
            "- machine: a fine one\n"
            "- keys: 1,000\n"
            "\n"
            "|  | dcs-sim | redis-server 7.0.15 | dcs-sim : redis-server 7.0.15 |  |\n"
            "| --- | ---: | ---: | --- | --- |\n"
            "| **Throughput** |  |  |  |  |\n"
            "| GET: server CPU | 1.00 us | 2.00 us | 2.00 times less CPU |  |\n"
            "| **Another** |  |  |  |  |\n"
            "| GET: server CPU | 2.00 k/s | - | - | look here |\n"
            "\n"
            "Not measured:\n"
            "- memory: no server\n");
}

TEST(ReportTest, Json_HasEveryRoundInBaseUnits) {
  const nlohmann::ordered_json json = ToJson(Example());
  EXPECT_EQ(json["facts"]["machine"], "a fine one");
  EXPECT_EQ(json["rival"], "redis-server 7.0.15");
  ASSERT_EQ(json["figures"].size(), 2u);
  const auto& cpu = json["figures"][0];
  EXPECT_EQ(cpu["unit"], "seconds");
  EXPECT_EQ(cpu["better"], "less");
  EXPECT_EQ(cpu["dcs_sim"]["median"], 1e-6);
  EXPECT_EQ(cpu["dcs_sim"]["rounds"], nlohmann::json({1e-6}));
  EXPECT_EQ(cpu["ratio"], 0.5);
  EXPECT_EQ(cpu["ratio_text"], "2.00 times less CPU");
  const auto& rate = json["figures"][1];
  EXPECT_TRUE(rate["rival"]["median"].is_null());
  EXPECT_TRUE(rate["ratio"].is_null());
  EXPECT_EQ(rate["remark"], "look here");
  EXPECT_EQ(json["failures"], nlohmann::json({"memory: no server"}));
  EXPECT_THAT(json.dump(), HasSubstr("per second"));
}

}  // namespace
}  // namespace dcs::bench
