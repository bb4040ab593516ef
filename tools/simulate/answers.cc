#include "tools/simulate/answers.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "tools/simulate/figures.h"
#include "tools/simulate/finished_policies.h"
#include "tools/simulate/goal_verdict.h"
#include "tools/simulate/published_fit.h"

namespace dcs::simulate {
namespace {

using Sentences = std::vector<std::string>;

std::string CpuCost(const PolicyReport& policy) {
  return DurationText(ReclamationSeconds(policy)) + " of CPU time";
}

// The policies whose printed figure equals the best one, so that a tie names all of them, and the
// policies with the worst figure.
struct Extremes {
  Policies best, worst;  // worst is empty if all tie
  std::string best_text, worst_text;
};

// Compares by `figure`; the least is best. REQUIRES: !policies.empty().
Extremes Compare(Policies policies, auto figure, std::string (*text)(double)) {
  std::stable_sort(
      policies.begin(), policies.end(),
      [&](const PolicyReport* a, const PolicyReport* b) { return figure(*a) < figure(*b); });
  Extremes extremes;
  extremes.best_text = text(figure(*policies.front()));
  extremes.worst_text = text(figure(*policies.back()));
  for (const PolicyReport* policy : policies) {
    const std::string one = text(figure(*policy));
    if (one == extremes.best_text) {
      extremes.best.push_back(policy);
    } else if (one == extremes.worst_text) {
      extremes.worst.push_back(policy);
    }
  }
  return extremes;
}

// "with A", "with all 3 policies".
std::string With(const Policies& some, size_t all) {
  if (some.size() == all && all > 1) return "with all " + std::to_string(all) + " policies";
  return "with " + LabelsOf(some);
}

bool NothingExpired(const Policies& policies) {
  return std::all_of(policies.begin(), policies.end(),
                     [](const PolicyReport* policy) { return policy->expired == 0; });
}

std::string NothingExpiredText(const Report& report) {
  return "No key expired in " + DurationText(report.duration_seconds) +
         ", so there was nothing to release.";
}

// ---- One function a measure. REQUIRES: !policies.empty() -----------------------------------------

Sentences ByStaleMemory(const Report& report, const Policies& policies) {
  if (NothingExpired(policies)) return {NothingExpiredText(report)};
  const Extremes found = Compare(
      policies, [](const PolicyReport& p) { return p.stale_bytes.mean; }, BytesText);
  const PolicyReport& best = *found.best.front();
  std::string text = "Expired keys hold " + found.best_text + " on average ";
  if (found.worst.empty()) return {text + With(found.best, policies.size()) + "."};
  text += With(found.best, policies.size());
  if (found.best.size() == 1) {
    text += " (peak " + BytesText(best.stale_bytes.peak) + "; reclamation takes " +
            ShareText(best.cpu_share.reclamation) + " of the CPU)";
  }
  text += ", the least, and " + found.worst_text + " " + With(found.worst, policies.size());
  if (found.worst.size() == 1) {
    text += " (peak " + BytesText(found.worst.front()->stale_bytes.peak) + ")";
  }
  return {text + ", the most."};
}

Sentences ByReleaseTime(const Report& report, const Policies& policies) {
  if (NothingExpired(policies)) return {NothingExpiredText(report)};
  Policies done, not_done;
  for (const PolicyReport* policy : policies) {
    (policy->release_seconds.p100 ? done : not_done).push_back(policy);
  }
  const std::string within =
      DurationText(std::max(report.duration_seconds - report.reclamation_starts_seconds, 0.0));
  if (done.empty()) {
    const auto* const nearest = *std::max_element(
        policies.begin(), policies.end(),
        [](const PolicyReport* a, const PolicyReport* b) { return a->released() < b->released(); });
    return {"No policy released all that had expired within " + within + "; nearest was " +
            nearest->label + " with " +
            ShareText(static_cast<double>(nearest->released()) /
                      static_cast<double>(std::max<uint64_t>(nearest->expired, 1))) +
            " of the keys."};
  }
  const Extremes found = Compare(
      done, [](const PolicyReport& p) { return *p.release_seconds.p100; }, DurationText);
  const bool at_once = *found.best.front()->release_seconds.p100 == 0;
  std::string text = "All that had expired was released " +
                     (at_once ? "at once" : found.best_text + " after reclamation started") + " " +
                     With(found.best, policies.size());
  if (found.best.size() == 1) text += " (" + CpuCost(*found.best.front()) + ")";
  if (!found.worst.empty()) {
    text +=
        ", the soonest, and after " + found.worst_text + " " + With(found.worst, policies.size());
    if (found.worst.size() == 1) text += " (" + CpuCost(*found.worst.front()) + ")";
    text += ", the latest that finished";
  }
  if (!not_done.empty()) text += "; never within " + within + " " + With(not_done, policies.size());
  return {text + "."};
}

Sentences ByDelay(const Report& report, const Policies& policies) {
  Policies known;
  for (const PolicyReport* policy : policies) {
    if (policy->mean_delay_seconds) known.push_back(policy);
  }
  if (known.empty()) return {NothingExpiredText(report)};
  const Extremes found = Compare(
      known, [](const PolicyReport& p) { return *p.mean_delay_seconds; }, DurationText);
  std::string text = "An expired key is held on average " + found.best_text +
                     " after its deadline " + With(found.best, policies.size());
  if (found.worst.empty()) return {text + "."};
  if (found.best.size() == 1) {
    text += " (reclamation takes " + ShareText(found.best.front()->cpu_share.reclamation) +
            " of the CPU)";
  }
  text += ", the shortest, and " + found.worst_text + " " + With(found.worst, policies.size());
  if (found.worst.size() == 1) {
    text += " (" + ShareText(found.worst.front()->cpu_share.reclamation) + ")";
  }
  return {text + ", the longest."};
}

Sentences ByClientScan(const Report& report, const Policies& policies) {
  std::string text;
  Policies without;
  for (const PolicyReport* policy : policies) {
    const uint64_t released = policy->released_keys[Cause::kClientScan];
    if (released == 0 && policy->work_seconds[Cause::kClientScan] == 0) {
      without.push_back(policy);
      continue;
    }
    const double share = policy->expired == 0
                             ? 0
                             : static_cast<double>(released) / static_cast<double>(policy->expired);
    text += (text.empty() ? "" : "; ") + CountText(static_cast<double>(released)) + " of " +
            CountText(static_cast<double>(policy->expired)) + " expired keys (" + ShareText(share) +
            ") with " + policy->label + ", for " +
            DurationText(policy->work_seconds[Cause::kClientScan]) + " of CPU time";
  }
  if (text.empty()) return {"No client ran SCAN under any policy."};
  if (NothingExpired(policies)) return {NothingExpiredText(report)};
  Sentences sentences = {"Clients' SCANs released " + text + "."};
  if (!without.empty()) {
    const Extremes found = Compare(
        policies, [](const PolicyReport& p) { return p.stale_bytes.mean; }, BytesText);
    sentences.push_back("Expired keys held least memory on average " +
                        With(found.best, policies.size()) + " (" + found.best_text + ")" +
                        (found.worst.empty() ? std::string()
                                             : ", most " + With(found.worst, policies.size()) +
                                                   " (" + found.worst_text + ")") +
                        ".");
  }
  return sentences;
}

std::string MissesText(const Policies& policies) {
  double least = 1, most = 0, per_second = 0;
  bool read = false;
  for (const PolicyReport* policy : policies) {
    const std::optional<double> share =
        policy->traffic ? MissShare(policy->traffic->counts) : std::nullopt;
    if (!share) continue;
    read = true;
    least = std::min(least, *share);
    most = std::max(most, *share);
    for (const double rate : policy->timeline.misses_per_second) {
      per_second = std::max(per_second, rate);
    }
  }
  if (!read) return "Clients read nothing, so nothing was missed; ";
  const bool same = ShareText(least) == ShareText(most);
  std::string text = same ? ShareText(most) : ShareText(least) + " to " + ShareText(most);
  text += " of the reads miss, ";
  if (per_second > 0) text += "up to " + CountText(per_second) + " a second, ";
  return text + (same && policies.size() > 1 ? "whatever the policy; " : "and ");
}

Sentences ByClients(const Report&, const Policies& policies) {
  Policies asked;
  for (const PolicyReport* policy : policies) {
    if (HasDelays(*policy)) asked.push_back(policy);
  }
  if (asked.empty()) return {"Clients sent no command, so there are no misses and no delays."};
  const Extremes found = Compare(
      asked, [](const PolicyReport& p) { return p.traffic->delay.p999_us / 1e6; }, DurationText);
  std::string text = MissesText(asked) + "99.9 % of the commands are answered within " +
                     found.best_text + " " + With(found.best, policies.size());
  if (found.worst.empty()) return {text + "."};
  return {text + ", the shortest, and within " + found.worst_text + " " +
          With(found.worst, policies.size()) + ", the longest."};
}

Sentences ByGoal(const Report& report, const Policies&) {
  if (!report.goal) return {"The scenario has no goal, so there is nothing to judge policies by."};
  return Advice(report);
}

Sentences ByPublished(const Report& report, const Policies&) { return AgainstPublished(report); }

struct Question {
  Measure measure;
  Sentences (*answer)(const Report&, const Policies&);
};

constexpr Question kQuestions[] = {
    {Measure::kStaleMemory, ByStaleMemory},
    {Measure::kReleaseTime, ByReleaseTime},
    {Measure::kDelay, ByDelay},
    {Measure::kClientScan, ByClientScan},
    {Measure::kClients, ByClients},
    {Measure::kGoal, ByGoal},
    {Measure::kPublished, ByPublished},
};

// "Only 2 of 7 policies finished. Of these: "
std::string Prefix(const Report& report) {
  size_t finished = 0;
  for (const PolicyReport& policy : report.policies) finished += IsJudged(policy);
  if (finished == report.policies.size()) return "";
  return "Only " + std::to_string(finished) + " of " + std::to_string(report.policies.size()) +
         " policies finished. Of these: ";
}

}  // namespace

Sentences Answer(const Report& report) {
  const Policies policies = FinishedPolicies(report);
  if (policies.empty()) {
    const bool any = std::any_of(report.policies.begin(), report.policies.end(), IsJudged);
    return {any ? Prefix(report) +
                      "no policy but the ideal, which costs nothing and leaves nothing: "
                      "there is nothing to compare."
                : "No policy finished, so no figure is judged."};
  }
  for (const Question& question : kQuestions) {
    if (question.measure != report.measure) continue;
    Sentences sentences = question.answer(report, policies);
    if (sentences.empty()) break;
    sentences.front().insert(0, Prefix(report));
    return sentences;
  }
  return {"No policy has the figure that answers the question."};
}

}  // namespace dcs::simulate
