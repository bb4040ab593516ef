// What an index doubles: for each range of hashes with the same leading bits, the way to its segment.
//
// A large one has a mapping of its own, whose pages the system brings when they are first touched, in
// 1 to 10 us each, by the machine: all of them at once would keep a lock for 200 us or more. So it is made
// before it is needed, and touched a page at a time. Not from malloc, which took 100 to 400 us at times.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "store/retired.h"
#include "store/route.h"
#include "store/segment.h"

namespace dcs::store {

class Directory {
 public:
  // From so many entries on, it is large.
  static constexpr size_t kLarge = 512;

  // Of no entries.
  Directory() = default;
  // With `size` entries without meaning; of none where there is no memory.
  explicit Directory(size_t size);
  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&& other) noexcept;

  size_t size() const { return size_; }
  Route* routes() const { return routes_; }
  Segment** segments() const { return segments_; }  // that the routes lead to
  // Each segment's earliest() again, at the first of its places; kCoarseNone at the others. Apart, so
  // that a sweep passes segments without visiting them.
  uint32_t* earliest() const { return earliest_; }

  // Brings one page more of a large one.
  void Touch();
  // What has been brought so.
  size_t touched_bytes() const { return touched_; }
  size_t bytes() const { return size_ * kEntryBytes; }

  // Gives the memory back; it has no entries then.
  void Discard(Retired& retired);

 private:
  static constexpr size_t kEntryBytes = sizeof(Route) + sizeof(Segment*) + sizeof(uint32_t);

  std::unique_ptr<std::byte[]> small_;
  Mapping large_;
  // Into either, one behind the other.
  Route* routes_ = nullptr;
  Segment** segments_ = nullptr;
  uint32_t* earliest_ = nullptr;
  size_t size_ = 0;
  size_t touched_ = 0;
};

}  // namespace dcs::store
