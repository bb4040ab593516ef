#include "tools/simulate/finished_policies.h"

#include <algorithm>

#include "tools/simulate/figures.h"

namespace dcs::simulate {
namespace {

bool ScanFailed(const PolicyReport& policy) {
  return policy.scan && policy.scan->failed > 0 && policy.scan->scans == policy.scan->failed;
}

// Whether the policy's only scan was still running at the end of the scenario.
bool ScanRuns(const PolicyReport& policy) {
  if (!policy.scan || policy.scan->scans != 1) return false;
  return std::any_of(policy.markers.begin(), policy.markers.end(), [](const Marker& marker) {
    return marker.text == "scan" && !marker.until_ms;
  });
}

}  // namespace

bool IsJudged(const PolicyReport& policy) { return policy.completed && policy.has_run(); }

Policies FinishedPolicies(const Report& report) {
  Policies finished;
  for (const PolicyReport& policy : report.policies) {
    if (!policy.ideal && IsJudged(policy)) finished.push_back(&policy);
  }
  return finished;
}

std::string StateText(const PolicyReport& policy) {
  if (!policy.has_run()) return "not run";
  if (policy.completed) return "completed";
  return "stopped after " + DurationText(policy.ended_at_seconds);
}

std::string LabelsOf(const Policies& policies, size_t at_most) {
  const size_t named = std::min(policies.size(), at_most);
  const size_t more = policies.size() - named;
  const bool commas = std::any_of(policies.begin(), policies.end(), [](const PolicyReport* policy) {
    return policy->label.find(',') != std::string::npos;
  });
  std::string text;
  for (size_t i = 0; i < named; ++i) {
    const bool last = i + 1 == named && more == 0;
    if (i > 0) text += commas ? (last ? "; and " : "; ") : (last ? " and " : ", ");
    text += policies[i]->label;
  }
  if (more > 0) text += (commas ? "; and " : " and ") + std::to_string(more) + " more";
  return text;
}

double ReclamationSeconds(const PolicyReport& policy) {
  double seconds = 0;
  for (size_t i = 0; i < kCauses; ++i) {
    if (static_cast<Cause>(i) != Cause::kCommand) seconds += policy.work_seconds.of[i];
  }
  return seconds;
}

std::optional<double> MissShare(const TrafficCounts& counts) {
  if (counts.reads == 0) return std::nullopt;
  return static_cast<double>(counts.misses) / static_cast<double>(counts.reads);
}

bool HasDelays(const PolicyReport& policy) {
  return policy.traffic && policy.traffic->counts.commands() > 0;
}

std::optional<double> SecondsTaken(const PolicyReport& policy) {
  if (policy.scan && policy.scan->ended == 1 && policy.scan->failed == 0) {
    return static_cast<double>(policy.scan->duration_ms) / 1000;
  }
  if (ScanFailed(policy) || ScanRuns(policy)) return std::nullopt;
  return policy.release_seconds.p100;
}

std::string WhyNotDone(const PolicyReport& policy) {
  if (ScanFailed(policy)) return "the scan failed by its timeout";
  if (ScanRuns(policy)) return "the scan still ran at the end";
  return policy.expired == 0 ? "nothing expired" : "not done at the end";
}

}  // namespace dcs::simulate
