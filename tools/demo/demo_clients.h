// The demonstration's two clients: a Redis client that fills the store, and an HTTP client that
// signs.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/rest/signature.h"

struct redisContext;

namespace dcs::tools {

// Thread safety: one thread per object.
class RedisClient {
 public:
  static absl::StatusOr<RedisClient> Connect(const std::string& host, uint16_t port,
                                             const std::string& password);

  // Adds a command to the batch.
  void Add(const std::vector<std::string_view>& command);
  // Sends the batch and reads the replies. Returns the first error reply, if any.
  absl::Status Flush();
  // Sends one command and returns the reply as text ("(nil)" for none).
  absl::StatusOr<std::string> Ask(const std::vector<std::string_view>& command);

 private:
  struct Close {
    void operator()(redisContext* context) const;
  };
  std::unique_ptr<redisContext, Close> context_;
  size_t pending_ = 0;
};

class ApiClient {
 public:
  // `sim_token` is sent to /_sim; empty if the server requires none.
  ApiClient(std::string host, uint16_t port, rest::Credential credential, std::string sim_token)
      : host_(std::move(host)),
        port_(port),
        credential_(std::move(credential)),
        sim_token_(std::move(sim_token)) {}

  // Sends a signed request on a new connection. Any status but 200 is an error.
  absl::StatusOr<nlohmann::ordered_json> Call(const std::string& method,
                                              const std::string& target) const;

 private:
  const std::string host_;
  const uint16_t port_;
  const rest::Credential credential_;
  const std::string sim_token_;
};

}  // namespace dcs::tools
