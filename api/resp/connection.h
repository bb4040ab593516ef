// One client's connection: bytes in, commands executed, replies out.
//
// The commands that one read brought are executed one after another, in batches (batch.h), and their
// replies leave in one write. While the client does not take its replies, commands go on being read
// and executed until `output_bound_bytes` of them wait; then nothing more is read (backpressure), so
// a client costs at most that and one reply. An idle connection holds a few KiB.
//
// With TLS the same, only that what comes is decrypted on its way into the input, and what goes is
// encrypted on its way out (tls_session.h). Without, that costs a comparison a read and a write.
//
// Thread safety: Start and Close may be called from any thread. Everything private is called under
// the mutex. (A strand in its place takes a fiftieth of an unpipelined command's time. A thread waits
// for the mutex only to close the connection, or to write, while another executes its commands.)
// Lifetime: owned by the operations under way; gone when closed and they have ended.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/resp/batch.h"
#include "api/resp/executor.h"
#include "api/resp/input_buffer.h"
#include "api/resp/parser.h"
#include "api/resp/server_state.h"
#include "api/resp/tls_session.h"

namespace dcs::resp {

using IoExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `tls`, which must outlive it, is nullptr where the client speaks in the clear.
  Connection(std::shared_ptr<ServerState> state, Socket socket, size_t output_bound_bytes,
             SSL_CTX* tls = nullptr);

  // Registers the client and begins to read.
  void Start();
  // Ends it from outside; replies not yet written are lost.
  void Close();

 private:
  enum class Stop { kNeedsInput, kOutputFull, kHeld, kClosing };

  // A handler that calls work(*this, arguments...) under the mutex. Keeps the connection until then.
  template <typename Work>
  auto Locked(Work work) {
    return [self = shared_from_this(), work](auto... arguments) {
      const std::lock_guard lock(self->mutex_);
      work(*self, arguments...);
    };
  }

  void ReadSoon();
  void Read();
  void OnRead(boost::system::error_code error, size_t received);
  bool TakeInput(size_t received);
  void Proceed();
  void ExecuteAndWrite();
  Stop ExecuteInput();
  std::optional<Stop> ExecuteBatch(Batch& batch, size_t enough);
  void ReadAhead(Batch& batch);
  std::optional<Stop> Execute(const Request& request, Executor& executor);
  void WaitForHold();
  void Sleep(int64_t microseconds);
  bool Flush();
  void WaitForOutput();
  void ReleaseBuffers();
  void Shut();
  // What the socket is to take: the replies, or what TLS has made of them.
  std::string& wire() { return tls_ == nullptr ? output_ : tls_->output(); }
  size_t pending() { return wire().size() - written_ + (tls_ == nullptr ? 0 : output_.size()); }

  const std::shared_ptr<ServerState> state_;
  const std::shared_ptr<Client> client_;
  const size_t output_bound_bytes_;
  const IoExecutor executor_;

  std::mutex mutex_;  // guards all that follows
  Socket socket_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>
      sleep_timer_;

  const std::unique_ptr<TlsSession> tls_;  // nullptr: none
  InputBuffer encrypted_;                  // where there is TLS: what is being read
  InputBuffer input_;
  Parser parser_;
  std::unique_ptr<Batch> interrupted_;  // what is left of one that could not be executed at once
  std::string output_;
  size_t written_ = 0;  // of wire()

  bool reading_ = false;  // into input_ or encrypted_
  bool waiting_for_output_ = false;
  bool waiting_for_hold_ = false;
  bool sleeping_ = false;
  bool input_ended_ = false;  // the client will send no more, but may still read
  bool closed_ = false;
};

}  // namespace dcs::resp
