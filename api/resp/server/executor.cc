#include "api/resp/server/executor.h"

#include <cstddef>
#include <new>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "api/resp/commands/command_table.h"
#include "api/resp/commands/context.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/protocol/to_absl.h"

namespace dcs::resp {
namespace {

// Room for the OOM error, for HELLO's reply and for that of every command that changes keys: a
// command that has changed something cannot fail to say so. (Values that a command replies before
// it changes them may be longer.)
constexpr size_t kReservedReplyBytes = 256;
static_assert(error_text::kNoMemory.size() + 3 <= kReservedReplyBytes);

// Redis cuts what it quotes of an unknown command.
constexpr size_t kQuotedBytes = 128;

// Cold: the texts are only made when there is something to complain about.
void ReplyUnknownCommand(Arguments args, Reply& reply) {
  std::string shown;
  for (size_t i = 1; i < args.size() && shown.size() < kQuotedBytes; ++i) {
    absl::StrAppend(&shown, "'", ToAbsl(Quoted(args[i], kQuotedBytes - shown.size())), "' ");
  }
  reply.Error(absl::StrCat("ERR unknown command '", ToAbsl(Quoted(args[0], kQuotedBytes)),
                           "', with args beginning with: ", shown));
}

void ReplyUnknownSubcommand(const Command& container, std::string_view given, Reply& reply) {
  reply.Error(absl::StrCat("ERR unknown subcommand '", ToAbsl(Quoted(given, kQuotedBytes)),
                           "'. Try ", absl::AsciiStrToUpper(ToAbsl(container.name)), " HELP."));
}

// The command or subcommand that the request names, or nullptr with the error replied.
const Command* Lookup(const Request& request, Reply& reply) {
  const Command* command = request.command;
  if (command == nullptr) {
    ReplyUnknownCommand(request.args, reply);
  } else if (!command->subcommands.empty() && request.args.size() > 1) {
    const Command* subcommand = FindSubcommand(*command, request.args[1]);
    if (subcommand == nullptr) ReplyUnknownSubcommand(*command, request.args[1], reply);
    return subcommand;
  }
  return command;
}

bool OutOfMemory(const ServerState& server) {
  const int64_t limit = server.settings.maxmemory.load(std::memory_order_relaxed);
  return limit > 0 && server.node.keyspace.UsesMoreThan(static_cast<size_t>(limit));
}

// What a browser lured into talking to Redis would send: Redis hangs up.
bool IsHttp(std::string_view name) { return IsWord(name, "post") || IsWord(name, "host:"); }

}  // namespace

Executor::Executor(ServerState& server, Client& client)
    : server_(server), client_(client), now_(server.node.clock.Now()) {
  client_.last_active.store(now_, std::memory_order_relaxed);
}

void Executor::Execute(const Request& request, Reply& reply) {
  reply.Reserve(kReservedReplyBytes);
  const size_t start = reply.mark();
  if (client_.reply_mode == ReplyMode::kSkipNext) client_.reply_mode = ReplyMode::kSkipThis;

  try {
    Run(request, reply);
  } catch (const std::bad_alloc&) {
    if (client_.blocks()) client_.Unblock()->Cancel();
    reply.Rewind(start);
    reply.Error(error_text::kNoMemory);
  }

  ++counts_.commands;
  if (reply.IsErrorAt(start)) ++counts_.error_replies;
  if (client_.reply_mode != ReplyMode::kOn || client_.close_at_once) {
    reply.Rewind(start);
    if (client_.reply_mode == ReplyMode::kSkipThis) client_.reply_mode = ReplyMode::kOn;
  }
}

void Executor::Run(const Request& request, Reply& reply) {
  const Arguments args = request.args;
  const Command* command = Lookup(request, reply);
  if (command == nullptr) {
    if (IsHttp(args[0])) client_.close_at_once = true;
    return;
  }
  if (!command->TakesArguments(args.size()) || command->handler == nullptr) {
    reply.Error(WrongArity(*command));
    return;
  }
  if (!client_.authenticated && (command->flags & kNoAuth) == 0) {
    reply.Error(error_text::kNoAuth);
    return;
  }
  if ((command->flags & kDenyOom) != 0 && OutOfMemory(server_)) {
    reply.Error(error_text::kOutOfMemory);
    return;
  }
  client_.last_command.store(command, std::memory_order_relaxed);
  Call(*command, request, reply);
}

// Opens the transaction over the command's keys and calls its function.
void Executor::Call(const Command& command, const Request& request, Reply& reply) {
  const auto call = [&](absl::Span<const store::HashedKey> keys, store::Transaction* txn) {
    if (txn != nullptr) txn->set_origin(&command);
    Context context{server_, client_, counts_, command, now_, request.args, keys, txn, reply};
    command.handler(context);
  };
  store::Keyspace& keyspace = server_.node.keyspace;
  const auto first = static_cast<size_t>(command.keys.first);
  if (first == 0) {
    counts_.MoveTo(server_.counters);
    return call({}, nullptr);
  }
  const size_t last = command.keys.LastAmong(request.args.size());
  if (first == last) {
    const store::HashedKey key =
        request.keys.empty() ? keyspace.Hash(request.args[first]) : request.keys.front();
    store::Transaction txn(keyspace, now_, key);
    return call({&key, 1}, &txn);
  }
  const auto step = static_cast<size_t>(command.keys.step);
  absl::InlinedVector<store::HashedKey, 8> keys(request.keys.begin(), request.keys.end());
  for (size_t at = first + keys.size() * step; at <= last; at += step) {
    keys.push_back(keyspace.Hash(request.args[at]));
  }
  store::Transaction txn(keyspace, now_, keys);
  call(keys, &txn);
}

void Execute(ServerState& server, Client& client, Arguments args, Reply& reply) {
  Executor(server, client).Execute({FindCommand(args[0]), args}, reply);
}

}  // namespace dcs::resp
