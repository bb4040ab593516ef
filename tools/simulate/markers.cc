#include "tools/simulate/markers.h"

#include <algorithm>

namespace dcs::simulate {
namespace {

constexpr TimeMs kDayMs = 86'400'000;
constexpr int kMostBursts = 20;

class Markers {
 public:
  explicit Markers(TimeMs duration_ms) : duration_ms_(duration_ms) {}

  // Events at the very start or end need no mark.
  void Add(TimeMs at, const std::string& text) {
    if (at > 0 && at < duration_ms_) markers_.push_back({.at_ms = at, .text = text});
  }
  std::vector<Marker> Take() {
    std::stable_sort(markers_.begin(), markers_.end(),
                     [](const Marker& a, const Marker& b) { return a.at_ms < b.at_ms; });
    markers_.erase(std::unique(markers_.begin(), markers_.end(),
                               [](const Marker& a, const Marker& b) {
                                 return a.at_ms == b.at_ms && a.text == b.text;
                               }),
                   markers_.end());
    return std::move(markers_);
  }

 private:
  const TimeMs duration_ms_;
  std::vector<Marker> markers_;
};

void AddTraffic(const TrafficStream& stream, TimeMs duration_ms, Markers& markers) {
  const RatePlan& rate = stream.rate;
  markers.Add(rate.starts_ms, stream.name + " start");
  markers.Add(rate.ends_ms, stream.name + " end");
  // The time of day is known if the scenario sets the start of a day or has hourly rates.
  if (rate.midnight_ms != 0 || !rate.hourly.empty()) {
    const TimeMs first = (rate.midnight_ms % kDayMs + kDayMs) % kDayMs;
    for (TimeMs at = first; at < duration_ms; at += kDayMs) markers.Add(at, "midnight");
  }
  if (!rate.bursts) return;
  for (int i = 0; i < kMostBursts; ++i) {
    markers.Add(rate.bursts->first_ms + i * rate.bursts->every_ms, "burst of " + stream.name);
    if (rate.bursts->every_ms == 0) break;
  }
}

}  // namespace

std::vector<Marker> MarkersOf(const Scenario& scenario, TimeMs last_deadline_ms) {
  Markers markers(scenario.duration_ms);
  markers.Add(scenario.reclamation_starts_ms, "reclamation starts");
  for (const TrafficStream& stream : scenario.traffic) {
    AddTraffic(stream, scenario.duration_ms, markers);
  }
  if (scenario.traffic.empty()) markers.Add(last_deadline_ms, "last deadline");
  return markers.Take();
}

}  // namespace dcs::simulate
