#include "store/values/hash_value.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

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
  EXPECT_EQ(hash.bytes(), empty);
}

TEST(HashValueTest, TheSameFieldsWeighTheSameWhateverWentBefore) {
  SeededRandom random(TestSeed(16));
  HashValue hash(1);
  for (int i = 0; i < 5'000; ++i) hash.Set(std::to_string(i), std::string(random.Below(200), 'v'));
  for (int i = 0; i < 5'000; ++i) hash.Erase(std::to_string(i));
  EXPECT_EQ(hash.size(), 0u);
  EXPECT_EQ(hash.bytes(), sizeof(HashValue));
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
