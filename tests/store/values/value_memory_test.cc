// Bytes per element: no set or sorted set takes more than in Redis (store/README.md has the table).
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "store/keyspace.h"
#include "store/transaction.h"
#include "store/values/set_value.h"
#include "store/values/sorted_set_value.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr size_t kSlotBytes = 13;  // of the index, per key

enum class Kind { kInteger, kText };

std::string MemberOf(Kind kind, size_t number) {
  const std::string digits = std::to_string(number);
  if (kind == Kind::kInteger) return digits;
  return "m" + std::string(9 - digits.size(), '0') + digits;  // 10 bytes
}

void AddElement(SetValue& set, const std::string& member, size_t) { set.Add(member); }
void AddElement(SortedSetValue& set, const std::string& member, size_t number) {
  set.Set(member, static_cast<double>(number));
}

// The key with its record and its slot: what MEMORY USAGE replies.
template <typename T>
size_t UsageOf(Kind kind, size_t elements) {
  Keyspace keyspace({.shards = 1, .seed = 5, .epoch = kNow});
  const HashedKey key = keyspace.Hash("key1");
  Transaction txn(keyspace, kNow, key);
  T* const value = txn.FindOrMake<T>(key).value();
  for (size_t i = 0; i < elements; ++i) AddElement(*value, MemberOf(kind, i), i);
  return txn.Peek(key)->bytes() + kSlotBytes;
}

struct Row {
  size_t elements;
  Kind kind;
  size_t set_in_redis;  // MEMORY USAGE key SAMPLES 0 of redis-server 7.0.15
  size_t sorted_set_in_redis;
};

TEST(ValueMemoryTest, ElementsTakeNoMoreThanInRedis) {
  constexpr Row kRows[] = {
      {10, Kind::kInteger, 80, 96},
      {10, Kind::kText, 696, 208},
      {100, Kind::kInteger, 272, 496},
      {100, Kind::kText, 5'640, 1'584},
      {1'000, Kind::kInteger, 40'296, 94'648},
      {1'000, Kind::kText, 48'296, 102'456},
      {100'000, Kind::kInteger, 4'772'968, 9'583'528},
      {100'000, Kind::kText, 5'572'968, 10'381'048},
  };
  for (const Row& row : kRows) {
    const size_t set = UsageOf<SetValue>(row.kind, row.elements);
    const size_t sorted_set = UsageOf<SortedSetValue>(row.kind, row.elements);
    std::printf("%7zu %-8s set %9zu (%9zu)   sorted set %9zu (%9zu)\n", row.elements,
                row.kind == Kind::kInteger ? "integers" : "texts", set, row.set_in_redis,
                sorted_set, row.sorted_set_in_redis);
    EXPECT_LE(set, row.set_in_redis);
    EXPECT_LE(sorted_set, row.sorted_set_in_redis);
  }
}

}  // namespace
}  // namespace dcs::store
