// The contestants: the keyspace, and two hash maps of std::string behind the same locks.
//
// All have the same interface and use the same hash function. The maps store what a keyspace stores
// (key, value and deadline) and are used as efficiently as their interfaces allow: one hash per
// lookup, no temporary std::string, 16 shards by the hash's top bits with a ShardMutex each. They
// allocate from malloc; the keyspace uses huge pages if the system has them. Run with
// GLIBC_TUNABLES=glibc.malloc.hugetlb=1 to let malloc use them.
//
// Thread safety: all members may be called from any thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "benchmark/benchmark.h"
#include "boost/unordered/unordered_flat_map.hpp"
#include "store/key_hash.h"
#include "store/keyspace.h"
#include "store/shard_mutex.h"
#include "store/transaction.h"

namespace dcs::bench {

using store::HashedKey;
using store::kNoDeadline;
using store::TimeMs;

inline constexpr TimeMs kNow = 1'700'000'000'000;
inline constexpr uint64_t kSeed = 1;
inline constexpr size_t kShards = 16;

struct Swept {
  size_t visited = 0;
  size_t released = 0;
};

// Loads a byte of the value from memory. DoNotOptimize would only need its address.
inline void LookAt(std::string_view value) {
  if (!value.empty()) (void)*static_cast<const volatile char*>(value.data());
}

class KeyspaceContestant {
 public:
  static constexpr const char* kName = "keyspace";
  static constexpr std::array<int64_t, 4> kSizes = {100'000, 1'000'000, 10'000'000, 50'000'000};
  static constexpr size_t kBytesAKey = 80;  // rough; decides how much memory to warm

  explicit KeyspaceContestant(double waste_limit = store::KeyspaceOptions().waste_limit,
                              store::LockObserver* lock_observer = nullptr)
      : keyspace_({.shards = kShards,
                   .seed = kSeed,
                   .epoch = kNow,
                   .waste_limit = waste_limit,
                   .lock_observer = lock_observer}) {}

  HashedKey Hash(std::string_view key) const { return keyspace_.Hash(key); }

  // Returns the size of the value after reading some of it; 0 if the key is absent or expired.
  size_t Get(const HashedKey& key, TimeMs now) {
    store::Transaction txn(keyspace_, now, key);
    const std::optional<store::Entry> entry = txn.Find(key);
    if (!entry) return 0;
    LookAt(entry->string);
    return entry->string.size();
  }
  void Set(const HashedKey& key, std::string_view value, TimeMs deadline, TimeMs now) {
    // Fails if memory has run out; then the benchmark's own checks fail.
    (void)store::Transaction(keyspace_, now, key).SetString(key, value, deadline);
  }
  bool Expire(const HashedKey& key, TimeMs deadline, TimeMs now) {
    return store::Transaction(keyspace_, now, key).SetDeadline(key, deadline);
  }
  Swept Sweep(TimeMs now, size_t threads) {
    std::vector<Swept> parts(threads);
    const auto sweep = [&](size_t part) {
      const store::SweepResult result = keyspace_.FastSweep(now, part, threads);
      parts[part] = {result.visited, result.released};
    };
    std::vector<std::thread> others;
    for (size_t part = 1; part < threads; ++part) others.emplace_back(sweep, part);
    sweep(0);
    for (std::thread& other : others) other.join();
    Swept sum;
    for (const Swept& part : parts) {
      sum.visited += part.visited;
      sum.released += part.released;
    }
    return sum;
  }
  size_t size() const { return keyspace_.size(); }
  store::Keyspace& keyspace() { return keyspace_; }

 private:
  store::Keyspace keyspace_;
};

// The data that the maps store per key.
struct MapValue {
  std::string value;
  TimeMs deadline;
};

// Uses the hash of the HashedKey. It is rotated, because the top bits are equal within a shard, and
// a map that uses them would fill only a sixteenth of itself.
struct MapHash {
  using is_transparent = void;
  using is_avalanching = void;
  size_t operator()(const HashedKey& key) const { return std::rotl(key.hash, 32); }
  size_t operator()(std::string_view key) const {
    return std::rotl(store::HashBytes(key, kSeed), 32);
  }
};

struct MapEqual {
  using is_transparent = void;
  static std::string_view Bytes(const HashedKey& key) { return key.bytes; }
  static std::string_view Bytes(std::string_view key) { return key; }
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return Bytes(a) == Bytes(b);
  }
};

template <typename Map>
class LockedMap {
 public:
  static constexpr std::array<int64_t, 3> kSizes = {100'000, 1'000'000, 10'000'000};
  static constexpr size_t kBytesAKey = 240;

  HashedKey Hash(std::string_view key) const { return {key, store::HashBytes(key, kSeed)}; }

  size_t Get(const HashedKey& key, TimeMs now) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.map.find(key);
    if (found == shard.map.end() || store::Expired(found->second.deadline, now)) return 0;
    LookAt(found->second.value);
    return found->second.value.size();
  }
  void Set(const HashedKey& key, std::string_view value, TimeMs deadline, TimeMs) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.map.find(key);
    if (found == shard.map.end()) {
      shard.map.try_emplace(std::string(key.bytes), MapValue{std::string(value), deadline});
    } else {
      found->second.value.assign(value);
      found->second.deadline = deadline;
    }
  }
  bool Expire(const HashedKey& key, TimeMs deadline, TimeMs now) {
    Shard& shard = ShardOf(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.map.find(key);
    if (found == shard.map.end() || store::Expired(found->second.deadline, now)) return false;
    found->second.deadline = deadline;
    return true;
  }
  // Runs on the calling thread only, and holds a shard's lock for the whole shard.
  Swept Sweep(TimeMs now, size_t) {
    Swept swept;
    for (Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      swept.visited += shard.map.size();
      swept.released += erase_if(shard.map, [now](const typename Map::value_type& entry) {
        return store::Expired(entry.second.deadline, now);
      });
    }
    return swept;
  }
  size_t size() const {
    size_t keys = 0;
    for (const Shard& shard : shards_) {
      const std::lock_guard lock(shard.mutex);
      keys += shard.map.size();
    }
    return keys;
  }

 private:
  struct alignas(64) Shard {
    mutable store::ShardMutex mutex{nullptr};
    Map map;  // guarded by mutex
  };
  Shard& ShardOf(const HashedKey& key) {
    return shards_[key.hash >> (64 - std::countr_zero(kShards))];
  }

  std::array<Shard, kShards> shards_;
};

struct AbslContestant : LockedMap<absl::flat_hash_map<std::string, MapValue, MapHash, MapEqual>> {
  static constexpr const char* kName = "flat_hash_map";
};

struct BoostContestant
    : LockedMap<boost::unordered_flat_map<std::string, MapValue, MapHash, MapEqual>> {
  static constexpr const char* kName = "unordered_flat_map";
};

}  // namespace dcs::bench
