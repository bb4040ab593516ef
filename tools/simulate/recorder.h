// Records a run: samples over time, and the figures computed from them.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "store/keyspace.h"
#include "tools/simulate/expiry_ledger.h"
#include "tools/simulate/mechanism.h"
#include "tools/simulate/node_cpu.h"
#include "tools/simulate/release_curve.h"
#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"
#include "tools/simulate/traffic.h"

namespace dcs::simulate {

class Recorder {
 public:
  // All arguments must outlive this object.
  Recorder(const Scenario& scenario, const store::Clock& clock, store::Keyspace& keyspace,
           const NodeCpu& cpu, ExpiryLedger& ledger, Traffic& traffic)
      : scenario_(scenario),
        clock_(clock),
        keyspace_(keyspace),
        cpu_(cpu),
        ledger_(ledger),
        traffic_(traffic) {}

  // Records the releases so far and the time at which the node will have done their work.
  void NoteReleased();
  // Marks the start of reclamation: peaks and means count from now.
  void NoteStart();
  // Takes a sample, at most once for each time. O(keys).
  void TakeSample(SampleKind kind);
  // Computes the figures from samples, counters and the ledger. REQUIRES: report.scan is set.
  void Conclude(PolicyReport& report) const;
  // kInternal if a sample's key count or stale bytes differed from the ledger's, which is a bug of
  // the program.
  const absl::Status& agreement() const { return agreement_; }

 private:
  int64_t now_ns() const { return clock_.Now() * kNsPerMs; }
  void Compare(const store::Census& census);
  bool LongEnough(SampleKind kind) const;
  // Computes the shares and rates of the samples since the last interval.
  void CloseInterval();
  void CloseTraffic();
  void Fill(std::vector<double>& series, double amount, double seconds) const;
  ReleaseMarks Marks() const;
  CpuShare CpuFigures(const PolicyReport& report) const;
  TrafficReport TrafficFigures() const;

  // Counters at one moment.
  struct Mark {
    TimeMs at = 0;
    int64_t done_ns = 0;
    int64_t reclaiming_ns = 0;
  };

  const Scenario& scenario_;
  const store::Clock& clock_;
  store::Keyspace& keyspace_;
  const NodeCpu& cpu_;
  ExpiryLedger& ledger_;
  Traffic& traffic_;
  ReleaseCurve curve_;
  Timeline timeline_;
  Mark closed_;            // the end of the last interval
  Mark start_;             // start of reclamation
  TimeMs traffic_at_ = 0;  // the last planned sample, and the clients' counters then
  TrafficCounts traffic_counts_;
  absl::Status agreement_;
};

}  // namespace dcs::simulate
