// How large a collection may grow in its compact form: Redis's *-max-listpack-* and *-max-intset-* settings.
//
// Members that add elements take the limits by const reference. A value whose addition exceeds them changes
// to its large form and never changes back, as in Redis. A change of the settings therefore acts on later
// additions only.
#pragma once

#include <cstddef>

namespace dcs::store {

// The defaults are those of Redis 7.0.15. Thread safety: a plain struct.
struct EncodingLimits {
  size_t hash_max_listpack_entries = 512;  // fields
  size_t hash_max_listpack_value = 64;     // bytes of a field or value
  // Positive: elements of a list node. -1 to -5: bytes of a node, 4, 8, 16, 32 or 64 KiB.
  int list_max_listpack_size = -2;
  size_t set_max_intset_entries = 512;     // members
  size_t zset_max_listpack_entries = 128;  // members
  size_t zset_max_listpack_value = 64;     // bytes of a member
};

inline constexpr EncodingLimits kDefaultEncodingLimits;

}  // namespace dcs::store
