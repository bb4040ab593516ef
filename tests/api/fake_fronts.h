// Redis fronts without sockets. Tests read which fronts Lifecycle has opened and their parameters, and
// make ports or parameters fail.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "api/node.h"
#include "api/redis_front.h"

namespace dcs::api {

// Must outlive the fronts that it makes. Port 0 becomes 20001, 20002, ...
class FakeFronts {
 public:
  // By name, of a front that is open; kept when it closes.
  using Parameters = std::map<std::string, std::string>;

  RedisFrontFactory Factory() {
    return [this](std::shared_ptr<Node> node, uint16_t port,
                  const RedisParameters& wanted) -> absl::StatusOr<std::unique_ptr<RedisFront>> {
      if (port == 0) {
        while (open.contains(next_port_)) ++next_port_;
        port = next_port_++;
      }
      if (refuse_all || open.size() >= most_open || open.contains(port) || taken.contains(port)) {
        return absl::UnavailableError("cannot listen on " + std::to_string(port));
      }
      return std::make_unique<Front>(*this, std::move(node), port, wanted);
    };
  }

  // LifecycleParts::can_listen.
  bool CanListen(uint16_t port) const { return !open.contains(port) && !taken.contains(port); }

  std::set<uint16_t> open;
  std::set<uint16_t> taken;  // by somebody else
  bool refuse_all = false;
  size_t most_open = SIZE_MAX;
  std::set<uint16_t> refuses_parameters;
  std::map<uint16_t, Parameters> parameters;  // by port
  std::map<uint16_t, std::weak_ptr<Node>> nodes;

 private:
  class Front final : public RedisFront {
   public:
    Front(FakeFronts& fronts, std::shared_ptr<Node> node, uint16_t port,
          const RedisParameters& wanted)
        : fronts_(fronts), node_(std::move(node)), port_(port) {
      fronts_.open.insert(port_);
      fronts_.nodes[port_] = node_;
      fronts_.parameters[port_].clear();
      Set(wanted);
    }
    ~Front() override { fronts_.open.erase(port_); }
    uint16_t port() const override { return port_; }
    absl::Status SetParameters(const RedisParameters& wanted) override {
      if (fronts_.refuses_parameters.contains(port_)) return absl::InvalidArgumentError("refused");
      Set(wanted);
      return absl::OkStatus();
    }

   private:
    void Set(const RedisParameters& wanted) {
      for (const auto& [name, value] : wanted) fronts_.parameters[port_][name] = value;
    }

    FakeFronts& fronts_;
    const std::shared_ptr<Node> node_;
    const uint16_t port_;
  };

  uint16_t next_port_ = 20'001;
};

}  // namespace dcs::api
