// dcs-sim: the command line.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "tools/demo.h"
#include "tools/run_until_signal.h"
#include "tools/serve_options.h"
#include "tools/server.h"
#include "tools/simulate/simulate_command.h"

namespace dcs::tools {
namespace {

void LogToStandardError(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("dcs-sim"));
  spdlog::set_level(spdlog::level::from_str(level));
}

int Serve(const ServeOptions& options) {
  BlockEndSignals();
  LogToStandardError(options.log_level);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options);
  if (!server.ok()) {
    std::fprintf(stderr, "dcs-sim: %s\n", std::string(server.status().message()).c_str());
    return 1;
  }
  std::printf("ready http=%s resp=%s project=%s instance=%s\n",
              HostAndPort(options.bind, (*server)->http_port()).c_str(),
              HostAndPort(options.bind, (*server)->resp_port()).c_str(), options.project_id.c_str(),
              options.instance_id.c_str());
  std::fflush(stdout);
  WaitForSignal();
  return (*server)->Stop().ok() ? 0 : 1;  // the log says why not
}

int Main(int argc, char** argv) {
  CLI::App app("A cloud Redis service whose keys expire, on this machine, offline.", "dcs-sim");
  app.require_subcommand(1);
  app.set_version_flag("--version", "dcs-sim " DCS_SIM_VERSION);

  ServeOptions serve_options;
  CLI::App* serve = app.add_subcommand("serve", "Serve the DCS API and Redis clients");
  AddServeOptions(*serve, serve_options);
  AddTlsOptions(*serve, serve_options);
  AddTimeOptions(*serve, serve_options);

  DemoOptions demo_options;
  demo_options.serve.http_port = 0;
  demo_options.serve.resp_port = 0;
  demo_options.serve.natural_deletion = "off";
  demo_options.serve.log_level = "warn";
  CLI::App* demo = app.add_subcommand("demo", "Show what an expired key scan does, then serve");
  demo->add_flag("--once", demo_options.once, "End after the record");
  demo->add_option("--keys", demo_options.keys, "How many to load")
      ->check(CLI::Range(1'000, 200'000'000))
      ->capture_default_str();
  AddServeOptions(*demo, demo_options.serve);

  simulate::SimulateOptions simulate_options;
  CLI::App* simulation =
      app.add_subcommand("simulate", "Play a scenario under the virtual clock, policy by policy");
  simulate::AddSimulateOptions(*simulation, simulate_options);

  CLI11_PARSE(app, argc, argv);
  if (simulation->parsed()) return simulate::RunSimulate(simulate_options);
  if (serve->parsed()) return Serve(serve_options);
  BlockEndSignals();
  LogToStandardError(demo_options.serve.log_level);
  return RunDemo(demo_options);
}

}  // namespace
}  // namespace dcs::tools

int main(int argc, char** argv) { return dcs::tools::Main(argc, argv); }
