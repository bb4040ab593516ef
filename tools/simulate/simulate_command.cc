#include "tools/simulate/simulate_command.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include "tools/log.h"
#include "tools/option_checks.h"
#include "tools/simulate/memory_estimate.h"
#include "tools/simulate/report_html.h"
#include "tools/simulate/report_json.h"
#include "tools/simulate/simulation.h"
#include "tools/simulate/summary.h"
#include "tools/terminal.h"

namespace dcs::simulate {
namespace {

constexpr int kInterrupted = 130;

// Set from a signal handler, which may touch nothing but what is lock-free.
std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void StopOnSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { stop_asked = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends the program at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int Fail(std::string_view message) {
  tools::PrintError("dcs-sim: " + std::string(message));
  return 1;
}

absl::Status WriteFile(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (out) return absl::OkStatus();
  return absl::UnavailableError("cannot write " + file.string());
}

absl::Status WriteReports(const Report& report, const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::UnavailableError("cannot make " + directory.string() + ": " + error.message());
  }
  if (absl::Status written = WriteFile(directory / "report.json", ToJson(report).dump(1) + "\n");
      !written.ok()) {
    return written;
  }
  if (absl::Status written = WriteFile(directory / "report.html", ToHtml(report)); !written.ok()) {
    return written;
  }
  return WriteFile(directory / "report.md", ToMarkdown(report));
}

}  // namespace

void AddSimulateOptions(CLI::App& app, SimulateOptions& options) {
  app.add_option("scenario", options.scenario, "The scenario file (see tools/scenarios)")
      ->required()
      ->check([](const std::string& path) {
        std::error_code error;
        return std::filesystem::is_regular_file(path, error) ? std::string()
                                                             : "there is no file " + path;
      });
  app.add_option("--seed", options.overrides.seed,
                 "Seed of all that is random, in place of the scenario's")
      ->type_name("N");
  app.add_option("--out", options.out, "Directory for report.html, report.json and report.md")
      ->type_name("DIR");
  app.add_option("--set", options.overrides.set,
                 "Change the scenario: load[0].keys=1000, policies.NAME.label=x; repeatable")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--threads", options.threads, "How many policies are played at a time")
      ->type_name("N")
      ->check(tools::WholeNumber(1, 64))
      ->capture_default_str();
}

int RunSimulate(const SimulateOptions& options) {
  std::ifstream in(options.scenario, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return Fail("cannot read " + options.scenario.string());
  const absl::StatusOr<Scenario> scenario = ParseScenario(text.str(), options.overrides);
  if (!scenario.ok()) {
    return Fail(options.scenario.string() + ": " + std::string(scenario.status().message()));
  }
  StopOnSignals();
  SimulationOptions simulation{.threads = options.threads, .stop = &stop_asked};
  // As many at a time as there is room for.
  while (simulation.threads > 1 &&
         RunBytes(*scenario) * simulation.threads > scenario->memory_limit_bytes) {
    --simulation.threads;
  }
  tools::ProgressBar bar(stderr, "simulate");
  const auto done = [&](size_t policies) {
    return std::to_string(policies) + " of " + std::to_string(scenario->policies.size()) +
           " policies";
  };
  simulation.progress = [&](double share, size_t policies) { bar.Show(share, done(policies)); };
  const absl::StatusOr<Report> report = Simulate(*scenario, simulation);
  if (!report.ok()) return Fail(std::string(report.status().message()));
  if (!report->partial) bar.Finish(done(report->policies.size()));
  std::fputs(TerminalSummary(*report).c_str(), stdout);
  if (!options.out.empty()) {
    if (absl::Status written = WriteReports(*report, options.out); !written.ok()) {
      return Fail(std::string(written.message()));
    }
  }
  return report->partial ? kInterrupted : 0;
}

}  // namespace dcs::simulate
