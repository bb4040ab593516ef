// What models that put random operations on a keyspace and on the oracle have in common.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>

#include "store/keyspace.h"
#include "store/values/hash_value.h"
#include "tests/store/oracle.h"
#include "tests/store/seeded.h"

namespace dcs::store {

struct ModelShape {
  const char* name;
  size_t shards;
  size_t max_segment_groups;
  size_t max_chunk_bytes;
  bool release_on_access;
  uint64_t keys;
  uint64_t operations;
};

inline void PrintTo(const ModelShape& shape, std::ostream* out) { *out << shape.name; }

class RandomModel {
 public:
  RandomModel(const ModelShape& shape, uint64_t seed)
      : shape_(shape), random_(seed), keyspace_(Options(shape, seed)) {}

 protected:
  static constexpr TimeMs kStart = 1'700'000'000'000;

  static KeyspaceOptions Options(const ModelShape& shape, uint64_t seed) {
    return {.shards = shape.shards,
            .seed = seed,
            .epoch = kStart,
            .release_on_access = shape.release_on_access,
            .lazy_free_thread = false,
            .max_segment_groups = shape.max_segment_groups,
            .max_chunk_bytes = shape.max_chunk_bytes};
  }

  // `entry` is what the keyspace has under `key`, `expected` what the oracle has.
  static void ExpectSame(const std::optional<Entry>& entry, const std::string& key,
                         const OracleItem* expected) {
    ASSERT_EQ(entry.has_value(), expected != nullptr) << key;
    if (!entry) return;
    EXPECT_EQ(entry->key, key);
    EXPECT_EQ(entry->deadline, expected->deadline);
    if (const auto* text = std::get_if<std::string>(&expected->value)) {
      ASSERT_EQ(entry->type, ValueType::kString);
      EXPECT_EQ(entry->string, *text);
      return;
    }
    ASSERT_EQ(entry->type, ValueType::kHash);
    OracleHash fields;
    static_cast<const HashValue*>(entry->heap)
        ->ForEach(
            [&](std::string_view field, std::string_view value) { fields.emplace(field, value); });
    EXPECT_EQ(fields, std::get<OracleHash>(expected->value));
  }

  const ModelShape shape_;
  SeededRandom random_;
  Keyspace keyspace_;
  Oracle oracle_;
  TimeMs now_ = kStart;
  uint64_t operation_ = 0;
};

}  // namespace dcs::store
