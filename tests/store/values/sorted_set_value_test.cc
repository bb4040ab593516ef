#include "store/values/sorted_set_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "tests/failing_allocation.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr EncodingLimits kNeverPacked = {.zset_max_listpack_entries = 0};

using Pairs = std::vector<std::pair<double, std::string>>;

Pairs Shown(const SortedSetValue& set, const Ranks& ranks, Order order = Order::kAscending) {
  Pairs pairs;
  set.ForEach(ranks, order,
              [&](std::string_view member, double score) { pairs.emplace_back(score, member); });
  return pairs;
}

Pairs InOrder(const SortedSetValue& set) { return Shown(set, set.AllRanks()); }

void Fill(SortedSetValue& set, size_t members,
          const EncodingLimits& limits = kDefaultEncodingLimits) {
  for (size_t i = 0; i < members; ++i) set.Set(std::to_string(i), static_cast<double>(i), limits);
}

TEST(SortedSetValueTest, Set_TellsWhatItDid) {
  for (const EncodingLimits& limits : {kDefaultEncodingLimits, kNeverPacked}) {
    SortedSetValue set(1);
    EXPECT_EQ(set.Set("a", 1, limits), ScoreChange::kAdded);
    EXPECT_EQ(set.Set("a", 1, limits), ScoreChange::kNone);
    EXPECT_EQ(set.changes(), 1u);
    EXPECT_EQ(set.Set("a", 2, limits), ScoreChange::kUpdated);
    EXPECT_EQ(set.Score("a"), 2);
    EXPECT_EQ(set.Score("b"), std::nullopt);
    EXPECT_EQ(set.size(), 1u);
    EXPECT_EQ(set.changes(), 2u);
    EXPECT_FALSE(set.Erase("b"));
    EXPECT_TRUE(set.Erase("a"));
    EXPECT_EQ(set.changes(), 3u);
    EXPECT_EQ(set.size(), 0u);
  }
}

// As in Redis 7: a listpack keeps integer scores as integers, a skiplist keeps doubles.
TEST(SortedSetValueTest, NegativeZero_EqualsZeroAndLosesItsSignWhenPacked) {
  for (const EncodingLimits& limits : {kDefaultEncodingLimits, kNeverPacked}) {
    SortedSetValue set(1);
    set.Set("b", -0.0, limits);
    set.Set("a", 0.0, limits);
    const bool packed = set.encoding() == "listpack";
    EXPECT_EQ(std::signbit(*set.Score("b")), !packed);
    EXPECT_EQ(set.Set("b", 0.0, limits), ScoreChange::kNone);
    EXPECT_EQ(std::signbit(*set.Score("b")), !packed);
    EXPECT_EQ(set.RankOf("a"), 0u);
    EXPECT_EQ(set.RanksByScore({.min = 0, .max = 0}).size(), 2u);
  }
}

TEST(SortedSetValueTest, Increment_AddsUnlessTheSumIsNaN) {
  for (const EncodingLimits& limits : {kDefaultEncodingLimits, kNeverPacked}) {
    SortedSetValue set(1);
    EXPECT_EQ(set.Increment("a", 1.5, limits), 1.5);
    EXPECT_EQ(set.Increment("a", -4, limits), -2.5);
    EXPECT_EQ(set.Increment("a", kInfinity, limits), kInfinity);
    const uint32_t changes = set.changes();
    EXPECT_EQ(set.Increment("a", -kInfinity, limits), std::nullopt);
    EXPECT_EQ(set.Score("a"), kInfinity);
    EXPECT_EQ(set.changes(), changes);
  }
}

TEST(SortedSetValueTest, Encoding_ChangesBeyondEitherLimitForGood) {
  SortedSetValue many(1);
  Fill(many, 128);
  EXPECT_EQ(many.encoding(), "listpack");
  many.Set("5", 1'000);
  EXPECT_EQ(many.encoding(), "listpack");
  many.Set("one more", 5);
  EXPECT_EQ(many.encoding(), "skiplist");
  EXPECT_EQ(many.size(), 129u);
  while (many.size() > 1) many.Pop(Order::kAscending, 1, [](std::string_view, double) {});
  EXPECT_EQ(many.encoding(), "skiplist");

  SortedSetValue with_long(1);
  with_long.Set(std::string(64, 'x'), 1);
  EXPECT_EQ(with_long.encoding(), "listpack");
  with_long.Set(std::string(65, 'x'), 1);
  EXPECT_EQ(with_long.encoding(), "skiplist");

  SortedSetValue never(1);
  never.Set("a", 1, kNeverPacked);
  EXPECT_EQ(never.encoding(), "skiplist");
}

TEST(SortedSetValueTest, RankLimits_CutFromTheEndOfTheOrder) {
  const auto limited = [](Order order, size_t offset, size_t count) {
    Ranks ranks{10, 20};
    ranks.Limit(order, offset, count);
    return std::pair(ranks.begin, ranks.end);
  };
  EXPECT_EQ(limited(Order::kAscending, 3, 4), std::pair(size_t{13}, size_t{17}));
  EXPECT_EQ(limited(Order::kDescending, 3, 4), std::pair(size_t{13}, size_t{17}));
  EXPECT_EQ(limited(Order::kAscending, 8, SIZE_MAX), std::pair(size_t{18}, size_t{20}));
  EXPECT_EQ(limited(Order::kDescending, 8, SIZE_MAX), std::pair(size_t{10}, size_t{12}));
  EXPECT_EQ(limited(Order::kAscending, SIZE_MAX, 1), std::pair(size_t{20}, size_t{20}));
  EXPECT_EQ(limited(Order::kDescending, 11, 1), std::pair(size_t{10}, size_t{10}));
  EXPECT_EQ(limited(Order::kAscending, 0, 0), std::pair(size_t{10}, size_t{10}));
}

TEST(SortedSetValueTest, RanksByLex_TakeEveryKindOfBound) {
  using Kind = LexBound::Kind;
  for (const EncodingLimits& limits : {kDefaultEncodingLimits, kNeverPacked}) {
    SortedSetValue set(1);
    for (const char* member : {"a", "b", "c", "d"}) set.Set(member, 0, limits);
    const LexBound lowest{Kind::kBelowAll}, highest{Kind::kAboveAll};
    const auto found = [&](LexBound min, LexBound max) {
      std::string members;
      for (const Order order : {Order::kAscending, Order::kDescending}) {
        std::string in_order;
        for (const auto& pair : Shown(set, set.RanksByLex({min, max}, order))) {
          in_order += pair.second;
        }
        EXPECT_TRUE(order == Order::kAscending || in_order == members);
        members = in_order;
      }
      return members;
    };
    EXPECT_EQ(found(lowest, highest), "abcd");
    EXPECT_EQ(found({Kind::kInclusive, "b"}, {Kind::kInclusive, "c"}), "bc");
    EXPECT_EQ(found({Kind::kExclusive, "b"}, {Kind::kInclusive, "c"}), "c");
    EXPECT_EQ(found({Kind::kInclusive, "b"}, {Kind::kExclusive, "c"}), "b");
    EXPECT_EQ(found({Kind::kExclusive, "b"}, {Kind::kExclusive, "c"}), "");
    EXPECT_EQ(found({Kind::kInclusive, "bb"}, highest), "cd");
    EXPECT_EQ(found(lowest, {Kind::kExclusive, "bb"}), "ab");
    EXPECT_EQ(found(highest, lowest), "");
    EXPECT_EQ(found(lowest, lowest), "");
    EXPECT_EQ(found(highest, highest), "");
    EXPECT_EQ(found({Kind::kInclusive, "c"}, {Kind::kInclusive, "b"}), "");
    EXPECT_EQ(found({Kind::kInclusive, "x"}, highest), "");
    EXPECT_EQ(found(lowest, {Kind::kInclusive, ""}), "");
  }
}

// What redis-server 7.0.15 replies to ZRANGE z [c + BYLEX and to its REV form on a listpack of these elements.
TEST(SortedSetValueTest, RanksByLex_OfDifferentScores_FollowTheDirection) {
  using Kind = LexBound::Kind;
  SortedSetValue set(1);
  const char* members[] = {"a", "d", "b", "c", "e"};
  for (int i = 0; i < 5; ++i) set.Set(members[i], i);
  const LexRange range = {{Kind::kInclusive, "c"}, {Kind::kAboveAll}};
  EXPECT_EQ(Shown(set, set.RanksByLex(range, Order::kAscending)),
            (Pairs{{1, "d"}, {2, "b"}, {3, "c"}, {4, "e"}}));
  EXPECT_EQ(Shown(set, set.RanksByLex(range, Order::kDescending)), (Pairs{{3, "c"}, {4, "e"}}));
}

TEST(SortedSetValueTest, RanksByLex_OfEqualScores_AgreeWithACount) {
  SeededRandom random(TestSeed(54));
  for (const size_t members : {20, 100, 1'000}) {
    SortedSetValue set(1);
    std::vector<std::string> names;
    for (size_t i = 0; i < members; ++i) {
      names.push_back(std::to_string(random.Below(5 * members)));
      set.Set(names.back(), 7);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const auto some_bound = [&](const std::string& member) -> LexBound {
      return {static_cast<LexBound::Kind>(random.Below(4)), member};
    };
    for (int i = 0; i < 500; ++i) {
      const std::string low = std::to_string(random.Below(5 * members));
      const std::string high = std::to_string(random.Below(5 * members));
      const LexRange range = {some_bound(low), some_bound(high)};
      Pairs expected;
      for (const std::string& name : names) {
        const auto kind_min = range.min.kind, kind_max = range.max.kind;
        const bool above = kind_min == LexBound::Kind::kBelowAll ||
                           (kind_min == LexBound::Kind::kInclusive && name >= low) ||
                           (kind_min == LexBound::Kind::kExclusive && name > low);
        const bool below = kind_max == LexBound::Kind::kAboveAll ||
                           (kind_max == LexBound::Kind::kInclusive && name <= high) ||
                           (kind_max == LexBound::Kind::kExclusive && name < high);
        if (above && below) expected.emplace_back(7, name);
      }
      for (const Order order : {Order::kAscending, Order::kDescending}) {
        ASSERT_EQ(Shown(set, set.RanksByLex(range, order)), expected);
      }
    }
  }
}

TEST(SortedSetValueTest, Random_DrawsEveryElementEquallyOften) {
  SeededRandom random(TestSeed(55));
  for (const size_t members : {7, 100, 1'000}) {
    SortedSetValue set(1);
    Fill(set, members);
    std::vector<size_t> drawn(members);
    for (size_t i = 0; i < 60 * members; ++i) {
      ++drawn[static_cast<size_t>(set.Random([&] { return random.Next(); }).score)];
    }
    double chi_squared = 0;
    for (const size_t times : drawn) {
      const double off = static_cast<double>(times) - 60;
      chi_squared += off * off / 60;
    }
    const auto freedom = static_cast<double>(members - 1);
    EXPECT_NEAR(chi_squared, freedom, 6 * std::sqrt(2 * freedom));
  }
}

// ---- Walks --------------------------------------------------------------------------------------

TEST(SortedSetValueTest, Walk_RestoresEveryScoreExactly) {
  SeededRandom random(TestSeed(56));
  for (const EncodingLimits& limits : {kDefaultEncodingLimits, kNeverPacked}) {
    SortedSetValue set(1);
    const double edges[] = {0.0,       -0.0,
                            kInfinity, -kInfinity,
                            0.1,       std::numeric_limits<double>::min(),
                            5e-324,    std::numeric_limits<double>::max()};
    for (const double score : edges) set.Set(std::to_string(score), score, limits);
    for (int i = 0; i < 2'000; ++i) {
      const double score = std::bit_cast<double>(random.Next());
      if (!std::isnan(score)) set.Set("m" + std::to_string(i), score, limits);
    }
    SortedSetValue back(2);
    std::vector<std::string> parts;
    set.Walk([&](std::string_view part) {
      parts.emplace_back(part);
      if (parts.size() < SortedSetValue::kPartsOfElement) return;
      const std::string_view element[] = {parts[0], parts[1]};
      back.Add(element, limits);
      parts.clear();
    });
    const Pairs expected = InOrder(set), restored = InOrder(back);
    ASSERT_EQ(restored, expected);
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(std::signbit(restored[i].first), std::signbit(expected[i].first));
    }
  }
}

TEST(SortedSetValueTest, Add_LeavesOutWhatIsNoScore) {
  SortedSetValue set(1);
  for (const char* score : {"", "x", "1x", "nan", " 1"}) {
    const std::string_view parts[] = {"m", score};
    set.Add(parts, kDefaultEncodingLimits);
  }
  EXPECT_EQ(set.size(), 0u);
}

TEST(SortedSetValueTest, Scan_ShowsThePackedFormAtOnceFromAnyCursor) {
  SortedSetValue set(1);
  Fill(set, 100);
  for (const uint64_t cursor : {uint64_t{0}, uint64_t{9}, UINT64_MAX}) {
    int shown = 0;
    EXPECT_EQ(set.Scan(cursor, 1, [&](std::string_view, double) { ++shown; }), 0u);
    EXPECT_EQ(shown, 100);
  }
}

TEST(SortedSetValueTest, Scan_UnderChanges_ShowsEveryLastingMemberOnce) {
  SeededRandom random(TestSeed(57));
  for (const bool change : {false, true}) {
    SortedSetValue set(random.Next());
    Fill(set, 4'000);
    std::map<std::string, int> shown;
    uint64_t cursor = 0;
    do {
      size_t in_step = 0;
      const size_t count = 1 + random.Below(50);
      cursor = set.Scan(cursor, count, [&](std::string_view member, double score) {
        EXPECT_EQ(set.Score(member), score);
        ++shown[std::string(member)];
        ++in_step;
      });
      ASSERT_LE(in_step, count + 2);
      if (cursor != 0) {
        ASSERT_GE(in_step, count);
      }
      for (int i = 0; change && i < 20; ++i) {
        set.Erase(std::to_string(random.Below(2'000)));  // 2000 and above stay throughout
        set.Set("new" + std::to_string(random.Below(2'000)), static_cast<double>(random.Below(9)));
        set.Set(std::to_string(2'000 + random.Below(2'000)), static_cast<double>(random.Below(9)));
      }
    } while (cursor != 0);
    for (int i = change ? 2'000 : 0; i < 4'000; ++i) ASSERT_EQ(shown[std::to_string(i)], 1) << i;
  }
}

// ---- Failed allocations -------------------------------------------------------------------------

TEST(SortedSetValueTest, Set_EveryAllocationFails_LeavesEveryElement) {
  const auto name = [](size_t i) { return "a member of more than 15 bytes " + std::to_string(i); };
  const EncodingLimits limits = {.zset_max_listpack_entries = 20};
  RecordedAllocations recorded;
  SortedSetValue set(7);
  Pairs expected;
  const size_t members = Scaled(1'000);
  for (size_t i = 0; i < members; ++i) {
    // Every third time, an element gets another score instead.
    const size_t number = i % 3 == 2 ? i / 2 : i;
    const auto score = static_cast<double>(i * 7 % 64) + 0.25;
    const std::string member = name(number);
    bool done = false;
    for (uint64_t n = 1; !done; ++n) {
      recorded.During([&] {
        const FailingAllocation failing(n);
        try {
          set.Set(member, score, limits);
          done = true;
        } catch (const std::bad_alloc&) {
        }
      });
      ASSERT_EQ(set.bytes(), sizeof(set) + recorded.bytes());
      if (!done && (i < 60 || i % 50 == 0)) {
        ASSERT_EQ(InOrder(set), expected);
      }
    }
    std::erase_if(expected, [&](const auto& pair) { return pair.second == member; });
    const std::pair pair(score, member);
    expected.insert(std::lower_bound(expected.begin(), expected.end(), pair), pair);
  }
  EXPECT_EQ(set.encoding(), "skiplist");
  EXPECT_EQ(InOrder(set), expected);
  const ExhaustedMemory exhausted(1);
  set.EraseRanks({0, set.size() / 2});
  while (set.size() > 0) set.Pop(Order::kDescending, 1, [](std::string_view, double) {});
}

}  // namespace
}  // namespace dcs::store
