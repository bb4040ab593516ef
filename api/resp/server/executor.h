// The executor: checks what every command must pass, opens the transaction over its keys, calls its
// function and counts.
#pragma once

#include "api/resp/protocol/reply.h"
#include "api/resp/protocol/request.h"
#include "api/resp/server/client.h"
#include "api/resp/server/counters.h"
#include "api/resp/server/server_state.h"

namespace dcs::resp {

// Executes a batch of a client's commands. What they share is done once: the clock is read at the
// beginning, and is what all of them go by; counts are added up at the end, or before a command
// without keys, which may show them.
//
// Thread safety: none; as many threads as clients may have one each.
class Executor {
 public:
  Executor(ServerState& server, Client& client);
  ~Executor() { counts_.MoveTo(server_.counters); }
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Appends exactly one reply to `reply`: none if CLIENT REPLY says so, or if the connection is to
  // be closed at once. What the command wants of the connection is left in the client. If an
  // allocation of the command fails, the reply is an OOM error. Throws std::bad_alloc only before
  // the command has begun: the connection is then to be closed. REQUIRES: the request has arguments.
  void Execute(const Request& request, Reply& reply);

 private:
  void Run(const Request& request, Reply& reply);
  void Call(const Command& command, const Request& request, Reply& reply);

  ServerState& server_;
  Client& client_;
  const store::TimeMs now_;
  CommandCounts counts_;
};

// One command by itself. REQUIRES: `args` is not empty.
void Execute(ServerState& server, Client& client, Arguments args, Reply& reply);

}  // namespace dcs::resp
