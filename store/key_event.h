// Key events: what a keyspace reports about each change of a key, to one sink.
//
// Consumers (WATCH, keyspace notifications, client tracking, blocked commands) subscribe to the sink.
// Without a sink, an event costs one branch.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/entry.h"
#include "store/time/clock.h"

namespace dcs::store {

enum class KeyEventKind : uint8_t {
  kSet,          // a new key, or a new value for an existing one
  kChanged,      // the value was changed in place: APPEND, HSET, HDEL
  kDeadline,     // the deadline was set or removed; the value is the same
  kErased,       // removed by a command
  kEmptied,      // removed because its last element was
  kExpired,      // released after its deadline
  kRenamedFrom,  // the name is gone
  kRenamedTo,    // the name has the other key's value, whatever it had before
  kCleared,      // all keys were removed; `key` is empty
};

// What released an expired key.
enum class ReleasedBy : uint8_t { kAccess, kSweep, kSample };

struct KeyEvent {
  KeyEventKind kind;
  std::string_view key;
  // The key after the event; of kExpired, what was released. Empty for kErased, kEmptied, kRenamedFrom and
  // kCleared.
  Entry entry;
  ReleasedBy released_by = ReleasedBy::kAccess;  // of kExpired
  // Transaction::set_origin; nullptr for sweeps and samples.
  const void* origin = nullptr;
  TimeMs now = 0;
};

// Thread safety: called from any thread. The caller holds the lock of the key's shard (of some shard for
// kCleared), so a sink must not call the keyspace, and must return soon. The events of one key arrive in
// order, except around kCleared: what other threads write during Clear may be reported before it and stay.
class KeyEventSink {
 public:
  virtual ~KeyEventSink() = default;
  // Views in the event are valid during the call.
  virtual void OnKeyEvent(const KeyEvent& event) noexcept = 0;
  // Whether the sink wants kExpired events of sweeps and samples. They then read every record that they
  // release, and a fast sweep releases key by key instead of whole segments. May change at any time; takes
  // effect with the next step of a walk.
  virtual bool wants_expired() const noexcept = 0;
};

}  // namespace dcs::store
