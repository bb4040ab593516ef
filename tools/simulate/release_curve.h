// How many keys had been released when, thinned so that it stays small however long a run is.
//
// A point is kept each time that so many more keys have been released; when there are too many
// points, every other one goes and the distance doubles. Marks are right within 1/2,000 of all keys.
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "store/clock.h"

namespace dcs::simulate {

class ReleaseCurve {
 public:
  // REQUIRES: neither goes backwards.
  void Add(store::TimeMs now, uint64_t released) {
    if (released == last_.released) return;
    last_ = {now, released};
    if (!points_.empty() && released < points_.back().released + distance_) return;
    points_.push_back(last_);
    if (points_.size() < kMostPoints) return;
    for (size_t i = 0; 2 * i + 1 < points_.size(); ++i) points_[i] = points_[2 * i + 1];
    points_.resize(points_.size() / 2);
    distance_ *= 2;
  }
  // When `keys` keys had been released; nullopt where that has not come.
  std::optional<store::TimeMs> When(uint64_t keys) const {
    if (keys > last_.released) return std::nullopt;
    for (const Point& point : points_) {
      if (point.released >= keys) return point.at;
    }
    return last_.at;
  }

 private:
  static constexpr size_t kMostPoints = 8192;
  struct Point {
    store::TimeMs at = 0;
    uint64_t released = 0;
  };
  std::vector<Point> points_;
  Point last_;
  uint64_t distance_ = 1;
};

}  // namespace dcs::simulate
