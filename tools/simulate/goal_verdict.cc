#include "tools/simulate/goal_verdict.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "tools/simulate/figures.h"
#include "tools/simulate/finished_policies.h"

namespace dcs::simulate {
namespace {

constexpr size_t kRunnersUp = 3;
constexpr size_t kMostOutside = 12;
constexpr const char* kDelayNotJudged = "no traffic: delay not judged";

// One limit of a goal.
struct Limit {
  std::optional<double> Goal::*at_most;
  bool (*applies)(const PolicyReport&);  // whether the policy has the figure
  double (*figure)(const PolicyReport&);
  std::string (*text)(double);
  const char* name;      // "stale memory 9.0 MiB"
  const char* column;    // in a table
  const char* limit[2];  // around the figure, of the goal
  const char* reach[2];  // around the figure, of a policy
};

bool Always(const PolicyReport&) { return true; }
std::string MicrosText(double us) { return DurationText(us / 1e6); }

constexpr Limit kLimits[] = {
    {.at_most = &Goal::stale_bytes_at_most,
     .applies = Always,
     .figure = [](const PolicyReport& p) { return p.stale_bytes.peak; },
     .text = BytesText,
     .name = "stale memory",
     .column = "stale",
     .limit = {"at most ", " stale"},
     .reach = {"stale memory peaks at ", ""}},
    {.at_most = &Goal::cpu_share_at_most,
     .applies = Always,
     .figure = [](const PolicyReport& p) { return p.cpu_share.peak; },
     .text = ShareText,
     .name = "CPU",
     .column = "CPU",
     .limit = {"at most ", " of the CPU at any time"},
     .reach = {"the node is at most ", " busy"}},
    {.at_most = &Goal::delay_p99_us_at_most,
     .applies = HasDelays,
     .figure = [](const PolicyReport& p) { return p.traffic->delay.p99_us; },
     .text = MicrosText,
     .name = "p99 delay",
     .column = "delay",
     .limit = {"99 % of the commands within ", ""},
     .reach = {"99 % of the commands take at most ", ""}},
};

// Joins the results of `text` for each limit of the goal that applies to the policy.
std::string JoinLimits(const Goal& goal, const PolicyReport& policy, const char* separator,
                       auto text) {
  std::string joined;
  for (const Limit& limit : kLimits) {
    if (!(goal.*limit.at_most) || !limit.applies(policy)) continue;
    const std::string one = text(limit, limit.figure(policy), *(goal.*limit.at_most));
    if (!joined.empty() && !one.empty()) joined += separator;
    joined += one;
  }
  return joined;
}

std::string Broken(const Goal& goal, const PolicyReport& policy, const char* separator) {
  return JoinLimits(goal, policy, separator, [](const Limit& limit, double figure, double at_most) {
    return figure <= at_most ? "" : std::string(limit.name) + " " + limit.text(figure);
  });
}

// "23.4 % under the limit".
std::string Margin(double figure, double at_most) {
  if (figure > at_most) {
    return at_most > 0 ? ShareText(figure / at_most - 1) + " over the limit" : "over the limit";
  }
  return figure == at_most ? "at the limit" : ShareText(1 - figure / at_most) + " under the limit";
}

std::string Reach(const Goal& goal, const PolicyReport& policy) {
  return JoinLimits(goal, policy, ", ", [](const Limit& limit, double figure, double at_most) {
    return limit.reach[0] + limit.text(figure) + limit.reach[1] + " (" + Margin(figure, at_most) +
           ")";
  });
}

// The policy's distance from the goal: its worst figure as a multiple of the limit.
double Excess(const Goal& goal, const PolicyReport& policy) {
  double worst = 0;
  for (const Limit& limit : kLimits) {
    if (!(goal.*limit.at_most) || !limit.applies(policy)) continue;
    const double figure = limit.figure(policy);
    const double at_most = *(goal.*limit.at_most);
    if (at_most > 0) {
      worst = std::max(worst, figure / at_most);
    } else if (figure > 0) {
      worst = std::numeric_limits<double>::infinity();
    }
  }
  return worst;
}

bool CostsLess(const PolicyReport* a, const PolicyReport* b) {
  return std::pair(a->cpu_share.reclamation, a->stale_bytes.mean) <
         std::pair(b->cpu_share.reclamation, b->stale_bytes.mean);
}

std::string Cost(const PolicyReport& policy) {
  return ShareText(policy.cpu_share.reclamation) + " of the CPU for reclamation, " +
         BytesText(policy.stale_bytes.mean) + " stale on average";
}

// "reclamation 0.12 %; at most stale memory 89.0 MiB, CPU 7.1 %".
std::string CostAndReach(const Goal& goal, const PolicyReport& policy) {
  return "reclamation " + ShareText(policy.cpu_share.reclamation) + "; at most " +
         JoinLimits(goal, policy, ", ", [](const Limit& limit, double figure, double) {
           return std::string(limit.name) + " " + limit.text(figure);
         });
}

std::string Take(const Goal& goal, const Policies& within) {
  const PolicyReport& best = *within.front();
  const std::string count = std::to_string(within.size());
  const bool tie = within.size() > 1 && !CostsLess(&best, within[1]);
  const std::string why =
      within.size() == 1 ? "the only policy within the goal ("
      : tie              ? "no other of the " + count + " policies within the goal costs less ("
                         : "the cheapest of the " + count + " policies within the goal (";
  return "Take " + best.label + ": " + why + LimitsText(goal) + "). It costs " + Cost(best) + "; " +
         Reach(goal, best) + ".";
}

std::string RunnersUp(const Goal& goal, const Policies& within) {
  std::string text = "Next in cost:";
  const size_t end = std::min(within.size(), 1 + kRunnersUp);
  for (size_t i = 1; i < end; ++i) {
    text += (i == 1 ? " " : "; ") + within[i]->label + " (" + CostAndReach(goal, *within[i]) + ")";
  }
  if (within.size() > end) {
    text += "; and " + std::to_string(within.size() - end) + " more within the goal";
  }
  return text + ".";
}

std::string Outside(const Goal& goal, const Policies& outside) {
  std::string text = "Outside the goal:";
  const size_t end = std::min(outside.size(), kMostOutside);
  for (size_t i = 0; i < end; ++i) {
    text +=
        (i == 0 ? " " : "; ") + outside[i]->label + " (" + Broken(goal, *outside[i], ", ") + ")";
  }
  if (outside.size() > end) text += "; and " + std::to_string(outside.size() - end) + " more";
  return text + ".";
}

}  // namespace

void JudgeGoal(Report& report) {
  const Goal& goal = *report.goal;
  for (PolicyReport& policy : report.policies) {
    policy.goal.reset();
    if (!IsJudged(policy)) continue;
    const bool other_limits = goal.stale_bytes_at_most || goal.cpu_share_at_most;
    const bool unjudged = goal.delay_p99_us_at_most && !HasDelays(policy);
    if (unjudged && !other_limits) continue;
    std::string why = Broken(goal, policy, "; ");
    const bool met = why.empty();
    if (unjudged) why += (met ? "" : "; ") + std::string(kDelayNotJudged);
    policy.goal = {.met = met, .why = why};
  }
}

std::string LimitsText(const Goal& goal) {
  std::string limits;
  for (const Limit& limit : kLimits) {
    if (!(goal.*limit.at_most)) continue;
    if (!limits.empty()) limits += ", ";
    limits += limit.limit[0] + limit.text(*(goal.*limit.at_most)) + limit.limit[1];
  }
  return limits;
}

std::string BrokenLimits(const Goal& goal, const PolicyReport& policy) {
  return JoinLimits(goal, policy, ", ", [](const Limit& limit, double figure, double at_most) {
    return std::string(figure <= at_most ? "" : limit.column);
  });
}

std::vector<std::string> Advice(const Report& report) {
  const Goal& goal = *report.goal;
  Policies within, outside;
  bool unjudged = false;
  for (const PolicyReport* policy : FinishedPolicies(report)) {
    if (policy->goal) (policy->goal->met ? within : outside).push_back(policy);
    unjudged = unjudged || (goal.delay_p99_us_at_most && !HasDelays(*policy));
  }
  std::stable_sort(within.begin(), within.end(), CostsLess);
  std::stable_sort(outside.begin(), outside.end(),
                   [&](const PolicyReport* a, const PolicyReport* b) {
                     return Excess(goal, *a) < Excess(goal, *b);
                   });
  std::vector<std::string> sentences;
  if (!within.empty()) {
    sentences.push_back(Take(goal, within));
  } else if (!outside.empty()) {
    sentences.push_back("No policy keeps within the goal (" + LimitsText(goal) + "). Nearest is " +
                        outside.front()->label + ": it costs " + Cost(*outside.front()) + "; " +
                        Reach(goal, *outside.front()) + ".");
    outside.erase(outside.begin());
  }
  if (within.size() > 1) sentences.push_back(RunnersUp(goal, within));
  if (!outside.empty()) sentences.push_back(Outside(goal, outside));
  if (unjudged) {
    sentences.push_back("Clients sent no command, so the goal's delay (" +
                        LimitsText({.delay_p99_us_at_most = goal.delay_p99_us_at_most}) +
                        ") is not judged.");
  }
  return sentences;
}

}  // namespace dcs::simulate
