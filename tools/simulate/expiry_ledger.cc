#include "tools/simulate/expiry_ledger.h"

#include <cassert>

namespace dcs::simulate {

void ExpiryLedger::Make(TimeMs deadline, size_t bytes) {
  ++made_;
  if (deadline >= end_ms_) return;
  Amount& due = due_[deadline];
  ++due.keys;
  due.bytes += static_cast<int64_t>(bytes);
}

void ExpiryLedger::Replace(TimeMs deadline, size_t bytes) {
  ++replaced_;
  if (deadline >= end_ms_) return;
  const auto due = due_.find(deadline);
  assert(due != due_.end() && "Replace: the key was made and has not expired");
  due->second.bytes -= static_cast<int64_t>(bytes);
  if (--due->second.keys == 0) due_.erase(due);
}

void ExpiryLedger::Release(Cause cause, uint64_t keys, uint64_t bytes) {
  if (ideal_ && cause != Cause::kIdeal) return;
  released_keys_[cause] += keys;
  released_bytes_[cause] += bytes;
  stale_.keys -= static_cast<int64_t>(keys);
  stale_.bytes -= static_cast<int64_t>(bytes);
  assert(stale_.keys >= 0 && "Release: the keys were stale");
}

void ExpiryLedger::PassTime(TimeMs until) {
  stale_key_ms_ += static_cast<double>(stale_.keys) * static_cast<double>(until - now_);
  now_ = until;
}

void ExpiryLedger::Advance(TimeMs now) {
  while (!due_.empty() && due_.begin()->first < now) {
    const auto [deadline, amount] = *due_.begin();
    due_.erase(due_.begin());
    PassTime(std::max(deadline, now_));
    expired_ += static_cast<uint64_t>(amount.keys);
    stale_.keys += amount.keys;
    stale_.bytes += amount.bytes;
    if (ideal_) {
      Release(Cause::kIdeal, static_cast<uint64_t>(amount.keys),
              static_cast<uint64_t>(amount.bytes));
    }
  }
  PassTime(std::max(now, now_));
  // Between two releases the amounts only grow.
  peak_.keys = std::max(peak_.keys, stale_.keys);
  peak_.bytes = std::max(peak_.bytes, stale_.bytes);
}

}  // namespace dcs::simulate
