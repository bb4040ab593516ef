// The number of released keys over time, thinned to a bounded size.
//
// A point is kept after each fixed number of releases. If there are too many points, every other
// one is dropped and the number doubles. Times are accurate to 1/2,000 of all keys.
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "store/time/clock.h"

namespace dcs::simulate {

class ReleaseCurve {
 public:
  struct Point {
    store::TimeMs at = 0;
    uint64_t released = 0;
    int64_t done_ns = 0;  // work the node had done by then
  };

  // REQUIRES: no member decreases.
  void Add(const Point& point) {
    if (point.released == last_.released) return;
    last_ = point;
    if (!points_.empty() && point.released < points_.back().released + distance_) return;
    points_.push_back(point);
    if (points_.size() < kMostPoints) return;
    for (size_t i = 0; 2 * i + 1 < points_.size(); ++i) points_[i] = points_[2 * i + 1];
    points_.resize(points_.size() / 2);
    distance_ *= 2;
  }
  // The first point with at least `keys` released keys; nullopt if there is none yet.
  std::optional<Point> When(uint64_t keys) const {
    if (keys > last_.released) return std::nullopt;
    for (const Point& point : points_) {
      if (point.released >= keys) return point;
    }
    return last_;
  }

 private:
  static constexpr size_t kMostPoints = 8192;
  std::vector<Point> points_;
  Point last_;
  uint64_t distance_ = 1;
};

}  // namespace dcs::simulate
