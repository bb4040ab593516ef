#include "api/resp/server/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "api/resp/commands/error_texts.h"
#include "api/resp/protocol/reply.h"

namespace dcs::resp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr size_t kReadBytes = size_t{16} << 10;           // room for a read, at least
constexpr size_t kBatchBytes = OutputQueue::kBlockBytes;  // replies worth a write of their own
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
  if (now() == ConnectionState::kClosed) return;
  state_->clients.Remove(client_->id);
  client_->deliveries.End();
  if (timeout_) state_->timeouts.Remove(*timeout_);
  if (client_->blocks()) client_->Unblock()->Cancel();
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
  client_->output_limits = &state_->settings.output_limits;
  client_->close = [weak = weak_from_this()] {
    if (const std::shared_ptr<Connection> self = weak.lock()) self->Close();
  };
  client_->close_if_idle = [weak = weak_from_this()] {
    if (const std::shared_ptr<Connection> self = weak.lock()) self->CloseIfIdle();
  };
  client_->notify = [weak = weak_from_this()] {
    if (const std::shared_ptr<Connection> self = weak.lock()) self->Notify();
  };
  state_->clients.Add(client_);
  asio::post(executor_, Locked([handshake_timeout](Connection& self) {
               if (self.tls_ != nullptr) self.ExpectHandshake(handshake_timeout);
               self.Leave(ConnectionState::kReading);
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
                 const ConnectionState now = self.now();
                 if (now == ConnectionState::kClosed || now == ConnectionState::kBlocked) return;
                 if (self.client_->client_class == ClientClass::kPubSub) return;
                 if (self.TakesOutput()) return self.NoteInteraction();
                 self.Shut();
               }));
  } catch (const std::bad_alloc&) {
    // The next search for idle clients finds it again.
  }
}

// One handler is enough for all calls before it runs, so its memory is free again.
void Connection::Notify() {
  if (notified_.exchange(true)) return;
  asio::post(executor_, api::WithMemory(notify_memory_, Locked([](Connection& self) {
                                          self.notified_.store(false);
                                          self.Proceed();
                                        })));
}

// ---- States -------------------------------------------------------------------------------------

// Takes deliveries, executes while that is the state, and writes. Called whenever something has
// changed.
void Connection::Proceed() {
  if (now() == ConnectionState::kClosed || now() == ConnectionState::kSleeping) return;
  may_make_ = kTurnMade;
  may_write_ = kTurnWritten;
  TakeDeliveries();
  bool executes;
  do {
    executes = now() == ConnectionState::kExecuting;
    if (executes) Enter(ExecuteInput());
    if (now() == ConnectionState::kClosed || now() == ConnectionState::kSleeping) return;
  } while (Flush() && Settle(executes));
}

// After a flush: waits for what ends the state, which execution has just entered or was left in.
// Returns whether to execute on at once.
bool Connection::Settle(bool entered) {
  switch (now()) {
    case ConnectionState::kFull:
      if (pending() >= output_bound_bytes_) return false;  // until the client has taken some of it
      if (may_make_ == 0) {
        Yield();
        return false;
      }
      Enter(ConnectionState::kExecuting);
      return true;
    case ConnectionState::kHeld:
      if (!entered || WaitForHold()) return false;
      Enter(ConnectionState::kExecuting);
      return true;
    case ConnectionState::kBlocked:
      // As in Redis, a client that has ended its sending waits for nothing.
      if (input_ended_) {
        Shut();
      } else {
        ReadSoon();
      }
      return false;
    case ConnectionState::kReading:
      if (input_ended_) {
        Enter(ConnectionState::kDraining);
        return true;
      }
      if (pending() >= output_bound_bytes_) {
        Enter(ConnectionState::kFull);
      } else {
        ReleaseBuffers();
        ReadSoon();
      }
      return false;
    case ConnectionState::kDraining:
      client_->deliveries.End();
      if (pending() == 0) Shut();
      return false;
    case ConnectionState::kExecuting:  // a delivery has resumed it
      return true;
    case ConnectionState::kYielded:
    case ConnectionState::kSleeping:
    case ConnectionState::kClosed:
      return false;
  }
  return false;
}

void Connection::Yield() {
  asio::post(executor_, Locked([](Connection& self) { self.Leave(ConnectionState::kYielded); }));
  Enter(ConnectionState::kYielded);
}

// Returns false if the node is not held any more.
bool Connection::WaitForHold() {
  return state_->hold.Wait([self = shared_from_this()] {
    try {
      asio::post(self->executor_,
                 self->Locked([](Connection& held) { held.Leave(ConnectionState::kHeld); }));
    } catch (const std::bad_alloc&) {
      self->Close();
    }
  });
}

// The hold ends with the timer, or when the server stops.
void Connection::Sleep(int64_t microseconds) {
  timer_.expires_after(std::chrono::microseconds(microseconds));
  timer_.async_wait(Locked([](Connection& self, error_code) {
    self.state_->hold.End();
    self.Leave(ConnectionState::kSleeping);
  }));
  // Only now: without the timer nothing would end the hold. The handler waits for the mutex.
  state_->hold.Raise();
}

void Connection::Block() {
  const std::optional<store::TimeMs> deadline = client_->blocked()->deadline();
  if (deadline) timeout_ = state_->timeouts.Add(*deadline, client_->blocked());
}

// Writes the reply of the blocked command. (There is none if its handler has failed meanwhile.)
void Connection::Resume() {
  if (!client_->blocks() || !client_->blocked()->finished()) return;
  const std::shared_ptr<BlockedCommand> command = client_->Unblock();
  if (timeout_) state_->timeouts.Remove(*std::exchange(timeout_, std::nullopt));
  Reply reply(output_.open(), client_->protocol.load(std::memory_order_relaxed));
  const size_t start = reply.mark();
  try {
    command->Write(reply);
  } catch (const std::bad_alloc&) {
    reply.Rewind(start);
    reply.Error(error_text::kNoMemory);
  }
  if (reply.IsErrorAt(start)) Counters::Add(state_->counters.error_replies);
  if (command->silent()) reply.Rewind(start);
  output_.CloseLarge();
  Enter(ConnectionState::kExecuting);
}

// Does not throw.
void Connection::Shut() {
  if (now() == ConnectionState::kClosed) return;
  Enter(ConnectionState::kClosed);
  state_->clients.Remove(client_->id);
  client_->deliveries.End();
  if (timeout_) state_->timeouts.Remove(*timeout_);
  if (client_->blocks()) client_->Unblock()->Cancel();
  if (tls_ != nullptr && !write_waits_) SayEnd();
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

// ---- Input --------------------------------------------------------------------------------------

void Connection::ExpectHandshake(std::chrono::milliseconds timeout) {
  timer_.expires_after(timeout);
  timer_.async_wait(Locked([](Connection& self, error_code error) {
    if (!error && !self.tls_->handshake_ended()) self.Shut();
  }));
}

// A client rarely sends again right after a reply, so other connections are served first.
void Connection::ReadSoon() {
  if (reading_) return;
  reading_ = true;
  asio::post(executor_, Locked([](Connection& self) { self.Read(); }));
}

void Connection::Read() {
  if (now() == ConnectionState::kClosed) return;
  if (tls_ == nullptr) ForgetBatch();  // Prepare may move the input
  const std::span<char> room = (tls_ == nullptr ? input_ : encrypted_).Prepare(kReadBytes);
  socket_.async_read_some(asio::buffer(room.data(), room.size()),
                          Locked([](Connection& self, error_code error, size_t received) {
                            self.reading_ = false;
                            self.OnRead(error, received);
                          }));
}

void Connection::OnRead(error_code error, size_t received) {
  if (now() == ConnectionState::kClosed) return;
  if (error && error != asio::error::eof) return Shut();
  input_ended_ = error == asio::error::eof;
  Counters::Add(state_->counters.reads_processed);
  Counters::Add(state_->counters.net_input_bytes, received);
  if (!TakeInput(received)) return Shut();
  const int64_t limit = state_->settings.query_buffer_limit_bytes.load(std::memory_order_relaxed);
  const size_t taken = input_.unread().size() + parser_.argument_bytes();
  if (taken > static_cast<size_t>(limit)) return Shut();
  if (now() == ConnectionState::kReading) Enter(ConnectionState::kExecuting);
  if (now() == ConnectionState::kBlocked) {
    NoteInteraction();
    PublishInput();
  }
  Proceed();
}

// A client that takes its replies is not idle (CONFIG SET timeout). For one that sends, Executor
// notes it.
void Connection::NoteInteraction() {
  client_->last_active.store(state_->node.clock.Now(), std::memory_order_relaxed);
}

// Returns false if the client's bytes are not TLS. Shut then sends the alert.
bool Connection::TakeInput(size_t received) {
  if (tls_ == nullptr) {
    input_.Commit(received);
    return true;
  }
  ForgetBatch();  // decrypting may move the input
  encrypted_.Commit(received);
  const bool shaking_hands = !tls_->handshake_ended();
  const absl::Status status = tls_->Receive(encrypted_.unread(), input_);
  encrypted_.Consume(received);
  if (shaking_hands && tls_->handshake_ended()) timer_.cancel();
  input_ended_ = input_ended_ || tls_->input_ended();
  return status.ok();
}

void Connection::PublishInput() {
  client_->input_bytes.store(input_.unread().size(), std::memory_order_relaxed);
  client_->input_capacity.store(input_.capacity(), std::memory_order_relaxed);
}

// ---- Execution ----------------------------------------------------------------------------------

// Executes what the input holds until something stops it.
ConnectionState Connection::ExecuteInput() {
  // While a write waits, more writes cannot help: replies gather up to the bound.
  const size_t before = pending();
  const size_t enough =
      std::min(write_waits_ ? output_bound_bytes_ : std::min(kBatchBytes, output_bound_bytes_),
               before + may_make_);
  Batch batch;
  if (interrupted_ != nullptr) batch = std::move(*std::exchange(interrupted_, nullptr));
  std::optional<ConnectionState> stop;
  while (!stop) stop = ExecuteBatch(batch, enough);
  if (!batch.empty()) interrupted_ = std::make_unique<Batch>(std::move(batch));
  may_make_ -= std::min(may_make_, pending() - before);
  PublishInput();
  PublishOutput();
  return *stop;
}

// Executes the batch, a new one if it is empty.
std::optional<ConnectionState> Connection::ExecuteBatch(Batch& batch, size_t enough) {
  if (batch.empty()) ReadAhead(batch);
  least_over_limit_ = state_->settings.output_limits.LeastBytes(client_->client_class);
  Executor executor(*state_, *client_);
  while (true) {
    // Once a close was asked for, what the client sends has no effect: a reset relies on it.
    if (client_->close_after_reply || close_asked_.load()) return ConnectionState::kDraining;
    if (pending() >= enough) return ConnectionState::kFull;
    if (state_->hold.raised()) return ConnectionState::kHeld;
    if (batch.empty()) break;
    if (const auto stop = Execute(batch.Take(), executor)) return stop;
  }
  if (batch.ended() == Parser::Outcome::kIncomplete) return ConnectionState::kReading;
  if (batch.ended() == Parser::Outcome::kCommand) return std::nullopt;
  Reply(output_.open()).Error("ERR " + parser_.error());
  client_->close_after_reply = true;
  return ConnectionState::kDraining;
}

std::optional<ConnectionState> Connection::Execute(const Request& request, Executor& executor) {
  Reply reply(output_.open(), client_->protocol.load(std::memory_order_relaxed));
  if (!request.args.empty()) executor.Execute(request, reply);
  output_.CloseLarge();
  input_.Consume(request.input_bytes);
  if (client_->close_at_once || (pending() >= least_over_limit_ && OverOutputLimit())) {
    Shut();
    return ConnectionState::kClosed;
  }
  if (client_->hold_us) {
    Sleep(*std::exchange(client_->hold_us, std::nullopt));
    return ConnectionState::kSleeping;
  }
  if (client_->blocks()) {
    Block();
    return ConnectionState::kBlocked;
  }
  if (client_->deliveries.waiting() && !client_->close_after_reply) TakeDeliveries();
  if (now() == ConnectionState::kClosed) return ConnectionState::kClosed;
  return std::nullopt;
}

void Connection::ReadAhead(Batch& batch) {
  ParserLimits limits;
  limits.max_bulk_bytes = state_->settings.proto_max_bulk_bytes.load(std::memory_order_relaxed);
  limits.authenticated = client_->authenticated;
  batch.Fill(parser_, input_.unread(), limits, state_->node.keyspace);
}

// What was found ahead is found again when it is to be executed.
void Connection::ForgetBatch() {
  if (interrupted_ == nullptr) return;
  interrupted_.reset();
  parser_.Restart();
}

}  // namespace dcs::resp
