#include "store/keyspace.h"

#include <bit>
#include <cassert>
#include <limits>
#include <mutex>
#include <new>

#include "store/shard.h"
#include "store/transaction.h"

namespace dcs::store {
namespace {

// Deadlines before the epoch are kept as the epoch, which must have passed at any `now`.
KeyspaceOptions WithEpochPassed(KeyspaceOptions options) {
  options.epoch -= options.epoch > std::numeric_limits<TimeMs>::min();
  return options;
}

}  // namespace

Keyspace::Keyspace(const KeyspaceOptions& options)
    : options_(WithEpochPassed(options)),
      shard_bits_(std::countr_zero(options.shards)),
      release_on_access_(options.release_on_access),
      blocks_(pages_),
      lazy_free_(options.lazy_free_thread) {
  assert(std::has_single_bit(options.shards) && options.shards <= 64 &&
         "Keyspace: shards is a power of two, 1 to 64");
  for (size_t i = 0; i < options.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(pages_, blocks_, options_, shard_bits_));
  }
}

Keyspace::~Keyspace() = default;

std::optional<std::string> Keyspace::Get(std::string_view key, TimeMs now) {
  const HashedKey hashed = Hash(key);
  Transaction txn(*this, now, hashed);
  const std::optional<Entry> entry = txn.Find(hashed);
  if (!entry || entry->type != ValueType::kString) return std::nullopt;
  return std::string(entry->string);
}

absl::Status Keyspace::Set(std::string_view key, std::string_view value, TimeMs deadline,
                           TimeMs now) {
  const HashedKey hashed = Hash(key);
  return Transaction(*this, now, hashed).SetString(hashed, value, deadline);
}

bool Keyspace::Erase(std::string_view key, TimeMs now) noexcept {
  const HashedKey hashed = Hash(key);
  return Transaction(*this, now, hashed).Erase(hashed);
}

bool Keyspace::Expire(std::string_view key, TimeMs deadline, TimeMs now) noexcept {
  const HashedKey hashed = Hash(key);
  return Transaction(*this, now, hashed).SetDeadline(hashed, deadline);
}

bool Keyspace::Persist(std::string_view key, TimeMs now) noexcept {
  const HashedKey hashed = Hash(key);
  Transaction txn(*this, now, hashed);
  const std::optional<Entry> entry = txn.Find(hashed);
  return entry && entry->deadline != kNoDeadline && txn.SetDeadline(hashed, kNoDeadline);
}

std::optional<TimeMs> Keyspace::Ttl(std::string_view key, TimeMs now) noexcept {
  const HashedKey hashed = Hash(key);
  Transaction txn(*this, now, hashed);
  const std::optional<Entry> entry = txn.Find(hashed);
  if (!entry) return std::nullopt;
  return MillisecondsLeft(entry->deadline, now);
}

void Keyspace::Prefetch(absl::Span<const HashedKey> keys) const {
  uint64_t held = 0;
  for (const HashedKey& key : keys) held |= uint64_t{1} << ShardNumber(key);
  for (uint64_t left = held; left != 0; left &= left - 1) {
    shards_[static_cast<size_t>(std::countr_zero(left))]->mutex.lock();
  }
  for (const HashedKey& key : keys) shards_[ShardNumber(key)]->PrefetchRoute(key);
  for (const HashedKey& key : keys) shards_[ShardNumber(key)]->PrefetchGroup(key);
  for (const HashedKey& key : keys) shards_[ShardNumber(key)]->PrefetchRecord(key);
  for (uint64_t left = held; left != 0; left &= left - 1) {
    shards_[static_cast<size_t>(std::countr_zero(left))]->mutex.unlock();
  }
}

void Keyspace::Clear(FreeMode mode) noexcept {
  for (const auto& shard : shards_) {
    size_t objects = 0, bytes = 0;
    std::unique_ptr<Garbage> contents;
    try {
      const std::lock_guard lock(shard->mutex);
      contents = shard->TakeContents(objects, bytes);
    } catch (const std::bad_alloc&) {
      ClearInPlace(*shard);
      continue;
    }
    if (mode == FreeMode::kLazy) lazy_free_.Queue(std::move(contents), objects, bytes);
  }
}

void Keyspace::ClearInPlace(Shard& shard) noexcept {
  uint64_t position = 0;
  do {
    shard.mutex.Yield();
    Retired retired(pages_, lazy_free_);
    const std::lock_guard lock(shard.mutex);
    position = shard.RemoveSegment(position, retired);
  } while (position != 0);
}

size_t Keyspace::size() const noexcept {
  size_t keys = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    keys += shard->count();
  }
  return keys;
}

size_t Keyspace::keys_with_deadline() const noexcept {
  size_t keys = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    keys += shard->with_deadline();
  }
  return keys;
}

MemoryUse Keyspace::Memory() const noexcept {
  MemoryUse use;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    shard->AddTo(use);
  }
  const BlockPool::Use blocks = blocks_.use();
  use.access_bytes = blocks.access_bytes;
  use.stock_bytes = pages_.stock_bytes() + blocks.idle_bytes();
  use.lazy_free_bytes = lazy_free_.counters().pending_bytes;
  return use;
}

size_t Keyspace::UsedBytes() const noexcept {
  size_t bytes = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    bytes += shard->used_bytes();
  }
  return bytes;
}

KeyspaceCounters Keyspace::Counters() const noexcept {
  KeyspaceCounters total;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    total.released_on_access += shard->counters.released_on_access;
    total.released_by_sweep += shard->counters.released_by_sweep;
    total.released_by_sample += shard->counters.released_by_sample;
    total.evacuated_records += shard->counters.evacuated_records;
    total.evacuated_bytes += shard->counters.evacuated_bytes;
  }
  return total;
}

HoldTimes Keyspace::LockHolds() const {
  HoldTimes total;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    total.Add(shard->mutex.hold_times());
  }
  return total;
}

void Keyspace::CheckInvariants() const {
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    shard->CheckInvariants();
  }
  blocks_.CheckInvariants();
}

}  // namespace dcs::store
