#include "store/values/sorted_set_value.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <new>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "store/values/score_index.h"

namespace dcs::store {
namespace {

// Not below the minimum.
bool Reaches(std::string_view member, const LexBound& min) {
  switch (min.kind) {
    case LexBound::Kind::kBelowAll:
      return true;
    case LexBound::Kind::kInclusive:
      return member >= min.member;
    case LexBound::Kind::kExclusive:
      return member > min.member;
    default:
      return false;
  }
}

// Not above the maximum.
bool StaysWithin(std::string_view member, const LexBound& max) {
  switch (max.kind) {
    case LexBound::Kind::kAboveAll:
      return true;
    case LexBound::Kind::kInclusive:
      return member <= max.member;
    case LexBound::Kind::kExclusive:
      return member < max.member;
    default:
      return false;
  }
}

}  // namespace

void Ranks::Limit(Order order, size_t offset, size_t count) {
  offset = std::min(offset, size());
  if (order == Order::kAscending) {
    begin += offset;
    end = begin + std::min(count, size());
  } else {
    end -= offset;
    begin = end - std::min(count, size());
  }
}

SortedSetValue::SortedSetValue(uint64_t seed)
    : HeapValue(kType),
      seed_(static_cast<uint16_t>(seed ^ seed >> 16 ^ seed >> 32 ^ seed >> 48)),
      packed_() {
  // Form and seed lie in the padding of the base class.
  static_assert(sizeof(SortedSetValue) == 24);
}

SortedSetValue::~SortedSetValue() {
  if (is_packed_) {
    packed_.~ScoredBuffer();
  } else {
    index_.~unique_ptr();
  }
}

size_t SortedSetValue::size() const { return is_packed_ ? packed_.size() : index_->size(); }

size_t SortedSetValue::bytes() const {
  return sizeof(*this) + (is_packed_ ? packed_.bytes() : sizeof(ScoreIndex) + index_->bytes());
}

// ---- One member ---------------------------------------------------------------------------------

void SortedSetValue::ChangeToIndex(std::string_view added, double score) {
  auto index = std::make_unique<ScoreIndex>(seed_);
  ForEach([&](std::string_view member, double old_score) { index->Set(member, old_score); });
  index->Set(added, score);
  packed_.~ScoredBuffer();
  new (&index_) std::unique_ptr<ScoreIndex>(std::move(index));
  is_packed_ = false;
}

ScoreChange SortedSetValue::SetPacked(std::string_view member, double score,
                                      const EncodingLimits& limits) {
  const ScoredBuffer::Position at = packed_.Find(member).at;
  if (at != packed_.end()) {
    if (packed_.At(at).score == score) return ScoreChange::kNone;
    packed_.SetScore(at, score);
    return ScoreChange::kUpdated;
  }
  if (packed_.size() < limits.zset_max_listpack_entries &&
      member.size() <= limits.zset_max_listpack_value &&
      packed_.bytes() + member.size() + ScoredBuffer::kMaxOverhead <= ScoredBuffer::kMaxBytes) {
    packed_.Insert(score, member);
  } else {
    ChangeToIndex(member, score);
  }
  return ScoreChange::kAdded;
}

ScoreChange SortedSetValue::Set(std::string_view member, double score,
                                const EncodingLimits& limits) {
  assert(!std::isnan(score));
  const ScoreChange change =
      is_packed_ ? SetPacked(member, score, limits) : index_->Set(member, score);
  if (change != ScoreChange::kNone) CountChange();
  return change;
}

std::optional<double> SortedSetValue::Increment(std::string_view member, double by,
                                                const EncodingLimits& limits) {
  const double score = Score(member).value_or(0) + by;
  if (std::isnan(score)) return std::nullopt;
  Set(member, score, limits);
  return score;
}

bool SortedSetValue::Erase(std::string_view member) noexcept {
  if (is_packed_) {
    const ScoredBuffer::Position at = packed_.Find(member).at;
    if (at == packed_.end()) return false;
    packed_.Erase(at, 1);
  } else if (!index_->Erase(member)) {
    return false;
  }
  CountChange();
  return true;
}

std::optional<double> SortedSetValue::Score(std::string_view member) const {
  if (!is_packed_) return index_->Find(member);
  const ScoredBuffer::Position at = packed_.Find(member).at;
  if (at == packed_.end()) return std::nullopt;
  return packed_.At(at).score;
}

std::optional<size_t> SortedSetValue::RankOf(std::string_view member, Order order) const {
  std::optional<size_t> rank;
  if (!is_packed_) {
    rank = index_->RankOf(member);
  } else if (const size_t index = packed_.Find(member).index; index < packed_.size()) {
    rank = index;
  }
  if (rank && order == Order::kDescending) rank = size() - 1 - *rank;
  return rank;
}

ScoredElement SortedSetValue::At(size_t rank) const {
  assert(rank < size());
  return is_packed_ ? packed_.At(packed_.AtIndex(rank)) : index_->At(rank);
}

ScoredElement SortedSetValue::Random(RandomBits bits) const {
  return At(UniformBelow(size(), bits));
}

// ---- Ranges -------------------------------------------------------------------------------------

size_t SortedSetValue::SkipUp(size_t from, Test passes) const {
  if (!is_packed_) return std::max(from, index_->CountWhile(passes));
  size_t rank = from;
  auto at = packed_.AtIndex(from);
  for (; at != packed_.end() && passes(packed_.At(at)); at = packed_.Next(at)) ++rank;
  return rank;
}

size_t SortedSetValue::SkipDown(size_t until, Test passes) const {
  if (!is_packed_) {
    return std::min(until, index_->CountWhile([&](const ScoredElement& e) { return !passes(e); }));
  }
  size_t lowest = 0;
  auto at = packed_.begin();
  for (size_t rank = 0; rank < until; ++rank, at = packed_.Next(at)) {
    if (!passes(packed_.At(at))) lowest = rank + 1;
  }
  return lowest;
}

Ranks SortedSetValue::RanksByScore(const ScoreRange& range) const {
  const auto below = [&](const ScoredElement& e) {
    return range.min_exclusive ? e.score <= range.min : e.score < range.min;
  };
  const auto within = [&](const ScoredElement& e) {
    return range.max_exclusive ? e.score < range.max : e.score <= range.max;
  };
  const size_t begin = SkipUp(0, below);
  return {begin, SkipUp(begin, within)};
}

Ranks SortedSetValue::RanksByLex(const LexRange& range, Order order) const {
  TextOrInteger::Digits digits;
  const auto reaches = [&](const ScoredElement& e) {
    return Reaches(e.member.Text(digits), range.min);
  };
  const auto within = [&](const ScoredElement& e) {
    return StaysWithin(e.member.Text(digits), range.max);
  };
  const size_t n = size();
  if (n == 0 || !reaches(At(n - 1)) || !within(At(0))) return {};
  if (order == Order::kAscending) {
    const size_t begin = SkipUp(0, [&](const ScoredElement& e) { return !reaches(e); });
    return {begin, SkipUp(begin, within)};
  }
  const size_t end = SkipDown(n, [&](const ScoredElement& e) { return !within(e); });
  return {SkipDown(end, reaches), end};
}

void SortedSetValue::ForEach(const Ranks& ranks, Order order, Visit visit) const {
  assert(ranks.begin <= ranks.end && ranks.end <= size());
  TextOrInteger::Digits digits;
  const auto show = [&](const ScoredElement& e) { visit(e.member.Text(digits), e.score); };
  if (!is_packed_) {
    return order == Order::kAscending ? index_->Ascend(ranks.begin, ranks.end, show)
                                      : index_->Descend(ranks.begin, ranks.end, show);
  }
  auto at = packed_.AtIndex(ranks.begin);
  if (order == Order::kAscending) {
    for (size_t left = ranks.size(); left > 0; --left, at = packed_.Next(at)) show(packed_.At(at));
    return;
  }
  absl::InlinedVector<ScoredBuffer::Position, 128> places(ranks.size());
  for (auto& place : places) {
    place = at;
    at = packed_.Next(at);
  }
  for (size_t i = places.size(); i > 0; --i) show(packed_.At(places[i - 1]));
}

void SortedSetValue::EraseRanks(const Ranks& ranks) noexcept {
  assert(ranks.begin <= ranks.end && ranks.end <= size());
  if (ranks.size() == 0) return;
  if (is_packed_) {
    packed_.Erase(packed_.AtIndex(ranks.begin), ranks.size());
  } else {
    index_->EraseRanks(ranks.begin, ranks.end);
  }
  CountChange();
}

void SortedSetValue::Pop(Order order, size_t count, Visit visit) {
  Ranks ranks = AllRanks();
  ranks.Limit(order, 0, count);
  ForEach(ranks, order, visit);
  EraseRanks(ranks);
}

// ---- Walks --------------------------------------------------------------------------------------

uint64_t SortedSetValue::Scan(uint64_t cursor, size_t count, Visit visit) const {
  if (is_packed_) {
    ForEach(visit);
    return 0;
  }
  return index_->Scan(cursor, count, [&](const ScoredElement& e) {
    TextOrInteger::Digits digits;
    visit(e.member.Text(digits), e.score);
  });
}

void SortedSetValue::Walk(absl::FunctionRef<void(std::string_view part)> visit) const {
  ForEach([&](std::string_view member, double score) {
    std::array<char, 32> text;
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), score).ptr;
    visit(member);
    visit({text.data(), static_cast<size_t>(end - text.data())});
  });
}

void SortedSetValue::Add(std::span<const std::string_view> parts, const EncodingLimits& limits) {
  const std::string_view text = parts[1];
  double score;
  const char* const end = text.data() + text.size();
  const auto [stopped_at, error] = std::from_chars(text.data(), end, score);
  if (error != std::errc() || stopped_at != end || std::isnan(score)) return;
  Set(parts[0], score, limits);
}

}  // namespace dcs::store
