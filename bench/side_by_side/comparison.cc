#include "bench/side_by_side/comparison.h"

#include <chrono>
#include <limits>
#include <thread>
#include <utility>

#include "bench/side_by_side/load.h"

namespace dcs::bench {
namespace {

// Few connections, so that their buffers do not affect the memory per key; enough to saturate a
// server.
constexpr size_t kLoadConnections = 4;
constexpr size_t kLoadPipeline = 64;

}  // namespace

Comparison::Comparison(const Settings& settings, std::array<Contender, kSides> contenders,
                       const Cores& cores)
    : settings_(settings), contenders_(std::move(contenders)), cores_(cores), progress_(stderr) {}

void Comparison::Add(std::vector<Figure> figures) {
  for (Figure& figure : figures) report_.figures.push_back(std::move(figure));
}

absl::StatusOr<std::unique_ptr<RunningServer>> Comparison::Start(size_t side) const {
  return RunningServer::Start(contenders_[side], cores_.server);
}

absl::Status Comparison::LoadKeys(const RunningServer& server, const Mix& mix, uint64_t first,
                                  uint64_t end) {
  const auto load = LoadGenerator::Connect(server.resp_port(), kLoadConnections);
  if (!load.ok()) return load.status();
  MixedSets sets(mix, first, end);
  const auto total = static_cast<double>(end - first);
  return (*load)
      ->Run(sets, kLoadPipeline, std::numeric_limits<double>::infinity(),
            [&](uint64_t done) {
              const double percent = 100 * static_cast<double>(done) / total;
              progress_.Detail("loading " + std::to_string(static_cast<int>(percent)) + " %");
            })
      .status();
}

void Comparison::WaitForDeadlines() { SleepSeconds((kLongestTtlMs + 50) / 1e3); }

void Comparison::Step(const std::string& what, size_t side, int round) {
  progress_.Step(what + ", " + name(side) + ", round " + std::to_string(round + 1));
}

void SleepSeconds(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

}  // namespace dcs::bench
