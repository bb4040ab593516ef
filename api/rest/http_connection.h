// One client's connection: reads a request, has it answered, sends the answer, and again.
//
//   handshaking -> idle                          where there is TLS
//   idle -> reading -> answering -> idle ...        a further request; LongWork counts as answering
//                                -> lingering     the answer said "Connection: close"
//
// The head is checked before the body is read (HttpServer::HeadCheck). If the check refuses, the
// answer is sent at once; a short body is then read and thrown away, a long one ends the connection.
//
// Lives as long as an operation on its socket is under way or an answer is worked on. Thread
// safety: the one thread that runs the socket's io_context.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "api/rest/errors.h"
#include "api/rest/http_message.h"
#include "api/rest/http_server_state.h"
#include "api/rest/http_stream.h"

namespace dcs::rest {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(boost::asio::ip::tcp::socket socket, std::shared_ptr<HttpServerState> server);
  // Tells the server.
  ~HttpConnection();

  void Start();
  // Ends once the answer being sent, if any, is out.
  void Stop();

 private:
  enum class Phase { kHandshaking, kIdle, kReading, kAnswering, kLingering };
  using Error = boost::beast::error_code;

  void AwaitRequest();
  void ReadHeader();
  void ReadMoreHeader(size_t taken);
  void OnHeader();
  void AnswerRefused(HttpResponse refusal);
  void SendContinue();
  void ReadBody();
  void DiscardBody();
  bool AwaitsContinue() const;
  bool HasShortBody() const;
  void OnRequest();
  void OnReadError(const Error& error);
  void AnswerLater(LongWork work, std::string what, bool keep_alive);
  void AnswerWhenDone(const AwaitedResponse& awaited, bool keep_alive);
  void Refuse(ErrorId id);
  void Respond(HttpResponse response, bool keep_alive);
  void Linger();
  void DrainUntilClosed();
  void Drain(size_t budget);

  HttpStream stream_;
  const std::shared_ptr<HttpServerState> server_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  // As it stood when the header ended: trailers of a chunked body do not add to it.
  HttpRequest request_;
  const std::string peer_;
  Phase phase_ = Phase::kHandshaking;
  bool stopping_ = false;
};

}  // namespace dcs::rest
