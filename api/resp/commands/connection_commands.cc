// What a client says about itself and its connection.
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/protocol/to_absl.h"
#include "api/resp/server/client_description.h"

namespace dcs::resp::commands {
namespace {

// There is one user, "default", with the node's password; without one, any is right.
bool Authenticate(Context& c, std::string_view user, std::string_view password) {
  const Settings& settings = c.server.settings;
  const bool right = !settings.password_needed() || settings.IsPassword(password);
  if (!right || user != "default") {
    c.reply.Error(error_text::kWrongPassword);
    return false;
  }
  c.client.authenticated = true;
  return true;
}

// HELLO's options from `from` on. Replies and returns false where one cannot be taken.
bool TakeHelloOptions(Context& c, size_t from) {
  for (size_t i = from; i < c.args.size(); ++i) {
    const size_t more = c.args.size() - 1 - i;
    if (IsWord(c.args[i], "AUTH") && more >= 2) {
      if (!Authenticate(c, c.args[i + 1], c.args[i + 2])) return false;
      i += 2;
    } else if (IsWord(c.args[i], "SETNAME") && more >= 1) {
      if (!SetClientName(c, c.args[i + 1])) return false;
      i += 1;
    } else {
      c.reply.Error(
          absl::StrCat("ERR Syntax error in HELLO option '", ToAbsl(Quoted(c.args[i])), "'"));
      return false;
    }
  }
  return true;
}

constexpr std::string_view kHelloWithoutAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
    "<proto> "
    "AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol "
    "version at the same time";

}  // namespace

void Auth(Context& c) {
  if (c.args.size() > 3) return c.reply.Error(error_text::kSyntax);
  const bool with_user = c.args.size() == 3;
  if (!with_user && !c.server.settings.password_needed()) {
    return c.reply.Error(
        "ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your configuration is correct?");
  }
  if (Authenticate(c, with_user ? c.args[1] : "default", c.args.back())) c.reply.Ok();
}

void Hello(Context& c) {
  int64_t protocol = 0;
  if (c.args.size() >= 2) {
    if (!ReadInteger(c, c.args[1], protocol,
                     "ERR Protocol version is not an integer or out of range")) {
      return;
    }
    if (protocol < 2 || protocol > 3) {
      return c.reply.Error("NOPROTO unsupported protocol version");
    }
    if (!TakeHelloOptions(c, 2)) return;
  }
  if (!c.client.authenticated) return c.reply.Error(kHelloWithoutAuth);
  if (protocol != 0) {
    c.client.protocol.store(static_cast<int>(protocol), std::memory_order_relaxed);
    c.reply.set_protocol(static_cast<int>(protocol));
  }
  Reply& reply = c.reply;
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk(c.server.node.engine_version);
  reply.Bulk("proto");
  reply.Integer(reply.protocol());
  reply.Bulk("id");
  reply.Integer(c.client.id);
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.Array(0);
}

void Ping(Context& c) {
  if (c.args.size() > 2) return c.reply.Error(WrongArity(c.command));
  if (c.args.size() == 1) return c.reply.Simple("PONG");
  c.reply.Bulk(c.args[1]);
}

void Echo(Context& c) { c.reply.Bulk(c.args[1]); }

// A node has one database.
void Select(Context& c) {
  int64_t database;
  if (!ReadInteger(c, c.args[1], database)) return;
  if (database < INT32_MIN || database > INT32_MAX) {
    return c.reply.Error(absl::StrCat("ERR value is out of range, value must between ", INT32_MIN,
                                      " and ", INT32_MAX));
  }
  if (database != 0) return c.reply.Error("ERR DB index is out of range");
  c.reply.Ok();
}

void Quit(Context& c) {
  c.client.close_after_reply = true;
  c.reply.Ok();
}

void Reset(Context& c) {
  c.client.authenticated = !c.server.settings.password_needed();
  c.client.reply_mode = ReplyMode::kOn;
  c.client.no_evict.store(false, std::memory_order_relaxed);
  c.client.protocol.store(2, std::memory_order_relaxed);
  c.client.set_description({});
  c.reply.set_protocol(2);
  c.reply.Simple("RESET");
}

}  // namespace dcs::resp::commands
