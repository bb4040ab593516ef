#include "api/resp/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <new>
#include <string>
#include <utility>

#include "api/resp/executor.h"
#include "api/resp/reply.h"

namespace dcs::resp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr size_t kReadBytes = size_t{16} << 10;    // room for a read, at least
constexpr size_t kBatchBytes = size_t{256} << 10;  // replies that are worth a write of their own
constexpr size_t kKeptInputBytes = kReadBytes;     // of an idle connection
constexpr size_t kKeptOutputBytes = size_t{16} << 10;
constexpr size_t kCompactBytes = size_t{1} << 20;  // written bytes worth moving the rest for

std::string Describe(const asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  const std::string port = ":" + std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]" + port : host + port;
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerState> state, Socket socket, size_t output_bound_bytes)
    : state_(std::move(state)),
      client_(std::make_shared<Client>(state_->clients.NextId(), state_->node.clock.Now())),
      output_bound_bytes_(output_bound_bytes),
      socket_(std::move(socket)),
      sleep_timer_(socket_.get_executor()) {}

void Connection::Start() {
  error_code error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  socket_.set_option(asio::socket_base::keep_alive(true), error);
  socket_.non_blocking(true, error);
  client_->authenticated = !state_->settings.password_needed();
  client_->descriptor = socket_.native_handle();
  client_->address = Describe(socket_.remote_endpoint(error));
  client_->local_address = Describe(socket_.local_endpoint(error));
  client_->close = [weak = weak_from_this()] {
    if (const std::shared_ptr<Connection> self = weak.lock()) self->Close();
  };
  state_->clients.Add(client_);
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->WaitForInput(); });
}

void Connection::Close() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Shut(); });
}

void Connection::WaitForInput() {
  if (waiting_for_input_ || input_ended_ || closed_) return;
  waiting_for_input_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code error) {
    self->waiting_for_input_ = false;
    if (!error) self->OnReadable();
  });
}

void Connection::OnReadable() {
  if (closed_) return;
  try {
    const std::span<char> room = input_.Prepare(kReadBytes);
    error_code error;
    const size_t received = socket_.read_some(asio::buffer(room.data(), room.size()), error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      return WaitForInput();
    }
    if (error && error != asio::error::eof) return Shut();
    input_ended_ = error == asio::error::eof;
    input_.Commit(received);
    Counters::Add(state_->counters.reads_processed);
    Counters::Add(state_->counters.net_input_bytes, received);
  } catch (const std::bad_alloc&) {
    return Shut();
  }
  const int64_t limit = state_->settings.query_buffer_limit_bytes.load(std::memory_order_relaxed);
  if (input_.unread().size() > static_cast<size_t>(limit)) return Shut();
  Proceed();
}

// Goes on with whatever can be gone on with. Called whenever something has changed.
void Connection::Proceed() {
  if (closed_ || sleeping_) return;
  try {
    ExecuteAndWrite();
  } catch (const std::bad_alloc&) {
    Shut();
  }
}

void Connection::ExecuteAndWrite() {
  while (true) {
    const Stop stop = ExecuteBatch();
    if (closed_ || sleeping_ || !Flush()) return;
    switch (stop) {
      case Stop::kBatchFull:
        if (pending() < output_bound_bytes_) continue;
        return;  // until the client has taken some of it
      case Stop::kHeld:
        if (!state_->hold.raised()) continue;
        return WaitForHold();
      case Stop::kNeedsInput:
        if (input_ended_) break;
        if (pending() >= output_bound_bytes_) return;
        ReleaseBuffers();
        return WaitForInput();
      case Stop::kClosing:
        break;
    }
    // Nothing more to do but to write the rest.
    if (pending() == 0) Shut();
    return;
  }
}

Connection::Stop Connection::ExecuteBatch() {
  ParserLimits limits;
  limits.max_bulk_bytes = state_->settings.proto_max_bulk_bytes.load(std::memory_order_relaxed);
  // While a write waits, more writes cannot help: replies gather up to the bound.
  const size_t enough =
      waiting_for_output_ ? output_bound_bytes_ : std::min(kBatchBytes, output_bound_bytes_);
  Stop stop = Stop::kBatchFull;
  while (stop == Stop::kBatchFull && pending() < enough) stop = ExecuteNext(limits);
  client_->input_bytes.store(input_.unread().size(), std::memory_order_relaxed);
  client_->input_capacity.store(input_.capacity(), std::memory_order_relaxed);
  client_->output_bytes.store(pending(), std::memory_order_relaxed);
  return stop;
}

// kBatchFull where the next command may follow at once.
Connection::Stop Connection::ExecuteNext(ParserLimits& limits) {
  if (client_->close_after_reply) return Stop::kClosing;
  if (state_->hold.raised()) return Stop::kHeld;
  limits.authenticated = client_->authenticated;
  Reply reply(output_, client_->protocol.load(std::memory_order_relaxed));
  switch (parser_.Next(input_.unread(), limits)) {
    case Parser::Outcome::kIncomplete:
      return Stop::kNeedsInput;
    case Parser::Outcome::kError:
      reply.Error("ERR " + parser_.error());
      client_->close_after_reply = true;
      return Stop::kClosing;
    case Parser::Outcome::kCommand:
      break;
  }
  if (!parser_.arguments().empty()) Execute(*state_, *client_, parser_.arguments(), reply);
  input_.Consume(parser_.consumed());
  if (client_->close_at_once) {
    Shut();
    return Stop::kClosing;
  }
  if (client_->hold_us) {
    Sleep(*client_->hold_us);
    client_->hold_us.reset();
    return Stop::kHeld;
  }
  return Stop::kBatchFull;
}

void Connection::WaitForHold() {
  if (waiting_for_hold_) return;
  const bool waits = state_->hold.Wait([self = shared_from_this()] {
    asio::post(self->socket_.get_executor(), [self] {
      self->waiting_for_hold_ = false;
      self->Proceed();
    });
  });
  if (!waits) return Proceed();
  waiting_for_hold_ = true;
}

// The hold ends with the timer, or when the server stops.
void Connection::Sleep(int64_t microseconds) {
  sleeping_ = true;
  state_->hold.Raise();
  sleep_timer_.expires_after(std::chrono::microseconds(microseconds));
  sleep_timer_.async_wait([self = shared_from_this()](error_code) {
    self->sleeping_ = false;
    self->state_->hold.End();
    self->Proceed();
  });
}

// Writes what the system takes and waits for the rest. Returns false where the connection is lost.
bool Connection::Flush() {
  if (waiting_for_output_) return true;
  while (pending() > 0) {
    error_code error;
    const size_t sent =
        socket_.write_some(asio::buffer(output_.data() + written_, pending()), error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      WaitForOutput();
      break;
    }
    if (error) {
      Shut();
      return false;
    }
    written_ += sent;
    Counters::Add(state_->counters.writes_processed);
    Counters::Add(state_->counters.net_output_bytes, sent);
  }
  if (pending() == 0) {
    output_.clear();
    written_ = 0;
  } else if (written_ > kCompactBytes && written_ > output_.size() / 2) {
    output_.erase(0, written_);
    written_ = 0;
  }
  client_->output_bytes.store(pending(), std::memory_order_relaxed);
  return true;
}

void Connection::WaitForOutput() {
  waiting_for_output_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](error_code error) {
    self->waiting_for_output_ = false;
    if (!error) self->Proceed();
  });
}

void Connection::ReleaseBuffers() {
  input_.Release(kKeptInputBytes);
  if (output_.empty() && output_.capacity() > kKeptOutputBytes) std::string().swap(output_);
}

void Connection::Shut() {
  if (closed_) return;
  closed_ = true;
  state_->clients.Remove(client_->id);
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  sleep_timer_.cancel();
}

}  // namespace dcs::resp
