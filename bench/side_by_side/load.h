// The load generator: many connections, one thread, pipelined requests.
//
// Each connection sends a batch, waits for all of its replies, and sends the next one, like a
// pipelining client. One epoll loop serves all connections, so a client of one core can saturate a
// server.
//
// Thread safety: none. Errors: an error reply, an invalid RESP reply and a broken connection end
// the load with a status that names the cause.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/side_by_side/reply_counter.h"
#include "bench/side_by_side/requests.h"
#include "bench/side_by_side/socket.h"

namespace dcs::bench {

struct LoadResult {
  uint64_t commands = 0;  // commands whose replies have come
  uint64_t nils = 0;      // null replies among them
  double seconds = 0;     // from the first request to the last reply
  double client_cpu_seconds = 0;
};

class LoadGenerator {
 public:
  // Called about ten times a second with the number of completed commands.
  using OnProgress = std::function<void(uint64_t commands)>;

  static absl::StatusOr<std::unique_ptr<LoadGenerator>> Connect(uint16_t port, size_t connections);
  ~LoadGenerator();
  LoadGenerator(const LoadGenerator&) = delete;
  LoadGenerator& operator=(const LoadGenerator&) = delete;

  // Sends batches of `pipeline` requests until `source` is exhausted or `seconds` have passed, then
  // waits for the last replies. May be called again; connections stay open.
  absl::StatusOr<LoadResult> Run(RequestSource& source, size_t pipeline, double seconds,
                                 const OnProgress& on_progress = nullptr);

 private:
  struct Connection {
    explicit Connection(Socket s) : socket(std::move(s)) {}
    Socket socket;
    ReplyCounter replies;
    size_t awaited = 0;    // replies of the batch not yet received
    std::string batch;     // the requests being sent
    size_t sent = 0;       // bytes of `batch` sent
    bool stalled = false;  // epoll also reports when more can be sent
  };

  LoadGenerator() = default;
  absl::Status TakeReplies(Connection& connection, LoadResult& result);
  // Fills and sends the next batch; leaves the connection idle if there is none.
  absl::Status SendBatch(Connection& connection, RequestSource& source, size_t pipeline);
  absl::Status SendRest(Connection& connection);
  void Watch(Connection& connection, int operation);

  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<char> received_;
  size_t busy_ = 0;  // number of connections that await replies
};

}  // namespace dcs::bench
