// The command line of dcs-sim simulate.
//
// Thread safety: main thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/simulate/scenario_json.h"

namespace CLI {
class App;
}

namespace dcs::simulate {

struct SimulateOptions {
  std::string scenario;              // a file, or the name of a shipped scenario
  bool list = false;                 // only list the shipped scenarios
  std::vector<std::string> compare;  // compare these two reports; empty: run
  std::filesystem::path out;         // empty: no files
  int threads = 2;
  ScenarioOverrides overrides;
};

// Adds the options, in groups, and the examples at the end of the help.
void AddSimulateOptions(CLI::App& app, SimulateOptions& options);

// Whether `scenario` is the path of a file and not the name of a shipped scenario. It is a path if
// it has a path separator or ends with ".json", or if no scenario has this name.
bool IsPath(const std::string& scenario);

}  // namespace dcs::simulate
