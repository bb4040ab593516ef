// A node and one client of it, without sockets: executes argument lists and returns RESP bytes.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/node.h"
#include "api/resp/protocol/reply.h"
#include "api/resp/server/executor.h"
#include "api/resp/server/server_state.h"
#include "store/time/clock.h"

namespace dcs::resp {

inline constexpr store::TimeMs kStartTime = 1'700'000'000'000;

class Session {
 public:
  // A client of a node of its own, under a virtual clock.
  explicit Session(bool release_on_access = true)
      : virtual_clock_(std::make_unique<store::VirtualClock>(kStartTime)),
        node_(std::make_unique<api::Node>(Options(release_on_access), *virtual_clock_)),
        state_(std::make_unique<ServerState>(*node_, /*seed=*/1)),
        client_(std::make_unique<Client>(state_->clients.NextId(), kStartTime)) {
    node_->password.clear();
  }

  std::string Run(const std::vector<std::string_view>& args) {
    std::string out;
    Reply reply(out, client_->protocol.load());
    Execute(*state_, *client_, args, reply);
    return out;
  }
  // For commands without spaces in their arguments:  Do("SET key value")
  std::string Do(std::string_view line) {
    std::vector<std::string_view> args;
    while (!line.empty()) {
      const size_t end = std::min(line.find(' '), line.size());
      if (end > 0) args.push_back(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
    }
    return Run(args);
  }

  void Advance(store::TimeMs ms) { virtual_clock_->AdvanceTo(virtual_clock_->Now() + ms); }
  store::TimeMs now() const { return virtual_clock_->Now(); }
  api::Node& node() { return *node_; }
  ServerState& state() { return *state_; }
  Client& client() { return *client_; }

 private:
  static store::KeyspaceOptions Options(bool release_on_access) {
    store::KeyspaceOptions options;
    options.shards = 4;
    options.seed = 7;
    options.epoch = kStartTime;
    options.release_on_access = release_on_access;
    options.lazy_free_thread = false;
    return options;
  }

  std::unique_ptr<store::VirtualClock> virtual_clock_;
  std::unique_ptr<api::Node> node_;
  std::unique_ptr<ServerState> state_;
  std::unique_ptr<Client> client_;
};

// ---- What replies look like ---------------------------------------------------------------------

inline constexpr std::string_view kOk = "+OK\r\n";
inline constexpr std::string_view kNil = "$-1\r\n";
inline constexpr std::string_view kWrongTypeReply =
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
inline constexpr std::string_view kSyntaxReply = "-ERR syntax error\r\n";
inline constexpr std::string_view kNotIntegerReply =
    "-ERR value is not an integer or out of range\r\n";

inline std::string Int(int64_t value) { return ":" + std::to_string(value) + "\r\n"; }
inline std::string Bulk(std::string_view bytes) {
  return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n";
}
inline std::string Err(std::string_view text) { return "-" + std::string(text) + "\r\n"; }
inline std::string List(std::initializer_list<std::string_view> bulks) {
  std::string text = "*" + std::to_string(bulks.size()) + "\r\n";
  for (const std::string_view bulk : bulks) text += Bulk(bulk);
  return text;
}

}  // namespace dcs::resp
