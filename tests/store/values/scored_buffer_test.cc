#include "store/values/scored_buffer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/failing_allocation.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr size_t kHeader = 8;

using Pairs = std::vector<std::pair<double, std::string>>;

Pairs InOrder(const ScoredBuffer& buffer) {
  Pairs pairs;
  TextOrInteger::Digits digits;
  for (auto at = buffer.begin(); at != buffer.end(); at = buffer.Next(at)) {
    const ScoredElement element = buffer.At(at);
    pairs.emplace_back(element.score, element.member.Text(digits));
  }
  return pairs;
}

// Bytes of one element.
size_t BytesOf(double score, std::string_view member) {
  ScoredBuffer buffer;
  buffer.Insert(score, member);
  return buffer.bytes() - kHeader;
}

TEST(ScoredBufferTest, ScoresKeepEveryBitExceptTheSignOfZero) {
  SeededRandom random(TestSeed(51));
  std::vector<double> scores = {0.0,
                                -0.0,
                                kInfinity,
                                -kInfinity,
                                191,
                                192,
                                -1,
                                0.1,
                                -0.1,
                                3.14,
                                1e-7,
                                1e-8,
                                1e22,
                                9007199254740992.0,
                                9007199254740994.0,
                                -9007199254740992.0,
                                std::numeric_limits<double>::min(),
                                std::numeric_limits<double>::denorm_min(),
                                std::numeric_limits<double>::max(),
                                std::numeric_limits<double>::lowest()};
  for (int i = 0; i < 20'000; ++i) {
    const double any = std::bit_cast<double>(random.Next());
    if (!std::isnan(any)) scores.push_back(any);
    const auto integer =
        static_cast<double>(static_cast<int64_t>(random.Next()) >> random.Below(64));
    scores.push_back(integer);
    scores.push_back(integer / std::pow(10, random.Below(10)));
  }
  for (const double score : scores) {
    ScoredBuffer buffer;
    buffer.Insert(score, "m");
    const double back = buffer.At(buffer.begin()).score;
    if (score == 0) {
      ASSERT_FALSE(std::signbit(back));
      continue;
    }
    ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(score)) << score;
  }
}

TEST(ScoredBufferTest, ShortScoresAndMembersTakeFewBytes) {
  EXPECT_EQ(BytesOf(0, "m"), 1u + 2);
  EXPECT_EQ(BytesOf(191, "m"), 1u + 2);
  EXPECT_EQ(BytesOf(-1, "m"), 2u + 2);
  EXPECT_EQ(BytesOf(30'000, "m"), 3u + 2);
  EXPECT_EQ(BytesOf(1'700'000'000, "m"), 5u + 2);
  EXPECT_EQ(BytesOf(1'700'000'000'123, "m"), 7u + 2);
  EXPECT_EQ(BytesOf(0.5, "m"), 2u + 2);
  EXPECT_EQ(BytesOf(3.14, "m"), 3u + 2);
  EXPECT_EQ(BytesOf(kInfinity, "m"), 9u + 2);
  EXPECT_EQ(BytesOf(1.0 / 3, "m"), 9u + 2);

  EXPECT_EQ(BytesOf(0, ""), 1u + 1);
  EXPECT_EQ(BytesOf(0, "5"), 1u + 2);
  EXPECT_EQ(BytesOf(0, "127"), 1u + 2);
  EXPECT_EQ(BytesOf(0, "1234567890"), 1u + 5);
  EXPECT_EQ(BytesOf(0, "01"), 1u + 3);
  EXPECT_EQ(BytesOf(0, std::string(239, 'x')), 1u + 240);
  EXPECT_EQ(BytesOf(0, std::string(240, 'x')), 1u + 245);
}

TEST(ScoredBufferTest, FindsMembersByText) {
  ScoredBuffer buffer;
  const std::string longest(70'000, 'x');
  for (const std::string& member : {std::string("1"), std::string("01"), std::string("10"),
                                    std::string(), longest, std::string("-9223372036854775808")}) {
    EXPECT_EQ(buffer.Find(member).at, buffer.end());
    EXPECT_EQ(buffer.Find(member).index, buffer.size());
    buffer.Insert(static_cast<double>(buffer.size()), member);
    EXPECT_EQ(buffer.Find(member).index, buffer.size() - 1);
  }
  EXPECT_EQ(buffer.Find(longest + "x").at, buffer.end());
  EXPECT_EQ(buffer.Find("010").at, buffer.end());
}

TEST(ScoredBufferTest, EqualScores_OrderByMemberBytes) {
  ScoredBuffer buffer;
  for (const char* member : {"b", "9", "10", "\xFF", "", "a"}) buffer.Insert(1, member);
  EXPECT_EQ(InOrder(buffer),
            (Pairs{{1, ""}, {1, "10"}, {1, "9"}, {1, "a"}, {1, "b"}, {1, "\xFF"}}));
}

TEST(ScoredBufferTest, BehavesAsAnOrderedSetUnderRandomUse) {
  SeededRandom random(TestSeed(52));
  for (int round = 0; round < 40; ++round) {
    const uint64_t members = 1 + random.Below(120);
    RecordedAllocations recorded;
    ScoredBuffer buffer;
    std::map<std::string, double> scores;
    for (int i = 0; i < 500; ++i) {
      const std::string member = random.OneIn(3) ? std::string(random.Below(20), 'x')
                                                 : std::to_string(random.Below(members));
      const double score = random.OneIn(2) ? static_cast<double>(random.Below(5))
                                           : static_cast<double>(random.Next() % 1'000'000) / 64;
      recorded.During([&] {
        const ScoredBuffer::Place place = buffer.Find(member);
        if (place.at == buffer.end()) {
          buffer.Insert(score, member);
        } else if (random.OneIn(2)) {
          buffer.SetScore(place.at, score);
        } else {
          buffer.Erase(place.at, 1);
        }
      });
      const auto at = buffer.Find(member).at;
      if (at == buffer.end()) {
        scores.erase(member);
      } else {
        const double now = buffer.At(at).score;
        ASSERT_TRUE(now == score);
        scores[member] = now;
      }
      std::set<std::pair<double, std::string>> order;
      for (const auto& [name, value] : scores) order.emplace(value, name);
      ASSERT_EQ(InOrder(buffer), Pairs(order.begin(), order.end()));
      ASSERT_EQ(buffer.size(), scores.size());
      ASSERT_EQ(buffer.bytes(), recorded.bytes());
    }
  }
}

TEST(ScoredBufferTest, FailedAllocations_LeaveTheElements) {
  ScoredBuffer buffer;
  buffer.Insert(1, "a");
  buffer.Insert(2, "b");
  buffer.Insert(3, "c");
  const Pairs before = InOrder(buffer);
  {
    const ExhaustedMemory exhausted(1);
    EXPECT_THROW(buffer.Insert(4, "d"), std::bad_alloc);
    EXPECT_THROW(buffer.SetScore(buffer.begin(), 0.3), std::bad_alloc);
  }
  EXPECT_EQ(InOrder(buffer), before);
  {
    const ExhaustedMemory exhausted(1);
    buffer.Erase(buffer.AtIndex(1), 1);
  }
  EXPECT_EQ(InOrder(buffer), (Pairs{{1, "a"}, {3, "c"}}));
  buffer.Insert(2, "b");
  EXPECT_EQ(InOrder(buffer), before);
}

}  // namespace
}  // namespace dcs::store
