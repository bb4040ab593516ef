#include "store/values/set_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/failing_allocation.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

using Members = std::vector<std::string>;

Members InOrder(const SetValue& set) {
  Members members;
  set.ForEach([&](std::string_view member) { members.emplace_back(member); });
  return members;
}

void Fill(SetValue& set, size_t members, const std::string& prefix) {
  for (size_t i = 0; i < members; ++i) set.Add(prefix + std::to_string(i));
}

TEST(SetValueTest, AddsAndErasesEveryByteString) {
  SetValue set(1);
  const std::string with_zero("a\0b", 3);
  for (const std::string& member : {std::string(), with_zero, std::string(5'000, 'x')}) {
    EXPECT_TRUE(set.Add(member));
    EXPECT_FALSE(set.Add(member));
    EXPECT_TRUE(set.Contains(member));
  }
  EXPECT_FALSE(set.Contains("a"));
  EXPECT_EQ(set.size(), 3u);
  EXPECT_TRUE(set.Erase(with_zero));
  EXPECT_FALSE(set.Erase(with_zero));
  EXPECT_FALSE(set.Contains(with_zero));
  EXPECT_EQ(set.size(), 2u);
}

TEST(SetValueTest, Integers_AreAnIntsetInAscendingOrder) {
  SetValue set(1);
  EXPECT_EQ(set.encoding(), "intset");
  for (const char* member : {"10", "-1", "9223372036854775807", "2"}) EXPECT_TRUE(set.Add(member));
  EXPECT_EQ(set.encoding(), "intset");
  EXPECT_EQ(InOrder(set), (Members{"-1", "2", "10", "9223372036854775807"}));
  for (const char* other : {"02", "+2", "-0", "2.0", "9223372036854775808", " 2", ""}) {
    EXPECT_FALSE(set.Contains(other)) << other;
    EXPECT_FALSE(set.Erase(other)) << other;
  }
  EXPECT_EQ(set.encoding(), "intset");
}

TEST(SetValueTest, FirstNonInteger_ChangesTheEncodingForGood) {
  for (const char* member : {"x", "01", "-0", "9223372036854775808", ""}) {
    SetValue set(1);
    Fill(set, 10, "");
    EXPECT_TRUE(set.Add(member));
    EXPECT_EQ(set.encoding(), "hashtable");
    EXPECT_EQ(set.size(), 11u);
    EXPECT_TRUE(set.Contains("9"));
    EXPECT_TRUE(set.Erase(member));
    EXPECT_EQ(set.encoding(), "hashtable");
  }
}

TEST(SetValueTest, MoreIntegersThanTheLimit_ChangeTheEncoding) {
  for (const size_t limit : {size_t{0}, size_t{3}, size_t{512}}) {
    const EncodingLimits limits = {.set_max_intset_entries = limit};
    SetValue set(1);
    for (size_t i = 0; i < limit; ++i) set.Add(std::to_string(i), limits);
    EXPECT_EQ(set.encoding(), "intset");
    if (limit > 0) {
      EXPECT_FALSE(set.Add("0", limits));
      EXPECT_EQ(set.encoding(), "intset");
    }
    EXPECT_TRUE(set.Add("1000", limits));
    EXPECT_EQ(set.encoding(), "hashtable");
    EXPECT_EQ(set.size(), limit + 1);
    EXPECT_TRUE(set.Contains("1000"));
  }
}

TEST(SetValueTest, PackedMembers_KeepTheOrderOfInsertion) {
  SetValue set(1);
  for (const char* member : {"c", "7", "a", "b"}) set.Add(member);
  set.Erase("a");
  set.Add("a");
  EXPECT_EQ(InOrder(set), (Members{"c", "7", "b", "a"}));
}

TEST(SetValueTest, Changes_CountOnlyWhatChanged) {
  SetValue set(1);
  set.Add("1");
  const uint32_t before = set.changes();
  set.Add("1");
  set.Erase("2");
  set.Erase("x");
  EXPECT_EQ(set.changes(), before);
  set.Add("x");
  set.Erase("1");
  EXPECT_EQ(set.changes(), before + 2);
}

// Grows and shrinks across every change of form.
TEST(SetValueTest, BehavesAsASetUnderRandomUse) {
  SeededRandom random(TestSeed(42));
  const auto source = [&] { return random.Next(); };
  for (int round = 0; round < (kSanitized ? 10 : 60); ++round) {
    const uint64_t most = random.OneIn(4) ? 2'000 : 1 + random.Below(150);
    const EncodingLimits limits = {.set_max_intset_entries = random.Below(200)};
    const bool texts = random.OneIn(2);
    const auto some_member = [&]() -> std::string {
      if (texts && random.OneIn(10)) return std::string(random.Below(100), 'x');
      return (texts && random.OneIn(3) ? "m" : "") + std::to_string(random.Below(2 * most));
    };
    RecordedAllocations recorded;
    std::unique_ptr<SetValue> set;
    recorded.During([&] { set = std::make_unique<SetValue>(round); });
    std::set<std::string> expected;
    for (uint64_t i = 0; i < 6 * most; ++i) {
      const bool grow = (i / most) % 2 == 0;
      const std::string member = some_member();
      bool changed = false;
      const uint64_t dice = random.Below(100);
      if (dice < (grow ? 80 : 10)) {
        recorded.During([&] { changed = set->Add(member, limits); });
        ASSERT_EQ(changed, expected.insert(member).second);
      } else if (dice < 90) {
        const auto at = expected.lower_bound(member);
        const std::string there = at == expected.end() ? member : *at;
        recorded.During([&] { changed = set->Erase(there); });
        ASSERT_EQ(changed, expected.erase(there) == 1);
      } else if (!expected.empty()) {
        ASSERT_TRUE(expected.contains(set->Random(source)));
        recorded.During([&] { changed = expected.erase(set->Pop(source)) == 1; });
        ASSERT_TRUE(changed);
      }
      ASSERT_EQ(set->Contains(member), expected.contains(member));
      ASSERT_EQ(set->size(), expected.size());
      ASSERT_EQ(set->bytes(), recorded.bytes());
    }
    Members members = InOrder(*set);
    if (set->encoding() != "intset") std::sort(members.begin(), members.end());
    ASSERT_EQ(std::set<std::string>(members.begin(), members.end()), expected);
    ASSERT_EQ(members.size(), expected.size());
    set.reset();
    ASSERT_EQ(recorded.bytes(), 0u);
  }
}

// Every member is drawn about equally often: chi-squared within 6 standard deviations.
TEST(SetValueTest, Random_DrawsEveryMemberEquallyOften) {
  SeededRandom random(TestSeed(43));
  struct Case {
    size_t members;
    std::string prefix;
  };
  for (const Case& c : {Case{300, ""}, Case{50, "m"}, Case{41, std::string(70, 'm')}, Case{65, "m"},
                        Case{1'000, "m"}, Case{5'000, "m"}}) {
    SetValue set(random.Next());
    Fill(set, c.members, c.prefix);
    std::map<std::string, size_t> drawn;
    const size_t draws = 60 * c.members;
    for (size_t i = 0; i < draws; ++i) ++drawn[set.Random([&] { return random.Next(); })];
    double chi_squared = 0;
    for (size_t i = 0; i < c.members; ++i) {
      const double off = static_cast<double>(drawn[c.prefix + std::to_string(i)]) - 60;
      chi_squared += off * off / 60;
    }
    const auto freedom = static_cast<double>(c.members - 1);
    EXPECT_NEAR(chi_squared, freedom, 6 * std::sqrt(2 * freedom)) << c.members;
  }
}

TEST(SetValueTest, Pop_EmptiesEveryForm) {
  SeededRandom random(TestSeed(44));
  for (const char* prefix : {"", "m"}) {
    for (const size_t members : {10, 60, 3'000}) {
      SetValue set(1);
      Fill(set, members, prefix);
      std::set<std::string> popped;
      while (set.size() > 0) popped.insert(set.Pop([&] { return random.Next(); }));
      EXPECT_EQ(popped.size(), members);
    }
  }
}

TEST(SetValueTest, Scan_ShowsSmallFormsAtOnceFromAnyCursor) {
  for (const char* prefix : {"", "m"}) {
    SetValue set(1);
    Fill(set, 60, prefix);
    for (const uint64_t cursor : {uint64_t{0}, uint64_t{7}, UINT64_MAX}) {
      int shown = 0;
      EXPECT_EQ(set.Scan(cursor, 1, [&](std::string_view) { ++shown; }), 0u);
      EXPECT_EQ(shown, 60);
    }
  }
}

TEST(SetValueTest, Scan_UnderChanges_ShowsEveryLastingMemberOnce) {
  SeededRandom random(TestSeed(45));
  for (const bool change : {false, true}) {
    SetValue set(random.Next());
    Fill(set, 4'000, "");
    ASSERT_EQ(set.encoding(), "hashtable");
    std::map<std::string, int> shown;
    uint64_t cursor = 0;
    do {
      size_t in_step = 0;
      const size_t count = 1 + random.Below(50);
      cursor = set.Scan(cursor, count, [&](std::string_view member) {
        ++shown[std::string(member)];
        ++in_step;
      });
      ASSERT_LE(in_step, count + 2);
      if (cursor != 0) {
        ASSERT_GE(in_step, count);
      }
      for (int i = 0; change && i < 20; ++i) {
        set.Erase(std::to_string(random.Below(2'000)));  // 2000 and above stay throughout
        set.Add("new" + std::to_string(random.Below(2'000)));
      }
    } while (cursor != 0);
    for (int i = change ? 2'000 : 0; i < 4'000; ++i) ASSERT_EQ(shown[std::to_string(i)], 1) << i;
    if (!change) {
      EXPECT_EQ(shown.size(), 4'000u);
    }
    EXPECT_EQ(set.Scan(UINT64_MAX, 10, [](std::string_view) { FAIL(); }), 0u);
  }
}

TEST(SetValueTest, Add_EveryAllocationFails_LeavesEveryMember) {
  for (const bool integers : {false, true}) {
    const auto name = [&](size_t i) {
      return integers ? std::to_string(i * 1'000)
                      : "a name of more than 15 bytes" + std::to_string(i);
    };
    const EncodingLimits limits = {.set_max_intset_entries = 40};
    RecordedAllocations recorded;
    SetValue set(7);
    uint64_t failures = 0;
    for (size_t i = 0; i < Scaled(1'000); ++i) {
      const std::string member = name(i);
      for (uint64_t n = 1;; ++n) {
        bool added = false;
        recorded.During([&] {
          const FailingAllocation failing(n);
          try {
            added = set.Add(member, limits);
          } catch (const std::bad_alloc&) {
          }
        });
        ASSERT_EQ(set.bytes(), sizeof(set) + recorded.bytes());
        if (added) break;
        ++failures;
        ASSERT_EQ(set.size(), i);
        ASSERT_FALSE(set.Contains(member));
        if (i < 100 || i % 50 == 0) {
          for (size_t other = 0; other < i; ++other) ASSERT_TRUE(set.Contains(name(other)));
        }
      }
    }
    EXPECT_GT(failures, 40u);
    EXPECT_EQ(set.encoding(), "hashtable");
    for (size_t i = 0; i < Scaled(1'000); ++i) {
      const std::string member = name(i);
      bool erased;
      {
        const ExhaustedMemory exhausted(1);
        erased = set.Erase(member);
      }
      EXPECT_TRUE(erased);
    }
    EXPECT_EQ(set.size(), 0u);
  }
}

}  // namespace
}  // namespace dcs::store
