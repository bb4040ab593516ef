#include "tools/simulate/simulate_options.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <system_error>

#include "tools/option_checks.h"
#include "tools/simulate/json_path.h"
#include "tools/simulate/shipped_scenarios.h"

namespace dcs::simulate {
namespace {

constexpr const char* kWhat = "What to do";
constexpr const char* kChanges = "Changes to the scenario";
constexpr const char* kRun = "The run";
constexpr const char* kResults = "Results";

constexpr const char* kExamples =
    "Examples:\n"
    "  dcs-sim simulate --list\n"
    "  dcs-sim simulate big-hashes --out before\n"
    "  dcs-sim simulate big-hashes --set load.carts.keys=1000 --seed 7 --out after\n"
    "  dcs-sim simulate --compare before after\n"
    "\n"
    "Exit status: 0; 1 if the scenario or a file is invalid; 2 for a usage error;\n"
    "130 if Ctrl-C stopped the run, which leaves a partial report.\n"
    "tools/scenarios/scenario.schema.json describes scenario files.";

// Empty if the scenario can be run; otherwise the error.
std::string CheckScenarioName(const std::string& given) {
  if (given.empty()) return "a scenario's name or file must not be empty";
  if (!IsPath(given)) return "";
  std::error_code error;
  if (std::filesystem::is_directory(given, error)) return given + " is a directory";
  if (std::filesystem::exists(given, error)) return "";
  const bool file = given.find('/') != std::string::npos || given.ends_with(".json");
  return (file ? "there is no file " : "there is no file or shipped scenario ") + given +
         "; shipped scenarios are " + ShippedNames();
}

std::string CheckReportFile(const std::string& given) {
  std::error_code error;
  return std::filesystem::exists(given, error) ? "" : "there is no file " + given;
}

std::string CheckOut(const std::string& given) {
  return given.empty() ? "the directory must not be empty" : "";
}

void AddWhat(CLI::App& app, SimulateOptions& options) {
  CLI::Option* scenario =
      app.add_option("scenario", options.scenario,
                     "The name of a shipped scenario (see --list), or a scenario file")
          ->type_name("SCENARIO")
          ->check(CLI::Validator(CheckScenarioName, ""));
  CLI::Option* list =
      app.add_flag("--list", options.list, "List the shipped scenarios and run nothing")
          ->group(kWhat)
          ->excludes(scenario);
  app.add_option("--compare", options.compare,
                 "Compare two reports and run nothing: two report.json files, or two directories "
                 "that --out wrote")
      ->group(kWhat)
      ->type_name("A B")
      ->expected(2)
      ->check(CLI::Validator(CheckReportFile, ""))
      ->excludes(scenario)
      ->excludes(list);
}

void AddChanges(CLI::App& app, SimulateOptions& options) {
  constexpr uint64_t kLargest = std::numeric_limits<uint64_t>::max();
  app.add_option_function<std::string>(
         "--seed",
         [&options](const std::string& text) {
           options.overrides.seed = tools::ToWholeNumber(text);
         },
         "Seed of all random draws; default: the scenario's")
      ->group(kChanges)
      ->type_name("N")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return tools::ToWholeNumber(text) ? std::string()
                                              : "'" + text + "' is not a whole number from 0 to " +
                                                    std::to_string(kLargest);
          },
          ""));
  app.add_option("--set", options.overrides.set,
                 "Change one value: load.expiring.keys=1000 or policies[0].label=x; a list element "
                 "is given by its name or number; repeatable")
      ->group(kChanges)
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->check(CLI::Validator(CheckAssignment, ""))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void AddRunAndResults(CLI::App& app, SimulateOptions& options) {
  app.add_option("--threads", options.threads,
                 "Policies run in parallel; fewer if memory_limit_mib has no room for them")
      ->group(kRun)
      ->type_name("N")
      ->check(tools::WholeNumber(1, 64))
      ->capture_default_str();
  app.add_option("--out", options.out,
                 "Directory for report.html, report.json, report.md, report.csv and timeline.csv; "
                 "with --compare, for compare.md and compare.csv; made if it is not there")
      ->group(kResults)
      ->type_name("DIR")
      ->check(CLI::Validator(CheckOut, ""));
}

}  // namespace

bool IsPath(const std::string& scenario) {
  return scenario.find('/') != std::string::npos || scenario.ends_with(".json") ||
         FindShipped(scenario) == nullptr;
}

void AddSimulateOptions(CLI::App& app, SimulateOptions& options) {
  AddWhat(app, options);
  AddChanges(app, options);
  AddRunAndResults(app, options);
  app.footer(kExamples);
  app.parse_complete_callback([&app, &options] {
    const bool runs = !options.list && options.compare.empty();
    if (runs && options.scenario.empty()) {
      throw CLI::ValidationError(
          "a scenario is required, or --list or --compare; shipped scenarios are " +
          ShippedNames());
    }
    if (runs) return;
    for (const char* option : {"--seed", "--set", "--threads"}) {
      if (app.count(option) > 0) {
        throw CLI::ValidationError(option, "applies only when a scenario runs");
      }
    }
    if (options.list && app.count("--out") > 0) {
      throw CLI::ValidationError("--out", "cannot be combined with --list");
    }
  });
}

}  // namespace dcs::simulate
