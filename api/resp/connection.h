// One client's connection: bytes in, commands executed, replies out.
//
// A batch is what one read brought: its commands are executed one after another and their replies
// leave in one write. While the client does not take its replies, commands go on being read and
// executed until `output_bound_bytes` of them wait; then nothing more is read (backpressure), so a
// client costs at most that and one reply. An idle connection holds a few KiB and no pending read
// into a buffer: it waits for its socket to become readable.
//
// Thread safety: Start and everything private run on the connection's strand, Close on any thread.
// Lifetime: owned by the operations under way; gone when closed and they have ended.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "api/resp/input_buffer.h"
#include "api/resp/parser.h"
#include "api/resp/server_state.h"

namespace dcs::resp {

using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Strand>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerState> state, Socket socket, size_t output_bound_bytes);

  // Registers the client and begins to read.
  void Start();
  // Ends it from outside; replies not yet written are lost.
  void Close();

 private:
  enum class Stop { kNeedsInput, kBatchFull, kHeld, kClosing };

  void WaitForInput();
  void OnReadable();
  void Proceed();
  void ExecuteAndWrite();
  Stop ExecuteBatch();
  Stop ExecuteNext(ParserLimits& limits);
  void WaitForHold();
  void Sleep(int64_t microseconds);
  bool Flush();
  void WaitForOutput();
  void ReleaseBuffers();
  void Shut();
  size_t pending() const { return output_.size() - written_; }

  const std::shared_ptr<ServerState> state_;
  const std::shared_ptr<Client> client_;
  const size_t output_bound_bytes_;
  Socket socket_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, Strand>
      sleep_timer_;

  InputBuffer input_;
  Parser parser_;
  std::string output_;
  size_t written_ = 0;  // of output_

  bool waiting_for_input_ = false;
  bool waiting_for_output_ = false;
  bool waiting_for_hold_ = false;
  bool sleeping_ = false;
  bool input_ended_ = false;  // the client will send no more, but may still read
  bool closed_ = false;
};

}  // namespace dcs::resp
