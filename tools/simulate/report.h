// What a simulation found, policy by policy. report_json.h writes it down.
//
// Times are virtual seconds from the scenario's start; shares are 0 to 1. What is absent does not
// apply or was not reached. Thread safety: plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/simulate/mechanism.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// A quantity over time: mean and p99 weighted by time, from the samples.
struct Levels {
  double mean = 0, p99 = 0, peak = 0, end = 0;
};

struct Timeline {
  std::vector<int64_t> t_ms;
  // used_bytes and held_bytes as in store::Census.
  std::vector<uint64_t> keys, stale_keys, stale_bytes, used_bytes, held_bytes, released;
  // Since the sample before. The last three only with traffic.
  std::vector<double> cpu_share{}, commands_per_second{}, misses_per_second{}, delay_p99_us{};
};

// What clients did, and met.
struct TrafficCounts {
  uint64_t reads = 0;  // = hits + misses
  uint64_t writes = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t fills = 0;         // of the writes: what a read had missed
  uint64_t most_waiting = 0;  // for a value from elsewhere, at one time
  uint64_t commands() const { return reads + writes; }
};

struct DelayFigures {
  double mean_us = 0, p50_us = 0, p99_us = 0, p999_us = 0, longest_us = 0;
};

struct TrafficReport {
  TrafficCounts counts;
  std::vector<TrafficCounts> streams;  // in the scenario's order
  DelayFigures delay;
};

// Whether a policy does what the scenario asks of it; if not, `why`.
struct GoalVerdict {
  bool met = false;
  std::string why;
};

// From the start of reclamation until so much of all that expired was released.
struct ReleaseMarks {
  std::optional<double> p50, p90, p99, p100;
};

struct CpuShare {
  double mean = 0, reclamation = 0;
  double peak = 0;  // between two samples, or, if that is more, while a scan runs
};

struct PolicyReport {
  std::string name, label;
  bool ideal = false;
  bool completed = false;
  double ended_at_seconds = 0;
  std::optional<ScanTotals> scan;
  ReleaseMarks release_seconds;
  Levels stale_keys, stale_bytes, used_bytes, held_bytes;
  uint64_t released_on_access = 0, released_naturally = 0, released_by_scans = 0;
  uint64_t steps = 0, looked_at = 0;
  std::optional<double> mean_delay_seconds;
  CpuShare cpu_share;
  std::optional<TrafficReport> traffic;
  std::optional<GoalVerdict> goal;
  std::optional<Published> published;
  Timeline timeline;

  struct Measured {
    double load_seconds = 0, run_seconds = 0, reclamation_cpu_seconds = 0;
  } measured;

  // Keys whose deadline has passed since the start.
  uint64_t expired = 0;

  uint64_t released() const { return released_on_access + released_naturally + released_by_scans; }
};

struct LoadReport {
  std::string name, type;
  uint64_t keys = 0, keys_with_deadline = 0, key_bytes = 0, value_bytes = 0;
};

struct Report {
  std::string scenario, title, description;
  uint64_t seed = 0;
  bool partial = false;
  double duration_seconds = 0, reclamation_starts_seconds = 0;
  int64_t samples = 0;
  CostModel cost_model;
  std::vector<TrafficStream> traffic;
  std::optional<Goal> goal;
  std::vector<LoadReport> load;
  std::vector<PolicyReport> policies;
  std::vector<std::string> conclusion;

  struct Measured {
    double seconds = 0, cpu_seconds = 0;
    uint64_t peak_resident_bytes = 0;
    int threads = 0;
  } measured;
};

}  // namespace dcs::simulate
