// Random operations on a sorted set and on an ordered vector, across the limits of the packed form.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/values/sorted_set_value.h"
#include "tests/failing_allocation.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Pairs = std::vector<std::pair<double, std::string>>;

Pairs Shown(const SortedSetValue& set, const Ranks& ranks, Order order = Order::kAscending) {
  Pairs pairs;
  set.ForEach(ranks, order,
              [&](std::string_view member, double score) { pairs.emplace_back(score, member); });
  return pairs;
}

class Model {
 public:
  Model(uint64_t seed, uint64_t members) : random_(seed), members_(members) {
    limits_.zset_max_listpack_entries = random_.OneIn(3) ? 0 : random_.Below(2 * members_);
    limits_.zset_max_listpack_value = 1 + random_.Below(40);
    recorded_.During([&] { set_ = std::make_unique<SortedSetValue>(seed); });
  }

  void Run() {
    const uint64_t operations = 8 * members_;
    for (uint64_t i = 0; i < operations && !::testing::Test::HasFatalFailure(); ++i) {
      const bool grow = (i / members_) % 2 == 0;
      const uint64_t dice = random_.Below(100);
      if (dice < (grow ? 70u : 25u)) {
        Set();
      } else if (dice < 75) {
        Erase();
      } else if (dice < 80) {
        Increment();
      } else if (dice < 82) {
        EraseRanks();
      } else if (dice < 84) {
        Pop();
      } else if (dice < 92) {
        CheckScoreRange();
      } else {
        CheckOne();
      }
      ASSERT_EQ(set_->size(), order_.size());
      ASSERT_EQ(set_->bytes(), recorded_.bytes());
    }
    ASSERT_EQ(Shown(*set_, set_->AllRanks()), order_);
    set_.reset();
    ASSERT_EQ(recorded_.bytes(), 0u);
  }

 private:
  std::string SomeMember() {
    const uint64_t number = random_.Below(members_);
    if (number % 7 == 0) return std::string(number % 50, 'm') + std::to_string(number);
    return std::to_string(number);
  }

  double SomeScore() {
    switch (random_.Below(6)) {
      case 0:
        return random_.OneIn(2) ? kInfinity : -kInfinity;
      case 1:
        return static_cast<double>(random_.Below(100'000)) / 100;
      case 2:
        return static_cast<double>(static_cast<int64_t>(random_.Next()));
      case 3:
        return random_.OneIn(2) ? 0.0 : -0.0;
      default:
        return static_cast<double>(random_.Below(10)) - 5;
    }
  }

  Pairs::iterator Find(const std::string& member) {
    return std::find_if(order_.begin(), order_.end(),
                        [&](const auto& pair) { return pair.second == member; });
  }
  void Insert(const std::string& member, double score) {
    const std::pair pair(score, member);
    order_.insert(std::lower_bound(order_.begin(), order_.end(), pair), pair);
  }

  void Set() {
    const std::string member = SomeMember();
    const double score = SomeScore();
    ScoreChange change{}, expected = ScoreChange::kAdded;
    recorded_.During([&] { change = set_->Set(member, score, limits_); });
    const auto at = Find(member);
    if (at != order_.end()) {
      expected = at->first == score ? ScoreChange::kNone : ScoreChange::kUpdated;
      if (expected == ScoreChange::kUpdated) order_.erase(at);
    }
    if (expected != ScoreChange::kNone) Insert(member, score);
    ASSERT_EQ(change, expected);
  }

  void Increment() {
    const std::string member = SomeMember();
    const double by = SomeScore();
    std::optional<double> score;
    recorded_.During([&] { score = set_->Increment(member, by, limits_); });
    const auto at = Find(member);
    const double sum = (at == order_.end() ? 0 : at->first) + by;
    ASSERT_EQ(score.has_value(), !std::isnan(sum));
    if (!score) return;
    ASSERT_EQ(*score, sum);
    if (at != order_.end()) order_.erase(at);
    Insert(member, sum);
  }

  void Erase() {
    const std::string member = order_.empty() || random_.OneIn(3)
                                   ? SomeMember()
                                   : order_[random_.Below(order_.size())].second;
    bool erased = false;
    recorded_.During([&] { erased = set_->Erase(member); });
    const auto at = Find(member);
    ASSERT_EQ(erased, at != order_.end());
    if (erased) order_.erase(at);
  }

  Ranks SomeRanks() {
    const size_t begin = random_.Below(order_.size() + 1);
    const size_t most = std::min<size_t>(order_.size() - begin, 1 + random_.Below(20));
    return {begin, begin + most};
  }
  Pairs Expected(const Ranks& ranks, Order order) const {
    Pairs pairs(order_.begin() + static_cast<ptrdiff_t>(ranks.begin),
                order_.begin() + static_cast<ptrdiff_t>(ranks.end));
    if (order == Order::kDescending) std::reverse(pairs.begin(), pairs.end());
    return pairs;
  }

  void EraseRanks() {
    const Ranks ranks = SomeRanks();
    recorded_.During([&] { set_->EraseRanks(ranks); });
    order_.erase(order_.begin() + static_cast<ptrdiff_t>(ranks.begin),
                 order_.begin() + static_cast<ptrdiff_t>(ranks.end));
  }

  void Pop() {
    const Order order = random_.OneIn(2) ? Order::kAscending : Order::kDescending;
    const size_t count = random_.Below(5);
    Ranks ranks{0, order_.size()};
    ranks.Limit(order, 0, count);
    Pairs popped;
    popped.reserve(count);
    recorded_.During([&] {
      set_->Pop(order, count, [&](std::string_view member, double score) {
        const UncountedAllocations own;
        popped.emplace_back(score, member);
      });
    });
    ASSERT_EQ(popped, Expected(ranks, order));
    Pairs().swap(popped);
    order_.erase(order_.begin() + static_cast<ptrdiff_t>(ranks.begin),
                 order_.begin() + static_cast<ptrdiff_t>(ranks.end));
  }

  void CheckScoreRange() {
    const ScoreRange range = {SomeScore(), SomeScore(), random_.OneIn(2), random_.OneIn(2)};
    const Ranks found = set_->RanksByScore(range);
    Pairs expected;
    for (const auto& pair : order_) {
      const double score = pair.first;
      if ((range.min_exclusive ? score > range.min : score >= range.min) &&
          (range.max_exclusive ? score < range.max : score <= range.max)) {
        expected.push_back(pair);
      }
    }
    ASSERT_EQ(Shown(*set_, found), expected);
    const Ranks ranks = SomeRanks();
    for (const Order order : {Order::kAscending, Order::kDescending}) {
      ASSERT_EQ(Shown(*set_, ranks, order), Expected(ranks, order));
    }
  }

  void CheckOne() {
    const std::string member = SomeMember();
    const auto at = Find(member);
    ASSERT_EQ(set_->Score(member).has_value(), at != order_.end());
    ASSERT_EQ(set_->RankOf(member).has_value(), at != order_.end());
    if (order_.empty()) return;
    TextOrInteger::Digits digits;
    const ScoredElement random = set_->Random([&] { return random_.Next(); });
    ASSERT_NE(Find(std::string(random.member.Text(digits))), order_.end());
    if (at == order_.end()) return;
    const auto rank = static_cast<size_t>(at - order_.begin());
    ASSERT_EQ(*set_->Score(member), at->first);
    ASSERT_EQ(set_->RankOf(member), rank);
    ASSERT_EQ(set_->RankOf(member, Order::kDescending), order_.size() - 1 - rank);
    ASSERT_EQ(set_->At(rank).member, member);
  }

  SeededRandom random_;
  const uint64_t members_;
  EncodingLimits limits_;
  RecordedAllocations recorded_;
  std::unique_ptr<SortedSetValue> set_;
  Pairs order_;
};

TEST(SortedSetModelTest, BehavesAsAnOrderedMap) {
  SeededRandom random(TestSeed(53));
  for (int round = 0; round < (kSanitized ? 20 : 100); ++round) {
    const uint64_t members = random.OneIn(10) ? 2'000 : 1 + random.Below(200);
    Model model(random.Next(), members);
    model.Run();
    if (HasFatalFailure()) FAIL() << "round " << round;
  }
}

}  // namespace
}  // namespace dcs::store
