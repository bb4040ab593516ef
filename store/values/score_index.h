// A large sorted set: an index by score with ranks, and an index by hash of the member.
//
// By score: a red-black tree whose nodes know the size of their subtree (Boost.MultiIndex, ranked). It holds
// the elements. By hash: a B-tree of pointers to them, for lookups and the cursor of Scan.
//
// Ranks count from 0 in ascending order of score, then member bytes.
//
// Thread safety: none; guarded with its owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "store/values/scored_buffer.h"

namespace dcs::store {

class ScoreIndex {
 public:
  // Whether an element passes. A test is monotone: it changes at most once along the order.
  using Test = absl::FunctionRef<bool(const ScoredElement& element)>;
  using Visit = absl::FunctionRef<void(const ScoredElement& element)>;

  // Throws std::bad_alloc.
  explicit ScoreIndex(uint64_t seed);
  ~ScoreIndex();
  ScoreIndex(const ScoreIndex&) = delete;
  ScoreIndex& operator=(const ScoreIndex&) = delete;

  size_t size() const;
  // Bytes requested from the allocator, this object not included. O(1).
  size_t bytes() const;

  std::optional<double> Find(std::string_view member) const;
  std::optional<size_t> RankOf(std::string_view member) const;
  // O(log n). Throws std::bad_alloc with nothing changed, only if the member is absent.
  ScoreChange Set(std::string_view member, double score);
  // Returns whether the member was there. O(log n).
  bool Erase(std::string_view member) noexcept;
  // O(count * log n).
  void EraseRanks(size_t begin, size_t end) noexcept;

  // O(log n). REQUIRES: rank < size().
  ScoredElement At(size_t rank) const;
  // Number of elements at the start of the order that pass a test which fails from some rank on. O(log n).
  size_t CountWhile(Test passes) const;
  // Visits ranks from `begin` to `end`, the last one excluded. O(log n + end - begin).
  void Ascend(size_t begin, size_t end, Visit visit) const;
  void Descend(size_t begin, size_t end, Visit visit) const;
  // See HashTree::Scan.
  uint64_t Scan(uint64_t cursor, size_t count, Visit visit) const;

 private:
  struct Tables;

  const uint64_t seed_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace dcs::store
