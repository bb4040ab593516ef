// Commands per second and server CPU per command, by command and pipeline depth.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "bench/side_by_side/comparison.h"
#include "bench/side_by_side/load.h"
#include "bench/side_by_side/statistics.h"

namespace dcs::bench {
namespace {

constexpr const char* kGroup = "Throughput, 50 connections";
constexpr size_t kConnections = 50;
constexpr size_t kPipelines[] = {1, 16, 64};
constexpr double kWarmUpShare = 0.1;  // of a measurement's time, before it

struct AccessRow {
  Access access;
  const char* name;
};
constexpr AccessRow kAccesses[] = {{Access::kSet, "SET"}, {Access::kGet, "GET"}};

// A server with all keys loaded, and the connections to it.
struct Loaded {
  std::unique_ptr<RunningServer> server;
  std::unique_ptr<LoadGenerator> load;
};

absl::StatusOr<Loaded> StartLoaded(Comparison& comparison, size_t side) {
  comparison.Step("loading", side, 0);
  Loaded loaded;
  auto server = comparison.Start(side);
  if (!server.ok()) return server.status();
  loaded.server = *std::move(server);
  if (absl::Status status = comparison.LoadKeys(*loaded.server, {}, 0, comparison.settings().keys);
      !status.ok()) {
    return status;
  }
  auto load = LoadGenerator::Connect(loaded.server->resp_port(), kConnections);
  if (!load.ok()) return load.status();
  loaded.load = *std::move(load);
  return loaded;
}

// The measurements of a row of the table and the row below it.
struct Cell {
  std::array<Measured, kSides> rate;
  std::array<Measured, kSides> cpu;
  std::array<std::vector<double>, kSides> server_busy;  // percent
  std::array<std::vector<double>, kSides> client_busy;
};

absl::Status MeasureOnce(const Loaded& loaded, RandomRequests& requests, size_t pipeline,
                         double seconds, size_t side, Cell& cell) {
  const auto warm_up = loaded.load->Run(requests, pipeline, seconds * kWarmUpShare);
  if (!warm_up.ok()) return warm_up.status();
  const double cpu_before = loaded.server->process().CpuSeconds();
  const auto result = loaded.load->Run(requests, pipeline, seconds);
  if (!result.ok()) return result.status();
  const double cpu = loaded.server->process().CpuSeconds() - cpu_before;
  if (result->nils > 0) return absl::InternalError("keys that were loaded are not there");
  const auto commands = static_cast<double>(result->commands);
  cell.rate[side].rounds.push_back(commands / result->seconds);
  cell.cpu[side].rounds.push_back(cpu / commands);
  cell.server_busy[side].push_back(100 * cpu / result->seconds);
  cell.client_busy[side].push_back(100 * result->client_cpu_seconds / result->seconds);
  return absl::OkStatus();
}

std::string Percents(const std::array<std::vector<double>, kSides>& values) {
  return FormatValue(Median(values[kDcsSim]), Unit::kPercent) + " : " +
         FormatValue(Median(values[kRival]), Unit::kPercent);
}

// With this many connections one side is saturated, unless something else uses the processors.
constexpr double kBusyPercent = 85;

bool Disturbed(const Cell& cell) {
  for (size_t side = 0; side < kSides; ++side) {
    const double busier = std::max(Median(cell.server_busy[side]), Median(cell.client_busy[side]));
    if (busier < kBusyPercent) return true;
  }
  return false;
}

void AddFigures(const std::string& name, bool shared, Cell cell, std::vector<Figure>& figures) {
  const char* const warning =
      !shared && Disturbed(cell) ? "; disturbed: neither side was busy throughout" : "";
  figures.push_back({kGroup, name + ": commands a second", Unit::kPerSecond, Better::kMore,
                     "throughput", std::move(cell.rate),
                     "client's core busy " + Percents(cell.client_busy) + warning});
  figures.push_back({kGroup, name + ": server CPU a command", Unit::kSeconds, Better::kLess, "CPU",
                     std::move(cell.cpu), "server's core busy " + Percents(cell.server_busy)});
}

}  // namespace

absl::Status CompareThroughput(Comparison& comparison) {
  const Settings& settings = comparison.settings();
  const size_t cells = std::size(kAccesses) * std::size(kPipelines);
  comparison.progress().Begin("rates", kSides * (1 + cells * static_cast<size_t>(settings.rounds)));
  std::array<Loaded, kSides> loaded;
  for (size_t side = 0; side < kSides; ++side) {
    auto started = StartLoaded(comparison, side);
    if (!started.ok()) return started.status();
    loaded[side] = *std::move(started);
  }
  std::vector<Figure> figures;
  for (const AccessRow& row : kAccesses) {
    for (const size_t pipeline : kPipelines) {
      const std::string name = row.name + (", " + std::to_string(pipeline)) + " pipelined";
      Cell cell;
      for (int round = 0; round < settings.rounds; ++round) {
        for (size_t side = 0; side < kSides; ++side) {
          comparison.Step(name, side, round);
          // Both sides get the same keys; each round uses different ones.
          RandomRequests requests(row.access, settings.keys, static_cast<uint64_t>(round) + 1);
          absl::Status status =
              MeasureOnce(loaded[side], requests, pipeline, settings.seconds, side, cell);
          if (!status.ok()) return status;
        }
      }
      AddFigures(name, comparison.cores().shared(), std::move(cell), figures);
    }
  }
  comparison.Add(std::move(figures));
  return absl::OkStatus();
}

}  // namespace dcs::bench
