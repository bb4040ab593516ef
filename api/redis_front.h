// The RESP front of a node, as far as the API and the lifecycle need to know it: the server that the
// node's Redis clients talk to.
//
// Two implementations: resp::NodeFront over TCP, and one without sockets in tests.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "api/instance_config.h"

namespace dcs::api {

struct Node;

// Thread safety: one thread, the scheduler's.
class RedisFront {
 public:
  // Stops listening and closes all connections. Does not wait for either.
  virtual ~RedisFront() = default;
  virtual uint16_t port() const = 0;
  // Sets all of the parameters or none. Errors: kInvalidArgument or kNotFound if the Redis process
  // would refuse one of them.
  virtual absl::Status SetParameters(const RedisParameters& parameters) = 0;
};

// Listens on `port` of the node's host (0: any free port). The front, and its connections that are
// still closing after its end, keep the node alive. Errors: kUnavailable if it cannot listen.
using RedisFrontFactory = std::function<absl::StatusOr<std::unique_ptr<RedisFront>>(
    std::shared_ptr<Node> node, uint16_t port, const RedisParameters& parameters)>;

}  // namespace dcs::api
