#include "store/index/directory.h"

#include <algorithm>
#include <new>
#include <utility>

#include "store/time/deadline.h"

namespace dcs::store {

Directory::Entries::Entries(size_t entries) noexcept {
  std::byte* memory = nullptr;
  if (entries < kLarge) {
    small.reset(new (std::nothrow) std::byte[entries * kEntryBytes]());
    memory = small.get();
  } else {
    large = Mapping(entries * kEntryBytes);
    memory = large.data();
  }
  if (memory == nullptr) return;
  size = entries;
  routes = reinterpret_cast<Route*>(memory);
  segments = reinterpret_cast<Segment**>(routes + size);
  earliest = reinterpret_cast<uint32_t*>(segments + size);
}

Directory::Entries& Directory::Entries::operator=(Entries&& other) noexcept {
  small = std::move(other.small);
  large = std::move(other.large);
  routes = std::exchange(other.routes, nullptr);
  segments = std::exchange(other.segments, nullptr);
  earliest = std::exchange(other.earliest, nullptr);
  size = std::exchange(other.size, 0);
  return *this;
}

Directory::Directory(size_t size) : now_(size) {
  if (now_.size == 0) throw std::bad_alloc();
}

Directory::Directory(Directory&& other) noexcept
    : now_(std::move(other.now_)),
      next_(std::move(other.next_)),
      copied_(std::exchange(other.copied_, 0)) {}

void Directory::CopyUntil(size_t end) {
  for (; copied_ < end; ++copied_) {
    std::fill_n(next_.routes + copied_ * 2, 2, now_.routes[copied_]);
    std::fill_n(next_.segments + copied_ * 2, 2, now_.segments[copied_]);
    next_.earliest[copied_ * 2] = now_.earliest[copied_];
    next_.earliest[copied_ * 2 + 1] = kCoarseNone;
  }
}

void Directory::BringPages(size_t end, DeferredWork& deferred) const {
  const size_t last = end * 2 - 1;
  const auto bring = [&](const auto* next) {
    const auto page_of = [next](size_t at) {
      return reinterpret_cast<uintptr_t>(next + at) / kSmallPageBytes;
    };
    // What was copied before has brought the page of its own last one. A step writes to two at the most.
    static_assert(kCopiedAtOnce * 2 * sizeof(*next) <= kSmallPageBytes);
    const size_t before = copied_ == 0 ? 0 : copied_ * 2 - 1;
    if (copied_ == 0) deferred.BringPage(next);
    if (page_of(last) != page_of(before)) deferred.BringPage(next + last);
  };
  bring(next_.routes);
  bring(next_.segments);
  bring(next_.earliest);
}

void Directory::PrepareDoubling(DeferredWork& deferred) noexcept {
  const auto behind_next = [&] { return std::min(copied_ + kCopiedAtOnce, now_.size); };
  if (next_.size > 0) {
    CopyUntil(behind_next());
  } else if (now_.size * 2 >= kLarge) {
    next_ = Entries(now_.size * 2);
  }
  if (copied_ < next_.size / 2) BringPages(behind_next(), deferred);
}

bool Directory::Double(DeferredWork& deferred) noexcept {
  if (next_.size == 0) next_ = Entries(now_.size * 2);
  if (next_.size == 0) return false;
  CopyUntil(now_.size);
  if (now_.size >= kLarge) deferred.Add(std::move(now_.large));
  now_ = std::move(next_);
  copied_ = 0;
  return true;
}

}  // namespace dcs::store
