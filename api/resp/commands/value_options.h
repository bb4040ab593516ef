// The options of SET and GETEX.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "api/resp/commands/arguments.h"
#include "api/resp/commands/context.h"

namespace dcs::resp {

struct ValueOptions {
  bool nx = false;
  bool xx = false;
  bool get = false;
  bool keep_ttl = false;
  bool persist = false;
  std::optional<std::string_view> time;  // behind EX, PX, EXAT, PXAT
  TimeUnit unit = TimeUnit::kSeconds;
  TimeBase base = TimeBase::kRelative;
};

enum class OptionsOf { kSet, kGetEx };

// Reads the arguments from `from` on. Replies "ERR syntax error" and returns false where one is
// unknown, contradicts another or lacks its value.
bool ParseValueOptions(Context& context, size_t from, OptionsOf command, ValueOptions& options);

}  // namespace dcs::resp
