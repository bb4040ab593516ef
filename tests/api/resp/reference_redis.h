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

  // The raw bytes of the reply; empty where the connection has ended.
  std::string Run(const std::vector<std::string_view>& args);

 private:
  ReferenceRedis() = default;

  std::string directory_;
  int process_ = -1;
  int log_ = -1;  // its standard output
  int socket_ = -1;
  std::string received_;
};

}  // namespace dcs::resp
