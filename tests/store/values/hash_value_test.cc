#include "store/values/hash_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/failing_allocation.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

using Fields = std::map<std::string, std::string>;

Fields FieldsOf(const HashValue& hash) {
  Fields fields;
  hash.ForEach([&](std::string_view field, std::string_view value) {
    EXPECT_TRUE(fields.emplace(field, value).second);
  });
  return fields;
}

TEST(HashValueTest, KeepsWhatWasSetLast) {
  HashValue hash(1);
  EXPECT_TRUE(hash.Set("a", "1"));
  EXPECT_FALSE(hash.Set("a", "2"));
  EXPECT_TRUE(hash.Set("", "empty field"));
  EXPECT_TRUE(hash.Set(std::string("a\0", 2), ""));
  EXPECT_EQ(hash.Get("a"), "2");
  EXPECT_EQ(hash.Get(""), "empty field");
  EXPECT_EQ(hash.Get(std::string("a\0", 2)), "");
  EXPECT_EQ(hash.Get("b"), std::nullopt);
  EXPECT_EQ(hash.size(), 3u);
  EXPECT_TRUE(hash.Erase("a"));
  EXPECT_FALSE(hash.Erase("a"));
  EXPECT_EQ(hash.size(), 2u);
}

TEST(HashValueTest, BehavesAsAMapUnderRandomUse) {
  SeededRandom random(TestSeed(15));
  HashValue hash(3);
  Fields expected;
  for (int i = 0; i < 50'000; ++i) {
    const std::string field = std::to_string(random.Below(3'000));
    if (random.Below(100) < 60) {
      const std::string value(random.OneIn(10) ? random.Below(3'000) : random.Below(30), 'v');
      EXPECT_EQ(hash.Set(field, value), expected.insert_or_assign(field, value).second);
    } else {
      EXPECT_EQ(hash.Erase(field), expected.erase(field) == 1);
    }
    ASSERT_EQ(hash.size(), expected.size());
  }
  EXPECT_EQ(FieldsOf(hash), expected);
}

TEST(HashValueTest, CountsEveryByteThatItsFieldsHold) {
  HashValue hash(1);
  const size_t empty = hash.bytes();
  EXPECT_EQ(empty, sizeof(HashValue));
  const std::string long_text(10'000, 'x');
  hash.Set("field", long_text);
  const size_t one = hash.bytes();
  EXPECT_GT(one, empty + long_text.size());
  hash.Set(long_text, long_text);
  EXPECT_GT(hash.bytes(), one + 2 * long_text.size());
  hash.Erase(long_text);
  // The tree's one node has made room for more fields; the texts have gone.
  EXPECT_LT(hash.bytes(), one + long_text.size());
  hash.Erase("field");
  EXPECT_EQ(hash.bytes(), sizeof(HashValue) + sizeof(FieldTree));
}

TEST(HashValueTest, ASmallHashIsOneBlock) {
  HashValue hash(1);
  PackedBuffer packed;
  for (int i = 0; i < 10; ++i) {
    const std::string field = "f000" + std::to_string(i), value = "v000" + std::to_string(i);
    hash.Set(field, value);
    packed.Append(field);
    packed.Append(value);
  }
  EXPECT_EQ(hash.bytes(), sizeof(HashValue) + packed.bytes());
  // 20 texts of 5 bytes, 2 bytes each for their lengths, 7 for the header; in eights.
  EXPECT_EQ(packed.bytes(), 152u);
}

TEST(HashValueTest, ALargeHashCountsNodesAndTexts) {
  HashValue hash(1);
  size_t texts = 0;
  for (size_t i = 0; i < 10'000; ++i) {
    const std::string field = std::to_string(i), value(i % 300, 'v');
    hash.Set(field, value);
    texts += TextPair(field, value).bytes();
  }
  ASSERT_FALSE(hash.compact());
  EXPECT_GT(hash.bytes(), texts + 10'000 * 16);
  EXPECT_LT(hash.bytes(), texts + 10'000 * 30);
}

TEST(HashValueTest, TheSameFieldsWeighTheSameWhateverWentBefore) {
  SeededRandom random(TestSeed(16));
  HashValue hash(1);
  for (int i = 0; i < 5'000; ++i) hash.Set(std::to_string(i), std::string(random.Below(200), 'v'));
  for (int i = 0; i < 5'000; ++i) hash.Erase(std::to_string(i));
  EXPECT_EQ(hash.size(), 0u);
  EXPECT_EQ(hash.bytes(), sizeof(HashValue) + sizeof(FieldTree));
}

TEST(HashValueTest, IsCompactWithinTheLimitsOfRedisAndNeverAgainOnceLost) {
  HashValue many(1);
  for (int i = 0; i < 512; ++i) many.Set(std::to_string(i), "v");
  EXPECT_TRUE(many.compact());
  many.Set("0", "again");
  EXPECT_TRUE(many.compact());
  many.Set("one more", "v");
  EXPECT_FALSE(many.compact());
  for (int i = 0; i < 512; ++i) many.Erase(std::to_string(i));
  EXPECT_FALSE(many.compact());

  HashValue long_value(1), long_field(1), at_limit(1);
  at_limit.Set(std::string(64, 'f'), std::string(64, 'v'));
  EXPECT_TRUE(at_limit.compact());
  long_value.Set("f", std::string(65, 'v'));
  EXPECT_FALSE(long_value.compact());
  long_field.Set(std::string(65, 'f'), "v");
  EXPECT_FALSE(long_field.compact());
}

TEST(HashValueTest, LimitsActOnLaterAdditions) {
  EncodingLimits limits;
  limits.hash_max_listpack_entries = 3;
  limits.hash_max_listpack_value = 5;
  HashValue hash(1), wide(1);
  for (const char* field : {"a", "b", "c"}) hash.Set(field, "12345", limits);
  EXPECT_EQ(hash.encoding(), "listpack");
  hash.Set("d", "v", limits);
  EXPECT_EQ(hash.encoding(), "hashtable");
  for (int i = 0; i < 10; ++i) wide.Set(std::to_string(i), "123456");
  EXPECT_TRUE(wide.compact());
  EXPECT_TRUE(wide.Erase("9"));
  EXPECT_TRUE(wide.compact());
  wide.Set("0", "v", limits);  // a change of a field, while there are more than 3
  EXPECT_FALSE(wide.compact());
  EXPECT_EQ(wide.size(), 9u);
  HashValue value(1);
  value.Set("a", "123456", limits);
  EXPECT_FALSE(value.compact());
}

TEST(HashValueTest, ASmallHashKeepsTheOrderOfInsertion) {
  HashValue hash(1);
  for (const char* field : {"x", "7", "a", "m"}) hash.Set(field, "1");
  hash.Set("7", "a longer value, in the same place");
  hash.Erase("a");
  hash.Set("a", "2");
  std::string order;
  hash.ForEach([&](std::string_view field, std::string_view) { order.append(field); });
  EXPECT_EQ(order, "x7ma");
  order.clear();
  for (const uint64_t cursor : {uint64_t{0}, uint64_t{5}, ~uint64_t{0}}) {
    EXPECT_EQ(hash.Scan(cursor, 1, [&](auto field, auto) { order.append(field); }), 0u);
  }
  EXPECT_EQ(order, "x7max7max7ma");
  order.clear();
  hash.Walk([&](std::string_view part) { order.append(part.substr(0, 1)); });
  EXPECT_EQ(order, "x17am1a2");
}

TEST(HashValueTest, ALargeHashHasNothingFromACursorThatItNeverReturns) {
  HashValue hash(1);
  for (int i = 0; i < 600; ++i) hash.Set(std::to_string(i), "v");
  for (const uint64_t cursor : {uint64_t{1} << 62, uint64_t{1} << 63, ~uint64_t{0}}) {
    EXPECT_EQ(hash.Scan(cursor, 10, [](auto, auto) { FAIL(); }), 0u);
  }
}

TEST(HashValueTest, GivesNumbersAsTextOrInteger) {
  for (const size_t filler : {0, 600}) {
    HashValue hash(1);
    for (size_t i = 0; i < filler; ++i) hash.Set("filler" + std::to_string(i), "v");
    hash.Set("12", "-34");
    hash.Set("012", "+34");
    EXPECT_EQ(hash.Get("12"), "-34");
    EXPECT_EQ(hash.Get("012"), "+34");
    EXPECT_EQ(hash.Get("12")->size(), 3u);
    EXPECT_EQ(hash.Get("12")->is_integer(), hash.compact());
  }
}

// Each field with the same chance: Pearson's statistic of `draws` draws lies near its mean.
void ExpectUniform(const HashValue& hash, size_t draws, SeededRandom& random) {
  std::map<std::string, size_t> drawn;
  const auto bits = [&] { return random.Next(); };
  for (size_t i = 0; i < draws; ++i) {
    hash.VisitRandom(bits, [&](std::string_view field, std::string_view value) {
      EXPECT_EQ(field, value);
      ++drawn[std::string(field)];
    });
  }
  const auto fields = static_cast<double>(hash.size());
  const double expected = static_cast<double>(draws) / fields;
  double statistic = (fields - static_cast<double>(drawn.size())) * expected;
  for (const auto& [field, times] : drawn) {
    const double off = static_cast<double>(times) - expected;
    statistic += off * off / expected;
  }
  // Six standard deviations above the mean.
  EXPECT_LT(statistic, fields + 6 * std::sqrt(2 * fields) + 12) << hash.size() << " fields";
}

TEST(HashValueTest, VisitRandom_IsUniform) {
  SeededRandom random(TestSeed(18));
  for (const bool large : {false, true}) {
    for (const size_t fields : {1, 2, 31, 32, 33, 500, 1'000, 5'000}) {
      HashValue hash(random.Next());
      EncodingLimits limits;
      limits.hash_max_listpack_entries = large ? 0 : 1'000;
      for (size_t i = 0; i < fields; ++i) {
        const std::string text = std::to_string(i);
        hash.Set(text, text, limits);
      }
      ASSERT_EQ(hash.compact(), !large && fields <= 1'000);
      ExpectUniform(hash, 20 * fields, random);
    }
  }
}

TEST(HashValueTest, ChangesCountOnlyChanges) {
  HashValue hash(1);
  for (int i = 0; i < 513; ++i) {
    const uint32_t before = hash.changes();
    hash.Set(std::to_string(i), "v");
    EXPECT_EQ(hash.changes(), before + 1);
    hash.Erase("absent");
    EXPECT_EQ(hash.changes(), before + 1);
  }
}

// Conversion and additions with one allocation failing after the other.
TEST(HashValueTest, AFailedAllocationChangesNothing) {
  SeededRandom random(TestSeed(19));
  for (int round = 0; round < 200; ++round) {
    EncodingLimits limits;
    // So few that the fields fit into one node of the tree: abseil's B-tree leaks a node if its first split
    // runs out of memory and the tree is destroyed before the next insertion.
    limits.hash_max_listpack_entries = 1 + random.Below(12);
    HashValue hash(random.Next());
    Fields expected;
    for (int i = 0; i < 60; ++i) {
      const std::string field = std::to_string(random.Below(50));
      const std::string value(random.OneIn(20) ? 70 : random.Below(20), 'v');
      if (random.OneIn(4)) {
        const ExhaustedMemory exhausted(1);
        const bool erased = hash.Erase(field);
        const UncountedAllocations uncounted;
        EXPECT_EQ(erased, expected.erase(field) == 1);
      } else {
        for (uint64_t n = 1;; ++n) {
          bool done = true;
          {
            const FailingAllocation failing(n);
            try {
              hash.Set(field, value, limits);
            } catch (const std::bad_alloc&) {
              done = false;
            }
          }
          if (done) break;
          ASSERT_EQ(FieldsOf(hash), expected);
        }
        expected[field] = value;
      }
      ASSERT_EQ(FieldsOf(hash), expected);
    }
  }
}

TEST(HashValueTest, AScanShowsACompactHashAtOnce) {
  HashValue hash(1);
  for (int i = 0; i < 500; ++i) hash.Set(std::to_string(i), "v");
  int shown = 0;
  EXPECT_EQ(hash.Scan(0, 1, [&](std::string_view, std::string_view) { ++shown; }), 0u);
  EXPECT_EQ(shown, 500);
  // From any cursor: it stands for no place there.
  EXPECT_EQ(hash.Scan(uint64_t{1} << 62, 1, [&](std::string_view, std::string_view) { ++shown; }),
            0u);
  EXPECT_EQ(shown, 1'000);
}

TEST(HashValueTest, AScanShowsAFieldThatIsThereThroughoutExactlyOnce) {
  SeededRandom random(TestSeed(17));
  for (const bool change : {false, true}) {
    HashValue hash(random.Next());
    for (int i = 0; i < 4'000; ++i) hash.Set(std::to_string(i), "v");
    ASSERT_FALSE(hash.compact());
    std::map<std::string, int> shown;
    uint64_t cursor = 0;
    do {
      size_t in_step = 0;
      const size_t count = 1 + random.Below(50);
      cursor = hash.Scan(cursor, count, [&](std::string_view field, std::string_view) {
        ++shown[std::string(field)];
        ++in_step;
      });
      ASSERT_LT(cursor, uint64_t{1} << 63);
      ASSERT_LE(in_step, count + 2);
      if (cursor != 0) {
        ASSERT_GE(in_step, count);
      }
      for (int i = 0; change && i < 20; ++i) {
        hash.Erase(std::to_string(random.Below(2'000)));  // 2000 and above stay throughout
        hash.Set("new" + std::to_string(random.Below(2'000)), "v");
      }
    } while (cursor != 0);
    for (int i = change ? 2'000 : 0; i < 4'000; ++i) ASSERT_EQ(shown[std::to_string(i)], 1) << i;
    if (!change) {
      EXPECT_EQ(shown.size(), 4'000u);
    }
  }
}

TEST(HashValueTest, AScanGoesOnWhereAHashThatIsNoLongerCompactGrewMeanwhile) {
  HashValue hash(1);
  for (int i = 0; i < 513; ++i) hash.Set(std::to_string(i), "v");
  std::map<std::string, int> shown;
  const auto show = [&](std::string_view field, std::string_view) { ++shown[std::string(field)]; };
  uint64_t cursor = hash.Scan(0, 10, show);
  for (int i = 513; i < 3'000; ++i) hash.Set(std::to_string(i), "v");
  while (cursor != 0) cursor = hash.Scan(cursor, 10, show);
  for (int i = 0; i < 513; ++i) EXPECT_EQ(shown[std::to_string(i)], 1);
}

}  // namespace
}  // namespace dcs::store
