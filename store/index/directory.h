// What an index doubles: for each range of hashes with the same leading bits, the way to its segment.
//
// Copying a large one under a lock would keep others waiting: not for the bytes, but for the pages, which
// the system brings when they are first touched, in 1 to 40 us each, by the machine. So the one of twice
// the size is made before it is needed and filled a part at a time, into pages that were brought behind
// the lock before; what changes in the part that is filled changes in both. Not in memory from malloc, which
// took 100 to 400 us at times.
//
// Invariant (checked by CheckInvariants): of each entry below copied_, the next one has two, as doubling
// makes them.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "store/index/route.h"
#include "store/index/segment.h"
#include "store/memory/deferred_work.h"

namespace dcs::store {

class Directory {
 public:
  // From so many entries on, it is large.
  static constexpr size_t kLarge = 512;

  // With `size` entries without meaning. Throws std::bad_alloc. REQUIRES: fewer than kLarge.
  explicit Directory(size_t size);
  Directory(Directory&& other) noexcept;

  size_t size() const { return now_.size; }
  const Route* routes() const { return now_.routes; }
  Segment* const* segments() const { return now_.segments; }  // that the routes lead to
  // Each segment's earliest() again, at the first of its places; kCoarseNone at the others. Apart, so
  // that a sweep passes segments without visiting them.
  const uint32_t* earliest() const { return now_.earliest; }

  // Sets `count` entries from `first` on.
  void SetRoutes(size_t first, size_t count, const Route& route) {
    Set(now_.routes, next_.routes, first, count, route);
  }
  void SetSegments(size_t first, size_t count, Segment* segment) {
    Set(now_.segments, next_.segments, first, count, segment);
  }
  void SetEarliest(size_t at, uint32_t earliest) {
    now_.earliest[at] = earliest;
    if (at < copied_) [[unlikely]]
      next_.earliest[at * 2] = earliest;
  }

  // Copies a few entries to where they will stand once it has doubled, if it will be large. Has the pages
  // for the next few prefaulted after the lock. Does nothing without memory.
  void PrepareDoubling(DeferredWork& deferred) noexcept;
  // How many are copied.
  size_t prepared() const { return copied_; }
  // Each entry becomes two, of which the second has no earliest(). O(entries not copied yet). False,
  // with nothing changed, without memory.
  bool Double(DeferredWork& deferred) noexcept;

  // Of the entries in use.
  size_t used_bytes() const { return now_.size * kEntryBytes; }
  // Adds the next directory's entries that have been filled.
  size_t bytes() const { return (now_.size + copied_ * 2) * kEntryBytes; }
  void CheckInvariants() const;

 private:
  static constexpr size_t kEntryBytes = sizeof(Route) + sizeof(Segment*) + sizeof(uint32_t);
  // Entries copied in one go, 1.8 KB. A segment grows twice on its last steps before it splits, so
  // all are copied after the growth of a small part of the segments.
  static constexpr size_t kCopiedAtOnce = 32;

  struct Entries {
    Entries() = default;
    // None without memory.
    explicit Entries(size_t size) noexcept;
    Entries(Entries&& other) noexcept { *this = std::move(other); }
    Entries& operator=(Entries&& other) noexcept;

    std::unique_ptr<std::byte[]> small;
    Mapping large;
    // Into either, one behind the other.
    Route* routes = nullptr;
    Segment** segments = nullptr;
    uint32_t* earliest = nullptr;
    size_t size = 0;
  };

  // In both, as far as it is copied.
  template <typename T>
  void Set(T* now, T* next, size_t first, size_t count, const T& value) {
    std::fill_n(now + first, count, value);
    const size_t end = std::min(first + count, copied_);
    if (first < end) std::fill(next + first * 2, next + end * 2, value);
  }
  // Those below `end` are copied then.
  void CopyUntil(size_t end);
  // Has the pages brought that CopyUntil(end) will write to.
  void BringPages(size_t end, DeferredWork& deferred) const;

  Entries now_;
  Entries next_;  // twice as many, or none
  size_t copied_ = 0;
};

}  // namespace dcs::store
