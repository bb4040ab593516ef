// What an instance needs of the server that its Redis clients talk to.
//
// Two implementations: resp::NodeFront over TCP, and one without sockets in tests.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/instance_config.h"
#include "api/node.h"

namespace dcs::api {

// Thread safety: one thread, the one that serves the API.
class RedisFront {
 public:
  // Listens no more and closes all connections, without waiting for either.
  virtual ~RedisFront() = default;
  virtual uint16_t port() const = 0;
  // Errors: kInvalidArgument or kNotFound where the Redis process would refuse one; then none is
  // set.
  virtual absl::Status SetParameters(const RedisParameters& parameters) = 0;
};

// Listens on `port` of the node's host (0: any), or says why not: kUnavailable. The front, and what
// it has running when it is destroyed, keep the node alive.
using RedisFrontFactory = std::function<absl::StatusOr<std::unique_ptr<RedisFront>>(
    std::shared_ptr<Node> node, uint16_t port, const RedisParameters& parameters)>;

}  // namespace dcs::api
