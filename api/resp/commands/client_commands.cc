// CLIENT: who is connected, and how this connection is to behave.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/help.h"
#include "api/resp/protocol/numbers.h"
#include "api/resp/server/client_description.h"

namespace dcs::resp::commands {
namespace {

using Clients = std::vector<std::shared_ptr<Client>>;

// Replies and returns false if the word is neither ON nor OFF.
bool ReadSwitch(Context& c, std::string_view word, bool& on) {
  on = IsWord(word, "on");
  if (on || IsWord(word, "off")) return true;
  c.reply.Error(error_text::kSyntax);
  return false;
}

// A client's type as CLIENT LIST and CLIENT KILL name it. Nothing: the type "master", of which
// there is no client. Replies and returns false if the word is no type.
bool ReadType(Context& c, std::string_view word, std::optional<ClientClass>& type) {
  type = FindClientClass(word);
  if (type || IsWord(word, "master")) return true;
  c.reply.Error(absl::StrCat("ERR Unknown client type '", ToAbsl(Quoted(word)), "'"));
  return false;
}

void ReplyList(Context& c, const Clients& clients) {
  std::string lines;
  for (const std::shared_ptr<Client>& client : clients) lines += DescribeClient(*client, c.now);
  c.reply.Verbatim("txt", lines);
}

// Which clients CLIENT KILL means.
struct KillFilter {
  std::optional<int64_t> id;
  std::optional<std::string_view> address;
  std::optional<std::string_view> local_address;
  std::optional<std::optional<ClientClass>> type;  // as ReadType gives it
  bool skip_me = true;

  bool Takes(const Client& client, const Client& me) const {
    if (id && client.id != *id) return false;
    if (type && *type != client.client_class.load(std::memory_order_relaxed)) return false;
    if (address && client.address != *address) return false;
    if (local_address && client.local_address != *local_address) return false;
    return !(skip_me && client.id == me.id);
  }
};

bool TakeKillOption(Context& c, std::string_view word, std::string_view value, KillFilter& filter) {
  if (IsWord(word, "id")) {
    const std::optional<int64_t> id = ParseInteger(value);
    if (id && *id > 0) {
      filter.id = *id;
      return true;
    }
    c.reply.Error("ERR client-id should be greater than 0");
  } else if (IsWord(word, "type")) {
    return ReadType(c, value, filter.type.emplace());
  } else if (IsWord(word, "addr")) {
    filter.address = value;
    return true;
  } else if (IsWord(word, "laddr")) {
    filter.local_address = value;
    return true;
  } else if (IsWord(word, "user")) {
    if (value == "default") return true;
    c.reply.Error(absl::StrCat("ERR No such user '", ToAbsl(Quoted(value)), "'"));
  } else if (IsWord(word, "skipme") && (IsWord(value, "yes") || IsWord(value, "no"))) {
    filter.skip_me = IsWord(value, "yes");
    return true;
  } else {
    c.reply.Error(error_text::kSyntax);
  }
  return false;
}

int64_t Kill(Context& c, const KillFilter& filter) {
  int64_t killed = 0;
  for (const std::shared_ptr<Client>& client : c.server.clients.All()) {
    if (!filter.Takes(*client, c.client)) continue;
    ++killed;
    if (client->id == c.client.id) {
      c.client.close_after_reply = true;  // so that it learns of its success
    } else if (client->close) {
      client->close();
    }
  }
  return killed;
}

}  // namespace

void ClientId(Context& c) { c.reply.Integer(c.client.id); }

void ClientGetName(Context& c) {
  const std::string name = c.client.description().name;
  if (name.empty()) return c.reply.Null();
  c.reply.Bulk(name);
}

void ClientSetName(Context& c) {
  if (SetClientName(c, c.args[2])) c.reply.Ok();
}

// From Redis 7.2; client libraries send it whatever the version.
void ClientSetInfo(Context& c) {
  const bool name = IsWord(c.args[2], "lib-name");
  if (!name && !IsWord(c.args[2], "lib-ver")) {
    return c.reply.Error(absl::StrCat("ERR Unrecognized option '", ToAbsl(c.args[2]), "'"));
  }
  const std::string_view value = c.args[3];
  if (!std::all_of(value.begin(), value.end(), [](char b) { return b >= '!' && b <= '~'; })) {
    return c.reply.Error(absl::StrCat("ERR ", name ? "lib-name" : "lib-ver",
                                      " cannot contain spaces, newlines or special characters."));
  }
  Client::Description description = c.client.description();
  (name ? description.library_name : description.library_version) = value;
  c.client.set_description(std::move(description));
  c.reply.Ok();
}

void ClientInfo(Context& c) { c.reply.Verbatim("txt", DescribeClient(c.client, c.now)); }

void ClientList(Context& c) {
  Clients clients = c.server.clients.All();
  if (c.args.size() == 2) return ReplyList(c, clients);
  if (c.args.size() == 4 && IsWord(c.args[2], "type")) {
    std::optional<ClientClass> type;
    if (!ReadType(c, c.args[3], type)) return;
    std::erase_if(clients, [&](const std::shared_ptr<Client>& client) {
      return type != client->client_class.load(std::memory_order_relaxed);
    });
    return ReplyList(c, clients);
  }
  if (c.args.size() < 4 || !IsWord(c.args[2], "id")) return c.reply.Error(error_text::kSyntax);
  Clients wanted;
  for (const std::string_view text : c.args.subspan(3)) {
    int64_t id;
    if (!ReadInteger(c, text, id, "ERR Invalid client ID")) return;
    // By ascending ID: a linear search would make the command O(IDs * clients).
    const auto found = std::lower_bound(
        clients.begin(), clients.end(), id,
        [](const auto& client, int64_t wanted_id) { return client->id < wanted_id; });
    if (found != clients.end() && (*found)->id == id) wanted.push_back(*found);
  }
  ReplyList(c, wanted);
}

void ClientKill(Context& c) {
  KillFilter filter;
  if (c.args.size() == 3) {  // the old form: CLIENT KILL address, which may be one's own
    filter.address = c.args[2];
    filter.skip_me = false;
    if (Kill(c, filter) == 0) return c.reply.Error("ERR No such client");
    return c.reply.Ok();
  }
  for (size_t i = 2; i < c.args.size(); i += 2) {
    if (i + 1 == c.args.size()) return c.reply.Error(error_text::kSyntax);
    if (!TakeKillOption(c, c.args[i], c.args[i + 1], filter)) return;
  }
  c.reply.Integer(Kill(c, filter));
}

void ClientReply(Context& c) {
  if (IsWord(c.args[2], "on")) {
    c.client.reply_mode = ReplyMode::kOn;
    c.reply.Ok();
  } else if (IsWord(c.args[2], "off")) {
    c.client.reply_mode = ReplyMode::kOff;
  } else if (IsWord(c.args[2], "skip")) {
    if (c.client.reply_mode != ReplyMode::kOff) c.client.reply_mode = ReplyMode::kSkipNext;
  } else {
    c.reply.Error(error_text::kSyntax);
  }
}

// Clients are never evicted here.
void ClientNoEvict(Context& c) {
  bool on;
  if (!ReadSwitch(c, c.args[2], on)) return;
  c.client.no_evict.store(on, std::memory_order_relaxed);
  c.reply.Ok();
}

// From Redis 7.2. Off is what a connection has; on would need reads that leave no trace.
void ClientNoTouch(Context& c) {
  bool on;
  if (!ReadSwitch(c, c.args[2], on)) return;
  if (on) return c.reply.Error("ERR CLIENT NO-TOUCH ON is not supported");
  c.reply.Ok();
}

void ClientTracking(Context& c) {
  bool on;
  if (!ReadSwitch(c, c.args[2], on)) return;
  if (on) return c.reply.Error("ERR client side caching is not supported");
  c.reply.Ok();
}

void ClientTrackingInfo(Context& c) {
  c.reply.Map(3);
  c.reply.Bulk("flags");
  c.reply.Set(1);
  c.reply.Bulk("off");
  c.reply.Bulk("redirect");
  c.reply.Integer(-1);
  c.reply.Bulk("prefixes");
  c.reply.Array(0);
}

void ClientGetRedir(Context& c) { c.reply.Integer(-1); }

void ClientHelp(Context& c) {
  ReplyHelp(c, "CLIENT",
            {"GETNAME",
             "    Return the name of the current connection.",
             "GETREDIR",
             "    Return -1: tracking is never enabled.",
             "ID",
             "    Return the ID of the current connection.",
             "INFO",
             "    Return information about the current client connection.",
             "KILL <ip:port>",
             "    Kill connection made from <ip:port>.",
             "KILL <option> <value> [<option> <value> [...]]",
             "    Kill connections. Options are:",
             "    * ID <id>",
             "    * ADDR <ip:port>",
             "    * LADDR <ip:port>",
             "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
             "    * USER <username>",
             "    * SKIPME (YES|NO)",
             "LIST [TYPE <type>|ID <id> [<id> ...]]",
             "    Return information about connections.",
             "NO-EVICT (ON|OFF)",
             "    Protect current client connection from eviction.",
             "NO-TOUCH OFF",
             "    Count this connection's reads as accesses.",
             "REPLY (ON|OFF|SKIP)",
             "    Control the replies sent to the current connection.",
             "SETINFO (LIB-NAME|LIB-VER) <value>",
             "    Say which client library is used.",
             "SETNAME <name>",
             "    Assign the name <name> to the current connection.",
             "TRACKING OFF",
             "    Disable server assisted client side caching.",
             "TRACKINGINFO",
             "    Report tracking status for the current connection."});
}

}  // namespace dcs::resp::commands
