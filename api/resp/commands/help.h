// The HELP subcommands' replies.
#pragma once

#include <initializer_list>
#include <string_view>

#include "api/resp/commands/context.h"

namespace dcs::resp {

// Replies "COMMAND <subcommand> ...", the lines, and HELP's own, as Redis does.
void ReplyHelp(Context& context, std::string_view container,
               std::initializer_list<std::string_view> lines);

}  // namespace dcs::resp
