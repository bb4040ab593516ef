// The connection of one client: reads a request, has it answered, sends the answer, and repeats.
//
//   reading the head (TLS handshake) -> idle          if the server speaks TLS
//   idle -> reading the head -> reading the body -> answering -> idle ...     a further request
//                                                             -> lingering    "Connection: close"
//
// The head is checked before the body is read (HttpServer::HeadCheck). If the check refuses, the
// answer is sent at once. A short body is then read and discarded; a long one ends the connection.
//
// A failed allocation for a body or in a handler is answered 500 DCS.5000. Any other one throws out
// of the io_context's run() and ends the connection; api::RunIo continues after it.
//
// Lives as long as an operation on its socket or an answer is under way.
// Thread safety: the one thread that runs the socket's io_context.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "api/rest/body_budget.h"
#include "api/rest/connection_list.h"
#include "api/rest/errors.h"
#include "api/rest/http_body.h"
#include "api/rest/http_message.h"
#include "api/rest/http_server_state.h"
#include "api/rest/http_stream.h"

namespace dcs::rest {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(boost::asio::ip::tcp::socket socket, std::shared_ptr<HttpServerState> server);
  // Notifies the server.
  ~HttpConnection();

  void Start();
  // Ends after the answer being sent, if any.
  void Stop();
  // Ends for a new client. REQUIRES: it is not being answered.
  void GiveWay();

 private:
  using Error = boost::beast::error_code;
  using Use = ConnectionList<HttpConnection>::Use;
  struct Job;
  // Called by Beast at the head of each chunk of a chunked body.
  struct ChunkHeader {
    bool was_last = false;  // the trailer follows
    void operator()(uint64_t size, boost::beast::string_view, Error& error) {
      was_last = size == 0;
      error = {};
    }
  };

  void Become(Use use);
  void AwaitRequest(std::chrono::milliseconds patience);
  void ReadHeader();
  void ReadMoreHeader(size_t taken);
  void OnHeader();
  bool AwaitsContinue() const;
  bool HasShortBody() const;
  void SendContinue();
  void ReadBody();
  void TimeBody();
  void OnBodyEnd();
  void OnRequest();
  void OnReadError(const Error& error);

  // Answers with the result of `handler`; 500 if it throws.
  void AnswerBy(absl::FunctionRef<HttpReply()> handler);
  void Begin(HttpResponse response);
  void Begin(LongWork work);
  void Begin(AwaitedResponse awaited);
  void Begin(LongStep step);
  // Calls `work` on the background thread, then `then` here; answers 500 if `work` throws.
  void RunInBackground(std::function<void()> work, std::function<void()> then);
  void AnswerRefused(HttpResponse refusal);
  // `why` goes to the log.
  void Refuse(ErrorId id, std::string_view why = {});
  void Respond(HttpResponse response, bool keep_alive);
  void LogAnswer(const HttpResponse& response) const noexcept;
  void LogEnd(const std::string& why) const noexcept;
  void Linger();
  void DrainUntilClosed();
  void Drain(size_t budget);

  HttpStream stream_;
  const std::shared_ptr<HttpServerState> server_;
  ConnectionList<HttpConnection>::Place place_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<HttpBody>> parser_;
  BodyBudget::Share share_;
  ChunkHeader chunk_header_;
  size_t trailer_bytes_ = 0;
  boost::asio::steady_timer body_end_;  // runs while `timing_body_`
  bool timing_body_ = false;
  // As of the end of the header; trailers of a chunked body do not change it.
  HttpRequest request_;
  std::string what_;  // the request, for the log; empty until the head is read
  const std::string peer_address_;
  uint64_t requests_ = 0;    // sequence number of the request
  bool responding_ = false;  // an answer to this request is being sent or was sent
  bool stopping_ = false;
};

}  // namespace dcs::rest
