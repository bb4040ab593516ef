#include "tools/serve/reset.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

namespace dcs::tools {
namespace {

constexpr std::chrono::milliseconds kRetryPause{1};
constexpr int kAttempts = 5'000;

}  // namespace

Reset::Reset(boost::asio::io_context& io, api::Lifecycle& lifecycle,
             std::function<void()> restart_clock, std::function<absl::Status()> launch)
    : lifecycle_(lifecycle),
      restart_clock_(std::move(restart_clock)),
      launch_(std::move(launch)),
      retry_(io) {}

Reset::~Reset() { freeing_.join(); }

void Reset::Run(Done done) {
  if (stopped_) return done(absl::UnavailableError("the server is shutting down"));
  const bool launching = !waiting_.empty();
  waiting_.push_back(std::move(done));
  Free(lifecycle_.RemoveAll("the simulator was reset"));
  restart_clock_();
  if (!launching) Launch(kAttempts);
}

// Connections that are still closing may hold a node longer; they find it empty.
void Reset::Free(std::vector<std::shared_ptr<api::Node>> nodes) {
  if (nodes.empty()) return;
  boost::asio::post(freeing_, [nodes = std::move(nodes)] {
    for (const auto& node : nodes) node->keyspace.Clear(store::FreeMode::kNow);
  });
}

void Reset::Launch(int attempts_left) {
  const absl::Status status = launch_();
  if (!absl::IsUnavailable(status) || attempts_left == 0) return Answer(status);
  retry_.expires_after(kRetryPause);
  retry_.async_wait([this, attempts_left](boost::system::error_code) {
    if (!stopped_) Launch(attempts_left - 1);
  });
}

void Reset::Answer(const absl::Status& status) {
  for (const Done& done : std::exchange(waiting_, {})) done(status);
}

void Reset::Stop() {
  stopped_ = true;
  retry_.cancel();
  Answer(absl::UnavailableError("the server is shutting down"));
}

}  // namespace dcs::tools
