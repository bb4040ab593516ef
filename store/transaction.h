// Exclusive access to some keys: no other thread sees half of what a command reads and changes.
//
//   Transaction txn(keyspace, now, keyspace.Hash("counter"));
//   std::optional<Entry> entry = txn.Find(key);
//   txn.SetString(key, Increment(entry), entry ? entry->deadline : kNoDeadline);
//
// Holds the mutexes of the keys' shards from construction to destruction, taken in shard order, so
// that transactions cannot lock each other out. Pages that fall free are given back to the system
// after the mutexes.
//
// Failed allocations: Find, Peek, Inspect, Holds, Erase, SetDeadline and the destructor never fail. The others
// report kResourceExhausted or throw std::bad_alloc; the keys are then as they were (but may count as
// accessed, and expired ones may be released).
//
// Thread safety: one thread. The keys' bytes must outlive the transaction; it may be asked only
// about keys whose shards it holds (checked by assertion).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "store/index/segment.h"
#include "store/keyspace.h"
#include "store/log/record.h"
#include "store/memory/retired.h"
#include "store/shard.h"
#include "store/values/hash_value.h"

namespace dcs::store {

class Transaction {
 public:
  Transaction(Keyspace& keyspace, TimeMs now, const HashedKey& key);
  Transaction(Keyspace& keyspace, TimeMs now, absl::Span<const HashedKey> keys);
  ~Transaction();  // noexcept, as all destructors are
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  TimeMs now() const { return now_; }

  // The expired keys that this transaction came upon and released.
  struct ReleasedOnAccess {
    size_t keys = 0;
    size_t bytes = 0;  // records and heap values
  };
  const ReleasedOnAccess& released() const { return released_; }

  // The key if it is there and not expired. Releases it where it is expired and the keyspace
  // releases on access. Views in the entry are valid until the next change through this
  // transaction. One group probe and one record touch.
  std::optional<Entry> Find(const HashedKey& key) noexcept;
  // The same without counting as an access to the key (see Access).
  std::optional<Entry> Peek(const HashedKey& key) noexcept;
  // The key, expired or not. Releases nothing; counts as no access. Views as Find's.
  std::optional<Entry> Inspect(const HashedKey& key) const noexcept;
  // Whether the keyspace holds the key, expired or not. Releases nothing; counts as no access.
  bool Holds(const HashedKey& key) const noexcept;

  // When the key was last accessed and how often. Find and all that changes a value count as an access, at
  // most once in a transaction for the key that was last asked about; Peek, SetDeadline and this do not. A
  // new key starts afresh, a value that is replaced leaves its key's access as it is, and Rename takes it
  // along. If nothing is known of the key because tracking began later, it counts as accessed now.
  // REQUIRES: the keyspace holds the key and tracks access; otherwise the answer is that of a new key.
  KeyAccess Access(const HashedKey& key) noexcept;

  // Makes the key hold `value`, whatever it held, with exactly this deadline (one already past
  // makes it invisible at once; commands that must delete instead do so themselves). A heap value
  // that was there is freed as `mode` says. Errors: kResourceExhausted if the system or the
  // shard's address space (16 GiB, or 8,191 records over 256 KiB) gives no more, kInvalidArgument for
  // a key or value over 512 MiB.
  // REQUIRES: `value` is not a view from this transaction's Find.
  absl::Status SetString(const HashedKey& key, std::string_view value, TimeMs deadline,
                         StringForm form = StringForm::kPlain, FreeMode mode = FreeMode::kLazy);

  // Lengthens the string by `tail`, keeping the deadline; an absent key counts as empty. Returns
  // the new length. Amortised O(tail) for strings of 256 KiB and more, O(length) below. REQUIRES:
  // the key is absent or a string. Errors as SetString.
  absl::StatusOr<size_t> Append(const HashedKey& key, std::string_view tail);

  // Writes `part` into the string from byte `at` on, in place, keeping the deadline. Returns the new
  // length; bytes between the old end and `at` become zero. nullopt, with nothing changed, if the key
  // is absent, its string is shorter than 256 KiB, there is no memory, or the result would be over
  // 512 MiB. O(part + growth). REQUIRES: the key is absent or a string.
  std::optional<size_t> WriteInPlace(const HashedKey& key, size_t at, std::string_view part);

  // The key's hash, to be changed in place; nullptr if the key is absent or not a hash. Valid until the
  // end of the transaction or until the key is erased, set or renamed. A hash left empty takes its key with
  // it when the transaction ends.
  HashValue* MutableHash(const HashedKey& key);
  // The same, making an empty one without a deadline if the key is absent. Errors as SetString, and
  // kFailedPrecondition if the key holds another type.
  absl::StatusOr<HashValue*> FindOrMakeHash(const HashedKey& key);

  // Whether the key was there (expired ones were not).
  bool Erase(const HashedKey& key, FreeMode mode = FreeMode::kLazy) noexcept;

  // Whether the key was there. kNoDeadline persists it. Moves the record to the log of its new
  // deadline class if that changes. Without memory for that, it stays where it is; a deadline over 34.8
  // years away is then kept as 34.8 years.
  bool SetDeadline(const HashedKey& key, TimeMs deadline) noexcept;

  // Gives `from`'s value and deadline to `to`, replacing what was there. Pointers that MutableHash returned
  // for other keys stay valid. REQUIRES: `from` differs from `to`. Errors as SetString, and kNotFound if
  // `from` is absent or a hash that this transaction has emptied; both keys are then as they were.
  absl::Status Rename(const HashedKey& from, const HashedKey& to);

 private:
  struct Edit {
    HashedKey key;
    HeapValue* value;
    size_t bytes_before;
  };

  struct Live {
    SlotRef slot;
    TimeMs deadline;  // where there is a slot
    explicit operator bool() const { return static_cast<bool>(slot); }
  };

  Shard& Held(const HashedKey& key);
  // Returns whether there is work for PayForWrites.
  bool Unlock(Shard& shard);
  void SettleAndUnlock() noexcept;
  // The slot of the key if it is live. An expired one is released where access does that; otherwise
  // it stays, invisible, and is returned through `expired`.
  Live FindLive(Shard& shard, const HashedKey& key, Purpose purpose, SlotRef* expired);
  // The same of the key's slot, if there is one.
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
  // Brings the shard's accounting in line with what was edited in place: of one key that is about to be
  // replaced or removed, or of all.
  void Forget(const HashedKey& key);
  void SettleEdit(const Edit& edit);
  void Settle();

  Keyspace& keyspace_;
  const TimeMs now_;
  // Given back after the locks: declared before them, so destroyed after.
  Retired retired_;
  Shard* const one_;          // nullptr where there may be several
  uint64_t held_shards_ = 0;  // bit i: shard i, of several
  uint64_t accessed_ = 0;     // hash of the key whose access was counted last
  ReleasedOnAccess released_;
  absl::InlinedVector<Edit, 1> edits_;
};

// ---- Inlined, for every command does this ---------------------------------------------------------

inline Transaction::Transaction(Keyspace& keyspace, TimeMs now, const HashedKey& key)
    : keyspace_(keyspace),
      now_(now),
      retired_(keyspace.pages_, keyspace.lazy_free_),
      one_(keyspace.shards_[keyspace.ShardNumber(key)].get()) {
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
