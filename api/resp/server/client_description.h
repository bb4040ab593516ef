// How clients are named and listed.
#pragma once

#include <string>
#include <string_view>

#include "api/resp/commands/context.h"

namespace dcs::resp {

// Replies with an error and returns false where the name has spaces or other special characters.
bool SetClientName(Context& context, std::string_view name);

// The line that CLIENT LIST and CLIENT INFO give, with its line break. `now` as in Context.
std::string DescribeClient(const Client& client, store::TimeMs now);

}  // namespace dcs::resp
