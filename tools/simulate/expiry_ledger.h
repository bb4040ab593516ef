// The expiry ledger: every key of a run by its deadline. It knows which keys are stale at any
// moment, what released each key, and how late.
//
// A census of the keyspace costs O(keys) and sees one moment. The ledger is told of every key made,
// replaced or released, so it also knows the stale keys and bytes between samples: their peak and
// the average time from deadline to release are exact. The ledger and the census stay independent
// on purpose: each sample compares them (Recorder).
//
// A key is stale from the millisecond after its deadline, as in the keyspace. Times do not go back.
// Memory: 30 bytes for each millisecond of the run in which a key expires.
// Thread safety: one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/container/btree_map.h"
#include "store/time/deadline.h"
#include "tools/simulate/causes.h"

namespace dcs::simulate {

using store::TimeMs;

class ExpiryLedger {
 public:
  // Deadlines from `end_ms` on are never reached. If `ideal`, each key counts as released at its
  // deadline, and later releases by the keyspace are ignored.
  ExpiryLedger(TimeMs end_ms, bool ideal) : end_ms_(end_ms), ideal_(ideal) {}

  // A key was written or got a new deadline.
  void Make(TimeMs deadline, size_t bytes);
  // A key that has not expired was overwritten or removed, or is about to get another deadline.
  // `deadline` and `bytes` are those it was made with. REQUIRES: Advance was called for the
  // present.
  void Replace(TimeMs deadline, size_t bytes);
  // REQUIRES: the keys were stale.
  void Release(Cause cause, uint64_t keys, uint64_t bytes);
  // Moves the time: expired keys become stale. O(distinct deadlines passed).
  void Advance(TimeMs now);
  // Peaks count from now on.
  void StartPeaks() { peak_ = stale_; }

  struct Amount {
    int64_t keys = 0;
    int64_t bytes = 0;
  };
  const Amount& stale() const { return stale_; }
  const Amount& peak() const { return peak_; }
  uint64_t made() const { return made_; }
  uint64_t replaced() const { return replaced_; }
  uint64_t expired() const { return expired_; }
  // Keys that have neither expired nor been replaced.
  uint64_t live() const { return made_ - replaced_ - expired_; }
  bool ideal() const { return ideal_; }
  const ByCause<uint64_t>& released_keys() const { return released_keys_; }
  const ByCause<uint64_t>& released_bytes() const { return released_bytes_; }
  // The mean time from deadline to release, or to the present for a key still stale, over all
  // expired keys. 0 if no key expired.
  double MeanDelaySeconds() const {
    return expired_ == 0 ? 0 : stale_key_ms_ / static_cast<double>(expired_) / 1000;
  }

 private:
  void PassTime(TimeMs until);

  const TimeMs end_ms_;
  const bool ideal_;
  absl::btree_map<TimeMs, Amount> due_;  // by deadline
  TimeMs now_ = 0;
  Amount stale_, peak_;
  double stale_key_ms_ = 0;  // stale keys times the time they have been stale
  uint64_t made_ = 0, replaced_ = 0, expired_ = 0;
  ByCause<uint64_t> released_keys_, released_bytes_;
};

}  // namespace dcs::simulate
