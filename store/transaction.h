// Exclusive access to some keys: no other thread sees half of what a command reads and changes.
//
//   Transaction txn(keyspace, now, keyspace.Hash("counter"));
//   std::optional<Entry> entry = txn.Find(key);
//   txn.SetString(key, Increment(entry), entry ? entry->deadline : kNoDeadline);
//
// Locks: holds the mutexes of the keys' shards from construction to destruction. It takes them in shard
// order, so transactions cannot deadlock. Freed pages return to the system after the mutexes are released.
// A transaction over kAllKeys holds every shard; its thread may also call the keyspace's walks and counts.
//
// Several commands in one transaction: EndCommand() between them.
//
// Events: each change is reported to the keyspace's KeyEventSink, if it has one, before the mutexes are
// released. Changes made through Mutable and FindOrMake are reported by EndCommand or the destructor.
//
// Failed allocations: Find, Peek, Inspect, Holds, Erase, SetDeadline, EndCommand and the destructor never
// fail. The others return kResourceExhausted or throw std::bad_alloc; the keys are then as they were (but
// may count as accessed, and expired ones may be released).
//
// Thread safety: one thread. The keys' bytes must outlive the transaction. REQUIRES: the caller names only
// keys whose shards it holds (checked by assertion).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "store/index/key_access.h"
#include "store/key_event.h"
#include "store/keyspace.h"
#include "store/memory/deferred_work.h"
#include "store/shard_gate.h"

namespace dcs::store {

enum class RecordKind : uint8_t;
struct RecordView;
struct SlotRef;

class Transaction {
 public:
  struct AllKeys {};
  static constexpr AllKeys kAllKeys{};

  Transaction(Keyspace& keyspace, TimeMs now, const HashedKey& key);
  Transaction(Keyspace& keyspace, TimeMs now, absl::Span<const HashedKey> keys);
  // O(shards). REQUIRES: this thread has no other transaction on the keyspace.
  Transaction(Keyspace& keyspace, TimeMs now, AllKeys);
  ~Transaction();  // noexcept, as all destructors are
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  TimeMs now() const { return now_; }

  // What the following events report as their origin: the caller's tag, for example the command.
  void set_origin(const void* origin) { origin_ = origin; }

  // The expired keys that this transaction came upon and released.
  struct ReleasedOnAccess {
    size_t keys = 0;
    size_t bytes = 0;  // records and heap values
  };
  const ReleasedOnAccess& released() const { return released_; }

  // The key if it exists and has not expired. Releases it if it has expired and the keyspace releases on
  // access. Views in the entry are valid until the next change through this transaction. One group probe
  // and one record access.
  std::optional<Entry> Find(const HashedKey& key) noexcept;
  // The same, but does not count as an access to the key (see Access).
  std::optional<Entry> Peek(const HashedKey& key) noexcept;
  // The key, expired or not. Releases nothing and does not count as an access. Views as Find's.
  std::optional<Entry> Inspect(const HashedKey& key) const noexcept;
  // Whether the keyspace holds the key, expired or not. Releases nothing; does not count as an access.
  bool Holds(const HashedKey& key) const noexcept;

  // When the key was last accessed and how often. Find and every change of a value count as an access, once
  // per command for the key that was asked about last. Peek, SetDeadline and Access do not. A new key starts
  // afresh; a replaced value keeps its key's access; Rename moves it. If tracking began after the key's last
  // access, the key counts as accessed now. REQUIRES: the keyspace holds the key and tracks access;
  // otherwise the result is that of a new key.
  KeyAccess Access(const HashedKey& key) noexcept;

  // Sets the key to `value`, whatever it held, with exactly this deadline. A past deadline makes the key
  // invisible at once; commands that must delete instead call Erase. `mode` is how a replaced heap value is
  // freed. Errors: kResourceExhausted if the system or the shard's address space (16 GiB, or 8,191 records
  // over 256 KiB) is exhausted; kInvalidArgument for a key or value over 512 MiB.
  // REQUIRES: `value` is not a view from this transaction's Find.
  absl::Status SetString(const HashedKey& key, std::string_view value, TimeMs deadline,
                         StringForm form = StringForm::kPlain, FreeMode mode = FreeMode::kLazy);

  // Appends `tail` to the string, keeping the deadline; an absent key counts as empty. Returns the new
  // length. Amortised O(tail) for strings of 256 KiB and more, O(length) below. REQUIRES: the key is absent
  // or a string. Errors as SetString.
  absl::StatusOr<size_t> Append(const HashedKey& key, std::string_view tail);

  // Writes `part` into the string from byte `at` on, in place, keeping the deadline. Bytes between the old
  // end and `at` become zero. Returns the new length. nullopt, with nothing changed, if the key is absent,
  // its string is shorter than 256 KiB, there is no memory, or the result would be over 512 MiB.
  // O(part + growth). REQUIRES: the key is absent or a string.
  std::optional<size_t> WriteInPlace(const HashedKey& key, size_t at, std::string_view part);

  // The key's value of type T (a HeapValue), to be changed in place; nullptr if the key is absent or has
  // another type. Valid until EndCommand, the end of the transaction, or until the key is erased, set or
  // renamed. A value that is left empty takes its key with it (TypeRow::may_be_empty).
  template <typename T>
  T* Mutable(const HashedKey& key) {
    return static_cast<T*>(MutableValue(key, T::kType));
  }
  // The same, but makes an empty value without a deadline if the key is absent. Errors as SetString, and
  // kFailedPrecondition if the key has another type.
  template <typename T>
  absl::StatusOr<T*> FindOrMake(const HashedKey& key) {
    absl::StatusOr<HeapValue*> value = FindOrMakeValue(key, T::kType);
    if (!value.ok()) return value.status();
    return static_cast<T*>(*value);
  }
  // The same for a type that is known at run time only.
  HeapValue* MutableValue(const HashedKey& key, ValueType type);
  absl::StatusOr<HeapValue*> FindOrMakeValue(const HashedKey& key, ValueType type);

  // Returns whether the key existed and had not expired.
  bool Erase(const HashedKey& key, FreeMode mode = FreeMode::kLazy) noexcept;

  // Returns whether the key existed. kNoDeadline removes the deadline. Moves the record to the chunks of its
  // new deadline class if the class changes. Without memory for that, the record stays; a deadline over 34.8
  // years ahead is then stored as 34.8 years.
  bool SetDeadline(const HashedKey& key, TimeMs deadline) noexcept;

  // Moves `from`'s value and deadline to `to`, replacing what `to` held. Pointers that Mutable returned for
  // other keys stay valid. REQUIRES: `from` differs from `to`. Errors as SetString, and kNotFound if `from`
  // is absent or was emptied by this transaction; both keys are then as they were.
  absl::Status Rename(const HashedKey& from, const HashedKey& to);

  // Ends one of several commands: values left empty are removed, byte counts and events are up to date, and
  // the next access of a key counts again. Pointers that Mutable returned are invalid.
  void EndCommand() noexcept;

 private:
  // A heap value that may have been changed in place.
  struct Edit {
    HashedKey key;
    HeapValue* value;
    size_t bytes_before;
    uint32_t changes_before;
    bool is_new;
  };
  struct Live;

  Shard& Held(const HashedKey& key);
  // Returns whether there is work for PayForWrites.
  bool Unlock(Shard& shard);
  void SettleAndUnlock() noexcept;
  // The slot of the key if it is live. An expired key is released if the keyspace releases on access;
  // otherwise it stays, invisible, and is returned through `expired`.
  Live FindLive(Shard& shard, const HashedKey& key, SlotRef* expired);
  // The same for the key's slot, if there is one.
  Live IfLive(Shard& shard, const HashedKey& key, SlotRef slot, SlotRef* expired);
  [[gnu::noinline]] std::optional<Entry> FindAnywhere(const HashedKey& key);
  static std::optional<Entry> Seen(const std::byte* record, const RecordView& view,
                                   TimeMs deadline);
  void PassExpired(Shard& shard, const HashedKey& key, SlotRef slot, SlotRef* expired);
  absl::Status Put(const HashedKey& key, RecordKind kind, std::string_view head,
                   std::string_view tail, HeapValue* heap, TimeMs deadline, FreeMode mode);
  void CountAccess(Shard& shard, const HashedKey& key, SlotRef slot);
  // REQUIRES: the keyspace holds the key.
  void SetAccess(const HashedKey& key, AccessWord word);
  // The edit of that key in edits_; end() if there is none.
  absl::InlinedVector<Edit, 1>::iterator EditOf(const HashedKey& key);
  // Brings the shard's byte count in line with what was edited in place: of one key that is about to be
  // replaced or removed.
  void Forget(const HashedKey& key);
  bool EraseUnreported(const HashedKey& key, FreeMode mode) noexcept;
  void SettleEdit(const Edit& edit);
  void Settle() noexcept;
  void Report(KeyEventKind kind, const HashedKey& key) {
    if (keyspace_.key_event_sink() != nullptr) [[unlikely]]
      ReportToSink(kind, key);
  }
  [[gnu::noinline]] void ReportToSink(KeyEventKind kind, const HashedKey& key) noexcept;

  Keyspace& keyspace_;
  const TimeMs now_;
  DeferredWork deferred_;     // done after the locks are released
  ShardGate* const one_;      // nullptr if there may be several
  uint64_t held_shards_ = 0;  // bit i: shard i, of several
  bool holds_all_ = false;
  uint64_t accessed_ = 0;  // hash of the key whose access was counted last
  const void* origin_ = nullptr;
  ReleasedOnAccess released_;
  absl::InlinedVector<Edit, 1> edits_;
};

// ---- Inlined: every command of one key does this ----------------------------------------------

inline Transaction::Transaction(Keyspace& keyspace, TimeMs now, const HashedKey& key)
    : keyspace_(keyspace),
      now_(now),
      deferred_(keyspace.pages_, keyspace.lazy_free_),
      one_(keyspace.gates_[keyspace.ShardNumber(key)]) {
  one_->mutex.lock();
}

inline Transaction::~Transaction() {
  if (one_ != nullptr && edits_.empty() && !one_->owes_work()) [[likely]] {
    one_->mutex.unlock();
  } else {
    SettleAndUnlock();
  }
}

}  // namespace dcs::store
