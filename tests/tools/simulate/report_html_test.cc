#include "tools/simulate/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>

#include "tools/simulate/report_json.h"
#include "tools/simulate/report_page.h"

namespace dcs::simulate {
namespace {

constexpr std::string_view kHostile =
    "</script><script>alert(1)</script> <!-- {{report.css}} \\u003c \"quoted\" ü";
constexpr std::string_view kOpen = R"(<script type="application/json" id="report">)";

Report HostileReport() {
  Report report;
  report.scenario = "hostile";
  report.title = kHostile;
  report.description = kHostile;
  report.conclusion = {std::string(kHostile)};
  report.load = {{.name = std::string(kHostile), .type = "string", .keys = 3}};
  PolicyReport& policy = report.policies.emplace_back();
  policy.name = "one";
  policy.label = kHostile;
  policy.timeline = {.t_ms = {0, 10},
                     .keys = {3, 2},
                     .stale_keys = {1, 0},
                     .stale_bytes = {64, 0},
                     .used_bytes = {192, 128},
                     .held_bytes = {256, 192},
                     .released = {0, 1},
                     .cpu_share = {0, 0.25}};
  return report;
}

std::string EmbeddedJson(const std::string& html) {
  const size_t begin = html.find(kOpen) + kOpen.size();
  return html.substr(begin, html.find("</script>", begin) - begin);
}

size_t CountOf(std::string_view what, std::string_view text) {
  size_t count = 0;
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(ReportHtml, HoldsTheContentOfReportJson) {
  const Report report = HostileReport();
  const std::string html = ToHtml(report);
  ASSERT_EQ(CountOf(kOpen, html), 1u);
  EXPECT_EQ(nlohmann::ordered_json::parse(EmbeddedJson(html)), ToJson(report));
}

TEST(ReportHtml, TextsAddNoElementAndNoComment) {
  const std::string hostile = ToHtml(HostileReport());
  const std::string harmless = ToHtml(Report{});
  for (const std::string_view tag : {"<script", "</script", "<style", "</style", "<!--"}) {
    EXPECT_EQ(CountOf(tag, hostile), CountOf(tag, harmless)) << tag;
  }
  EXPECT_THAT(EmbeddedJson(hostile), testing::Not(testing::HasSubstr("<")));
}

TEST(ReportHtml, BracesInTexts_AreKept) {
  EXPECT_THAT(ToHtml(HostileReport()), testing::HasSubstr("{{report.css}}"));
  EXPECT_THAT(ToHtml(Report{}), testing::Not(testing::HasSubstr("{{")));
}

TEST(ReportHtml, LoadsNoOtherFiles) {
  const std::string html = ToHtml(Report{});
  const std::regex load(R"re((src|href)\s*=(?!"data:)|url\(|@import|\bfetch\(|\bimport\()re");
  std::smatch found;
  EXPECT_FALSE(std::regex_search(html, found, load)) << found.str();
  EXPECT_THAT(html, testing::HasSubstr("default-src 'none'"));
}

// A part that contained the end of its element would spill its rest onto the page.
TEST(ReportHtml, EveryPartKeepsItsElement) {
  const std::string html = ToHtml(Report{});
  EXPECT_TRUE(html.starts_with("<!doctype html>"));
  EXPECT_TRUE(html.ends_with("</html>\n"));
  EXPECT_EQ(CountOf("<script", html), CountOf("</script>", html));
  EXPECT_EQ(CountOf("<style", html), CountOf("</style>", html));
}

TEST(ReportHtml, PartsEqualTheirFiles) {
  for (const std::string_view part : {"report.html", "plots.js", "vendor/uPlot.iife.min.js"}) {
    std::ifstream in(std::string(DCS_REPORT_PAGE) + "/" + std::string(part), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    ASSERT_TRUE(in) << part;
    EXPECT_TRUE(PagePart(part) == text.view()) << part;
  }
}

}  // namespace
}  // namespace dcs::simulate
