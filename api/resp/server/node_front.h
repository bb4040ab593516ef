// A RESP server as an instance's front: what Lifecycle opens, configures and closes.
#pragma once

#include <boost/asio/io_context.hpp>

#include "api/redis_front.h"
#include "api/resp/server/server.h"

namespace dcs::resp {

// Makes fronts whose connections are served by the threads that run `io`, which must outlive them.
// `base` gives what the factory's arguments do not: host and port are the node's, further parameters
// follow its own. The factory returns kResourceExhausted if there is no memory.
api::RedisFrontFactory NodeFrontFactory(boost::asio::io_context& io, ServerOptions base = {});

}  // namespace dcs::resp
