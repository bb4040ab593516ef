#include "tools/simulate/published_fit.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "tools/simulate/figures.h"
#include "tools/simulate/finished_policies.h"

namespace dcs::simulate {
namespace {

// The relative error; absent if the published figure is zero.
std::optional<double> ErrorOf(double simulated, double published) {
  if (published <= 0) return std::nullopt;
  return simulated / published - 1;
}

// The modelled cost of the policy's work as a share of the time it took.
std::optional<double> ModelledShare(const CostModel& costs, const PolicyReport& policy) {
  const std::optional<double> seconds = SecondsTaken(policy);
  if (!seconds || *seconds <= 0) return std::nullopt;
  double us = 0;
  if (policy.scan && policy.scan->ended > 0) {
    us = costs.step_us * static_cast<double>(policy.scan->steps) +
         KeysUs(costs, policy.scan->visited, policy.scan->released,
                policy.released_bytes[Cause::kScan]);
  } else {
    us = KeysUs(costs, policy.looked_at, policy.released(), policy.released_bytes.total());
  }
  return std::min(1.0, costs.idle_share + us / 1e6 / *seconds);
}

// Why one linear model cannot match all published shares.
constexpr const char* kWhyNot =
    "They differ because the documents' shares do not lie on a straight line: from 50 to 100 keys "
    "a step "
    "they "
    "double, from 100 to 1,000 they grow by a quarter. The model charges a fixed time for each "
    "step and "
    "each key, so it cannot match them all; its defaults minimise the squares of the relative "
    "errors.";

std::string FitNote(const std::vector<FitRow>& rows) {
  double squares = 0;
  size_t errors = 0;
  const FitRow* worst = nullptr;
  for (const FitRow& row : rows) {
    if (!row.error) continue;
    ++errors;
    squares += *row.error * *row.error;
    if (worst == nullptr || std::abs(*row.error) > std::abs(*worst->error)) worst = &row;
  }
  if (worst == nullptr) return "No policy with a published CPU share finished.";
  return "CPU shares by the cost model are off by " +
         ShareText(std::sqrt(squares / static_cast<double>(errors))) +
         " (root mean square of the relative errors), at most by " + DifferenceText(*worst->error) +
         " (" + worst->label + "). " + kWhyNot;
}

std::string TimesText(const PolicyReport& policy, double published) {
  const std::optional<double> took = SecondsTaken(policy);
  if (!took) return WhyNotDone(policy) + ", published " + MinutesText(published);
  std::string text = MinutesText(*took) + ", published " + MinutesText(published);
  if (const std::optional<double> error = ErrorOf(*took, published)) {
    text += " (" + DifferenceText(*error) + ")";
  }
  return text;
}

std::string Comparison(const PolicyReport& policy) {
  const Published& published = *policy.published;
  std::string text;
  if (published.seconds) text += TimesText(policy, *published.seconds);
  if (published.cpu_share) {
    const std::optional<double>& simulated = policy.cpu_share.while_reclaiming;
    text += std::string(text.empty() ? "" : "; ") + "CPU " +
            (simulated ? ShareText(*simulated) : "not known") + ", published " +
            ShareText(*published.cpu_share);
  }
  return text;
}

// The errors of one kind, for the first sentence.
struct Errors {
  const char* what;
  size_t compared = 0, of = 0;
  double worst = 0;
  const PolicyReport* policy = nullptr;

  void Add(const PolicyReport& from, const std::optional<double>& simulated, double published) {
    ++of;
    if (!simulated) return;
    const std::optional<double> error = ErrorOf(*simulated, published);
    if (!error) return;
    ++compared;
    if (policy == nullptr || std::abs(*error) > std::abs(worst)) worst = *error, policy = &from;
  }
  std::string Text() const {
    if (of == 0) return "";
    if (policy == nullptr) return std::string("no published ") + what + " can be compared";
    std::string text = std::string("simulated ") + what + "s ";
    if (worst == 0) {
      text += "equal the published ones";
    } else {
      text += "are within " + ShareText(std::abs(worst)) + " of the published ones (" +
              policy->label + " is furthest: " + DifferenceText(worst) + ")";
    }
    if (compared < of) {
      text += ", for " + std::to_string(compared) + " of " + std::to_string(of) + " policies";
    }
    return text;
  }
};

}  // namespace

std::optional<PublishedFit> FitToPublished(const Report& report) {
  PublishedFit fit;
  bool any = false;
  for (const PolicyReport& policy : report.policies) {
    if (!policy.published || !policy.published->cpu_share) continue;
    any = true;
    if (!IsJudged(policy)) continue;
    const std::optional<double> simulated = ModelledShare(report.cost_model, policy);
    if (!simulated) continue;
    const double published = *policy.published->cpu_share;
    fit.rows.push_back({policy.label, published, *simulated, ErrorOf(*simulated, published)});
  }
  if (!any) return std::nullopt;
  fit.note = FitNote(fit.rows);
  return fit;
}

std::vector<std::string> AgainstPublished(const Report& report) {
  Errors times{.what = "time"}, cpus{.what = "CPU share"};
  std::vector<std::string> each;
  for (const PolicyReport* policy : FinishedPolicies(report)) {
    if (!policy->published) continue;
    const Published& published = *policy->published;
    if (published.seconds) times.Add(*policy, SecondsTaken(*policy), *published.seconds);
    if (published.cpu_share) {
      cpus.Add(*policy, policy->cpu_share.while_reclaiming, *published.cpu_share);
    }
    const std::string text = Comparison(*policy);
    if (!text.empty()) each.push_back(policy->label + ": " + text + ".");
  }
  if (each.empty()) return {"No policy that finished has published figures to compare with."};
  std::string first = times.Text();
  if (const std::string cpu = cpus.Text(); !cpu.empty()) {
    first += (first.empty() ? "" : "; ") + cpu;
  }
  std::vector<std::string> sentences;
  if (!first.empty()) {
    first[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(first[0])));
    sentences.push_back(first + ".");
  }
  sentences.insert(sentences.end(), each.begin(), each.end());
  if (const std::optional<PublishedFit> fit = FitToPublished(report))
    sentences.push_back(fit->note);
  return sentences;
}

}  // namespace dcs::simulate
