// What the rows of the comparison share: settings, servers to start, and where results go.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/side_by_side/contender.h"
#include "bench/side_by_side/cores.h"
#include "bench/side_by_side/progress.h"
#include "bench/side_by_side/report.h"
#include "bench/side_by_side/requests.h"

namespace dcs::bench {

struct Settings {
  uint64_t keys = 5'000'000;
  int rounds = 3;                     // of measurements on servers that are loaded already
  int fresh_rounds = 3;               // of measurements that load a server of their own
  double seconds = 2;                 // that one throughput measurement lasts
  double settle_seconds = 5;          // after which memory is looked at a second time
  uint64_t latency_keys = 5'000'000;  // more of them make a sweep longer
  size_t latency_samples = 20'000;    // during sweeps, a server
  double latency_seconds = 120;       // that a server gets for them at most, loading included
  uint64_t fields = 1'000'000;        // of the large hash
};

// Thread safety: none; everything happens on one thread.
class Comparison {
 public:
  Comparison(const Settings& settings, std::array<Contender, kSides> contenders,
             const Cores& cores);

  const Settings& settings() const { return settings_; }
  const Cores& cores() const { return cores_; }
  const std::string& name(size_t side) const { return contenders_[side].name; }
  Progress& progress() { return progress_; }
  Report& report() { return report_; }
  void Add(std::vector<Figure> figures);

  // A fresh server without keys.
  absl::StatusOr<std::unique_ptr<RunningServer>> Start(size_t side) const;

  // Writes the keys [first, end) to `server`.
  absl::Status LoadKeys(const RunningServer& server, const Mix& mix, uint64_t first, uint64_t end);

  // Waits until the short deadlines of everything loaded before this have passed.
  static void WaitForDeadlines();

  // Tells the terminal that `what` begins.
  void Step(const std::string& what, size_t side, int round);

 private:
  const Settings settings_;
  const std::array<Contender, kSides> contenders_;
  const Cores cores_;
  Progress progress_;
  Report report_;
};

void SleepSeconds(double seconds);

// The parts of the comparison, each a group of rows. Each adds its figures to the report when it
// has all of them.
absl::Status CompareThroughput(Comparison& comparison);
absl::Status CompareMemory(Comparison& comparison);
absl::Status CompareSweeps(Comparison& comparison);
absl::Status CompareLatency(Comparison& comparison);
absl::Status CompareLargeHash(Comparison& comparison);

}  // namespace dcs::bench
