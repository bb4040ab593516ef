#include "api/rest/http_connection.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message_generator.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "api/rest/identifiers.h"

namespace dcs::rest {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr size_t kReadBytes = 16 << 10;

std::string_view ToStd(beast::string_view text) { return {text.data(), text.size()}; }

// Standard output is not ours to write to.
spdlog::logger& Log() {
  static spdlog::logger logger("http", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  return logger;
}

HttpResponse RefusalOf(ErrorId id) { return ErrorResponse({id, {}}, NewRequestId()); }

// The longest body that is read and thrown away to keep the connection of a refused request.
constexpr uint64_t kShortBody = 64 << 10;

// What `answer` returns; if it throws, nullopt, and the exception is logged with `what`.
template <class Function>
auto Guarded(const std::string& what, Function answer)
    -> std::optional<std::invoke_result_t<Function&>> {
  std::string thrown;
  try {
    return answer();
  } catch (const std::exception& exception) {
    thrown = exception.what();
  } catch (...) {
    thrown = "something that is no std::exception";
  }
  Log().error("{}: the handler threw {}", what, thrown);
  return std::nullopt;
}

std::string AddressOf(const asio::ip::tcp::socket& socket) {
  beast::error_code error;
  const asio::ip::address address = socket.remote_endpoint(error).address();
  if (error) return {};
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  if (!mapped) return address.to_string();
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
}

bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

// To HEAD, the header of what GET would have got, without the body (RFC 9110, 9.3.2).
http::message_generator ToBeast(HttpResponse response, bool keep_alive, bool head) {
  const auto fill = [&](auto& message) {
    message.version(11);
    message.result(static_cast<unsigned>(response.status));
    message.keep_alive(keep_alive);
    for (const Header& header : response.headers.all()) message.insert(header.name, header.value);
    if (HasBody(response.status)) message.content_length(response.body.size());
  };
  if (head || !HasBody(response.status)) {
    http::response<http::empty_body> message;
    fill(message);
    return message;
  }
  http::response<http::string_body> message;
  fill(message);
  message.body() = std::move(response.body);
  return message;
}

// What RFC 9112 wants refused and the parser lets pass.
bool IsAcceptable(const Headers& headers, unsigned version) {
  const size_t hosts = headers.Count("host");
  if (hosts > 1 || (hosts == 0 && version >= 11)) return false;
  const std::string* coding = headers.Find("transfer-encoding");
  return coding == nullptr ||
         (headers.Count("transfer-encoding") == 1 && absl::EqualsIgnoreCase(*coding, "chunked"));
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket,
                               std::shared_ptr<HttpServerState> server)
    : stream_(std::move(socket), server->options.tls.get()),
      server_(std::move(server)),
      // A header that is too long must be seen as such, not as a full buffer.
      buffer_(server_->options.header_limit + 4 * kReadBytes),
      peer_(AddressOf(stream_.tcp().socket())) {}

HttpConnection::~HttpConnection() { server_->Forget(this); }

void HttpConnection::Stop() {
  stopping_ = true;
  if (phase_ != Phase::kAnswering) stream_.close();
}

void HttpConnection::Start() {
  if (!stream_.encrypted()) return AwaitRequest();
  stream_.expires_after(server_->options.request_timeout);
  stream_.async_handshake([self = shared_from_this()](const Error& error) {
    if (!error) self->AwaitRequest();
  });
}

void HttpConnection::AwaitRequest() {
  phase_ = Phase::kIdle;
  parser_.emplace();
  parser_->header_limit(server_->options.header_limit);
  parser_->body_limit(server_->options.body_limit);
  if (buffer_.size() > 0) return ReadHeader();  // pipelined
  stream_.expires_after(server_->options.idle_timeout);
  stream_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](const Error& error, size_t bytes) {
                            if (error) return self->OnReadError(error);
                            self->buffer_.commit(bytes);
                            self->ReadHeader();
                          });
}

void HttpConnection::ReadHeader() {
  phase_ = Phase::kReading;
  stream_.expires_after(server_->options.request_timeout);
  ReadMoreHeader(0);
}

// The parser's own limit counts only what it has not taken yet: a client that sends header after
// header, in pieces, would fill the memory.
void HttpConnection::ReadMoreHeader(size_t taken) {
  http::async_read_some(stream_, buffer_, *parser_,
                        [self = shared_from_this(), taken](const Error& error, size_t bytes) {
                          if (error) return self->OnReadError(error);
                          if (taken + bytes > self->server_->options.header_limit) {
                            return self->Refuse(ErrorId::kGatewayBadRequest);
                          }
                          if (self->parser_->is_header_done()) return self->OnHeader();
                          self->ReadMoreHeader(taken + bytes);
                        });
}

void HttpConnection::OnHeader() {
  if (stopping_) return;  // the check may be gone
  const auto& message = parser_->get();
  Headers headers;
  for (const auto& field : message) {
    headers.Add(ToStd(field.name_string()), ToStd(field.value()));
  }
  if (!IsAcceptable(headers, message.version())) return Refuse(ErrorId::kGatewayBadRequest);
  absl::StatusOr<HttpRequest> request =
      MakeRequest(ToStd(message.method_string()), ToStd(message.target()), std::move(headers), {});
  if (!request.ok()) return Refuse(ErrorId::kGatewayBadRequest);
  request_ = *std::move(request);
  request_.peer = peer_;
  if (server_->check_head) {
    std::optional<HeadVerdict> verdict = Guarded(request_.method + ' ' + request_.target,
                                                 [&] { return server_->check_head(request_); });
    if (!verdict) return AnswerRefused(RefusalOf(ErrorId::kInternal));
    if (verdict->refusal) return AnswerRefused(*std::move(verdict->refusal));
  }
  if (AwaitsContinue()) return SendContinue();
  ReadBody();
}

// A client that awaits "100 Continue" may or may not send the body after another answer: the next
// request cannot be told from it.
void HttpConnection::AnswerRefused(HttpResponse refusal) {
  const bool in_step = parser_->is_done() || (HasShortBody() && !AwaitsContinue());
  Respond(std::move(refusal), parser_->keep_alive() && in_step);
}

bool HttpConnection::AwaitsContinue() const {
  const std::string* expect = request_.headers.Find("expect");
  return expect != nullptr && absl::EqualsIgnoreCase(*expect, "100-continue") &&
         parser_->get().version() >= 11 && !parser_->is_done() && buffer_.size() == 0;
}

bool HttpConnection::HasShortBody() const {
  const auto length = parser_->content_length();
  return length && *length <= kShortBody;
}

void HttpConnection::SendContinue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](const Error& error, size_t) {
                      if (error) return self->OnReadError(error);
                      self->ReadBody();
                    });
}

void HttpConnection::ReadBody() {
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const Error& error, size_t) {
                     if (error) return self->OnReadError(error);
                     self->OnRequest();
                   });
}

// The rest of a refused request's body, before the next request.
void HttpConnection::DiscardBody() {
  phase_ = Phase::kReading;
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const Error& error, size_t) {
                     if (error) return self->OnReadError(error);
                     self->AwaitRequest();
                   });
}

void HttpConnection::OnRequest() {
  if (stopping_) return;       // the handler may be gone
  phase_ = Phase::kAnswering;  // so that a handler that stops the server is still answered
  const bool keep_alive = parser_->keep_alive();
  request_.body = std::move(parser_->get().body());
  std::string what = request_.method + ' ' + request_.target;
  std::optional<HttpReply> reply =
      Guarded(what, [&] { return server_->handler(std::move(request_)); });
  if (!reply) return Respond(RefusalOf(ErrorId::kInternal), keep_alive);
  if (auto* work = std::get_if<LongWork>(&*reply)) {
    return AnswerLater(std::move(*work), std::move(what), keep_alive);
  }
  if (auto* awaited = std::get_if<AwaitedResponse>(&*reply)) {
    return AnswerWhenDone(*awaited, keep_alive);
  }
  Respond(std::get<HttpResponse>(*std::move(reply)), keep_alive);
}

void HttpConnection::AnswerWhenDone(const AwaitedResponse& awaited, bool keep_alive) {
  awaited.begin([self = shared_from_this(), keep_alive](HttpResponse response) {
    self->Respond(std::move(response), keep_alive);
  });
}

// The connection and the work go to the background thread and come back to this one, whatever
// happens meanwhile: neither may end over there. Until then the guard keeps this one running.
void HttpConnection::AnswerLater(LongWork work, std::string what, bool keep_alive) {
  server_->background.Post(
      [self = shared_from_this(), work = std::move(work), what = std::move(what), keep_alive,
       here = asio::make_work_guard(stream_.get_executor())](bool wanted) mutable {
        std::optional<HttpResponse> response;
        if (wanted) {
          response = Guarded(what, [&] { return work(); });
          if (!response) response = RefusalOf(ErrorId::kInternal);
        }
        asio::post(here.get_executor(), [self = std::move(self), work = std::move(work),
                                         response = std::move(response), keep_alive]() mutable {
          if (response) self->Respond(*std::move(response), keep_alive);
        });
      });
}

void HttpConnection::OnReadError(const Error& error) {
  static const auto& http_errors = Error(http::error::bad_method).category();
  if (error == http::error::end_of_stream || error == asio::error::eof ||
      error == asio::ssl::error::stream_truncated) {
    return Linger();
  }
  if (error == http::error::body_limit) return Refuse(ErrorId::kGatewayTooLarge);
  if (error.category() == http_errors) return Refuse(ErrorId::kGatewayBadRequest);
  // Timed out, reset, or stopped: the socket is closed with this object.
}

void HttpConnection::Refuse(ErrorId id) { Respond(RefusalOf(id), false); }

void HttpConnection::Respond(HttpResponse response, bool keep_alive) {
  if (stopping_) keep_alive = false;
  phase_ = Phase::kAnswering;
  stream_.expires_after(server_->options.request_timeout);
  const bool head = parser_->get().method() == http::verb::head;
  beast::async_write(stream_, ToBeast(std::move(response), keep_alive, head),
                     [self = shared_from_this(), keep_alive](const Error& error, size_t) {
                       if (error) return;
                       if (!keep_alive || self->stopping_) return self->Linger();
                       if (!self->parser_->is_done()) return self->DiscardBody();
                       self->AwaitRequest();
                     });
}

// Closing a socket that still has unread bytes resets the connection, and the client may lose the
// answer: so we say that we are done, and read on until the client is too.
void HttpConnection::Linger() {
  phase_ = Phase::kLingering;
  stream_.expires_after(server_->options.linger_timeout);
  if (!stream_.encrypted() || stopping_) return DrainUntilClosed();
  // Fails where the client goes on sending; what TLS had to say is out by then.
  stream_.async_shutdown([self = shared_from_this()](const Error&) { self->DrainUntilClosed(); });
}

void HttpConnection::DrainUntilClosed() {
  Error ignored;
  stream_.tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (stopping_) return;
  buffer_.clear();
  Drain(2 * server_->options.body_limit);
}

void HttpConnection::Drain(size_t budget) {
  stream_.tcp().async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this(), budget](
                                                                 const Error& error, size_t bytes) {
    if (!error && bytes < budget) self->Drain(budget - bytes);
  });
}

}  // namespace dcs::rest
