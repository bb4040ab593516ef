#include "tools/simulate/conclusion.h"

#include <algorithm>
#include <optional>

#include "tools/simulate/answers.h"
#include "tools/simulate/figures.h"
#include "tools/simulate/finished_policies.h"
#include "tools/simulate/published_fit.h"

namespace dcs::simulate {
namespace {

// Names the policies that were stopped or never ran.
std::optional<std::string> NotJudged(const Report& report) {
  std::string text;
  Policies not_run;
  for (const PolicyReport& policy : report.policies) {
    if (!policy.has_run()) {
      not_run.push_back(&policy);
    } else if (!policy.completed) {
      text += (text.empty() ? "" : "; ") + policy.label + " " + StateText(policy);
    }
  }
  if (!not_run.empty())
    text += (text.empty() ? "" : "; ") + std::string("not run: ") + LabelsOf(not_run);
  if (text.empty()) return std::nullopt;
  return "Not judged, because the simulation was stopped: " + text + ".";
}

// The growth of stale memory without any release, and the time until it reaches a limit. All
// policies have the same keys, so the policy that ran longest, finished or not, gives the best
// estimate.
std::optional<std::string> Growth(const Report& report) {
  if (!report.goal) return std::nullopt;
  const PolicyReport* longest = nullptr;
  for (const PolicyReport& policy : report.policies) {
    // Without stale keys the size of one is unknown.
    if (!policy.has_run() || policy.ended_at_seconds <= 0 || policy.stale_keys.mean <= 0) continue;
    if (longest == nullptr || policy.ended_at_seconds > longest->ended_at_seconds)
      longest = &policy;
  }
  if (longest == nullptr || longest->expired == 0) return std::nullopt;
  const double keys_an_hour =
      static_cast<double>(longest->expired) / (longest->ended_at_seconds / 3600);
  const double bytes_an_hour = keys_an_hour * longest->stale_bytes.mean / longest->stale_keys.mean;
  std::string text = "About " + CountText(keys_an_hour) + " keys expire an hour, which hold " +
                     BytesText(bytes_an_hour);
  if (report.goal->stale_bytes_at_most && bytes_an_hour > 0) {
    text += ". If nothing releases them, they reach the limit of " +
            BytesText(*report.goal->stale_bytes_at_most) + " in " +
            DurationText(*report.goal->stale_bytes_at_most / bytes_an_hour * 3600) +
            ": the time from the start of one scan to the end of the next must be shorter";
  }
  return text + ".";
}

// The first policy with the least `figure`; none if there are no policies.
const PolicyReport* Least(const Policies& policies, auto figure) {
  const auto least = std::min_element(
      policies.begin(), policies.end(),
      [&](const PolicyReport* a, const PolicyReport* b) { return figure(*a) < figure(*b); });
  return least == policies.end() ? nullptr : *least;
}

std::optional<std::string> StaleMemory(const Policies& policies) {
  const auto mean = [](const PolicyReport& policy) { return policy.stale_bytes.mean; };
  const PolicyReport* least = Least(policies, mean);
  const PolicyReport* most = Least(policies, [&](const auto& policy) { return -mean(policy); });
  if (least == nullptr || mean(*least) == mean(*most)) return std::nullopt;
  return "Stale memory on average: least with " + least->label + " (" + BytesText(mean(*least)) +
         "), most with " + most->label + " (" + BytesText(mean(*most)) + "; " +
         BytesText(most->stale_bytes.end) + " still at the end).";
}

// If traffic makes keys until the end, no policy finishes.
std::optional<std::string> NotDone(const Report& report, const Policies& policies) {
  if (!report.traffic.empty()) return std::nullopt;
  Policies not_done;
  for (const PolicyReport* policy : policies) {
    if (policy->expired > 0 && !policy->release_seconds.p99) not_done.push_back(policy);
  }
  if (not_done.empty()) return std::nullopt;
  return "99 % of what had expired was not released at the end, after " +
         DurationText(report.duration_seconds) + ": " + LabelsOf(not_done) + ".";
}

// An expired key is invisible under every policy, so the misses are the same.
void Misses(const Report& report, const Policies& policies, std::vector<std::string>& sentences) {
  if (policies.empty() || !policies.front()->traffic) return;
  const std::vector<TrafficCounts>& streams = policies.front()->traffic->streams;
  for (size_t i = 0; i < std::min(streams.size(), report.traffic.size()); ++i) {
    const std::optional<double> share = MissShare(streams[i]);
    if (!report.traffic[i].fill_after_ms || !share) continue;
    sentences.push_back(report.traffic[i].name + ": " + ShareText(*share) +
                        " of the reads miss, and up to " +
                        CountText(static_cast<double>(streams[i].most_waiting)) +
                        " values are fetched at once, under every policy.");
  }
}

std::optional<std::string> Delays(const Policies& policies) {
  Policies asked;
  for (const PolicyReport* policy : policies) {
    if (HasDelays(*policy)) asked.push_back(policy);
  }
  const auto p999 = [](const PolicyReport& policy) { return policy.traffic->delay.p999_us; };
  const PolicyReport* quick = Least(asked, p999);
  const PolicyReport* slow = Least(asked, [&](const auto& policy) { return -p999(policy); });
  if (quick == nullptr || p999(*quick) == p999(*slow)) return std::nullopt;
  return "One command in a thousand takes longer than " + DurationText(p999(*quick) / 1e6) +
         " with " + quick->label + ", and longer than " + DurationText(p999(*slow) / 1e6) +
         " with " + slow->label + ".";
}

}  // namespace

std::vector<std::string> Conclude(const Report& report) {
  std::vector<std::string> sentences = Answer(report);
  const auto add = [&](const std::optional<std::string>& sentence) {
    if (sentence) sentences.push_back(*sentence);
  };
  const Policies policies = FinishedPolicies(report);
  add(NotJudged(report));
  add(Growth(report));
  const bool published = std::any_of(policies.begin(), policies.end(), [](const auto* policy) {
    return policy->published.has_value();
  });
  if (published && report.measure != Measure::kPublished) {
    const std::vector<std::string> more = AgainstPublished(report);
    sentences.insert(sentences.end(), more.begin(), more.end());
  }
  // Skips what the answer has already stated.
  if (report.measure != Measure::kStaleMemory && report.measure != Measure::kClientScan) {
    add(StaleMemory(policies));
  }
  if (report.measure != Measure::kReleaseTime) add(NotDone(report, policies));
  Misses(report, policies, sentences);
  if (report.measure != Measure::kClients) add(Delays(policies));
  return sentences;
}

}  // namespace dcs::simulate
