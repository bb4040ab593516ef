// DEBUG: what tests of the simulator and of its clients need.
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/help.h"

namespace dcs::resp::commands {
namespace {

// Holds up the node's commands for so many seconds, as Redis's one thread would; the reply comes
// then. How the connection does it without blocking a thread: hold.h.
void Sleep(Context& c) {
  const double seconds = std::strtod(std::string(c.args[2]).c_str(), nullptr);
  constexpr double kMostSeconds = 1e9;
  if (std::isfinite(seconds) && seconds > 0) {
    c.client.hold_us = static_cast<int64_t>(std::fmin(seconds, kMostSeconds) * 1e6);
  }
  c.reply.Ok();
}

void SetActiveExpire(Context& c) {
  const bool on = std::atoi(std::string(c.args[2]).c_str()) != 0;
  if (c.server.node.natural_deletion != nullptr) {
    c.server.node.natural_deletion->set_enabled(on);
  }
  c.reply.Ok();
}

// There is no file to write and read back. After a reload, Redis has all keys but the expired ones, which
// it does not count in expired_keys.
void Reload(Context& c) {
  store::SweepCursor cursor;
  bool done = false;
  while (!done) {
    const store::SweepResult step = c.keyspace().Sweep(cursor, 1000, c.now);
    c.server.run->LeaveOut(step.released);
    done = step.done;
  }
  c.reply.Ok();
}

void ReplyError(Context& c) { c.reply.Error(c.args[2]); }

void Help(Context& c) {
  ReplyHelp(c, "DEBUG",
            {"ERROR <string>", "    Return a Redis protocol error with <string> as message.",
             "RELOAD", "    Release all expired keys, as saving and loading them again would.",
             "SET-ACTIVE-EXPIRE <0|1>",
             "    Setting it to 0 disables expiring keys in background when they are not",
             "    accessed. Setting it to 1 reenables it.", "SLEEP <seconds>",
             "    Stop the server's commands for <seconds>. Decimals allowed."});
}

struct DebugRow {
  std::string_view name;
  size_t arguments;  // with DEBUG and the name
  Handler handler;
};
constexpr DebugRow kRows[] = {
    {"error", 3, &ReplyError}, {"help", 2, &Help},
    {"reload", 2, &Reload},    {"set-active-expire", 3, &SetActiveExpire},
    {"sleep", 3, &Sleep},
};

}  // namespace

void Debug(Context& c) {
  for (const DebugRow& row : kRows) {
    if (IsWord(c.args[1], row.name) && c.args.size() == row.arguments) return row.handler(c);
  }
  c.reply.Error(absl::StrCat("ERR unknown subcommand or wrong number of arguments for '",
                             ToAbsl(Quoted(c.args[1], 128)), "'. Try DEBUG HELP."));
}

}  // namespace dcs::resp::commands
