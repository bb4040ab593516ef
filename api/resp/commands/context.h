// What a command's function is given.
#pragma once

#include <cstddef>
#include <span>

#include "api/resp/commands/command_table.h"
#include "api/resp/protocol/reply.h"
#include "api/resp/protocol/request.h"
#include "api/resp/server/client.h"
#include "api/resp/server/counters.h"
#include "api/resp/server/server_state.h"

namespace dcs::resp {

// Lives for one command. Thread safety: none, but what it refers to says for itself.
struct Context {
  ServerState& server;
  Client& client;
  CommandCounts& counts;
  const Command& command;
  const store::TimeMs now;
  const Arguments args;  // with the name(s); valid during the command
  const std::span<const store::HashedKey> hashed_ahead;  // Request::keys
  Reply& reply;

  store::Keyspace& keyspace() const { return server.node.keyspace; }

  // The argument at `position` as a key. REQUIRES: it is one, by the command's row.
  store::HashedKey Key(size_t position = 1) const {
    const auto number = (position - static_cast<size_t>(command.keys.first)) /
                        static_cast<size_t>(command.keys.step);
    return number < hashed_ahead.size() ? hashed_ahead[number] : keyspace().Hash(args[position]);
  }
};

}  // namespace dcs::resp
