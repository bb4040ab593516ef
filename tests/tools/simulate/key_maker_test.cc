#include "tools/simulate/key_maker.h"

#include <gtest/gtest.h>

#include <set>

#include "store/values/hash_value.h"

namespace dcs::simulate {
namespace {

TEST(KeyMakerTest, NamesAreDistinctAndHaveTheGivenLength) {
  KeyGroup group{.name = "cart"};
  group.key_bytes = Constant{16};
  const KeyMaker maker(group, 1);
  std::set<std::string> names;
  std::string name;
  for (uint64_t i = 0; i < 2000; ++i) {
    maker.NameOf(i, name);
    EXPECT_EQ(name.size(), 16u);
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 2000u);
  maker.NameOf(42, name);
  EXPECT_EQ(name, "cart:00000000042");
}

TEST(KeyMakerTest, NameTooShortForItsNumber_IsExtended) {
  KeyGroup group{.name = "k"};
  group.key_bytes = Constant{2};
  std::string name;
  KeyMaker(group, 1).NameOf(1234, name);
  EXPECT_EQ(name, "k:1234");
}

TEST(KeyMakerTest, ContentIsAFunctionOfSeedNumberAndVersion) {
  KeyGroup group{.name = "k"};
  group.value_bytes = Uniform{0, 1e6};
  group.expires_in_s = Uniform{0, 1e6};
  const KeyMaker once(group, 1), again(group, 1), other(group, 2);
  const auto same = [](const Content& a, const Content& b) {
    return a.value_bytes == b.value_bytes && a.lifetime_ms == b.lifetime_ms;
  };
  EXPECT_TRUE(same(once.ContentOf(5, 0), again.ContentOf(5, 0)));
  EXPECT_FALSE(same(once.ContentOf(5, 0), once.ContentOf(5, 1)));
  EXPECT_FALSE(same(once.ContentOf(5, 0), once.ContentOf(6, 0)));
  EXPECT_FALSE(same(once.ContentOf(5, 0), other.ContentOf(5, 0)));
}

TEST(KeyMakerTest, NoDeadlineShare_IsKept) {
  KeyGroup group{.name = "k"};
  group.expires_in_s = Constant{10};
  group.no_deadline_share = 0.25;
  const KeyMaker maker(group, 1);
  int without = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    without += maker.ContentOf(i, 0).lifetime_ms == store::kNoDeadline;
  }
  EXPECT_NEAR(without, 2500, 200);
}

TEST(KeyMakerTest, WritesStringsAndHashesWithTheirDeadlines) {
  store::Keyspace keyspace({.lazy_free_thread = false});
  KeyGroup strings{.name = "s"};
  KeyGroup hashes{.name = "h"};
  hashes.type = store::ValueType::kHash;
  KeyMaker string_maker(strings, 1), hash_maker(hashes, 1);
  const store::HashedKey a = keyspace.Hash("a"), b = keyspace.Hash("b");
  {
    store::Transaction txn(keyspace, 100, a);
    ASSERT_TRUE(string_maker.Write(txn, a, {.value_bytes = 7, .lifetime_ms = 50}).ok());
  }
  EXPECT_EQ(keyspace.Get("a", 100), "vvvvvvv");
  EXPECT_EQ(keyspace.Ttl("a", 100), 50);
  for (const size_t fields : {3, 2}) {
    store::Transaction txn(keyspace, 100, b);
    ASSERT_TRUE(hash_maker.Write(txn, b, {.value_bytes = 7, .fields = fields}).ok());
    EXPECT_EQ(txn.Mutable<store::HashValue>(b)->size(), fields);
  }
  EXPECT_EQ(keyspace.Ttl("b", 100), store::kNoDeadline);
}

}  // namespace
}  // namespace dcs::simulate
