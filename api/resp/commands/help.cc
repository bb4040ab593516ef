#include "api/resp/commands/help.h"

#include <string>

namespace dcs::resp {

void ReplyHelp(Context& context, std::string_view container,
               std::initializer_list<std::string_view> lines) {
  Reply& reply = context.reply;
  reply.Array(lines.size() + 3);
  reply.Simple(std::string(container) +
               " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (const std::string_view line : lines) reply.Simple(line);
  reply.Simple("HELP");
  reply.Simple("    Prints this help.");
}

}  // namespace dcs::resp
