// Inline commands: what a person types into telnet, split into arguments.
#pragma once

#include <string>
#include <string_view>

#include "api/resp/protocol/request.h"

namespace dcs::resp {

// Splits a line at white space, honouring "double quotes" (with \n \r \t \b \a \xHH and \" inside)
// and 'single quotes' (with \' inside), as redis-cli's own prompt does. Writes the arguments' bytes
// into `bytes`, replacing what was there, and appends views of them to `arguments`. Returns false
// where a quote is not closed or text follows a closing quote at once.
// Thread safety: a free function. O(line).
bool SplitInlineCommand(std::string_view line, std::string& bytes, ArgumentList& arguments);

}  // namespace dcs::resp
