// A B-tree of elements ordered by a 32-bit hash of their text, then by the text: the large form of sets.
//
// The order gives a cursor without state in the server: a position between two hashes. An element that is
// present during the whole walk is visited exactly once, whatever is added or removed in between. It also
// gives uniformly random elements.
//
// Element provides `hash` and `std::string_view text() const`.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <new>
#include <string_view>
#include <utility>

#include "absl/container/btree_set.h"
#include "store/key_hash.h"
#include "store/memory/counting_allocator.h"
#include "store/values/random_choice.h"

namespace dcs::store {

struct HashPlace {
  uint32_t hash;
  std::string_view place_text;

  std::string_view text() const { return place_text; }
};

inline HashPlace HashPlaceOf(std::string_view text, uint64_t seed) {
  return {static_cast<uint32_t>(HashBytes(text, seed) >> 32), text};
}

// Thread safety: none; guarded with its owner. Changes invalidate iterators.
template <typename Element>
class HashTree {
 private:
  struct Before {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      // Reads the texts only if it must.
      return a.hash != b.hash ? a.hash < b.hash : a.text() < b.text();
    }
  };
  using Tree = absl::btree_set<Element, Before, CountingAllocator<Element>>;

 public:
  using Iterator = typename Tree::const_iterator;

  HashTree() = default;
  HashTree(const HashTree&) = delete;
  HashTree& operator=(const HashTree&) = delete;
  ~HashTree() {
    // After a failed insertion, the destructor of absl's tree may forget what is below its root.
    while (insertion_failed_ && !tree_.empty()) tree_.erase(tree_.begin());
  }

  size_t size() const { return tree_.size(); }
  // Bytes of the nodes. What elements point to is not included. O(1).
  size_t node_bytes() const { return node_bytes_; }
  Iterator begin() const { return tree_.begin(); }
  Iterator end() const { return tree_.end(); }

  // The element at that place, or end(). O(log n).
  Iterator Find(const HashPlace& place) const { return tree_.find(place); }
  // The first element at that place or after it: a hint for Insert. O(log n).
  Iterator LowerBound(const HashPlace& place) const { return tree_.lower_bound(place); }
  bool IsAt(Iterator at, const HashPlace& place) const {
    return at != end() && !Before()(place, *at);
  }
  // Returns the place of the element. O(1) if `hint` is right. Throws std::bad_alloc with nothing changed.
  // REQUIRES: no equal element is there.
  Iterator Insert(Iterator hint, Element element) {
    try {
      return tree_.insert(hint, std::move(element));
    } catch (const std::bad_alloc&) {
      // The root may have grown without the split that it grew for. A second attempt completes that.
      insertion_failed_ = true;
    }
    const Iterator inserted = tree_.insert(std::move(element)).first;
    insertion_failed_ = false;
    return inserted;
  }
  void Erase(Iterator at) noexcept { tree_.erase(at); }

  // Visits about `count` elements from `cursor` on, more if hashes collide: elements with the same hash are
  // visited together. Returns the next cursor, below 2^32; 0 at the end. O(log n + count).
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const {
    if (cursor > UINT32_MAX) return 0;
    Iterator at = LowerBound({static_cast<uint32_t>(cursor), {}});
    uint64_t last = 0;
    for (size_t visited = 0; at != end() && (visited < count || at->hash == last); ++visited) {
      last = at->hash;
      visit(*at);
      ++at;
    }
    return at == end() ? 0 : last + 1;
  }

  // A uniformly random element. O(log n), on average 2.5 lookups of 16 elements each. REQUIRES: size() > 0.
  //
  // Each try looks at the elements of a random window of hashes; all windows have the same width. Every
  // element lies in the same number of windows. A window with `inside` elements accepts each with probability
  // 1 / kMostInWindow, so every element has the same chance. A window with more elements, about one in 10^7,
  // accepts always.
  Iterator Random(RandomBits bits) const {
    constexpr uint64_t kHashes = uint64_t{1} << 32;
    constexpr uint64_t kMeanInWindow = 16;
    constexpr uint64_t kMostInWindow = 40;
    assert(size() > 0);
    if (size() <= kMostInWindow) {
      return std::next(begin(), static_cast<ptrdiff_t>(UniformBelow(size(), bits)));
    }
    const uint64_t width = std::max<uint64_t>(kHashes * kMeanInWindow / size(), 1);
    // Windows wrap: past the last element comes the first.
    const auto wrapped = [&](Iterator at) { return at == end() ? begin() : at; };
    while (true) {
      const auto from = static_cast<uint32_t>(bits() >> 32);
      const Iterator first = wrapped(LowerBound({from, {}}));
      uint64_t inside = 0;
      for (Iterator at = first; inside < size(); at = wrapped(std::next(at)), ++inside) {
        if (static_cast<uint32_t>(at->hash - from) >= width) break;
      }
      uint64_t chosen = UniformBelow(std::max(inside, kMostInWindow), bits);
      if (chosen >= inside) continue;
      Iterator at = first;
      for (; chosen > 0; --chosen) at = wrapped(std::next(at));
      return at;
    }
  }

 private:
  size_t node_bytes_ = 0;
  bool insertion_failed_ = false;
  Tree tree_{CountingAllocator<Element>(&node_bytes_)};
};

}  // namespace dcs::store
