#include "tools/simulate/markers.h"

#include <gtest/gtest.h>

namespace dcs::simulate {
namespace {

std::vector<std::string> Texts(const std::vector<Marker>& markers) {
  std::vector<std::string> texts;
  for (const Marker& marker : markers) {
    texts.push_back(std::to_string(marker.at_ms) + " " + marker.text);
  }
  return texts;
}

using Wanted = std::vector<std::string>;

TEST(MarkersTest, ReclamationAndLastDeadline) {
  Scenario scenario;
  scenario.duration_ms = 10'000;
  EXPECT_EQ(Texts(MarkersOf(scenario, 0)), Wanted{});
  scenario.reclamation_starts_ms = 4'000;
  EXPECT_EQ(Texts(MarkersOf(scenario, 3'000)),
            (Wanted{"3000 last deadline", "4000 reclamation starts"}));
  EXPECT_EQ(Texts(MarkersOf(scenario, 20'000)), Wanted{"4000 reclamation starts"});
}

TEST(MarkersTest, MidnightAndTraffic) {
  Scenario scenario;
  scenario.duration_ms = 3'600'000;
  TrafficStream stream;
  stream.name = "readers";
  stream.rate.midnight_ms = -86'400'000 + 600'000;  // ten minutes after the start
  stream.rate.ends_ms = 1'800'000;
  stream.rate.bursts = Bursts{.first_ms = 60'000, .every_ms = 3'000'000, .lasting_ms = 1};
  scenario.traffic = {stream};
  EXPECT_EQ(Texts(MarkersOf(scenario, 5)),
            (Wanted{"60000 burst of readers", "600000 midnight", "1800000 readers end",
                    "3060000 burst of readers"}));
}

}  // namespace
}  // namespace dcs::simulate
