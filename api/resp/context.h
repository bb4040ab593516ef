// What a command's function is given.
#pragma once

#include "api/resp/client.h"
#include "api/resp/command_table.h"
#include "api/resp/parser.h"
#include "api/resp/reply.h"
#include "api/resp/server_state.h"

namespace dcs::resp {

// Lives for one command. Thread safety: none, but what it refers to says for itself.
struct Context {
  ServerState& server;
  Client& client;
  const Command& command;
  const store::TimeMs now;
  const Arguments args;  // with the name(s); valid during the command
  Reply& reply;

  store::Keyspace& keyspace() const { return server.node.keyspace; }
};

}  // namespace dcs::resp
