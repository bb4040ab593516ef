// A thread that serves an io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <new>

namespace dcs::api {

// Runs `io` until it has no more work. An allocation that fails in a handler ends that handler only:
// what the handler owned is destroyed, and the thread serves the others.
inline void RunIo(boost::asio::io_context& io) {
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::bad_alloc&) {
      // The next run() goes on with the next handler.
    }
  }
}

}  // namespace dcs::api
