// The directory of an index (extendible hashing): for each range of hashes with the same leading bits, the
// segment of their keys.
//
// Three parallel arrays: a lookup reads the routes only, a sweep the earliest deadlines only.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "store/index/route.h"
#include "store/index/segment.h"
#include "store/time/deadline.h"

namespace dcs::store {

class Directory {
 public:
  // Has one entry. Throws std::bad_alloc.
  Directory() : routes_(1), segments_(1), earliest_(1, kCoarseNone) {}

  size_t size() const { return routes_.size(); }
  const Route* routes() const { return routes_.data(); }
  Segment* const* segments() const { return segments_.data(); }
  // Each segment's earliest() at the first of its entries; kCoarseNone at its other entries.
  const uint32_t* earliest() const { return earliest_.data(); }

  // Set `count` entries from `first` on.
  void SetRoutes(size_t first, size_t count, const Route& route) {
    std::fill_n(routes_.data() + first, count, route);
  }
  void SetSegments(size_t first, size_t count, Segment* segment) {
    std::fill_n(segments_.data() + first, count, segment);
  }
  void SetEarliest(size_t at, uint32_t earliest) { earliest_[at] = earliest; }

  // Makes each entry two, of which the second has no earliest(). Returns false, with nothing changed, if an
  // allocation fails. O(size): 20 us for 16,384 entries (50 million keys in 16 shards), and up to 200 us for
  // the first touch of the new pages.
  bool Double() noexcept;

  size_t bytes() const { return size() * (sizeof(Route) + sizeof(Segment*) + sizeof(uint32_t)); }

 private:
  std::vector<Route> routes_;
  std::vector<Segment*> segments_;
  std::vector<uint32_t> earliest_;
};

inline bool Directory::Double() noexcept {
  try {
    Directory doubled;
    doubled.routes_.resize(size() * 2);
    doubled.segments_.resize(size() * 2);
    doubled.earliest_.resize(size() * 2, kCoarseNone);
    for (size_t i = 0; i < size(); ++i) {
      doubled.SetRoutes(i * 2, 2, routes_[i]);
      doubled.SetSegments(i * 2, 2, segments_[i]);
      doubled.earliest_[i * 2] = earliest_[i];
    }
    *this = std::move(doubled);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace dcs::store
