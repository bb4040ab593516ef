// One client's connection: reads bytes, executes commands, writes replies.
//
// The commands of one read are executed in order, in batches (batch.h), and their replies leave in
// one write. If the client does not take its replies, the connection goes on reading and executing
// until `output_bound_bytes` of them wait. Then it reads nothing more (backpressure), so a client
// costs at most the bound and one reply. An idle connection holds a few KiB.
//
// TLS: input is decrypted as it is read. Output is encrypted just ahead of the socket
// (tls_session.h): the bound counts the plain bytes that wait and the encrypted ones. A client whose
// handshake takes longer than `handshake_timeout` is disconnected. Without TLS this costs one branch
// per read and write.
//
// Fairness: after 128 KiB of replies made, or 1 MiB written, the thread serves its other connections first.
//
// Failed allocations: one that fails in a command ends the command with an error (executor.h). Any
// other closes this connection only. Close needs no allocation.
//
// Thread safety: Start and Close may be called from any thread. Everything private runs under the
// mutex. (A strand in its place costs 2 % of an unpipelined command's time. A thread waits for the
// mutex only to close the connection, or to write while another executes its commands.)
// Lifetime: owned by its pending operations. Destroyed once it is closed and they have ended, or
// once it has none left.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "api/descriptor_budget.h"
#include "api/handler_memory.h"
#include "api/resp/protocol/input_buffer.h"
#include "api/resp/protocol/output_queue.h"
#include "api/resp/protocol/parser.h"
#include "api/resp/server/batch.h"
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
  // Closes it from outside. Replies not yet written are lost. Does not throw.
  void Close();
  // Closes it, unless some of the replies are on their way and the client's system has taken more of them
  // since the last call. Then the client counts as active now. Does not throw; does nothing without memory.
  void CloseIfIdle();

 private:
  enum class Stop { kNeedsInput, kOutputFull, kHeld, kClosing };

  // A handler that calls work(*this, arguments...) under the mutex. Keeps the connection until then.
  // An allocation that fails in it closes the connection.
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

  void ExpectHandshake(std::chrono::milliseconds timeout);
  void ReadSoon();
  void Read();
  void OnRead(boost::system::error_code error, size_t received);
  void NoteInteraction();
  bool TakesOutput();
  bool TakeInput(size_t received);
  void Proceed();
  Stop ExecuteInput();
  std::optional<Stop> ExecuteBatch(Batch& batch, size_t enough);
  void Yield();
  void ReadAhead(Batch& batch);
  std::optional<Stop> Execute(const Request& request, Executor& executor);
  void WaitForHold();
  void Sleep(int64_t microseconds);
  bool Flush();
  std::optional<std::string_view> NextToWrite();
  void TakeOff(size_t written);
  void WaitForOutput();
  void ReleaseBuffers();
  void Shut();
  void SayEnd();
  // Bytes of replies that the system has not taken.
  size_t pending() const { return output_.size() + (tls_ == nullptr ? 0 : tls_->output().size()); }

  const std::shared_ptr<ServerState> state_;
  const std::shared_ptr<Client> client_;
  const size_t output_bound_bytes_;
  const IoExecutor executor_;

  std::atomic<bool> close_asked_{false};
  api::HandlerMemory close_memory_;

  std::mutex mutex_;  // guards all that follows
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
  std::unique_ptr<Batch> interrupted_;  // the rest of a batch that could not be executed at once
  OutputQueue output_;                  // replies not yet written, with TLS not yet encrypted

  uint64_t sent_bytes_ = 0;   // to the socket
  uint64_t taken_bytes_ = 0;  // of those: by the client's system, when TakesOutput was last asked
  // Bytes until other connections are served: of replies to make, and to write.
  size_t may_make_ = 0;
  size_t may_write_ = 0;

  bool reading_ = false;  // into input_ or encrypted_
  bool yielded_ = false;
  bool waiting_for_output_ = false;
  bool waiting_for_hold_ = false;
  bool sleeping_ = false;
  bool input_ended_ = false;  // the client will send no more, but may still read
  bool closed_ = false;
};

}  // namespace dcs::resp
