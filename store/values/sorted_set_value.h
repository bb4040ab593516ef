// The sorted set type: members with a score, ordered by score, then by member bytes.
//
// Two forms: a packed buffer (scored_buffer.h), encoding "listpack", within zset_max_listpack_entries and
// zset_max_listpack_value; beyond them an index with ranks (score_index.h), encoding "skiplist". A set never
// changes back.
//
// Ranks: positions in ascending order from 0. A range by score or by member becomes a range of ranks first;
// counting, visiting and erasing take ranks.
//
//   Ranks ranks = set.RanksByScore({.min = 10, .max = 20, .max_exclusive = true});
//   ranks.Limit(Order::kDescending, offset, count);
//   set.ForEach(ranks, Order::kDescending, visit);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "store/values/encoding_limits.h"
#include "store/values/random_choice.h"
#include "store/values/scored_buffer.h"
#include "store/values/value.h"

namespace dcs::store {

class ScoreIndex;

enum class Order : uint8_t { kAscending, kDescending };

// Ranks from `begin` to `end`, the last one excluded. begin <= end.
struct Ranks {
  size_t begin = 0;
  size_t end = 0;

  size_t size() const { return end - begin; }
  // Skips the first `offset` ranks in that order, and keeps at most `count` of the others.
  void Limit(Order order, size_t offset, size_t count);
};

// Infinite bounds are doubles. Not NaN.
struct ScoreRange {
  double min;
  double max;
  bool min_exclusive = false;
  bool max_exclusive = false;
};

struct LexBound {
  enum class Kind : uint8_t { kBelowAll, kInclusive, kExclusive, kAboveAll };  // "-", "[", "(", "+"
  Kind kind;
  std::string_view member = {};
};

struct LexRange {
  LexBound min;
  LexBound max;
};

// Thread safety: see HeapValue. Members that throw std::bad_alloc change nothing before. n is size(). Costs
// are those of the large form; the packed form is O(n).
class SortedSetValue final : public HeapValue {
 public:
  static constexpr ValueType kType = ValueType::kZSet;
  static constexpr size_t kPartsOfElement = 2;  // member and score

  // 16 bits of `seed` order the walk of Scan. Clients that guess them can only make a step of it longer.
  explicit SortedSetValue(uint64_t seed);
  ~SortedSetValue() override;

  size_t size() const override;
  size_t bytes() const override;

  // O(log n). Throws std::bad_alloc. REQUIRES: the score is not NaN.
  ScoreChange Set(std::string_view member, double score,
                  const EncodingLimits& limits = kDefaultEncodingLimits);
  // Adds to the member's score, 0 if it is absent. Returns the new score; nullopt, with nothing changed, if
  // it would be NaN. O(log n). Throws std::bad_alloc. REQUIRES: `by` is not NaN.
  std::optional<double> Increment(std::string_view member, double by,
                                  const EncodingLimits& limits = kDefaultEncodingLimits);
  // Returns whether the member was there. O(log n).
  bool Erase(std::string_view member) noexcept;

  // O(log n).
  std::optional<double> Score(std::string_view member) const;
  // kDescending: the highest element has rank 0. O(log n).
  std::optional<size_t> RankOf(std::string_view member, Order order = Order::kAscending) const;
  // O(log n). The member is valid until the next change. REQUIRES: rank < size().
  ScoredElement At(size_t rank) const;
  // A uniformly random element. O(log n). REQUIRES: size() > 0.
  ScoredElement Random(RandomBits bits) const;

  Ranks AllRanks() const { return {0, size()}; }
  // O(log n).
  Ranks RanksByScore(const ScoreRange& range) const;
  // The order matters only if scores differ, which Redis leaves open: then the result is that of a listpack
  // walked in this order. O(log n).
  Ranks RanksByLex(const LexRange& range, Order order = Order::kAscending) const;

  // The member's text is valid until the visitor returns.
  using Visit = absl::FunctionRef<void(std::string_view member, double score)>;
  // O(log n + ranks). REQUIRES: the ranks exist.
  void ForEach(const Ranks& ranks, Order order, Visit visit) const;
  void ForEach(Visit visit) const { ForEach(AllRanks(), Order::kAscending, visit); }
  // O(ranks * log n). REQUIRES: the ranks exist.
  void EraseRanks(const Ranks& ranks) noexcept;
  // Visits up to `count` elements, the lowest first (kDescending: the highest), then erases them. What the
  // visitor throws comes before the first erasure. O(count * log n).
  void Pop(Order order, size_t count, Visit visit);

  // Visits about `count` elements from `cursor` on, more if hashes collide. Returns the next cursor, below
  // 2^32; 0 at the end. A member that is present during the whole walk is visited exactly once. The packed
  // form visits all elements from any cursor.
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const;

  // The type table's element walk: the member, then the shortest decimal text that gives its score exactly.
  void Walk(absl::FunctionRef<void(std::string_view part)> visit) const;
  // REQUIRES: the score is a text of Walk. Leaves out an element whose score is none.
  void Add(std::span<const std::string_view> parts, const EncodingLimits& limits);
  // What OBJECT ENCODING replies.
  std::string_view encoding() const { return is_packed_ ? "listpack" : "skiplist"; }

 private:
  using Test = absl::FunctionRef<bool(const ScoredElement& element)>;

  // The first rank from `from` on whose element fails; size() if there is none.
  size_t SkipUp(size_t from, Test passes) const;
  // The lowest rank from which on all elements below `until` pass.
  size_t SkipDown(size_t until, Test passes) const;
  ScoreChange SetPacked(std::string_view member, double score, const EncodingLimits& limits);
  void ChangeToIndex(std::string_view added, double score);

  bool is_packed_ = true;
  const uint16_t seed_;
  union {
    ScoredBuffer packed_;
    std::unique_ptr<ScoreIndex> index_;
  };
};

}  // namespace dcs::store
