#include "store/keyspace.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <new>

#include "store/key_event.h"
#include "store/keyspace_memory.h"
#include "store/shard.h"
#include "store/shard_lock.h"
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
      memory_(std::make_unique<KeyspaceMemory>(options.lazy_free_thread)),
      pages_(memory_->pages),
      lazy_free_(memory_->lazy_free) {
  assert(std::has_single_bit(options.shards) && options.shards <= 64 &&
         "Keyspace: shards is a power of two, 1 to 64");
  for (size_t i = 0; i < options.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(*memory_, options_, shard_bits_));
    gates_.push_back(shards_.back().get());
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
  if (held_by_this_thread()) return;
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
      const WalkStep step(*shard, *memory_, held_by_this_thread());
      contents = shard->TakeContents(objects, bytes);
    } catch (const std::bad_alloc&) {
      ClearInPlace(*shard);
      continue;
    }
    if (mode == FreeMode::kLazy) memory_->lazy_free.Queue(std::move(contents), objects, bytes);
  }
  // Under any shard's lock: set_key_event_sink waits for it.
  const ShardLock lock(*shards_.front(), held_by_this_thread());
  if (KeyEventSink* const sink = key_event_sink()) {
    sink->OnKeyEvent({.kind = KeyEventKind::kCleared, .key = {}, .entry = {}});
  }
}

void Keyspace::ClearInPlace(Shard& shard) noexcept {
  uint64_t position = 0;
  do {
    WalkStep step(shard, *memory_, held_by_this_thread());
    position = shard.RemoveSegment(position, step.deferred());
  } while (position != 0);
}

void Keyspace::set_key_event_sink(KeyEventSink* sink) {
  sink_.store(sink, std::memory_order_release);
  // A thread that holds a shard's lock may still call the previous sink.
  for (const auto& shard : shards_) const ShardLock lock(*shard, held_by_this_thread());
}

LazyFree& Keyspace::lazy_free() { return memory_->lazy_free; }

bool Keyspace::tracks_access() const { return memory_->blocks.tracks_access(); }

void Keyspace::TrackAccess(bool wanted) noexcept { memory_->blocks.TrackAccess(wanted); }

size_t Keyspace::size() const noexcept {
  size_t keys = 0;
  for (const auto& shard : shards_) keys += shard->used().keys();
  return keys;
}

size_t Keyspace::keys_with_deadline() const noexcept {
  size_t keys = 0;
  for (const auto& shard : shards_) {
    const ShardLock lock(*shard, held_by_this_thread());
    keys += shard->with_deadline();
  }
  return keys;
}

MemoryUse Keyspace::Memory() const noexcept {
  MemoryUse use;
  for (const auto& shard : shards_) {
    const ShardLock lock(*shard, held_by_this_thread());
    shard->AddTo(use);
  }
  const BlockPool::Use blocks = memory_->blocks.use();
  use.access_bytes = blocks.access_bytes;
  use.stock_bytes = memory_->pages.stock_bytes() + blocks.idle_bytes();
  use.lazy_free_bytes = memory_->lazy_free.counters().pending_bytes;
  return use;
}

size_t Keyspace::UsedBytes() const noexcept {
  const size_t access_bytes = tracks_access() ? sizeof(AccessWord) : 0;
  size_t bytes = 0;
  for (const auto& shard : shards_) {
    bytes += shard->used().bytes() + shard->used().keys() * access_bytes;
  }
  return bytes;
}

bool Keyspace::UsesMoreThan(size_t limit) const noexcept {
  const int64_t access_bytes = tracks_access() ? sizeof(AccessWord) : 0;
  const auto bytes = [&](UsedTotal::Sum sum) { return sum.bytes + sum.keys * access_bytes; };
  const int64_t used = bytes(memory_->used_total.Approximate());
  const int64_t slack = bytes(memory_->used_total.slack());
  const auto most = static_cast<int64_t>(std::min<size_t>(limit, INT64_MAX));
  if (used <= most - slack) return false;
  if (used - slack > most) return true;
  return UsedBytes() > limit;
}

KeyspaceCounters Keyspace::Counters() const noexcept {
  KeyspaceCounters total;
  for (const auto& shard : shards_) {
    const ShardLock lock(*shard, held_by_this_thread());
    total.released_on_access += shard->counters.released_on_access;
    total.released_by_sweep += shard->counters.released_by_sweep;
    total.released_by_sample += shard->counters.released_by_sample;
    total.evacuated_records += shard->counters.evacuated_records;
    total.evacuated_bytes += shard->counters.evacuated_bytes;
  }
  return total;
}

void Keyspace::CheckInvariants() const {
  UsedTotal::Sum sum;
  for (const auto& shard : shards_) {
    const ShardLock lock(*shard, held_by_this_thread());
    shard->CheckInvariants();
    shard->CheckPublished();
    sum.bytes += static_cast<int64_t>(shard->used().bytes());
    sum.keys += static_cast<int64_t>(shard->used().keys());
  }
  memory_->used_total.CheckNear(sum);
  memory_->blocks.CheckInvariants();
}

}  // namespace dcs::store
