// The environment shared by all parts of the comparison: settings, servers and report.
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
  int rounds = 3;                     // measurements on loaded servers
  int fresh_rounds = 3;               // measurements that each load a fresh server
  double seconds = 2;                 // of one throughput measurement
  double settle_seconds = 5;          // until memory is measured again
  uint64_t latency_keys = 5'000'000;  // more keys make a sweep longer
  size_t latency_samples = 20'000;    // per server, during sweeps
  double latency_seconds = 120;       // per server, including loading
  uint64_t fields = 1'000'000;        // fields of the large hash
};

// Thread safety: none; used by one thread.
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

  // Waits until the short deadlines of all keys loaded so far have passed.
  static void WaitForDeadlines();

  // Shows on the terminal that `what` begins.
  void Step(const std::string& what, size_t side, int round);

 private:
  const Settings settings_;
  const std::array<Contender, kSides> contenders_;
  const Cores cores_;
  Progress progress_;
  Report report_;
};

void SleepSeconds(double seconds);

// The parts of the comparison, each a group of rows. Each adds its figures to the report once it
// has all of them.
absl::Status CompareThroughput(Comparison& comparison);
absl::Status CompareMemory(Comparison& comparison);
absl::Status CompareSweeps(Comparison& comparison);
absl::Status CompareLatency(Comparison& comparison);
absl::Status CompareLargeHash(Comparison& comparison);

}  // namespace dcs::bench
