// The results of a simulation, policy by policy. report_json.h writes them.
//
// Times are virtual seconds from the scenario's start; shares are 0 to 1. An absent value does not
// apply or was not reached. Thread safety: plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/simulate/causes.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// Totals of scans or fast sweeps.
struct ScanTotals {
  uint64_t scans = 0;
  uint64_t failed = 0;  // ended by their timeout
  uint64_t skipped = 0;
  uint64_t steps = 0;
  uint64_t visited = 0;
  uint64_t released = 0;
  uint64_t ended = 0;      // scans that walked over all keys
  TimeMs duration_ms = 0;  // total over the ended scans
  // When the first scan ended, and the work that the node had done until then.
  std::optional<TimeMs> first_end_ms{};
  int64_t done_ns_at_first_end = 0;
};

// A quantity over time: mean and p99 weighted by time, from the samples.
struct Levels {
  double mean = 0, p99 = 0, peak = 0, end = 0;
};

// Series of equal length, one value per sample. Sample times ascend but differ from policy to
// policy: scans add samples at their start and end, fast sweeps add one before, one after and one a
// second later.
struct Timeline {
  std::vector<int64_t> t_ms;
  // used_bytes and held_bytes as in store::Census.
  std::vector<uint64_t> keys, stale_keys, stale_bytes, used_bytes, held_bytes, released;
  // Shares of the time since the previous sample, or of an interval of several samples that
  // includes it; 0 at the first. cpu_share is the node's busy time including the idle share, at
  // most 1. reclamation_share is the work that reclamation requested; it may exceed 1.
  std::vector<double> cpu_share{}, reclamation_share{};
  // Rates over the same time; empty without traffic.
  std::vector<double> commands_per_second{}, misses_per_second{}, delay_p99_us{};
};

// An event to mark in a plot: "reclamation starts", "midnight", "traffic ends", "scan", "fast
// sweep".
struct Marker {
  int64_t at_ms = 0;
  std::optional<int64_t> until_ms{};  // end of a scan; absent while it runs
  std::string text;
};

// The clients' commands and their results.
struct TrafficCounts {
  uint64_t reads = 0;  // = hits + misses
  uint64_t writes = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t fills = 0;         // the writes that fill a missed read
  uint64_t most_waiting = 0;  // most reads that waited for a value from elsewhere at one time
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

// Whether a policy is within the scenario's goal; if not, `why`.
struct GoalVerdict {
  bool met = false;
  std::string why;
};

// Times from the start of reclamation until a share of all expired keys was released.
struct ReleaseMarks {
  std::optional<double> p50, p90, p99, p100;
};

// Shares of the node's one thread, 0 to 1.
struct CpuShare {
  double mean = 0;         // from the start of reclamation to the end
  double reclamation = 0;  // of the mean: all causes but commands
  double peak = 0;         // the highest of timeline.cpu_share
  // From the start of reclamation until all expired keys were released or the scan ended: the
  // period of the published figures. Absent if neither happened.
  std::optional<double> while_reclaiming{};
};

struct PolicyReport {
  std::string name, label;
  bool ideal = false;
  bool completed = false;
  // A policy that never ran has only its name and label. A stopped policy has figures up to the
  // stop, and none of them is judged.
  bool has_run() const { return !timeline.t_ms.empty(); }
  double ended_at_seconds = 0;
  std::optional<ScanTotals> scan;
  ReleaseMarks release_seconds;
  // `peak` is the highest value at any time, also between samples. mean, p99 and end come from the
  // samples.
  Levels stale_keys, stale_bytes, used_bytes, held_bytes;
  ByCause<uint64_t> released_keys, released_bytes;
  ByCause<double> work_seconds;  // by the cost model
  uint64_t steps = 0, looked_at = 0;
  // from a key's deadline to its release or to the end of the run
  std::optional<double> mean_delay_seconds;
  CpuShare cpu_share;
  std::optional<TrafficReport> traffic;
  std::optional<GoalVerdict> goal;  // only for policies that completed
  std::optional<Published> published;
  std::vector<Marker> markers;  // in time order
  Timeline timeline;

  struct Measured {
    double load_seconds = 0, run_seconds = 0, reclamation_cpu_seconds = 0;
  } measured;

  // Keys whose deadline has passed since the start: released() plus the stale ones.
  uint64_t expired = 0;
  // Keys loaded or written, and keys that a client replaced or gave another deadline before they
  // expired: made - replaced = released() + live + stale.
  uint64_t made = 0, replaced = 0;

  uint64_t released() const { return released_keys.total(); }
};

struct LoadReport {
  std::string name, type;
  uint64_t keys = 0, keys_with_deadline = 0, key_bytes = 0, value_bytes = 0;
  TimeMs last_deadline_ms = 0;  // 0: no key has a deadline
};

struct Report {
  std::string scenario, title, description;
  std::string question;  // the scenario's question; may be empty
  Measure measure = Measure::kStaleMemory;
  uint64_t seed = 0;
  bool partial = false;
  double duration_seconds = 0, reclamation_starts_seconds = 0;
  int64_t samples = 0;
  CostModel cost_model;
  std::vector<TrafficStream> traffic;
  std::optional<Goal> goal;
  std::vector<LoadReport> load;
  std::vector<PolicyReport> policies;
  std::vector<Marker> markers;          // markers of all policies, in time order
  std::vector<std::string> conclusion;  // the first sentence answers the question

  struct Measured {
    double seconds = 0, cpu_seconds = 0;
    uint64_t peak_resident_bytes = 0;
    int threads = 0;
  } measured;
};

}  // namespace dcs::simulate
