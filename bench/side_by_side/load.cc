#include "bench/side_by_side/load.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <utility>

namespace dcs::bench {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double ThreadCpuSeconds() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

constexpr size_t kReceiveBytes = 256 << 10;
constexpr double kProgressSeconds = 0.1;

}  // namespace

absl::StatusOr<std::unique_ptr<LoadGenerator>> LoadGenerator::Connect(uint16_t port,
                                                                      size_t connections) {
  std::unique_ptr<LoadGenerator> load(new LoadGenerator());
  load->received_.resize(kReceiveBytes);
  load->epoll_ = epoll_create1(EPOLL_CLOEXEC);
  for (size_t i = 0; i < connections; ++i) {
    absl::StatusOr<Socket> socket = Socket::Connect(port, Blocking::kNo);
    if (!socket.ok()) return socket.status();
    load->connections_.push_back(std::make_unique<Connection>(*std::move(socket)));
    load->Watch(*load->connections_.back(), EPOLL_CTL_ADD);
  }
  return load;
}

LoadGenerator::~LoadGenerator() {
  if (epoll_ >= 0) close(epoll_);
}

void LoadGenerator::Watch(Connection& connection, int operation) {
  epoll_event event{};
  event.events = connection.stalled ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &connection;
  epoll_ctl(epoll_, operation, connection.socket.descriptor(), &event);
}

absl::StatusOr<LoadResult> LoadGenerator::Run(RequestSource& source, size_t pipeline,
                                              double seconds, const OnProgress& on_progress) {
  LoadResult result;
  const double cpu_before = ThreadCpuSeconds();
  const Clock::time_point start = Clock::now();
  for (const auto& connection : connections_) {
    if (absl::Status status = SendBatch(*connection, source, pipeline); !status.ok()) return status;
  }
  double next_progress = kProgressSeconds;
  std::vector<epoll_event> events(connections_.size());
  while (busy_ > 0) {
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    const double elapsed = SecondsSince(start);
    for (int i = 0; i < ready; ++i) {
      Connection& connection = *static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
      absl::Status status = SendRest(connection);
      if (status.ok()) status = TakeReplies(connection, result);
      if (status.ok() && connection.awaited == 0 && elapsed < seconds) {
        status = SendBatch(connection, source, pipeline);
      }
      if (!status.ok()) return status;
    }
    if (on_progress != nullptr && elapsed >= next_progress) {
      next_progress = elapsed + kProgressSeconds;
      on_progress(result.commands);
    }
  }
  result.seconds = SecondsSince(start);
  result.client_cpu_seconds = ThreadCpuSeconds() - cpu_before;
  return result;
}

absl::Status LoadGenerator::SendBatch(Connection& connection, RequestSource& source,
                                      size_t pipeline) {
  connection.batch.clear();
  connection.sent = 0;
  connection.awaited = source.Fill(connection.batch, pipeline);
  if (connection.awaited == 0) return absl::OkStatus();
  ++busy_;
  return SendRest(connection);
}

absl::Status LoadGenerator::SendRest(Connection& connection) {
  if (connection.sent == connection.batch.size()) return absl::OkStatus();
  const std::string_view rest = std::string_view(connection.batch).substr(connection.sent);
  const absl::StatusOr<size_t> sent = connection.socket.Send(rest);
  if (!sent.ok()) return sent.status();
  connection.sent += *sent;
  const bool stalled = connection.sent < connection.batch.size();
  if (stalled != connection.stalled) {
    connection.stalled = stalled;
    Watch(connection, EPOLL_CTL_MOD);
  }
  return absl::OkStatus();
}

absl::Status LoadGenerator::TakeReplies(Connection& connection, LoadResult& result) {
  const absl::StatusOr<std::string_view> bytes =
      connection.socket.Receive(received_.data(), received_.size());
  if (!bytes.ok()) return bytes.status();
  ReplyCounter& counter = connection.replies;
  const uint64_t nils_before = counter.nils();
  const size_t replies = counter.Feed(*bytes);
  if (counter.broken()) return absl::InternalError("the server's reply is not RESP2");
  if (counter.errors() > 0) {
    return absl::InternalError("the server answered " + counter.first_error());
  }
  if (replies > connection.awaited) return absl::InternalError("more replies than requests");
  result.commands += replies;
  result.nils += counter.nils() - nils_before;
  connection.awaited -= replies;
  if (replies > 0 && connection.awaited == 0) --busy_;
  return absl::OkStatus();
}

}  // namespace dcs::bench
