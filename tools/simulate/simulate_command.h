// dcs-sim simulate: a scenario from its file to the reports and the terminal.
//
// Thread safety: main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "tools/simulate/scenario_json.h"

namespace dcs::simulate {

struct SimulateOptions {
  std::filesystem::path scenario;
  std::filesystem::path out;  // empty: no files
  int threads = 2;
  ScenarioOverrides overrides;
};

void AddSimulateOptions(CLI::App& app, SimulateOptions& options);

// Returns the process's exit status: 0; 1 where the scenario or a file is refused; 130 where Ctrl-C
// has ended it, with a partial report.
int RunSimulate(const SimulateOptions& options);

}  // namespace dcs::simulate
