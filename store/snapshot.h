// All keys of a keyspace as a file: written while clients go on, read back into an empty keyspace.
//
//   header   "dcs-keys", version (4 bytes), checksum of those 12 (8)
//   block    0x01, bytes (8), payload, checksum (8)         one visit's keys, or nearly a MiB of them
//   end      0x02, keys (8), checksum (8); nothing behind it
//
// A payload is records, one after the other:
//
//   kind (1): 0 string, 1 string that was changed in place, 2 hash, 3 string that INCRBYFLOAT wrote,
//             4 list; +0x80 if there is a deadline
//   [deadline (8): milliseconds since 1970]
//   key length (4), key
//   string:  length (4), bytes
//   hash:    fields (8), of each: length (4), field, length (4), value; a small hash in its order
//   list:    elements (8), of each: length (4), bytes
//
// Numbers are little-endian. Checksums are XXH3, each seeded with the one before it, so that no block
// can be missing, repeated or another file's. Records carry no hashes or places: any number of shards
// and any seed can read them.
//
// Which keys: a key that is present all the time is in the file exactly once, with a value and deadline that
// it had meanwhile. A key that comes or goes meanwhile is in it at most once, whatever removes it (FLUSHALL
// included). Expired keys that still hold memory count like all others: to keep them is the point.
//
// Thread safety: free functions; the keyspace may be used from other threads meanwhile. Cost: one
// visit of a few keys under a shard's lock at a time, their copying included (so a long value or large
// hash is copied whole under it); nothing is written to the sink under a lock.
// Errors: kDataLoss if what is read is damaged or holds a key that the keyspace holds already,
// kFailedPrecondition if it is of another version, kResourceExhausted without memory, kUnavailable if the
// sink takes no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <streambuf>

#include "absl/status/status.h"
#include "store/keyspace.h"
#include "store/values/encoding_limits.h"

namespace dcs::store {

inline constexpr uint32_t kSnapshotVersion = 1;

struct SnapshotSize {
  uint64_t keys = 0;
  uint64_t bytes = 0;  // of the file
};

// `size` says what was written; only where all was.
absl::Status WriteSnapshot(const Keyspace& keyspace, std::streambuf& to, SnapshotSize& size);

// Puts the keys into `keyspace`, those past their deadline too. Deadlines before the keyspace's
// epoch become that epoch. Collections within `limits` get their compact form. On errors it holds some of
// the keys.
absl::Status ReadSnapshot(std::streambuf& from, Keyspace& keyspace, TimeMs now,
                          const EncodingLimits& limits = kDefaultEncodingLimits);

}  // namespace dcs::store
