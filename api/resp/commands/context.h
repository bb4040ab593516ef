// What a command's function receives.
#pragma once

#include <cassert>
#include <cstddef>

#include "absl/types/span.h"
#include "api/resp/commands/command_table.h"
#include "api/resp/protocol/reply.h"
#include "api/resp/protocol/request.h"
#include "api/resp/server/client.h"
#include "api/resp/server/counters.h"
#include "api/resp/server/server_state.h"
#include "store/transaction.h"

namespace dcs::resp {

// Lives for one command. Thread safety: none; the objects that it refers to state their own.
struct Context {
  ServerState& server;
  Client& client;
  CommandCounts& counts;
  const Command& command;
  const store::TimeMs now;
  const Arguments args;  // with the name(s); valid during the command
  const absl::Span<const store::HashedKey>
      keys;  // the command's keys, in the order of its arguments
  // The transaction that the executor has opened: over the command's keys, or over all keys in a
  // transaction of several commands. nullptr for a command without keys outside of such a transaction; that
  // command may then call the keyspace's walks and counts, as it may within a transaction over all keys.
  store::Transaction* const transaction;
  Reply& reply;

  store::Keyspace& keyspace() const { return server.node.keyspace; }
  // REQUIRES: the command has keys.
  store::Transaction& txn() const {
    assert(transaction != nullptr && "Context: only commands with keys have a transaction");
    return *transaction;
  }
  // REQUIRES: the command has so many keys.
  const store::HashedKey& Key(size_t number = 0) const { return keys[number]; }
};

}  // namespace dcs::resp
