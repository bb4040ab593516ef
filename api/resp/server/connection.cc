#include "api/resp/server/connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "api/resp/protocol/reply.h"

namespace dcs::resp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr size_t kReadBytes = size_t{16} << 10;           // room for a read, at least
constexpr size_t kBatchBytes = OutputQueue::kBlockBytes;  // replies worth a write of their own
constexpr size_t kKeptInputBytes = kReadBytes;            // of an idle connection
constexpr size_t kKeptOutputBytes = size_t{16} << 10;
// Bytes of replies made, and bytes written, before the thread's other connections have their turn.
constexpr size_t kTurnMade = size_t{128} << 10;
constexpr size_t kTurnWritten = size_t{1} << 20;

std::string Describe(const asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  const std::string port = ":" + std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]" + port : host + port;
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerState> state, Socket socket, DescriptorPlace place,
                       size_t output_bound_bytes, SSL_CTX* tls)
    : state_(std::move(state)),
      client_(std::make_shared<Client>(state_->clients.NextId(), state_->node.clock.Now())),
      output_bound_bytes_(output_bound_bytes),
      executor_(socket.get_executor()),
      socket_(std::move(socket)),
      place_(std::move(place)),
      timer_(socket_.get_executor()),
      tls_(tls == nullptr ? nullptr : std::make_unique<TlsSession>(tls)) {}

// The registry does not own the connection: one whose operations are lost must not stay listed.
Connection::~Connection() {
  if (!closed_) state_->clients.Remove(client_->id);
}

void Connection::Start(std::chrono::milliseconds handshake_timeout) {
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
  client_->close_if_idle = [weak = weak_from_this()] {
    if (const std::shared_ptr<Connection> self = weak.lock()) self->CloseIfIdle();
  };
  state_->clients.Add(client_);
  asio::post(executor_, Locked([handshake_timeout](Connection& self) {
               if (self.tls_ != nullptr) self.ExpectHandshake(handshake_timeout);
               self.Proceed();
             }));
}

void Connection::Close() {
  if (close_asked_.exchange(true)) return;
  asio::post(executor_,
             api::WithMemory(close_memory_, Locked([](Connection& self) { self.Shut(); })));
}

void Connection::CloseIfIdle() {
  try {
    asio::post(executor_, Locked([](Connection& self) {
                 if (self.closed_) return;
                 if (self.TakesOutput()) return self.NoteInteraction();
                 self.Shut();
               }));
  } catch (const std::bad_alloc&) {
    // The next search for idle clients finds it again.
  }
}

// Returns whether bytes are on their way to the client, and fewer than when this was last asked.
bool Connection::TakesOutput() {
  int on_their_way = 0;
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &on_their_way) != 0) return false;
  const uint64_t taken = sent_bytes_ - static_cast<uint64_t>(on_their_way);
  return on_their_way > 0 && taken != std::exchange(taken_bytes_, taken);
}

void Connection::ExpectHandshake(std::chrono::milliseconds timeout) {
  timer_.expires_after(timeout);
  timer_.async_wait(Locked([](Connection& self, error_code error) {
    if (!error && !self.tls_->handshake_ended()) self.Shut();
  }));
}

// A client rarely sends again right after a reply, so other connections are served first.
void Connection::ReadSoon() {
  if (reading_ || input_ended_ || closed_) return;
  reading_ = true;
  asio::post(executor_, Locked([](Connection& self) { self.Read(); }));
}

void Connection::Read() {
  if (closed_) return;
  const std::span<char> room = (tls_ == nullptr ? input_ : encrypted_).Prepare(kReadBytes);
  socket_.async_read_some(asio::buffer(room.data(), room.size()),
                          Locked([](Connection& self, error_code error, size_t received) {
                            self.reading_ = false;
                            self.OnRead(error, received);
                          }));
}

void Connection::OnRead(error_code error, size_t received) {
  if (closed_) return;
  if (error && error != asio::error::eof) return Shut();
  input_ended_ = error == asio::error::eof;
  Counters::Add(state_->counters.reads_processed);
  Counters::Add(state_->counters.net_input_bytes, received);
  if (!TakeInput(received)) return Shut();
  const int64_t limit = state_->settings.query_buffer_limit_bytes.load(std::memory_order_relaxed);
  const size_t taken = input_.unread().size() + parser_.argument_bytes();
  if (taken > static_cast<size_t>(limit)) return Shut();
  Proceed();
}

// A client that takes its replies is not idle (CONFIG SET timeout). For one that sends, Executor notes it.
void Connection::NoteInteraction() {
  client_->last_active.store(state_->node.clock.Now(), std::memory_order_relaxed);
}

// Returns false if the client's bytes are not TLS. Shut then sends the alert.
bool Connection::TakeInput(size_t received) {
  if (tls_ == nullptr) {
    input_.Commit(received);
    return true;
  }
  encrypted_.Commit(received);
  const bool shaking_hands = !tls_->handshake_ended();
  const absl::Status status = tls_->Receive(encrypted_.unread(), input_);
  encrypted_.Consume(received);
  if (shaking_hands && tls_->handshake_ended()) timer_.cancel();
  input_ended_ = input_ended_ || tls_->input_ended();
  return status.ok();
}

// Executes and writes until the connection must wait for something. Called whenever something has
// changed.
void Connection::Proceed() {
  if (closed_ || sleeping_) return;
  may_make_ = kTurnMade;
  may_write_ = kTurnWritten;
  while (true) {
    const Stop stop = ExecuteInput();
    if (closed_ || sleeping_ || !Flush()) return;
    switch (stop) {
      case Stop::kOutputFull:
        if (pending() >= output_bound_bytes_) return;  // until the client has taken some of it
        if (may_make_ == 0) return Yield();
        continue;
      case Stop::kHeld:
        if (!state_->hold.raised()) continue;
        return WaitForHold();
      case Stop::kNeedsInput:
        if (input_ended_) break;
        if (pending() >= output_bound_bytes_) return;
        ReleaseBuffers();
        return ReadSoon();
      case Stop::kClosing:
        break;
    }
    // Nothing more to do but to write the rest.
    if (pending() == 0) Shut();
    return;
  }
}

// Executes what the input holds until something stops it.
Connection::Stop Connection::ExecuteInput() {
  // While a write waits, more writes cannot help: replies gather up to the bound.
  const size_t before = pending();
  const size_t enough = std::min(
      waiting_for_output_ ? output_bound_bytes_ : std::min(kBatchBytes, output_bound_bytes_),
      before + may_make_);
  Batch batch;
  if (interrupted_ != nullptr) batch = std::move(*std::exchange(interrupted_, nullptr));
  std::optional<Stop> stop;
  while (!stop) stop = ExecuteBatch(batch, enough);
  if (!batch.empty()) interrupted_ = std::make_unique<Batch>(std::move(batch));
  may_make_ -= std::min(may_make_, pending() - before);
  client_->input_bytes.store(input_.unread().size(), std::memory_order_relaxed);
  client_->input_capacity.store(input_.capacity(), std::memory_order_relaxed);
  client_->output_bytes.store(pending(), std::memory_order_relaxed);
  return *stop;
}

// Executes the batch, a new one if it is empty. Returns nothing if the next may follow at once.
std::optional<Connection::Stop> Connection::ExecuteBatch(Batch& batch, size_t enough) {
  if (batch.empty()) ReadAhead(batch);
  Executor executor(*state_, *client_);
  while (true) {
    // Once a close was asked for, what the client sends has no effect: a reset relies on it.
    if (client_->close_after_reply || close_asked_.load()) return Stop::kClosing;
    if (pending() >= enough) return Stop::kOutputFull;
    if (state_->hold.raised()) return Stop::kHeld;
    if (batch.empty()) break;
    if (const std::optional<Stop> stop = Execute(batch.Take(), executor)) return stop;
  }
  if (batch.ended() == Parser::Outcome::kIncomplete) return Stop::kNeedsInput;
  if (batch.ended() == Parser::Outcome::kCommand) return std::nullopt;
  Reply(output_.open()).Error("ERR " + parser_.error());
  client_->close_after_reply = true;
  return Stop::kClosing;
}

void Connection::Yield() {
  if (yielded_) return;
  asio::post(executor_, Locked([](Connection& self) {
               self.yielded_ = false;
               self.Proceed();
             }));
  yielded_ = true;
}

void Connection::ReadAhead(Batch& batch) {
  ParserLimits limits;
  limits.max_bulk_bytes = state_->settings.proto_max_bulk_bytes.load(std::memory_order_relaxed);
  limits.authenticated = client_->authenticated;
  batch.Fill(parser_, input_.unread(), limits, state_->node.keyspace);
}

// Returns nothing if the next may follow at once.
std::optional<Connection::Stop> Connection::Execute(const Request& request, Executor& executor) {
  Reply reply(output_.open(), client_->protocol.load(std::memory_order_relaxed));
  if (!request.args.empty()) executor.Execute(request, reply);
  output_.CloseLarge();
  input_.Consume(request.input_bytes);
  if (client_->close_at_once) {
    Shut();
    return Stop::kClosing;
  }
  if (client_->hold_us) {
    Sleep(*client_->hold_us);
    client_->hold_us.reset();
    return Stop::kHeld;
  }
  return std::nullopt;
}

void Connection::WaitForHold() {
  if (waiting_for_hold_) return;
  const bool waits = state_->hold.Wait([self = shared_from_this()] {
    try {
      asio::post(self->executor_, self->Locked([](Connection& held) {
        held.waiting_for_hold_ = false;
        held.Proceed();
      }));
    } catch (const std::bad_alloc&) {
      self->Close();
    }
  });
  if (!waits) return Proceed();
  waiting_for_hold_ = true;
}

// The hold ends with the timer, or when the server stops.
void Connection::Sleep(int64_t microseconds) {
  timer_.expires_after(std::chrono::microseconds(microseconds));
  timer_.async_wait(Locked([](Connection& self, error_code) {
    self.sleeping_ = false;
    self.state_->hold.End();
    self.Proceed();
  }));
  // Only now: without the timer nothing would end the hold. The handler waits for the mutex.
  sleeping_ = true;
  state_->hold.Raise();
}

// Writes what the system takes and waits for the rest. Returns false if the connection is lost.
bool Connection::Flush() {
  if (waiting_for_output_) return true;
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
  client_->output_bytes.store(pending(), std::memory_order_relaxed);
  return true;
}

// What the socket is to take next: replies, or with TLS a bounded part of them, encrypted. Empty: there
// is nothing to write now. Returns nothing if the TLS session is broken.
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
                       self.waiting_for_output_ = false;
                       if (!error) self.Proceed();
                     }));
  waiting_for_output_ = true;
}

void Connection::ReleaseBuffers() {
  if (!reading_) input_.Release(kKeptInputBytes);
  output_.Release(kKeptOutputBytes);
  if (tls_ != nullptr) tls_->Release(kKeptOutputBytes);
}

// Does not throw.
void Connection::Shut() {
  if (closed_) return;
  closed_ = true;
  state_->clients.Remove(client_->id);
  if (tls_ != nullptr && !waiting_for_output_) SayEnd();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  place_.reset();
  timer_.cancel();
}

// Sends TLS's last message as far as the system takes it.
void Connection::SayEnd() {
  try {
    tls_->End();
    error_code ignored;
    socket_.write_some(asio::buffer(tls_->output()), ignored);
  } catch (const std::bad_alloc&) {
    // The client sees a truncated connection.
  }
}

}  // namespace dcs::resp
