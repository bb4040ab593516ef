#include "tools/simulate/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/tools/simulate/sample_report.h"

namespace dcs::simulate {
namespace {

using sample::Completed;
using sample::Ideal;
using sample::NotRun;
using sample::ReportOf;
using sample::Stopped;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string LineWith(const std::string& text, const std::string& what) {
  for (const std::string& line : Lines(text)) {
    if (line.find(what) != line.npos) return line;
  }
  ADD_FAILURE() << what << " is not in\n" << text;
  return "";
}

Report Sample() {
  PolicyReport one = Completed("every hour, 10 keys a step"), two = Completed("every minute");
  two.stale_bytes.mean = 500;
  one.looked_at = 36'000;
  one.mean_delay_seconds = 1800;
  two.mean_delay_seconds = 30;
  Report report = ReportOf(Measure::kDelay, {one, two, Ideal()});
  report.conclusion = {"The answer.", "A detail."};
  return report;
}

// A policy with every figure.
PolicyReport Full(const std::string& label, double factor) {
  PolicyReport policy = Completed(label);
  policy.stale_bytes.mean *= factor;
  policy.stale_bytes.peak *= factor;
  policy.cpu_share.peak *= factor;
  policy.cpu_share.reclamation *= factor;
  policy.cpu_share.while_reclaiming = 0.05 * factor;
  policy.mean_delay_seconds = 30 * factor;
  policy.looked_at = static_cast<uint64_t>(10'000 * factor);
  policy.release_seconds = {.p50 = factor, .p90 = factor, .p99 = factor, .p100 = factor};
  policy.traffic = sample::Traffic(900 * factor, 2000 * factor);
  policy.work_seconds[Cause::kClientScan] = factor;
  policy.published = Published{.seconds = factor, .keys_per_second = {}, .cpu_share = 0.05};
  policy.goal = GoalVerdict{.met = factor < 2, .why = ""};
  return policy;
}

TEST(SummaryTest, Terminal_QuestionAndAnswerComeFirst) {
  EXPECT_THAT(TerminalSummary(Sample()),
              StartsWith("A title\nQuestion: What is it?\nAnswer: The answer.\n\n  policy "));
  EXPECT_THAT(TerminalSummary(Sample()), HasSubstr("\nA detail.\n"));
}

TEST(SummaryTest, ColumnsOfTheMeasureComeFirst) {
  EXPECT_THAT(LineWith(TerminalSummary(Sample()), "policy"),
              ContainsRegex("policy +release delay +reclaim CPU .*stale, mean"));
  Report report = Sample();
  report.measure = Measure::kStaleMemory;
  EXPECT_THAT(LineWith(TerminalSummary(report), "policy"),
              ContainsRegex("policy +stale, mean +stale, peak +reclaim CPU .*release delay"));
}

TEST(SummaryTest, RowsHaveLabels) {
  EXPECT_THAT(LineWith(TerminalSummary(Sample()), "every hour"),
              ContainsRegex("every hour, 10 keys a step +30 min +1.0 %"));
  EXPECT_THAT(ToMarkdown(Sample()), HasSubstr("\n| every hour, 10 keys a step | 30 min | 1.0 % |"));
}

TEST(SummaryTest, ColumnsWithoutFigures_AreLeftOut) {
  EXPECT_THAT(ToMarkdown(Sample()), AllOf(Not(HasSubstr("delay p99.9")), Not(HasSubstr("goal")),
                                          Not(HasSubstr("published")), HasSubstr("looked at")));
}

TEST(SummaryTest, ClientScan_LookedAtAndCostAreNotZero) {
  PolicyReport scan = Completed("SCAN");
  scan.released_keys = {};
  scan.released_keys[Cause::kClientScan] = 3600;
  scan.work_seconds[Cause::kClientScan] = 0.0125;
  scan.looked_at = 5400;
  const std::string text = ToMarkdown(ReportOf(Measure::kClientScan, {scan}));
  EXPECT_THAT(text, HasSubstr("| policy | released by SCAN | of expired | SCAN's CPU time |"));
  EXPECT_THAT(text, HasSubstr("| SCAN | 3,600 | 100.0 % | 12.5 ms |"));
  EXPECT_THAT(text, HasSubstr("| 1.5 |"));
}

TEST(SummaryTest, CpuTime_ExcludesCommands) {
  PolicyReport policy = Completed("one");
  policy.work_seconds[Cause::kCommand] = 100;
  policy.work_seconds[Cause::kNaturalDeletion] = 2;
  policy.work_seconds[Cause::kClientScan] = 1;
  EXPECT_THAT(ToMarkdown(ReportOf(Measure::kReleaseTime, {policy})), HasSubstr("| 3 s |"));
}

// 0.034 % is not "0 %", 0.3 B is not "0 B", 0.4 us is not "0 us".
TEST(SummaryTest, SmallFigures_DoNotPrintAsZero) {
  PolicyReport policy = Completed("small");
  policy.stale_bytes = {.mean = 0.3, .p99 = 0.3, .peak = 0.3, .end = 0.3};
  policy.cpu_share = {.mean = 0.00034, .reclamation = 0.00034, .peak = 0.000034};
  policy.mean_delay_seconds = 0.0004;
  policy.work_seconds[Cause::kScan] = 1e-9;
  policy.traffic = sample::Traffic(0.4, 0.4);
  policy.traffic->delay.p50_us = 0.04;
  policy.traffic->counts.misses = 1;
  policy.traffic->counts.reads = 100'000;
  policy.release_seconds = {.p50 = 0.001, .p90 = 0.001, .p99 = 0.001, .p100 = 0.001};
  for (const Measure measure : {Measure::kStaleMemory, Measure::kReleaseTime, Measure::kClients}) {
    const Report report = ReportOf(measure, {policy, Completed("other")});
    for (const std::string& text : {TerminalSummary(report), ToMarkdown(report)}) {
      EXPECT_THAT(LineWith(text, "small"), Not(ContainsRegex(" 0 (%|B|us|ms|s|KiB)")));
    }
    EXPECT_THAT(LineWith(ToMarkdown(report), "small"), HasSubstr("0.034 %"));
  }
}

TEST(SummaryTest, GoalColumn_NamesBrokenLimits) {
  PolicyReport met = Completed("met one"), missed = Completed("missed one");
  met.goal = GoalVerdict{.met = true, .why = ""};
  missed.goal = GoalVerdict{.met = false, .why = "..."};
  missed.stale_bytes.peak = 99'000;
  missed.cpu_share.peak = 0.9;
  Report report = ReportOf(Measure::kGoal, {met, missed});
  report.goal = Goal{.stale_bytes_at_most = 50'000, .cpu_share_at_most = 0.5};
  EXPECT_THAT(ToMarkdown(report), HasSubstr("| missed one | missed: stale, CPU |"));
  EXPECT_THAT(ToMarkdown(report), HasSubstr("| met one | met |"));
}

// As wide as the scenario right-interval.
TEST(SummaryTest, GoalTable_FitsIn100Columns) {
  PolicyReport missed = Full("a scan every 120 min, 1,000 keys a step", 9);
  missed.goal->met = false;
  Report report = ReportOf(Measure::kGoal, {missed, Full("on access only", 1)});
  report.goal = Goal{.stale_bytes_at_most = 50'000, .cpu_share_at_most = 0.5};
  for (const std::string& line : Lines(TerminalSummary(report))) EXPECT_LE(line.size(), 100u);
}

TEST(SummaryTest, UnfinishedPolicies_ShowStateAndDashes) {
  Report report =
      ReportOf(Measure::kStaleMemory, {Stopped("cut"), Completed("one"), NotRun("wait")});
  report.partial = true;
  EXPECT_THAT(TerminalSummary(report), StartsWith("A title (partial)\n"));
  for (const std::string& text : {TerminalSummary(report), ToMarkdown(report)}) {
    EXPECT_THAT(LineWith(text, "cut"),
                AllOf(HasSubstr("stopped after 12 min"), Not(HasSubstr("0 B"))));
    EXPECT_THAT(LineWith(text, "wait"), AllOf(HasSubstr("not run"), Not(HasSubstr("0 B"))));
    EXPECT_THAT(LineWith(text, "wait"), HasSubstr("- "));
    EXPECT_THAT(LineWith(text, "one"), HasSubstr("completed"));
  }
}

TEST(SummaryTest, NoPolicyFinished_StillHasATable) {
  const Report report = ReportOf(Measure::kGoal, {Stopped("cut"), NotRun("wait")});
  EXPECT_THAT(TerminalSummary(report), HasSubstr("stopped after 12 min"));
  EXPECT_THAT(ToMarkdown(report), HasSubstr("| wait | not run |"));
}

TEST(SummaryTest, Terminal_FitsIn100Columns) {
  const Report report =
      ReportOf(Measure::kStaleMemory,
               {Full("a scan every 120 min, 1,000 keys a step", 1), Full("na\xc3\xafve", 3)});
  const std::string text = TerminalSummary(report);
  for (const std::string& line : Lines(text)) EXPECT_LE(line.size(), 101u) << line;
  EXPECT_THAT(text, AllOf(HasSubstr("stale, peak"), HasSubstr("report.md (with --out) has more")));
  EXPECT_THAT(ToMarkdown(report), HasSubstr("delay p99.9"));
}

TEST(SummaryTest, Terminal_DropsEqualColumns) {
  Report report = Sample();
  report.policies.pop_back();
  EXPECT_THAT(TerminalSummary(report), Not(HasSubstr("stale, peak")));
  EXPECT_THAT(ToMarkdown(report), HasSubstr("stale, peak"));
}

TEST(SummaryTest, Markdown_EscapesLabelsAndTitles) {
  Report report = Sample();
  report.title = "A | title\nwith <b>lines</b>";
  report.policies[0].label = "a|b\nc";
  report.conclusion = {"Take a|b\nc: *it* is best."};
  const std::string text = ToMarkdown(report);
  EXPECT_THAT(text, StartsWith("# A \\| title with \\<b\\>lines\\</b\\>\n"));
  EXPECT_THAT(text, HasSubstr("\n| a\\|b c | 30 min |"));
  EXPECT_THAT(text, HasSubstr("Take a\\|b c: \\*it\\* is best."));
}

TEST(SummaryTest, Terminal_ControlCharacters_BecomeSpaces) {
  Report report = Sample();
  report.policies[0].label = "a\x1b[31m\nb";
  EXPECT_THAT(TerminalSummary(report), AllOf(HasSubstr("a [31m b"), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace dcs::simulate
