// How a connection's replies and messages reach its socket.
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <utility>

#include "api/resp/server/connection.h"

namespace dcs::resp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Memory of an idle connection.
constexpr size_t kKeptInputBytes = size_t{16} << 10;
constexpr size_t kKeptOutputBytes = size_t{16} << 10;
constexpr size_t kKeptDeliveries = 256;

}  // namespace

// Writes what the system takes and waits for the rest. Returns false if the connection is lost.
bool Connection::Flush() {
  if (write_waits_) return true;
  while (true) {
    const std::optional<std::string_view> next = NextToWrite();
    if (!next) {
      Shut();
      return false;
    }
    if (next->empty()) break;
    if (may_write_ == 0) {
      WaitForOutput();
      break;
    }
    error_code error;
    const size_t sent =
        socket_.write_some(asio::buffer(next->data(), std::min(next->size(), may_write_)), error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      WaitForOutput();
      break;
    }
    if (error) {
      Shut();
      return false;
    }
    TakeOff(sent);
    sent_bytes_ += sent;
    NoteInteraction();
    may_write_ -= sent;
    Counters::Add(state_->counters.writes_processed);
    Counters::Add(state_->counters.net_output_bytes, sent);
  }
  PublishOutput();
  if (over_soft_limit_since_s_ && OverOutputLimit()) {
    Shut();
    return false;
  }
  return true;
}

// What the socket is to take next: replies, or with TLS a bounded part of them, encrypted. Empty:
// there is nothing to write now. Returns nothing if the TLS session is broken.
std::optional<std::string_view> Connection::NextToWrite() {
  const std::string_view plain = output_.front();
  if (tls_ == nullptr) return plain;
  const absl::StatusOr<size_t> encrypted = tls_->Send(plain);
  if (!encrypted.ok()) return std::nullopt;
  output_.Consume(*encrypted);
  return tls_->output();
}

void Connection::TakeOff(size_t written) {
  if (tls_ != nullptr) return tls_->Wrote(written);
  output_.Consume(written);
}

void Connection::WaitForOutput() {
  socket_.async_wait(Socket::wait_write, Locked([](Connection& self, error_code error) {
                       self.write_waits_ = false;
                       if (!error) self.Proceed();
                     }));
  write_waits_ = true;
}

// Between two replies: moves what other threads have delivered to the output, and writes the reply
// of a blocked command where its event stands among the messages. Closes the connection if that
// exceeds a limit.
void Connection::TakeDeliveries() {
  if (client_->deliveries.waiting()) {
    client_->deliveries.Take(taken_);
    for (Deliveries::Item& item : taken_) {
      if (item == nullptr) {
        Resume();
      } else {
        output_.Append(std::move(item));
      }
    }
    taken_.clear();
    if (taken_.capacity() > kKeptDeliveries) taken_ = {};
    PublishOutput();
  }
  least_over_limit_ = state_->settings.output_limits.LeastBytes(client_->client_class);
  if (pending() >= least_over_limit_ && OverOutputLimit()) Shut();
}

// Notes since when the soft limit is exceeded, in whole seconds of the clock as in Redis.
bool Connection::OverOutputLimit() {
  const OutputLimit limit = state_->settings.output_limits.Of(client_->client_class);
  if (!limit.OverSoft(pending())) {
    over_soft_limit_since_s_.reset();
  } else {
    const store::TimeMs now_s = state_->node.clock.Now() / 1000;
    if (!over_soft_limit_since_s_) over_soft_limit_since_s_ = now_s;
    if (now_s - *over_soft_limit_since_s_ > limit.soft_seconds) return true;
  }
  return limit.OverHard(pending());
}

void Connection::PublishOutput() {
  client_->output_bytes.store(pending(), std::memory_order_relaxed);
  client_->output_blocks.store(output_.closed_blocks(), std::memory_order_relaxed);
}

// Returns whether bytes are on their way to the client, and fewer than when this was last asked.
bool Connection::TakesOutput() {
  int on_their_way = 0;
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &on_their_way) != 0) return false;
  const uint64_t taken = sent_bytes_ - static_cast<uint64_t>(on_their_way);
  return on_their_way > 0 && taken != std::exchange(taken_bytes_, taken);
}

void Connection::ReleaseBuffers() {
  if (!reading_) input_.Release(kKeptInputBytes);
  output_.Release(kKeptOutputBytes);
  if (tls_ != nullptr) tls_->Release(kKeptOutputBytes);
}

}  // namespace dcs::resp
