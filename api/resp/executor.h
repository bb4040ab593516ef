// Runs one command: finds it, checks what every command must pass, calls its function.
#pragma once

#include <string_view>

#include "api/resp/client.h"
#include "api/resp/parser.h"
#include "api/resp/reply.h"
#include "api/resp/server_state.h"

namespace dcs::resp {

// Appends exactly one reply for `args` to `reply` (none where CLIENT REPLY says so, or where the
// connection is to be closed at once). What the command wants of the connection is left in
// `client`. REQUIRES: `args` is not empty. Thread safety: as many threads as clients; one client's
// commands one after another.
void Execute(ServerState& server, Client& client, Arguments args, Reply& reply);

}  // namespace dcs::resp
