// One end of a TLS connection without a socket: encrypted bytes in and out on one side, plain bytes
// on the other. Its owner reads and writes the socket as it would without TLS.
//
//   socket -> Receive(bytes, plain)          appends the client's plain bytes to `plain`
//   Send(bytes) -> output() -> socket        encrypts the front of `bytes`; Wrote(n) after a write
//
// The handshake happens in Receive, which leaves its messages in output(). Until it has ended, Send
// takes nothing.
//
// Send encrypts at most kMostAhead bytes ahead of the socket, so a reader that is slow costs neither
// processor time nor memory for bytes that the socket does not take.
//
// Thread safety: none; one connection's. Memory: OpenSSL's buffers, released while they are empty,
// and output(). Errors: std::bad_alloc if an allocation fails; the session is then of no further use.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/resp/protocol/input_buffer.h"

namespace dcs::resp {

class TlsSession {
 public:
  // Plain bytes in one TLS record, at most.
  static constexpr size_t kRecordBytes = size_t{16} << 10;
  // Send stops when so much waits in output(). One more record may exceed it.
  static constexpr size_t kMostAhead = size_t{64} << 10;

  // A server's end. `context` must outlive it.
  explicit TlsSession(SSL_CTX* context);
  ~TlsSession();

  // Errors: kInvalidArgument if the bytes are not TLS, or not of this connection. The alert for the
  // client then stands in output(), and the session is of no further use.
  absl::Status Receive(std::string_view bytes, InputBuffer& plain);
  // Whether the client has said that it will send no more.
  bool input_ended() const;
  bool handshake_ended() const;

  // Encrypts the front of `bytes` into output() and returns how many bytes it took. Errors:
  // kInternal if the session cannot send any more.
  absl::StatusOr<size_t> Send(std::string_view bytes);
  // Says that nothing more will be sent.
  void End();

  // What is to be written to the socket. Valid until the next call that is not const.
  std::string_view output() const { return std::string_view(output_).substr(written_); }
  // Takes off the first `bytes` of output().
  void Wrote(size_t bytes);
  // Gives the memory of output() back if it is empty and holds more than `kept` bytes.
  void Release(size_t kept);

 private:
  struct Free {
    void operator()(SSL* ssl) const;
  };

  absl::Status ReadPlain(InputBuffer& plain);
  void TakeOutput();

  std::unique_ptr<SSL, Free> ssl_;
  BIO* from_peer_;  // owned by ssl_
  BIO* to_peer_;    // owned by ssl_
  std::string output_;
  size_t written_ = 0;  // of output_
};

}  // namespace dcs::resp
