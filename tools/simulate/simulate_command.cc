#include "tools/simulate/simulate_command.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "tools/log.h"
#include "tools/simulate/compare.h"
#include "tools/simulate/memory_estimate.h"
#include "tools/simulate/read_file.h"
#include "tools/simulate/report_csv.h"
#include "tools/simulate/report_files.h"
#include "tools/simulate/report_html.h"
#include "tools/simulate/report_json.h"
#include "tools/simulate/shipped_scenarios.h"
#include "tools/simulate/simulation.h"
#include "tools/simulate/summary.h"
#include "tools/terminal.h"

namespace dcs::simulate {
namespace {

constexpr int kInterrupted = 130;
// The largest shipped scenario has 5 KiB; a report has up to about 50 bytes per figure.
constexpr size_t kMostScenarioBytes = size_t{16} << 20;
constexpr size_t kMostReportBytes = size_t{1} << 30;

// Set from a signal handler, which may only touch lock-free objects.
std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void StopOnSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { stop_asked = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second signal ends the program at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int Fail(std::string_view message) {
  tools::PrintError("dcs-sim: " + std::string(message));
  return 1;
}
int Fail(const absl::Status& status) {
  return Fail(std::string_view(status.message().data(), status.message().size()));
}

absl::StatusOr<Scenario> LoadScenario(const SimulateOptions& options) {
  std::string text;
  if (IsPath(options.scenario)) {
    absl::StatusOr<std::string> read = ReadFile(options.scenario, kMostScenarioBytes);
    if (!read.ok()) return read.status();
    text = *std::move(read);
  } else {
    text = FindShipped(options.scenario)->text;
  }
  absl::StatusOr<Scenario> scenario = ParseScenario(text, options.overrides);
  if (scenario.ok()) return scenario;
  return absl::InvalidArgumentError(options.scenario + ": " +
                                    std::string(scenario.status().message()));
}

absl::Status WriteReports(const Report& report, ReportFiles& files) {
  const std::pair<const char*, std::string> texts[] = {
      {"report.json", ToJson(report).dump(1) + "\n"},
      {"report.html", ToHtml(report)},
      {"report.md", ToMarkdown(report)},
      {"report.csv", PoliciesCsv(report)},
      {"timeline.csv", TimelineCsv(report)},
  };
  for (const auto& [name, text] : texts) {
    if (absl::Status written = files.Write(name, text); !written.ok()) return written;
  }
  return files.Commit();
}

// Number of policies run at a time: `asked`, or fewer if memory_limit_mib has no room for them.
int ThreadsFor(const Scenario& scenario, int asked) {
  int threads = asked;
  while (threads > 1 && RunBytes(scenario) * threads > scenario.memory_limit_bytes) --threads;
  return threads;
}

absl::StatusOr<Report> SimulateWithProgress(const Scenario& scenario, int threads) {
  tools::ProgressBar bar(stderr, "simulate");
  const auto done = [&](size_t policies) {
    return std::to_string(policies) + " of " + std::to_string(scenario.policies.size()) +
           " policies";
  };
  absl::StatusOr<Report> report = Simulate(
      scenario,
      {.threads = ThreadsFor(scenario, threads),
       .stop = &stop_asked,
       .progress = [&](double share, size_t policies) { bar.Show(share, done(policies)); }});
  if (report.ok() && !report->partial) bar.Finish(done(report->policies.size()));
  return report;
}

int Run(const SimulateOptions& options) {
  const absl::StatusOr<Scenario> scenario = LoadScenario(options);
  if (!scenario.ok()) return Fail(scenario.status());
  std::optional<ReportFiles> files;
  if (!options.out.empty()) {
    absl::StatusOr<ReportFiles> prepared = ReportFiles::Prepare(
        options.out, {"report.json", "report.html", "report.md", "report.csv", "timeline.csv"});
    if (!prepared.ok()) return Fail(prepared.status());
    files.emplace(*std::move(prepared));
  }
  StopOnSignals();
  const absl::StatusOr<Report> report = SimulateWithProgress(*scenario, options.threads);
  if (!report.ok()) return Fail(report.status());
  std::fputs(TerminalSummary(*report).c_str(), stdout);
  if (files) {
    if (absl::Status written = WriteReports(*report, *files); !written.ok()) return Fail(written);
  }
  return report->partial ? kInterrupted : 0;
}

absl::StatusOr<nlohmann::json> ReadReport(std::filesystem::path file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) file /= "report.json";
  absl::StatusOr<std::string> text = ReadFile(file, kMostReportBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<nlohmann::json> report = ParseReport(*text);
  if (report.ok()) return report;
  return absl::InvalidArgumentError(file.string() + ": " + std::string(report.status().message()));
}

int RunCompare(const SimulateOptions& options) {
  const absl::StatusOr<nlohmann::json> a = ReadReport(options.compare[0]);
  if (!a.ok()) return Fail(a.status());
  const absl::StatusOr<nlohmann::json> b = ReadReport(options.compare[1]);
  if (!b.ok()) return Fail(b.status());
  const Comparison comparison = Compare(*a, options.compare[0], *b, options.compare[1]);
  std::fputs(ToText(comparison).c_str(), stdout);
  if (options.out.empty()) return 0;
  absl::StatusOr<ReportFiles> files =
      ReportFiles::Prepare(options.out, {"compare.md", "compare.csv"});
  absl::Status status = files.status();
  if (status.ok()) status = files->Write("compare.md", ToMarkdown(comparison));
  if (status.ok()) status = files->Write("compare.csv", ToCsv(comparison));
  if (status.ok()) status = files->Commit();
  return status.ok() ? 0 : Fail(status);
}

}  // namespace

int RunSimulate(const SimulateOptions& options) {
  if (options.list) return std::fputs(ListOfScenarios().c_str(), stdout) < 0 ? 1 : 0;
  return options.compare.empty() ? Run(options) : RunCompare(options);
}

}  // namespace dcs::simulate
