// The keys of a group: their names, sizes and lifetimes, each a function of the seed and the key's
// number.
//
// Thread safety: one thread per object.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "store/keyspace.h"
#include "store/transaction.h"
#include "tools/simulate/expiry_ledger.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

struct Content {
  size_t value_bytes = 0;  // of the string, or of each field
  size_t fields = 0;       // 0: a string
  TimeMs lifetime_ms = store::kNoDeadline;
};

// The deadline of a key written at `now`.
inline TimeMs DeadlineOf(const Content& content, TimeMs now) {
  return content.lifetime_ms == store::kNoDeadline ? store::kNoDeadline : now + content.lifetime_ms;
}

// The seed of all random draws of a group.
inline uint64_t GroupSeed(const Scenario& scenario, size_t group) {
  return Mix(scenario.seed, group + 1);
}

class KeyMaker {
 public:
  // `group` must outlive this object.
  KeyMaker(const KeyGroup& group, uint64_t seed);
  // The group's name, a colon and the number, zero-padded to the key's length.
  void NameOf(uint64_t number, std::string& name) const;
  // `version` 0 is the loaded content; each later write may have another size and lifetime.
  Content ContentOf(uint64_t number, uint64_t version) const;
  // Writes the key, replacing any old value. Errors: those of Transaction::SetString.
  absl::Status Write(store::Transaction& txn, const store::HashedKey& key, const Content& content);

  const KeyGroup& group() const { return group_; }

 private:
  const KeyGroup& group_;
  const uint64_t seed_;
  std::string pattern_;  // values are cut from this text
};

// Records a key just written in the ledger. REQUIRES: the transaction holds the key.
void NoteMade(const store::Transaction& txn, const store::HashedKey& key, ExpiryLedger& ledger);

}  // namespace dcs::simulate
