// dcs-sim: the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "tools/command_line.h"
#include "tools/demo/demo.h"
#include "tools/help_text.h"
#include "tools/log.h"
#include "tools/option_checks.h"
#include "tools/serve/run_until_signal.h"
#include "tools/serve/serve_options.h"
#include "tools/serve/server.h"
#include "tools/simulate/simulate_command.h"

namespace dcs::tools {
namespace {

constexpr char kVersion[] = "dcs-sim " DCS_SIM_VERSION;

int Serve(const ServeOptions& options) {
  BlockEndSignals();
  LogToStandardError(options.log_level);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options);
  if (!server.ok()) {
    PrintError("dcs-sim: " + std::string(server.status().message()));
    return 1;
  }
  std::printf("ready http=%s resp=%s project=%s instance=%s\n",
              HostAndPort(options.bind, (*server)->http_port()).c_str(),
              HostAndPort(options.bind, (*server)->resp_port()).c_str(), options.project_id.c_str(),
              options.instance_id.c_str());
  std::fflush(stdout);
  WaitForSignal();
  return (*server)->Stop().ok() ? 0 : 1;  // Stop logs the reason
}

int Main(int argc, char** argv) {
  CLI::App app("A simulator of a cloud Redis service with expiring keys; runs offline.", "dcs-sim");
  app.require_subcommand(0, 1);  // ParseCommandLine reports a missing one
  app.formatter(std::make_shared<HelpText>());
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", kVersion, "Print the version");

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
  demo->add_flag("--once", demo_options.once, "End after the record of the scan")
      ->group("The demonstration");
  demo->add_option("--keys", demo_options.keys, "Number of keys to load")
      ->group("The demonstration")
      ->type_name("N")
      ->check(WholeNumber(1'000, 200'000'000))
      ->capture_default_str();
  AddServeOptions(*demo, demo_options.serve);

  simulate::SimulateOptions simulate_options;
  CLI::App* simulation = app.add_subcommand(
      "simulate", "Play a scenario under the virtual clock with each of its policies");
  simulate::AddSimulateOptions(*simulation, simulate_options);

  std::string helped;
  CLI::App* help = app.add_subcommand("help", "Explain a subcommand");
  help->add_option("subcommand", helped, "Which; left out: all, in short");
  CLI::App* version = app.add_subcommand("version", "Print the version");
  app.footer(
      "'dcs-sim help SUBCOMMAND' describes a subcommand.");  // set last: subcommands would inherit it

  if (const auto status = ParseCommandLine(app, argc, argv)) return *status;
  if (help->parsed()) return PrintHelp(app, helped);
  if (version->parsed()) return std::puts(kVersion) < 0 ? 1 : 0;
  if (simulation->parsed()) return simulate::RunSimulate(simulate_options);
  if (serve->parsed()) return Serve(serve_options);
  BlockEndSignals();
  LogToStandardError(demo_options.serve.log_level);
  return RunDemo(demo_options);
}

}  // namespace
}  // namespace dcs::tools

int main(int argc, char** argv) { return dcs::tools::Main(argc, argv); }
