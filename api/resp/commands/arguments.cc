#include "api/resp/commands/arguments.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <string>

#include "api/resp/protocol/numbers.h"

namespace dcs::resp {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

bool RefuseExpireTime(Context& context) {
  context.reply.Error(InvalidExpireTime(context.command));
  return false;
}

}  // namespace

bool ReadInteger(Context& context, std::string_view text, int64_t& value, std::string_view error) {
  const std::optional<int64_t> parsed = ParseInteger(text);
  if (!parsed) {
    context.reply.Error(error);
    return false;
  }
  value = *parsed;
  return true;
}

bool ReadFloat(Context& context, std::string_view text, long double& value) {
  const std::optional<long double> parsed = ParseFloat(text);
  if (!parsed) {
    context.reply.Error(error_text::kNotFloat);
    return false;
  }
  value = *parsed;
  return true;
}

bool ReadCursor(Context& context, std::string_view text, uint64_t& cursor) {
  const std::string terminated(text);
  char* stopped_at;
  errno = 0;
  cursor = std::strtoul(terminated.c_str(), &stopped_at, 10);
  const bool leading_space = !text.empty() && std::isspace(static_cast<unsigned char>(text[0]));
  if (leading_space || *stopped_at != '\0' || errno == ERANGE) {
    context.reply.Error("ERR invalid cursor");
    return false;
  }
  return true;
}

bool ReadDeadline(Context& context, std::string_view text, TimeUnit unit, TimeBase base,
                  store::TimeMs& deadline) {
  int64_t time;
  if (!ReadInteger(context, text, time)) return false;
  if (time <= 0) return RefuseExpireTime(context);
  return ReadAnyDeadline(context, text, unit, base, deadline);
}

bool ReadAnyDeadline(Context& context, std::string_view text, TimeUnit unit, TimeBase base,
                     store::TimeMs& deadline) {
  int64_t time;
  if (!ReadInteger(context, text, time)) return false;
  if (unit == TimeUnit::kSeconds) {
    if (time > kMost / 1000 || time < kLeast / 1000) return RefuseExpireTime(context);
    time *= 1000;
  }
  if (base == TimeBase::kRelative) {
    // A virtual clock's `now` may lie before 1970.
    if (context.now > 0 && time > kMost - context.now) return RefuseExpireTime(context);
    time = store::SaturatingAdd(context.now, time);
  }
  // The last millisecond of all is the store's word for "never".
  deadline = std::min(time, store::kNoDeadline - 1);
  return true;
}

bool ReadFlushMode(Context& context, store::FreeMode& mode) {
  const bool lazy = context.server.settings.lazy_user_flush.load(std::memory_order_relaxed) != 0;
  mode = lazy ? store::FreeMode::kLazy : store::FreeMode::kNow;
  if (context.args.size() == 1) return true;
  if (context.args.size() == 2) {
    if (IsWord(context.args[1], "sync")) {
      mode = store::FreeMode::kNow;
      return true;
    }
    if (IsWord(context.args[1], "async")) {
      mode = store::FreeMode::kLazy;
      return true;
    }
  }
  context.reply.Error(error_text::kSyntax);
  return false;
}

}  // namespace dcs::resp
