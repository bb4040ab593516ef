// What a transaction does with heap values that commands change in place: it hands them out, and settles
// byte counts, emptied keys and events when the command ends.
#include <algorithm>
#include <memory>

#include "store/log/record.h"
#include "store/shard.h"
#include "store/transaction.h"
#include "store/transaction_lookup.h"
#include "store/values/type_table.h"

namespace dcs::store {

HeapValue* Transaction::MutableValue(const HashedKey& key, ValueType type) {
  Shard& shard = Held(key);
  const SlotRef slot = FindLive(shard, key, nullptr).slot;
  if (!slot) return nullptr;
  if (const auto edit = EditOf(key); edit != edits_.end()) {
    return edit->value->type() == type ? edit->value : nullptr;
  }
  const RecordView record = ReadRecord(shard.RecordOf(slot));
  if (record.kind != RecordKind::kHeap || record.heap()->type() != type) return nullptr;
  HeapValue* const value = record.heap();
  edits_.push_back({key, value, value->bytes(), value->changes(), /*is_new=*/false});
  CountAccess(shard, key, slot);
  return value;
}

absl::StatusOr<HeapValue*> Transaction::FindOrMakeValue(const HashedKey& key, ValueType type) {
  if (HeapValue* found = MutableValue(key, type)) return found;
  if (FindLive(Held(key), key, nullptr)) {
    return absl::FailedPreconditionError("the key holds a value of another type");
  }
  std::unique_ptr<HeapValue> made = RowOf(type).make(keyspace_.options_.seed);
  edits_.reserve(edits_.size() + 1);  // before anything changes: it may throw
  if (absl::Status status =
          Put(key, RecordKind::kHeap, {}, {}, made.get(), kNoDeadline, FreeMode::kLazy);
      !status.ok()) {
    return status;
  }
  HeapValue* value = made.release();
  edits_.push_back({key, value, value->bytes(), value->changes(), /*is_new=*/true});
  return value;
}

absl::InlinedVector<Transaction::Edit, 1>::iterator Transaction::EditOf(const HashedKey& key) {
  return std::find_if(edits_.begin(), edits_.end(),
                      [&](const Edit& edit) { return edit.key.bytes == key.bytes; });
}

void Transaction::Forget(const HashedKey& key) {
  const auto edit = EditOf(key);
  if (edit == edits_.end()) return;
  SettleEdit(*edit);
  edits_.erase(edit);
}

void Transaction::SettleEdit(const Edit& edit) {
  Shard& shard = Held(edit.key);
  shard.AddHeapBytes(static_cast<ptrdiff_t>(edit.value->bytes()) -
                     static_cast<ptrdiff_t>(edit.bytes_before));
  shard.Publish();
}

void Transaction::Settle() noexcept {
  for (const Edit& edit : edits_) {
    SettleEdit(edit);
    const bool changed = edit.value->changes() != edit.changes_before;
    if (edit.value->size() > 0 || RowOf(edit.value->type()).may_be_empty) {
      if (edit.is_new) {
        Report(KeyEventKind::kSet, edit.key);
      } else if (changed) {
        Report(KeyEventKind::kChanged, edit.key);
      }
      continue;
    }
    Shard& shard = Held(edit.key);
    const Shard::Found found = shard.Find(edit.key);
    shard.Remove(found, FreeMode::kNow, false, deferred_);
    shard.ShrinkIfSparse(*found.segment, deferred_);
    shard.CountWrites(1);
    if (!edit.is_new) Report(KeyEventKind::kEmptied, edit.key);
  }
  edits_.clear();
}

void Transaction::EndCommand() noexcept {
  Settle();
  accessed_ = 0;
}

void Transaction::ReportToSink(KeyEventKind kind, const HashedKey& key) noexcept {
  KeyEventSink* const sink = keyspace_.key_event_sink();
  if (sink == nullptr) return;
  KeyEvent event{.kind = kind, .key = key.bytes, .entry = {}, .origin = origin_, .now = now_};
  if (kind == KeyEventKind::kSet || kind == KeyEventKind::kChanged ||
      kind == KeyEventKind::kDeadline || kind == KeyEventKind::kExpired ||
      kind == KeyEventKind::kRenamedTo) {
    const Shard& shard = Held(key);
    if (const SlotRef slot = shard.Find(key).slot) event.entry = shard.View(slot);
  }
  sink->OnKeyEvent(event);
}

}  // namespace dcs::store
