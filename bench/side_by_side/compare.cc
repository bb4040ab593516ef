// dcs-compare: dcs-sim beside another Redis server, in one table. See --help.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/side_by_side/comparison.h"
#include "bench/side_by_side/machine.h"
#include "bench/side_by_side/outside_load.h"
#include "tools/terminal.h"

namespace dcs::bench {
namespace {

struct Options {
  Settings settings;
  bool quick = false;
  std::string dcs_sim;
  std::string rival = "redis-server";
  std::vector<std::string> only;
  std::string json;
  std::vector<int> server_processors;
  int client_processor = -1;
};

struct Part {
  const char* name;
  absl::Status (*compare)(Comparison&);
};
constexpr Part kParts[] = {
    {"throughput", &CompareThroughput}, {"memory", &CompareMemory},
    {"sweep", &CompareSweeps},          {"latency", &CompareLatency},
    {"large-hash", &CompareLargeHash},
};

std::vector<std::string> PartNames() {
  std::vector<std::string> names;
  for (const Part& part : kParts) names.emplace_back(part.name);
  return names;
}

// Takes less than two minutes in total.
constexpr Settings kQuick = {.keys = 300'000,
                             .rounds = 3,
                             .fresh_rounds = 1,
                             .seconds = 0.4,
                             .latency_keys = 1'500'000,
                             .latency_samples = 2'000,
                             .latency_seconds = 8};

void AddOptions(CLI::App& app, Options& options) {
  Settings& settings = options.settings;
  app.add_flag("--quick", options.quick, "Few keys and short runs: under two minutes");
  app.add_option_function<uint64_t>(
         "--keys", [&](uint64_t keys) { settings.keys = settings.latency_keys = keys; },
         "Number of keys to load")
      ->check(CLI::Range(1'000u, 1'000'000'000u));
  app.add_option_function<int>(
         "--rounds", [&](int rounds) { settings.rounds = settings.fresh_rounds = rounds; },
         "Measurements of each figure, alternating")
      ->check(CLI::Range(1, 1'000));
  app.add_option("--seconds", settings.seconds, "Length of one throughput measurement")
      ->check(CLI::Range(0.01, 3'600.0));
  app.add_option("--settle", settings.settle_seconds, "Seconds until memory is measured again")
      ->check(CLI::Range(0.0, 3'600.0));
  app.add_option("--samples", settings.latency_samples, "Latencies wanted during sweeps");
  app.add_option("--latency-seconds", settings.latency_seconds,
                 "Time limit for them per server, in seconds");
  app.add_option("--fields", settings.fields, "Fields of the large hash")
      ->check(CLI::Range(1'000u, 100'000'000u));
  app.add_option("--only", options.only, "Parts to run, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(PartNames()));
  app.add_option("--json", options.json, "Write all rounds to this file; -: print them instead");
  app.add_option("--rival", options.rival,
                 "The other server's command line. Options of redis-server are added, unless "
                 "it contains {port} for the port number")
      ->capture_default_str();
  app.add_option("--dcs-sim", options.dcs_sim, "The dcs-sim program")->required()->take_last();
  app.add_option("--server-cpus", options.server_processors, "Processors of the servers")
      ->delimiter(',');
  app.add_option("--client-cpu", options.client_processor, "Processor of the client");
}

Cores CoresFrom(const Options& options) {
  Cores cores = ChooseCores(AllowedProcessors(), HyperthreadsBeside);
  if (options.server_processors.empty() && options.client_processor < 0) return cores;
  if (!options.server_processors.empty()) cores.server = options.server_processors;
  if (options.client_processor >= 0) cores.client = options.client_processor;
  cores.remark = "server on";
  for (const int processor : cores.server) cores.remark += " " + std::to_string(processor);
  cores.remark += ", client on " + std::to_string(cores.client);
  if (cores.shared()) cores.remark += ": server and client share a processor";
  return cores;
}

// Starts both servers once, so that a missing one is reported before the measurements.
absl::Status DescribeServers(const Options& options, Comparison& comparison) {
  Report& report = comparison.report();
  std::string versions;
  for (size_t side = 0; side < kSides; ++side) {
    const auto server = comparison.Start(side);
    if (!server.ok()) return server.status();
    const auto version = (*server)->Version();
    if (!version.ok()) return version.status();
    // dcs-sim reports the Redis version it emulates.
    if (side == kDcsSim) {
      versions = "dcs-sim " DCS_SIM_VERSION " (one I/O thread), ";
    } else {
      versions += *version + " (" + options.rival + ")";
      report.rival = *version;
    }
  }
  const Settings& settings = comparison.settings();
  report.facts = MachineFacts();
  report.facts.emplace_back("processors", comparison.cores().remark);
  report.facts.emplace_back("servers", versions);
  report.facts.emplace_back("build", BuildFact());
  report.facts.emplace_back("keys",
                            tools::WithCommas(settings.keys) + " of 16 bytes, values of 32");
  report.facts.emplace_back("rounds", "medians of " + std::to_string(settings.rounds) +
                                          " alternating ones for throughput, of " +
                                          std::to_string(settings.fresh_rounds) +
                                          " for sweeps and the large hash");
  return absl::OkStatus();
}

bool Write(const Report& report, const std::string& json) {
  if (json == "-") {
    std::puts(ToJson(report).dump(2).c_str());
    return true;
  }
  std::fputs(ToMarkdown(report).c_str(), stdout);
  if (json.empty()) return true;
  std::ofstream file(json);
  file << ToJson(report).dump(2) << "\n";
  file.flush();
  if (!file) std::fprintf(stderr, "dcs-compare: cannot write %s\n", json.c_str());
  return file.good();
}

// Runs the selected parts; a failed part does not affect the others.
void Measure(const Options& options, Comparison& comparison) {
  const Cores& cores = comparison.cores();
  std::vector<int> processors = cores.server;
  if (!cores.shared()) processors.push_back(cores.client);
  const OutsideLoad outside(processors);
  Report& report = comparison.report();
  for (const Part& part : kParts) {
    const auto& only = options.only;
    if (!only.empty() && std::count(only.begin(), only.end(), part.name) == 0) continue;
    const absl::Status status = part.compare(comparison);
    comparison.progress().End();
    if (status.ok()) continue;
    report.failures.push_back(std::string(part.name) + ": " + std::string(status.message()));
    std::fprintf(stderr, "dcs-compare: %s\n", report.failures.back().c_str());
  }
  report.facts.emplace_back(
      "taken by other programs meanwhile",
      FormatValue(outside.Percent(), Unit::kPercent) + " of these processors' time");
}

int Run(const Options& options) {
  const Cores cores = CoresFrom(options);
  if (!PinThisThread({cores.client})) {
    std::fprintf(stderr, "dcs-compare: there is no processor %d\n", cores.client);
    return 1;
  }
  const Contender rival = Rival(options.rival);
  if (rival.command.empty()) {
    std::fprintf(stderr, "dcs-compare: --rival names no program\n");
    return 1;
  }
  Comparison comparison(options.settings, {DcsSim(options.dcs_sim), rival}, cores);
  if (absl::Status status = DescribeServers(options, comparison); !status.ok()) {
    std::fprintf(stderr, "dcs-compare: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  Measure(options, comparison);
  const bool written = Write(comparison.report(), options.json);
  return written && comparison.report().failures.empty() ? 0 : 1;
}

int Main(int argc, char** argv) {
  Options options;
  // The settings of --quick must be in place before the options that change them are parsed.
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (std::count(words.begin(), words.end(), "--quick") > 0) options.settings = kQuick;
  CLI::App app("Drives dcs-sim and another Redis server with the same client, one table for both.",
               "compare");
  AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  options.settings.fields -= options.settings.fields % HashFields::kFieldsPerRequest;
  return Run(options);
}

}  // namespace
}  // namespace dcs::bench

int main(int argc, char** argv) { return dcs::bench::Main(argc, argv); }
