// One client's connection: reads bytes, executes commands, writes replies and messages.
//
// The commands of one read are executed in order, in batches (batch.h), and their replies leave in
// one write. What the connection does is one state (connection_state.h); connection.cc has its
// transitions, connection_output.cc its output.
//
// Backpressure: if the client does not take its replies, the connection goes on reading and
// executing until `output_bound_bytes` of them wait. Then it reads nothing more, so a client costs
// at most the bound and one reply. Messages (Client::Deliver) are not bounded by that, but by the
// output limit of its class (output_limits.h), which disconnects it. An idle connection holds a few
// KiB.
//
// TLS: input is decrypted as it is read. Output is encrypted just ahead of the socket
// (tls_session.h): the bound counts the plain bytes that wait and the encrypted ones. A client
// whose handshake takes longer than `handshake_timeout` is disconnected. Without TLS this costs one
// branch per read and write.
//
// Fairness: after 128 KiB of replies made, or 1 MiB written, the thread serves its other
// connections first.
//
// Failed allocations: one that fails in a command ends the command with an error (executor.h). Any
// other closes this connection only. Close and Notify need no allocation.
//
// Thread safety: the public members may be called from any thread. Close and Notify take no lock.
// Everything private runs under the mutex. (A strand in its place costs 2 % of an unpipelined
// command's time. A thread waits for the mutex only to close the connection, or to write while
// another executes its commands.)
// Lifetime: owned by its pending operations. Destroyed once it is closed and they have ended, or
// once it has none left.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/descriptor_budget.h"
#include "api/handler_memory.h"
#include "api/resp/protocol/input_buffer.h"
#include "api/resp/protocol/output_queue.h"
#include "api/resp/protocol/parser.h"
#include "api/resp/server/batch.h"
#include "api/resp/server/connection_state.h"
#include "api/resp/server/executor.h"
#include "api/resp/server/server_state.h"
#include "api/resp/server/tls_session.h"

namespace dcs::resp {

using IoExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using DescriptorPlace = std::optional<api::DescriptorBudget::Place>;

  // `tls` must outlive the connection; nullptr: the client does not use TLS. `place` is returned
  // when the socket is closed. Throws std::bad_alloc; the socket is then closed.
  Connection(std::shared_ptr<ServerState> state, Socket socket, DescriptorPlace place,
             size_t output_bound_bytes, SSL_CTX* tls = nullptr);
  // Closes, if nothing has.
  ~Connection();

  // Registers the client and begins to read. Throws std::bad_alloc; the connection is then closed
  // when its last owner lets go of it. `handshake_timeout` is used with TLS only.
  void Start(std::chrono::milliseconds handshake_timeout);
  // Closes it soon. From now on no command is begun, and replies not yet written are lost. Does not
  // throw.
  void Close();
  // Closes it soon, unless it is exempt (blocked, or of pub/sub), or some output is on its way and
  // the client's system has taken more of it since the last call. Then the client counts as active
  // now. Does not throw; does nothing without memory.
  void CloseIfIdle();
  // Takes what was delivered and checks the output limit soon. Does not throw.
  void Notify();

 private:
  // A handler that calls work(*this, arguments...) under the mutex. Keeps the connection until
  // then. An allocation that fails in it closes the connection.
  template <typename Work>
  auto Locked(Work work) {
    return [self = shared_from_this(), work](auto... arguments) {
      const std::lock_guard lock(self->mutex_);
      try {
        work(*self, arguments...);
      } catch (const std::bad_alloc&) {
        self->Shut();
      }
    };
  }
  ConnectionState now() const { return client_->state.load(std::memory_order_relaxed); }
  void Enter(ConnectionState state) { client_->state.store(state, std::memory_order_relaxed); }
  // The event that ends `state` has come: executes on, unless the connection has been closed
  // meanwhile.
  void Leave(ConnectionState state) {
    if (now() != state) return;
    Enter(ConnectionState::kExecuting);
    Proceed();
  }

  // States.
  void Proceed();
  bool Settle(bool entered);
  void Yield();
  bool WaitForHold();
  void Sleep(int64_t microseconds);
  void Block();
  void Resume();
  void Shut();
  void SayEnd();

  // Input.
  void ExpectHandshake(std::chrono::milliseconds timeout);
  void ReadSoon();
  void Read();
  void OnRead(boost::system::error_code error, size_t received);
  bool TakeInput(size_t received);
  void NoteInteraction();
  void PublishInput();

  // Execution. These return the state that execution ends with; nothing if it may go on at once.
  ConnectionState ExecuteInput();
  std::optional<ConnectionState> ExecuteBatch(Batch& batch, size_t enough);
  std::optional<ConnectionState> Execute(const Request& request, Executor& executor);
  void ReadAhead(Batch& batch);
  void ForgetBatch();

  // Output.
  bool Flush();
  bool TakesOutput();
  std::optional<std::string_view> NextToWrite();
  void TakeOff(size_t written);
  void WaitForOutput();
  void TakeDeliveries();
  bool OverOutputLimit();
  void PublishOutput();
  void ReleaseBuffers();
  // Bytes of output that the system has not taken.
  size_t pending() const { return output_.size() + (tls_ == nullptr ? 0 : tls_->output().size()); }

  const std::shared_ptr<ServerState> state_;
  const std::shared_ptr<Client> client_;  // holds the connection's state, for CLIENT LIST
  const size_t output_bound_bytes_;
  const IoExecutor executor_;

  std::atomic<bool> close_asked_{false};
  std::atomic<bool> notified_{false};  // and Notify's handler has not run yet
  api::HandlerMemory close_memory_, notify_memory_;

  std::mutex mutex_;  // guards all that follows, and Client::state
  Socket socket_;
  DescriptorPlace place_;
  // Ends a handshake that takes too long; later, ends Sleep.
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>
      timer_;

  const std::unique_ptr<TlsSession> tls_;  // nullptr: none
  InputBuffer encrypted_;                  // with TLS: what is being read
  InputBuffer input_;
  Parser parser_;
  // The rest of a batch that could not be executed at once. Its views end when input_ moves.
  std::unique_ptr<Batch> interrupted_;
  std::optional<Timeouts::Place> timeout_;  // of the blocked command

  OutputQueue output_;  // not yet written, with TLS not yet encrypted
  std::vector<Deliveries::Item> taken_;
  size_t least_over_limit_ = 0;  // with fewer bytes pending no output limit is exceeded
  std::optional<store::TimeMs> over_soft_limit_since_s_;
  uint64_t sent_bytes_ = 0;   // to the socket
  uint64_t taken_bytes_ = 0;  // of those: by the client's system, when TakesOutput was last asked
  // Bytes until other connections are served: of replies to make, and to write.
  size_t may_make_ = 0;
  size_t may_write_ = 0;

  // Operations under way, and a fact about the peer: none is a state.
  bool reading_ = false;      // into input_ or encrypted_
  bool write_waits_ = false;  // for the socket to take more
  bool input_ended_ = false;  // the client will send no more, but may still read
};

}  // namespace dcs::resp
