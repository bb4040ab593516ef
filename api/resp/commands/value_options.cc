#include "api/resp/commands/value_options.h"

#include "api/resp/commands/error_texts.h"
#include "api/resp/protocol/to_absl.h"

namespace dcs::resp {
namespace {

struct TimeOption {
  std::string_view word;
  TimeUnit unit;
  TimeBase base;
};
constexpr TimeOption kTimeOptions[] = {
    {"EX", TimeUnit::kSeconds, TimeBase::kRelative},
    {"PX", TimeUnit::kMilliseconds, TimeBase::kRelative},
    {"EXAT", TimeUnit::kSeconds, TimeBase::kAbsolute},
    {"PXAT", TimeUnit::kMilliseconds, TimeBase::kAbsolute},
};

// An option without a value. Returns false where it is none or contradicts an earlier one.
bool TakeFlag(std::string_view word, OptionsOf command, ValueOptions& options) {
  if (command == OptionsOf::kGetEx) {
    if (!IsWord(word, "PERSIST") || options.time) return false;
    options.persist = true;
    return true;
  }
  if (IsWord(word, "NX") && !options.xx) {
    options.nx = true;
  } else if (IsWord(word, "XX") && !options.nx) {
    options.xx = true;
  } else if (IsWord(word, "GET")) {
    options.get = true;
  } else if (IsWord(word, "KEEPTTL") && !options.time) {
    options.keep_ttl = true;
  } else {
    return false;
  }
  return true;
}

// The same time option may be given again; the last one counts.
bool TakeTime(const TimeOption& option, std::string_view value, ValueOptions& options) {
  if (options.keep_ttl || options.persist) return false;
  if (options.time && (options.unit != option.unit || options.base != option.base)) return false;
  options.time = value;
  options.unit = option.unit;
  options.base = option.base;
  return true;
}

}  // namespace

bool ParseValueOptions(Context& context, size_t from, OptionsOf command, ValueOptions& options) {
  for (size_t i = from; i < context.args.size(); ++i) {
    const TimeOption* time = nullptr;
    for (const TimeOption& option : kTimeOptions) {
      if (IsWord(context.args[i], option.word)) time = &option;
    }
    bool taken;
    if (time != nullptr) {
      taken = i + 1 < context.args.size() && TakeTime(*time, context.args[i + 1], options);
      ++i;
    } else {
      taken = TakeFlag(context.args[i], command, options);
    }
    if (!taken) {
      context.reply.Error(error_text::kSyntax);
      return false;
    }
  }
  return true;
}

}  // namespace dcs::resp
