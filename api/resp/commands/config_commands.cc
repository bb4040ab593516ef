// CONFIG.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/help.h"

namespace dcs::resp::commands {

void ConfigGet(Context& c) {
  const auto matching = c.server.settings.Matching(c.args.subspan(2));
  c.reply.Map(matching.size());
  for (const auto& [name, value] : matching) {
    c.reply.Bulk(name);
    c.reply.Bulk(value);
  }
}

void ConfigSet(Context& c) {
  if (c.args.size() % 2 == 1) return c.reply.Error(error_text::kSyntax);
  const absl::Status status = c.server.SetParameters(c.args.subspan(2));
  if (!status.ok()) return c.reply.Error(absl::StrCat("ERR ", status.message()));
  c.reply.Ok();
}

void ConfigResetStat(Context& c) {
  c.server.run->Reset();
  c.reply.Ok();
}

void ConfigHelp(Context& c) {
  ReplyHelp(
      c, "CONFIG",
      {"GET <pattern>", "    Return parameters matching the glob-like <pattern> and their values.",
       "SET <directive> <value>", "    Set the configuration <directive> to <value>.", "RESETSTAT",
       "    Reset statistics reported by the INFO command."});
}

}  // namespace dcs::resp::commands
