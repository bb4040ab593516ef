#include "api/resp/server/node_front.h"

#include <new>
#include <string_view>
#include <utility>
#include <vector>

namespace dcs::resp {
namespace {

class NodeFront final : public api::RedisFront {
 public:
  explicit NodeFront(std::unique_ptr<Server> server) : server_(std::move(server)) {}

  uint16_t port() const override { return server_->port(); }

  absl::Status SetParameters(const api::RedisParameters& parameters) override {
    std::vector<std::string_view> pairs;
    for (const auto& [name, value] : parameters) {
      pairs.push_back(name);
      pairs.push_back(value);
    }
    // The API accepts any maxclients that DCS does.
    return server_->state().SetParametersLowered(pairs);
  }

 private:
  const std::unique_ptr<Server> server_;
};

}  // namespace

api::RedisFrontFactory NodeFrontFactory(boost::asio::io_context& io, ServerOptions base) {
  return [&io, base = std::move(base)](std::shared_ptr<api::Node> node, uint16_t port,
                                       const api::RedisParameters& parameters)
             -> absl::StatusOr<std::unique_ptr<api::RedisFront>> {
    try {
      ServerOptions options = base;
      options.host = node->host;
      options.port = port;
      options.parameters.insert(options.parameters.end(), parameters.begin(), parameters.end());
      auto server = Server::Start(io, std::move(node), options);
      if (!server.ok()) return server.status();
      return std::make_unique<NodeFront>(*std::move(server));
    } catch (const std::bad_alloc&) {
      return absl::ResourceExhaustedError("no memory left for a Redis server");
    }
  };
}

}  // namespace dcs::resp
