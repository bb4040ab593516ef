#include "store/values/score_index.h"

#include <boost/multi_index/identity.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>
#include <cassert>
#include <iterator>

#include "store/memory/counting_allocator.h"
#include "store/values/compact_string.h"
#include "store/values/hash_tree.h"

namespace dcs::store {
namespace {

struct Element {
  Element(double of_score, std::string_view of_member) : score(of_score), member(of_member) {}

  ScoredElement scored() const { return {score, TextOrInteger(member.view())}; }

  double score;
  CompactString member;
};

struct ByScore {
  bool operator()(const Element& a, const Element& b) const {
    return a.score != b.score ? a.score < b.score : a.member.view() < b.member.view();
  }
};

// Compares elements with a test instead of a key.
struct ByTest {
  bool operator()(const Element& element, const ScoreIndex::Test* passes) const {
    return (*passes)(element.scored());
  }
};

// 12 bytes.
struct [[gnu::packed]] Hashed {
  std::string_view text() const { return element->member.view(); }

  uint32_t hash;
  const Element* element;
};

namespace mi = boost::multi_index;

using Ranked =
    mi::multi_index_container<Element,
                              mi::indexed_by<mi::ranked_unique<mi::identity<Element>, ByScore>>,
                              CountingAllocator<Element>>;

}  // namespace

struct ScoreIndex::Tables {
  HashTree<Hashed>::Iterator Find(std::string_view member, uint64_t seed) const {
    return by_hash.Find(HashPlaceOf(member, seed));
  }

  size_t text_bytes = 0;
  size_t ranked_bytes = 0;
  Ranked ranked{Ranked::ctor_args_list(), CountingAllocator<Element>(&ranked_bytes)};
  HashTree<Hashed> by_hash;
};

ScoreIndex::ScoreIndex(uint64_t seed) : seed_(seed), tables_(std::make_unique<Tables>()) {}

ScoreIndex::~ScoreIndex() = default;

size_t ScoreIndex::size() const { return tables_->by_hash.size(); }

size_t ScoreIndex::bytes() const {
  return sizeof(Tables) + tables_->text_bytes + tables_->ranked_bytes +
         tables_->by_hash.node_bytes();
}

std::optional<double> ScoreIndex::Find(std::string_view member) const {
  const auto at = tables_->Find(member, seed_);
  if (at == tables_->by_hash.end()) return std::nullopt;
  return at->element->score;
}

std::optional<size_t> ScoreIndex::RankOf(std::string_view member) const {
  const auto at = tables_->Find(member, seed_);
  if (at == tables_->by_hash.end()) return std::nullopt;
  return tables_->ranked.rank(tables_->ranked.iterator_to(*at->element));
}

ScoreChange ScoreIndex::Set(std::string_view member, double score) {
  const HashPlace place = HashPlaceOf(member, seed_);
  const auto at = tables_->by_hash.LowerBound(place);
  if (tables_->by_hash.IsAt(at, place)) {
    if (at->element->score == score) return ScoreChange::kNone;
    // Relinks the node: the element keeps its address.
    tables_->ranked.modify(tables_->ranked.iterator_to(*at->element),
                           [&](Element& element) { element.score = score; });
    return ScoreChange::kUpdated;
  }
  const auto [element, inserted] = tables_->ranked.emplace(score, member);
  assert(inserted);
  try {
    tables_->by_hash.Insert(at, Hashed{place.hash, &*element});
  } catch (...) {
    tables_->ranked.erase(element);
    throw;
  }
  tables_->text_bytes += element->member.heap_bytes();
  return ScoreChange::kAdded;
}

bool ScoreIndex::Erase(std::string_view member) noexcept {
  const auto at = tables_->Find(member, seed_);
  if (at == tables_->by_hash.end()) return false;
  const auto element = tables_->ranked.iterator_to(*at->element);
  tables_->text_bytes -= element->member.heap_bytes();
  tables_->by_hash.Erase(at);
  tables_->ranked.erase(element);
  return true;
}

void ScoreIndex::EraseRanks(size_t begin, size_t end) noexcept {
  auto at = tables_->ranked.nth(begin);
  for (size_t left = end - begin; left > 0; --left) {
    const std::string_view member = at->member.view();
    ++at;
    Erase(member);
  }
}

ScoredElement ScoreIndex::At(size_t rank) const {
  assert(rank < size());
  return tables_->ranked.nth(rank)->scored();
}

size_t ScoreIndex::CountWhile(Test passes) const {
  return tables_->ranked.lower_bound_rank(&passes, ByTest());
}

void ScoreIndex::Ascend(size_t begin, size_t end, Visit visit) const {
  auto at = tables_->ranked.nth(begin);
  for (size_t left = end - begin; left > 0; --left) visit((at++)->scored());
}

void ScoreIndex::Descend(size_t begin, size_t end, Visit visit) const {
  auto at = tables_->ranked.nth(end);
  for (size_t left = end - begin; left > 0; --left) visit((--at)->scored());
}

uint64_t ScoreIndex::Scan(uint64_t cursor, size_t count, Visit visit) const {
  return tables_->by_hash.Scan(cursor, count,
                               [&](const Hashed& hashed) { visit(hashed.element->scored()); });
}

}  // namespace dcs::store
