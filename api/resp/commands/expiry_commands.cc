// Deadlines of keys.
#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/lookup.h"

namespace dcs::resp::commands {
namespace {

using store::HashedKey;
using store::kNoDeadline;
using store::TimeMs;

struct Conditions {
  bool nx = false;  // only where there is no deadline yet
  bool xx = false;  // only where there is one
  bool gt = false;  // only to a later one; none counts as the latest
  bool lt = false;  // only to an earlier one

  bool Allow(TimeMs current, TimeMs wanted) const {
    if (nx && current != kNoDeadline) return false;
    if (xx && current == kNoDeadline) return false;
    if (gt && wanted <= current) return false;
    if (lt && wanted >= current) return false;
    return true;
  }
};

bool ParseConditions(Context& c, Conditions& conditions) {
  for (const std::string_view word : c.args.subspan(3)) {
    if (IsWord(word, "NX")) {
      conditions.nx = true;
    } else if (IsWord(word, "XX")) {
      conditions.xx = true;
    } else if (IsWord(word, "GT")) {
      conditions.gt = true;
    } else if (IsWord(word, "LT")) {
      conditions.lt = true;
    } else {
      // Redis cuts line breaks off the end of an error.
      const std::string_view quoted = Quoted(word);
      const size_t end = quoted.find_last_not_of("\r\n") + 1;
      c.reply.Error(absl::StrCat("ERR Unsupported option ", ToAbsl(quoted.substr(0, end))));
      return false;
    }
  }
  if (conditions.nx && (conditions.xx || conditions.gt || conditions.lt)) {
    c.reply.Error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return false;
  }
  if (conditions.gt && conditions.lt) {
    c.reply.Error("ERR GT and LT options at the same time are not compatible");
    return false;
  }
  return true;
}

void SetDeadline(Context& c, TimeUnit unit, TimeBase base) {
  Conditions conditions;
  TimeMs deadline;
  if (!ParseConditions(c, conditions)) return;
  if (!ReadAnyDeadline(c, c.args[2], unit, base, deadline)) return;
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = c.txn().Find(key);
  if (!entry || !conditions.Allow(entry->deadline, deadline)) return c.reply.Integer(0);
  if (deadline <= c.now) {
    c.txn().Erase(key, ExpireMode(c));
  } else {
    c.txn().SetDeadline(key, deadline);
  }
  c.reply.Integer(1);
}

// The store keeps the last millisecond of all one earlier (ReadAnyDeadline).
TimeMs ShownDeadline(TimeMs deadline) {
  constexpr TimeMs kLast = std::numeric_limits<TimeMs>::max();
  return deadline == kNoDeadline - 1 ? kLast : deadline;
}

TimeMs Left(TimeMs deadline, TimeMs now) {
  TimeMs left;
  if (__builtin_sub_overflow(deadline, now, &left)) return std::numeric_limits<TimeMs>::max();
  return std::max<TimeMs>(left, 0);
}

// -2 if there is no key, -1 if it has no deadline, else the deadline from `base` on.
void ReplyDeadline(Context& c, TimeUnit unit, TimeBase base) {
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = PeekForRead(c, key);
  if (!entry) return c.reply.Integer(-2);
  if (entry->deadline == kNoDeadline) return c.reply.Integer(-1);
  const TimeMs deadline = ShownDeadline(entry->deadline);
  const TimeMs time = base == TimeBase::kAbsolute ? deadline : Left(deadline, c.now);
  // Seconds are rounded to the nearest; unsigned, as the last half second of all would overflow.
  const auto seconds = static_cast<int64_t>((static_cast<uint64_t>(time) + 500) / 1000);
  c.reply.Integer(unit == TimeUnit::kSeconds ? seconds : time);
}

}  // namespace

void Expire(Context& c) { SetDeadline(c, TimeUnit::kSeconds, TimeBase::kRelative); }
void PExpire(Context& c) { SetDeadline(c, TimeUnit::kMilliseconds, TimeBase::kRelative); }
void ExpireAt(Context& c) { SetDeadline(c, TimeUnit::kSeconds, TimeBase::kAbsolute); }
void PExpireAt(Context& c) { SetDeadline(c, TimeUnit::kMilliseconds, TimeBase::kAbsolute); }

void Ttl(Context& c) { ReplyDeadline(c, TimeUnit::kSeconds, TimeBase::kRelative); }
void PTtl(Context& c) { ReplyDeadline(c, TimeUnit::kMilliseconds, TimeBase::kRelative); }
void ExpireTime(Context& c) { ReplyDeadline(c, TimeUnit::kSeconds, TimeBase::kAbsolute); }
void PExpireTime(Context& c) { ReplyDeadline(c, TimeUnit::kMilliseconds, TimeBase::kAbsolute); }

void Persist(Context& c) {
  const HashedKey& key = c.Key();
  const std::optional<store::Entry> entry = c.txn().Find(key);
  const bool had_deadline = entry && entry->deadline != kNoDeadline;
  if (had_deadline) c.txn().SetDeadline(key, kNoDeadline);
  c.reply.Integer(had_deadline ? 1 : 0);
}

}  // namespace dcs::resp::commands
