// Sample reports for tests of report texts.
#pragma once

#include <string>
#include <utility>

#include "tools/simulate/report.h"

namespace dcs::simulate::sample {

// A policy that ran for an hour to its end; 3,600 keys expired.
inline PolicyReport Completed(std::string label) {
  PolicyReport policy;
  policy.name = label;
  policy.label = std::move(label);
  policy.completed = true;
  policy.ended_at_seconds = 3600;
  policy.expired = 3600;
  policy.stale_keys = {.mean = 100, .p99 = 200, .peak = 300, .end = 10};
  policy.stale_bytes = {.mean = 10'000, .p99 = 20'000, .peak = 30'000, .end = 1'000};
  policy.released_keys[Cause::kScan] = 3590;
  policy.cpu_share = {.mean = 0.1, .reclamation = 0.01, .peak = 0.1};
  policy.timeline.t_ms = {0, 3'600'000};
  return policy;
}

// Stopped after 12 min; its figures so far look like the best.
inline PolicyReport Stopped(std::string label) {
  PolicyReport policy = Completed(std::move(label));
  policy.completed = false;
  policy.ended_at_seconds = 720;
  policy.expired = 720;
  policy.stale_bytes = {};
  policy.cpu_share = {};
  policy.timeline.t_ms = {0, 720'000};
  return policy;
}

inline PolicyReport NotRun(std::string label) {
  PolicyReport policy;
  policy.name = label;
  policy.label = std::move(label);
  return policy;
}

inline PolicyReport Ideal() {
  PolicyReport policy = Completed("at the deadline (ideal)");
  policy.ideal = true;
  policy.stale_keys = policy.stale_bytes = {};
  policy.cpu_share = {};
  policy.mean_delay_seconds = 0;
  policy.release_seconds = {.p50 = 0, .p90 = 0, .p99 = 0, .p100 = 0};
  return policy;
}

// A report on one hour.
inline Report ReportOf(Measure measure, std::vector<PolicyReport> policies) {
  Report report;
  report.title = "A title";
  report.question = "What is it?";
  report.measure = measure;
  report.duration_seconds = 3600;
  report.policies = std::move(policies);
  return report;
}

inline TrafficReport Traffic(double p99_us, double p999_us) {
  TrafficReport traffic;
  traffic.counts.reads = 1000;
  traffic.counts.hits = 900;
  traffic.counts.misses = 100;
  traffic.delay = {
      .mean_us = 9, .p50_us = 8.3, .p99_us = p99_us, .p999_us = p999_us, .longest_us = 2 * p999_us};
  return traffic;
}

}  // namespace dcs::simulate::sample
