#include "store/values/type_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "store/keyspace.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "store/values/list_value.h"
#include "store/values/set_value.h"
#include "store/values/sorted_set_value.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr ValueType kHeapTypes[] = {ValueType::kHash, ValueType::kList, ValueType::kSet,
                                    ValueType::kZSet};

KeyspaceOptions Options() {
  return {.shards = 2, .seed = 5, .epoch = kNow, .lazy_free_thread = false};
}

// Element `number` of a value of that type.
std::vector<std::string> Element(const TypeRow& row, size_t number) {
  std::vector<std::string> parts;
  for (size_t part = 0; part < row.parts_of_element; ++part) {
    const bool is_text = part > 0 && row.name != "zset";  // not the score
    parts.push_back(std::to_string(number) + (is_text ? "-" + std::to_string(part) : ""));
  }
  return parts;
}

void Add(HeapValue& value, size_t number, const EncodingLimits& limits = kDefaultEncodingLimits) {
  const TypeRow& row = RowOf(value.type());
  const std::vector<std::string> parts = Element(row, number);
  const std::vector<std::string_view> views(parts.begin(), parts.end());
  row.add(value, views, limits);
}

TEST(TypeTableTest, RowsAreInTheOrderOfTheTypes) {
  EXPECT_EQ(RowOf(ValueType::kString).name, "string");
  EXPECT_EQ(RowOf(ValueType::kHash).name, "hash");
  EXPECT_EQ(RowOf(ValueType::kList).name, "list");
  EXPECT_EQ(RowOf(ValueType::kSet).name, "set");
  EXPECT_EQ(RowOf(ValueType::kZSet).name, "zset");
}

TEST(TypeTableTest, SnapshotKindsNeverChange) {
  EXPECT_EQ(HeapTypeOfSnapshotKind(2), ValueType::kHash);
  EXPECT_EQ(HeapTypeOfSnapshotKind(4), ValueType::kList);
  EXPECT_EQ(HeapTypeOfSnapshotKind(5), ValueType::kSet);
  EXPECT_EQ(HeapTypeOfSnapshotKind(6), ValueType::kZSet);
  for (const uint8_t string_kind : {0, 1, 3}) {
    EXPECT_EQ(HeapTypeOfSnapshotKind(string_kind), std::nullopt);
  }
  EXPECT_EQ(HeapTypeOfSnapshotKind(127), std::nullopt);
}

TEST(TypeTableTest, WalkVisitsWhatAddTook) {
  for (const ValueType type : kHeapTypes) {
    const TypeRow& row = RowOf(type);
    for (const size_t elements : {1, 100, 10'000}) {
      const std::unique_ptr<HeapValue> value = row.make(7);
      std::multiset<std::string> added, walked;
      for (size_t i = 0; i < elements; ++i) {
        Add(*value, i);
        for (std::string& part : Element(row, i)) added.insert(std::move(part));
      }
      EXPECT_EQ(value->type(), type);
      EXPECT_EQ(value->size(), elements);
      row.walk(*value, [&](std::string_view part) { walked.emplace(part); });
      EXPECT_EQ(walked, added) << row.name;
    }
  }
}

TEST(TypeTableTest, AddKeepsToTheLimitsGiven) {
  EncodingLimits limits;
  limits.hash_max_listpack_entries = 2;
  limits.list_max_listpack_size = 2;
  limits.set_max_intset_entries = 2;
  limits.zset_max_listpack_entries = 2;
  HashValue hash(1);
  ListValue list;
  SetValue set(1);
  SortedSetValue sorted_set(1);
  for (size_t i = 0; i < 3; ++i) {
    Add(hash, i, limits);
    Add(list, i, limits);
    Add(set, i, limits);
    Add(sorted_set, i, limits);
  }
  EXPECT_FALSE(hash.compact());
  EXPECT_EQ(list.nodes(), 2u);
  EXPECT_EQ(set.encoding(), "hashtable");
  EXPECT_EQ(sorted_set.encoding(), "skiplist");
}

TEST(TypeTableTest, AListLivesInAKeyspace) {
  Keyspace keyspace(Options());
  const HashedKey key = keyspace.Hash("list");
  {
    Transaction txn(keyspace, kNow, key);
    ListValue* const list = txn.FindOrMake<ListValue>(key).value();
    for (int i = 0; i < 5'000; ++i) list->Push(ListValue::End::kBack, std::to_string(i));
    EXPECT_EQ(txn.Mutable<HashValue>(key), nullptr);
    EXPECT_FALSE(txn.FindOrMake<HashValue>(key).ok());
  }
  keyspace.CheckInvariants();
  EXPECT_GT(keyspace.Memory().heap_bytes, 5'000u);
  {
    Transaction txn(keyspace, kNow, key);
    const std::optional<Entry> entry = txn.Find(key);
    EXPECT_EQ(entry->type, ValueType::kList);
    EXPECT_EQ(RowOf(entry->type).encoding(*entry), "quicklist");
    txn.Mutable<ListValue>(key)->Pop(ListValue::End::kFront, 5'000);
  }
  EXPECT_EQ(keyspace.size(), 0u);
  EXPECT_EQ(keyspace.Memory().heap_bytes, 0u);
  keyspace.CheckInvariants();
}

TEST(TypeTableTest, LazyFreeTakesAMillionElements) {
  for (const ValueType type : kHeapTypes) {
    Keyspace keyspace(Options());
    const HashedKey key = keyspace.Hash("large");
    {
      Transaction txn(keyspace, kNow, key);
      HeapValue* const value = txn.FindOrMakeValue(key, type).value();
      for (size_t i = 0; i < 1'000'000; ++i) Add(*value, i);
    }
    const size_t bytes = keyspace.Memory().heap_bytes;
    EXPECT_GT(bytes, 4'000'000u);
    EXPECT_TRUE(Transaction(keyspace, kNow, key).Erase(key, FreeMode::kLazy));
    EXPECT_EQ(keyspace.Memory().heap_bytes, 0u);
    EXPECT_EQ(keyspace.lazy_free().counters().pending_bytes, bytes);
    EXPECT_EQ(keyspace.Memory().lazy_free_bytes, bytes);
    keyspace.lazy_free().Drain();
    EXPECT_EQ(keyspace.Memory().lazy_free_bytes, 0u);
    keyspace.CheckInvariants();
  }
}

}  // namespace
}  // namespace dcs::store
