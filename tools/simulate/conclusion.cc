#include "tools/simulate/conclusion.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <optional>

#include "tools/terminal.h"

namespace dcs::simulate {
namespace {

[[gnu::format(printf, 1, 2)]] std::string Format(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  return text;
}

std::string Percent(double share) {
  return Format(share < 0.01 ? "%.2g %%" : "%.1f %%", share * 100);
}

std::string Bytes(double bytes) { return tools::HumanBytes(bytes); }

std::string Duration(double seconds) {
  if (seconds < 1) return Format("%.0f ms", seconds * 1000);
  if (seconds < 120) return Format("%.1f s", seconds);
  if (seconds < 7200) return Format("%.1f min", seconds / 60);
  return Format("%.1f h", seconds / 3600);
}

std::string DelayText(double us) {
  return us < 1000 ? Format("%.0f us", us) : Format("%.1f ms", us / 1000);
}

bool HasRun(const PolicyReport& policy) { return !policy.timeline.t_ms.empty(); }

// ---- The goal -----------------------------------------------------------------------------------

std::string Why(const PolicyReport& policy, const Goal& goal) {
  std::string why;
  const auto note = [&](bool broken, const std::string& text) {
    if (!broken) return;
    if (!why.empty()) why += "; ";
    why += text;
  };
  if (goal.stale_bytes_at_most) {
    note(policy.stale_bytes.peak > *goal.stale_bytes_at_most,
         "stale memory up to " + Bytes(policy.stale_bytes.peak));
  }
  if (goal.cpu_share_at_most) {
    note(policy.cpu_share.peak > *goal.cpu_share_at_most,
         "CPU up to " + Percent(policy.cpu_share.peak));
  }
  if (goal.delay_p99_us_at_most && policy.traffic) {
    note(policy.traffic->delay.p99_us > *goal.delay_p99_us_at_most,
         "1 % of the commands take more than " + DelayText(policy.traffic->delay.p99_us));
  }
  return why;
}

std::string Limits(const Goal& goal) {
  std::string limits;
  const auto add = [&](const std::string& text) {
    if (!limits.empty()) limits += ", ";
    limits += text;
  };
  if (goal.stale_bytes_at_most) add("at most " + Bytes(*goal.stale_bytes_at_most) + " stale");
  if (goal.cpu_share_at_most) {
    add("at most " + Percent(*goal.cpu_share_at_most) + " of the CPU at any time");
  }
  if (goal.delay_p99_us_at_most) {
    add("99 % of the commands within " + DelayText(*goal.delay_p99_us_at_most));
  }
  return limits;
}

std::string FiguresOf(const PolicyReport& policy) {
  std::string text = "stale memory peaks at " + Bytes(policy.stale_bytes.peak) +
                     ", reclamation takes " + Percent(policy.cpu_share.reclamation) +
                     " of the CPU (the node is at most " + Percent(policy.cpu_share.peak) +
                     " busy)";
  if (policy.traffic) {
    text += ", 99 % of the commands take at most " + DelayText(policy.traffic->delay.p99_us);
  }
  return text;
}

std::optional<std::string> Recommend(const Report& report) {
  if (!report.goal || report.partial) return std::nullopt;
  const PolicyReport* best = nullptr;
  const PolicyReport* nearest = nullptr;  // of those that fail
  for (const PolicyReport& policy : report.policies) {
    if (policy.ideal || !policy.goal) continue;
    const PolicyReport*& one = policy.goal->met ? best : nearest;
    const bool better =
        policy.goal->met
            ? one == nullptr || policy.cpu_share.reclamation < one->cpu_share.reclamation
            : one == nullptr || policy.stale_bytes.peak < one->stale_bytes.peak;
    if (better) one = &policy;
  }
  if (best != nullptr) {
    return "Take " + best->label + ": the cheapest of these that keeps within the limits (" +
           Limits(*report.goal) + "); " + FiguresOf(*best) + ".";
  }
  if (nearest == nullptr) return std::nullopt;
  return "None of these keeps within the limits (" + Limits(*report.goal) +
         "). Least is left stale by " + nearest->label + ": " + FiguresOf(*nearest) + ".";
}

// ---- Growth -------------------------------------------------------------------------------------

// How fast stale memory would grow if nothing released it, and how long a limit lasts.
std::optional<std::string> Growth(const Report& report) {
  const PolicyReport* most = nullptr;  // the one of which most is known
  for (const PolicyReport& policy : report.policies) {
    if (policy.stale_keys.mean <= 0) continue;
    if (most == nullptr || policy.expired > most->expired) most = &policy;
  }
  if (most == nullptr || !report.goal || report.duration_seconds <= 0) return std::nullopt;
  const double bytes_a_key = most->stale_bytes.mean / most->stale_keys.mean;
  const double hours = report.duration_seconds / 3600;
  const double bytes_an_hour = static_cast<double>(most->expired) * bytes_a_key / hours;
  std::string text = Format("About %.0f keys expire an hour, which hold ",
                            static_cast<double>(most->expired) / hours) +
                     Bytes(bytes_an_hour);
  if (report.goal->stale_bytes_at_most && bytes_an_hour > 0) {
    text += "; left alone, they reach " + Bytes(*report.goal->stale_bytes_at_most) + " in " +
            Duration(*report.goal->stale_bytes_at_most / bytes_an_hour * 3600) +
            ": from the start of one scan to the end of the next there may be no more than that";
  }
  return text + ".";
}

// ---- What all scenarios tell --------------------------------------------------------------------

std::optional<double> SecondsTaken(const PolicyReport& policy) {
  if (policy.scan && policy.scan->ended == 1) {
    return static_cast<double>(policy.scan->duration_ms) / 1000;
  }
  return policy.release_seconds.p100;
}

void CompareWithPublished(const Report& report, std::vector<std::string>& sentences) {
  for (const PolicyReport& policy : report.policies) {
    if (!policy.published || !policy.published->seconds) continue;
    const std::optional<double> took = SecondsTaken(policy);
    if (!took) continue;
    const double published = *policy.published->seconds;
    sentences.push_back(policy.label + Format(": %.2f min, published %.2f min (%+.1f %%).",
                                              *took / 60, published / 60,
                                              (*took / published - 1) * 100));
  }
}

// The policy that a comparison puts first; the ideal does not count.
const PolicyReport* Best(const Report& report, auto better) {
  const PolicyReport* best = nullptr;
  for (const PolicyReport& policy : report.policies) {
    if (policy.ideal || !HasRun(policy)) continue;
    if (best == nullptr || better(policy, *best)) best = &policy;
  }
  return best;
}

std::optional<std::string> Extremes(const Report& report) {
  const auto mean = [](const PolicyReport& policy) { return policy.stale_bytes.mean; };
  const PolicyReport* least =
      Best(report, [&](const auto& a, const auto& b) { return mean(a) < mean(b); });
  const PolicyReport* most =
      Best(report, [&](const auto& a, const auto& b) { return mean(a) > mean(b); });
  if (least == nullptr || least == most) return std::nullopt;
  return "Stale memory on average: least with " + least->label + " (" + Bytes(mean(*least)) +
         "), most with " + most->label + " (" + Bytes(mean(*most)) + "; " +
         Bytes(most->stale_bytes.end) + " still at the end).";
}

std::optional<std::string> Unfinished(const Report& report) {
  constexpr size_t kMostNamed = 4;
  std::string left;
  size_t count = 0;
  for (const PolicyReport& policy : report.policies) {
    if (!HasRun(policy) || policy.expired == 0 || policy.release_seconds.p99) continue;
    if (++count > kMostNamed) continue;
    if (!left.empty()) left += ", ";
    left += policy.label;
  }
  // Where traffic makes keys to the end, nobody is ever done.
  if (left.empty() || !report.traffic.empty()) return std::nullopt;
  if (count > kMostNamed) left += " and " + std::to_string(count - kMostNamed) + " more";
  return "Not done with 99 % of what had expired within " + Duration(report.duration_seconds) +
         ": " + left + ".";
}

// What readers miss is the same whatever releases keys: an expired key is invisible to all.
void Misses(const Report& report, std::vector<std::string>& sentences) {
  const PolicyReport* policy = Best(report, [](const auto&, const auto&) { return false; });
  if (policy == nullptr || !policy->traffic) return;
  for (size_t i = 0; i < report.traffic.size(); ++i) {
    const TrafficCounts& counts = policy->traffic->streams[i];
    if (!report.traffic[i].fill_after_ms || counts.reads == 0) continue;
    sentences.push_back(
        report.traffic[i].name + ": " +
        Percent(static_cast<double>(counts.misses) / static_cast<double>(counts.reads)) +
        " of the reads found nothing, and up to " + std::to_string(counts.most_waiting) +
        " values were being fetched at once, whatever the policy.");
  }
}

std::optional<std::string> SlowestForClients(const Report& report) {
  const auto p999 = [](const PolicyReport& policy) {
    return policy.traffic ? policy.traffic->delay.p999_us : -1;
  };
  const PolicyReport* quick =
      Best(report, [&](const auto& a, const auto& b) { return p999(a) < p999(b); });
  const PolicyReport* slow =
      Best(report, [&](const auto& a, const auto& b) { return p999(a) > p999(b); });
  if (quick == nullptr || quick == slow || !slow->traffic) return std::nullopt;
  return "One command in a thousand takes longer than " + DelayText(p999(*quick)) + " with " +
         quick->label + ", and than " + DelayText(p999(*slow)) + " with " + slow->label + ".";
}

}  // namespace

void JudgeGoal(Report& report) {
  for (PolicyReport& policy : report.policies) {
    if (!HasRun(policy)) continue;
    const std::string why = Why(policy, *report.goal);
    policy.goal = {.met = why.empty(), .why = why};
  }
}

std::vector<std::string> Conclude(const Report& report) {
  std::vector<std::string> sentences;
  const auto add = [&](const std::optional<std::string>& sentence) {
    if (sentence) sentences.push_back(*sentence);
  };
  add(Recommend(report));
  add(Growth(report));
  CompareWithPublished(report, sentences);
  add(Extremes(report));
  add(Unfinished(report));
  Misses(report, sentences);
  add(SlowestForClients(report));
  return sentences;
}

}  // namespace dcs::simulate
