// A real redis-server in a directory of its own, spoken to over a unix socket.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dcs::resp {

class ReferenceRedis {
 public:
  // nullptr where there is no redis-server on this machine or it does not start; `why` says which.
  // It runs without persistence, with DEBUG allowed and active expiry off.
  static std::unique_ptr<ReferenceRedis> Start(std::string& why);
  // Kills it and removes its directory.
  ~ReferenceRedis();
  ReferenceRedis(const ReferenceRedis&) = delete;
  ReferenceRedis& operator=(const ReferenceRedis&) = delete;

  using Args = std::vector<std::string_view>;

  // The raw bytes of the reply; empty if the connection has ended.
  std::string Run(const Args& args) { return RunAll({args})[0]; }
  // The same of several commands, sent at once.
  std::vector<std::string> RunAll(const std::vector<Args>& commands);

 private:
  ReferenceRedis() = default;
  std::string ReceiveReply();

  std::string directory_;
  int process_ = -1;
  int log_ = -1;  // its standard output
  int socket_ = -1;
  std::string received_;
};

}  // namespace dcs::resp
