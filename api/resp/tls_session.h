// One end of a TLS connection without a socket: encrypted bytes in and out on the one side, plain
// ones on the other. Its owner reads and writes the socket as it would without TLS.
//
//   socket -> Receive(bytes, plain)        appends what the client has said to `plain`
//   socket <- output() <- Send(bytes)      and whatever TLS itself has to say
//
// The handshake needs no care: it happens in Receive, which leaves its part in output(); what is
// sent before it has ended waits.
//
// Thread safety: none; one connection's. Memory: OpenSSL's buffers, released while they are empty,
// and output().
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "api/resp/input_buffer.h"

namespace dcs::resp {

class TlsSession {
 public:
  // A server's end. `context` must outlive it.
  explicit TlsSession(SSL_CTX* context);
  ~TlsSession();

  // Errors: kInvalidArgument where the bytes are no TLS, or not of this connection; what is to be
  // told to the client then stands in output(), and the session is of no further use.
  absl::Status Receive(std::string_view bytes, InputBuffer& plain);
  // Whether the client has said that it will send no more.
  bool input_ended() const;

  void Send(std::string_view bytes);
  // Says that nothing more will be sent.
  void End();

  // What is to be written to the socket. The owner takes off what it has written.
  std::string& output() { return output_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const;
  };

  absl::Status ReadPlain(InputBuffer& plain);
  void SendWaiting();
  void TakeOutput();

  std::unique_ptr<SSL, Free> ssl_;
  BIO* from_peer_;       // owned by ssl_
  BIO* to_peer_;         // owned by ssl_
  std::string waiting_;  // sent before the handshake ended
  std::string output_;
};

}  // namespace dcs::resp
