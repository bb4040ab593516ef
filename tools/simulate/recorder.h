// Watches a run: samples over time, and the figures made of them.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>

#include "store/keyspace.h"
#include "tools/simulate/node_cpu.h"
#include "tools/simulate/release_curve.h"
#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"
#include "tools/simulate/traffic.h"

namespace dcs::simulate {

class Recorder {
 public:
  // All must outlive it.
  Recorder(const Scenario& scenario, const store::Clock& clock, store::Keyspace& keyspace,
           const NodeCpu& cpu, Traffic& traffic)
      : scenario_(scenario), clock_(clock), keyspace_(keyspace), cpu_(cpu), traffic_(traffic) {}

  // Notes what has been released so far. O(shards).
  void NoteReleased() { curve_.Add(clock_.Now(), keyspace_.Counters().expired_keys()); }
  // Counts everything, once for each time. O(keys).
  void TakeSample();
  // Fills in what can be told from samples and counters. REQUIRES: report.scan is filled in already.
  void Conclude(PolicyReport& report) const;

 private:
  void SampleTraffic(double seconds);
  ReleaseMarks Marks(uint64_t expired) const;
  CpuShare CpuFigures() const;
  void NotePeakOfScans(PolicyReport& report) const;
  TrafficReport TrafficFigures() const;

  const Scenario& scenario_;
  const store::Clock& clock_;
  store::Keyspace& keyspace_;
  const NodeCpu& cpu_;
  Traffic& traffic_;
  ReleaseCurve curve_;
  Timeline timeline_;
  int64_t sampled_busy_ns_ = 0;
  TrafficCounts sampled_counts_;
};

}  // namespace dcs::simulate
