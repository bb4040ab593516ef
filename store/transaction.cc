#include "store/transaction.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "store/keyspace_memory.h"
#include "store/log/record.h"
#include "store/shard.h"
#include "store/shard_overwrite.h"
#include "store/transaction_lookup.h"

namespace dcs::store {
namespace {

bool LengthsAllowed(std::string_view key, size_t value_bytes) {
  return key.size() <= kMaxLength && value_bytes <= kMaxLength;
}

absl::Status TooLong(std::string_view key, size_t value_bytes) {
  return absl::InvalidArgumentError("a key or value of " +
                                    std::to_string(std::max(key.size(), value_bytes)) +
                                    " bytes; at most 536870912 are allowed");
}

RecordKind KindOf(StringForm form) { return static_cast<RecordKind>(form); }
static_assert(static_cast<int>(StringForm::kPlain) == static_cast<int>(RecordKind::kPlainString) &&
              static_cast<int>(StringForm::kRaw) == static_cast<int>(RecordKind::kRawString) &&
              static_cast<int>(StringForm::kText) == static_cast<int>(RecordKind::kTextString));

}  // namespace

Transaction::Transaction(Keyspace& keyspace, TimeMs now, AllKeys)
    : keyspace_(keyspace),
      now_(now),
      deferred_(keyspace.pages_, keyspace.lazy_free_),
      one_(nullptr),
      held_shards_(~uint64_t{0} >> (64 - keyspace.shards_.size())),
      holds_all_(true) {
  for (const auto& shard : keyspace_.shards_) shard->mutex.lock();
  keyspace_.holder_.store(std::this_thread::get_id(), std::memory_order_relaxed);
}

Transaction::Transaction(Keyspace& keyspace, TimeMs now, absl::Span<const HashedKey> keys)
    : keyspace_(keyspace),
      now_(now),
      deferred_(keyspace.pages_, keyspace.lazy_free_),
      one_(nullptr) {
  for (const HashedKey& key : keys) {
    held_shards_ |= uint64_t{1} << keyspace_.ShardNumber(key);
  }
  for (uint64_t left = held_shards_; left != 0; left &= left - 1) {
    keyspace_.shards_[static_cast<size_t>(std::countr_zero(left))]->mutex.lock();
  }
}

inline bool Transaction::Unlock(Shard& shard) {
  const bool owes = shard.BeginPaying();
  shard.mutex.unlock();
  return owes;
}

void Transaction::SettleAndUnlock() noexcept {
  Settle();
  if (one_ != nullptr) {
    Shard& shard = static_cast<Shard&>(*one_);
    if (Unlock(shard)) keyspace_.PayForWrites(shard, now_);
    return;
  }
  if (holds_all_) keyspace_.holder_.store(std::thread::id(), std::memory_order_relaxed);
  uint64_t owing = 0;
  for (uint64_t left = held_shards_; left != 0; left &= left - 1) {
    const auto shard = static_cast<size_t>(std::countr_zero(left));
    if (Unlock(*keyspace_.shards_[shard])) owing |= uint64_t{1} << shard;
  }
  // Only now: a thread that holds a shard must not wait for one before it.
  for (; owing != 0; owing &= owing - 1) {
    keyspace_.PayForWrites(*keyspace_.shards_[static_cast<size_t>(std::countr_zero(owing))], now_);
  }
}

[[gnu::always_inline]] inline std::optional<Entry> Transaction::Seen(const std::byte* record,
                                                                     const RecordView& view,
                                                                     TimeMs deadline) {
  return Shard::ViewAs(record, view, deadline,
                       [](auto... parts) { return std::optional<Entry>(std::in_place, parts...); });
}

void Transaction::PassExpired(Shard& shard, const HashedKey& key, SlotRef slot, SlotRef* expired) {
  if (keyspace_.release_on_access()) {
    Segment& segment = shard.SegmentOf(key);
    Forget(key);
    Report(KeyEventKind::kExpired, key);
    ++released_.keys;
    released_.bytes += shard.View(slot).bytes();
    shard.ReleaseOnAccess({&segment, slot}, deferred_);
  } else if (expired != nullptr) {
    *expired = slot;
  }
}

std::optional<Entry> Transaction::Find(const HashedKey& key) noexcept {
  Shard& shard = Held(key);
  // Whether the slot alone says that the key lives, and until when.
  struct Known {
    bool lives;
    TimeMs deadline;
  };
  return shard.FindAtHome(
      key, Purpose::kLook,
      [&](SlotRef slot) __attribute__((always_inline)) {
        const TimeMs deadline = shard.DeadlineInSlot(slot);
        return Known{slot.coarse() != kCoarseOutOfLine && !Expired(deadline, now_), deadline};
      },
      [&](SlotRef slot, const std::byte* record, const RecordView& view, Known known)
          __attribute__((always_inline)) {
            if (!known.lives) [[unlikely]]
              return FindAnywhere(key);
            CountAccess(shard, key, slot);
            return Seen(record, view, known.deadline);
          },
      [&] { return FindAnywhere(key); });
}

// Of its own, so that what Find nearly always does stays short.
std::optional<Entry> Transaction::FindAnywhere(const HashedKey& key) {
  Shard& shard = Held(key);
  const Live live = IfLive(shard, key, shard.FindAnywhere(key), nullptr);
  if (!live) return std::nullopt;
  const std::byte* const record = shard.RecordOf(live.slot);
  CountAccess(shard, key, live.slot);
  return Seen(record, ReadRecord(record), live.deadline);
}

std::optional<Entry> Transaction::Peek(const HashedKey& key) noexcept {
  Shard& shard = Held(key);
  const Live live = FindLive(shard, key, nullptr);
  if (!live) return std::nullopt;
  const std::byte* const record = shard.RecordOf(live.slot);
  return Seen(record, ReadRecord(record), live.deadline);
}

std::optional<Entry> Transaction::Inspect(const HashedKey& key) const noexcept {
  const Shard& shard = *keyspace_.shards_[keyspace_.ShardNumber(key)];
  const SlotRef slot = shard.Find(key).slot;
  if (!slot) return std::nullopt;
  return shard.View(slot);
}

bool Transaction::Holds(const HashedKey& key) const noexcept {
  return static_cast<bool>(keyspace_.shards_[keyspace_.ShardNumber(key)]->Find(key));
}

absl::Status Transaction::SetString(const HashedKey& key, std::string_view value, TimeMs deadline,
                                    StringForm form, FreeMode mode) {
  Shard& shard = Held(key);
  const RecordKind kind = KindOf(form);
  const auto put = [&] {
    absl::Status status = Put(key, kind, value, {}, nullptr, deadline, mode);
    if (status.ok()) Report(KeyEventKind::kSet, key);
    return status;
  };
  if (!edits_.empty()) return put();
  return shard.FindAtHome(
      key, Purpose::kChange,
      [&](SlotRef slot) __attribute__((always_inline)) {
        Shard::Overwriting overwriting =
            shard.BeginOverwriting({&shard.SegmentOf(key), slot}, deadline, now_);
        overwriting.allowed = overwriting.allowed && shard.SurelyLives(slot, now_);
        return overwriting;
      },
      [&](SlotRef slot, const std::byte* record, const RecordView& view,
          const Shard::Overwriting& overwriting) __attribute__((always_inline)) {
        if (!shard.Overwrite(key, {&shard.SegmentOf(key), slot}, record, view, kind, value,
                             overwriting)) [[unlikely]] {
          return put();
        }
        CountAccess(shard, key, slot);
        shard.CountOverwrite();
        Report(KeyEventKind::kSet, key);
        return absl::OkStatus();
      },
      put);
}

absl::Status Transaction::Put(const HashedKey& key, RecordKind kind, std::string_view head,
                              std::string_view tail, HeapValue* heap, TimeMs deadline,
                              FreeMode mode) {
  const size_t value_bytes = head.size() + tail.size();
  if (!LengthsAllowed(key.bytes, value_bytes)) return TooLong(key.bytes, value_bytes);
  if (!edits_.empty()) Forget(key);
  Shard& shard = Held(key);
  // Finding the slot reads nothing of the segment, which will be told of the key.
  shard.SegmentOf(key).PrefetchHeader();
  SlotRef expired;
  const SlotRef live = IfLive(shard, key, shard.FindAnywhere(key), &expired).slot;
  const SlotRef slot = live ? live : expired;
  Shard::Found found{slot ? &shard.SegmentOf(key) : nullptr, slot};
  absl::Status status =
      shard.Put(key, found, {kind, head, tail, heap}, deadline, now_, mode, deferred_);
  if (!status.ok()) return status;
  shard.CountWrites(1);
  if (live) {
    CountAccess(shard, key, live);
  } else {
    // A new key. One that takes the place of an expired one inherits nothing from it.
    if (expired) expired.set_access(shard.tracks_access() ? NewAccess(now_) : kNoAccess);
    accessed_ = key.hash;
  }
  return status;
}

absl::StatusOr<size_t> Transaction::Append(const HashedKey& key, std::string_view tail) {
  Shard& shard = Held(key);
  const SlotRef slot = FindLive(shard, key, nullptr).slot;
  std::string_view head;
  TimeMs deadline = kNoDeadline;
  if (slot) {
    const Entry entry = shard.View(slot);
    head = entry.string;
    deadline = entry.deadline;
  }
  const size_t length = head.size() + tail.size();
  if (!LengthsAllowed(key.bytes, length)) return TooLong(key.bytes, length);
  if (tail.empty() && slot) return length;
  if (slot) {
    if (std::optional<size_t> grown = shard.AppendInPlace(slot, tail)) {
      CountAccess(shard, key, slot);
      shard.Publish();
      Report(KeyEventKind::kChanged, key);
      return *grown;
    }
  }
  const RecordKind kind = slot ? RecordKind::kRawString : RecordKind::kPlainString;
  if (absl::Status status = Put(key, kind, head, tail, nullptr, deadline, FreeMode::kNow);
      !status.ok()) {
    return status;
  }
  Report(slot ? KeyEventKind::kChanged : KeyEventKind::kSet, key);
  return length;
}

std::optional<size_t> Transaction::WriteInPlace(const HashedKey& key, size_t at,
                                                std::string_view part) {
  Shard& shard = Held(key);
  const SlotRef slot = FindLive(shard, key, nullptr).slot;
  if (!slot || !LengthsAllowed(key.bytes, at + part.size())) return std::nullopt;
  const std::optional<size_t> length = shard.WriteInPlace(slot, at, part);
  if (!length) return std::nullopt;
  CountAccess(shard, key, slot);
  shard.Publish();
  Report(KeyEventKind::kChanged, key);
  return length;
}

KeyAccess Transaction::Access(const HashedKey& key) noexcept {
  Shard& shard = Held(key);
  const SlotRef slot = shard.Find(key).slot;
  if (!slot || !shard.tracks_access()) return {};
  AccessWord* const word = slot.access();
  if (word == nullptr) return {};
  if (*word == kNoAccess) *word = NewAccess(now_);
  return ReadAccess(*word, now_);
}

void Transaction::SetAccess(const HashedKey& key, AccessWord word) {
  Held(key).Find(key).slot.set_access(word);
}

bool Transaction::Erase(const HashedKey& key, FreeMode mode) noexcept {
  const bool erased = EraseUnreported(key, mode);
  if (erased) Report(KeyEventKind::kErased, key);
  return erased;
}

bool Transaction::EraseUnreported(const HashedKey& key, FreeMode mode) noexcept {
  Shard& shard = Held(key);
  Forget(key);
  const SlotRef slot = FindLive(shard, key, nullptr).slot;
  if (!slot) return false;
  Segment& segment = shard.SegmentOf(key);
  shard.Remove({&segment, slot}, mode, false, deferred_);
  shard.ShrinkIfSparse(segment, deferred_);
  shard.CountWrites(1);
  return true;
}

bool Transaction::SetDeadline(const HashedKey& key, TimeMs deadline) noexcept {
  Shard& shard = Held(key);
  Segment& segment = shard.SegmentOf(key);
  segment.PrefetchHeader();
  const SlotRef slot = FindLive(shard, key, nullptr).slot;
  if (!slot) return false;
  shard.SetDeadline({&segment, slot}, deadline, now_, deferred_);
  shard.CountWrites(1);
  Report(KeyEventKind::kDeadline, key);
  return true;
}

absl::Status Transaction::Rename(const HashedKey& from, const HashedKey& to) {
  assert(from.bytes != to.bytes && "Rename: `from` differs from `to`");
  const auto edit = EditOf(from);
  const bool emptied = edit != edits_.end() && edit->value->size() == 0;
  Shard& shard = Held(from);
  const SlotRef slot = FindLive(shard, from, nullptr).slot;
  if (!slot || emptied) return absl::NotFoundError("no such key");
  const Entry entry = shard.View(slot);
  const AccessWord* const word = shard.tracks_access() ? slot.access() : nullptr;
  const AccessWord access = word != nullptr ? *word : kNoAccess;
  if (entry.type == ValueType::kString) {
    // A copy: what is put may make the log move or overwrite what a view shows.
    const std::string value(entry.string);
    absl::Status status =
        Put(to, KindOf(entry.form), value, {}, nullptr, entry.deadline, FreeMode::kLazy);
    if (!status.ok()) return status;
    SetAccess(to, access);
    EraseUnreported(from, FreeMode::kLazy);
    Report(KeyEventKind::kRenamedFrom, from);
    Report(KeyEventKind::kRenamedTo, to);
    return status;
  }
  HeapValue* value = shard.HeapOf(slot);
  absl::Status status = Put(to, RecordKind::kHeap, {}, {}, value, entry.deadline, FreeMode::kLazy);
  if (!status.ok()) return status;
  SetAccess(to, access);
  Forget(from);
  // Both keys lead to the value for a moment; it is `to`'s now. Putting may have moved the slot.
  shard.RemoveLeavingHeap({&shard.SegmentOf(from), shard.Find(from, Purpose::kChange).slot},
                          deferred_);
  shard.ShrinkIfSparse(shard.SegmentOf(from), deferred_);
  shard.CountWrites(1);
  Report(KeyEventKind::kRenamedFrom, from);
  Report(KeyEventKind::kRenamedTo, to);
  return absl::OkStatus();
}

}  // namespace dcs::store
