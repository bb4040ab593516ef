#include "api/rest/http_connection.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/errc.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "api/handler_memory.h"
#include "api/printable.h"
#include "api/rest/http_answer.h"
#include "api/rest/http_rules.h"
#include "api/rest/identifiers.h"
#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace errc = boost::system::errc;
namespace http = boost::beast::http;

constexpr size_t kReadBytes = 16 << 10;

std::string_view ToStd(beast::string_view text) { return {text.data(), text.size()}; }

// `why` goes to the log.
HttpResponse RefusalOf(ErrorId id, std::string_view why = {}) {
  HttpResponse refusal = ErrorResponse({id, {}}, NewRequestId());
  if (!why.empty()) refusal.log_note.append(" ").append(why);
  return refusal;
}

// Longest target or reason in a line of the log.
constexpr size_t kLoggedBytes = 512;

// The longest body that is read and discarded to keep the connection of a refused request.
constexpr uint64_t kShortBody = 64 << 10;

// The result of `answer`. If it throws, nullopt, and the exception is logged with `what`.
template <class Function>
auto Guarded(const std::string& what, Function answer)
    -> std::optional<std::invoke_result_t<Function&>> {
  std::string thrown;
  try {
    return answer();
  } catch (const std::exception& exception) {
    thrown = exception.what();
  } catch (...) {
    thrown = "an unknown exception";
  }
  try {
    spdlog::error("{}: the handler threw {}", api::Printable(what), api::Printable(thrown));
  } catch (...) {
    // No memory for the log.
  }
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

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket,
                               std::shared_ptr<HttpServerState> server)
    : stream_(std::move(socket), server->options.tls.get()),
      server_(std::move(server)),
      // Large enough that a header over the limit is recognized as such, not as a full buffer.
      buffer_(server_->options.header_limit + 4 * kReadBytes),
      share_(server_->bodies),
      body_end_(server_->io),
      peer_address_(AddressOf(stream_.tcp().socket())) {}

HttpConnection::~HttpConnection() { server_->Forget(place_); }

void HttpConnection::Become(Use use) {
  server_->connections.Move(place_, use);
  server_->Accept();  // a connection that can now be closed may make room for a waiting client
}

void HttpConnection::Stop() {
  stopping_ = true;
  if (place_.use() != Use::kAnswering) stream_.close();
}

void HttpConnection::GiveWay() {
  server_->Forget(place_);
  Stop();
}

void HttpConnection::Start() {
  server_->connections.Add(this, place_);
  if (!stream_.encrypted()) return AwaitRequest(server_->options.head_timeout);
  Become(Use::kReadingHead);
  stream_.expires_after(server_->options.head_timeout);
  stream_.async_handshake([self = shared_from_this()](const Error& error) {
    if (!error) self->AwaitRequest(self->server_->options.head_timeout);
  });
}

void HttpConnection::AwaitRequest(std::chrono::milliseconds patience) {
  Become(Use::kIdle);
  ++requests_;
  responding_ = false;
  what_.clear();
  trailer_bytes_ = 0;
  share_.Release();
  parser_.emplace();
  parser_->header_limit(server_->options.header_limit);
  parser_->body_limit(server_->options.body_limit);
  chunk_header_ = {};
  parser_->on_chunk_header(chunk_header_);
  if (buffer_.size() > 0) return ReadHeader();  // a pipelined request
  stream_.expires_after(std::min(patience, server_->options.idle_timeout));
  stream_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](const Error& error, size_t bytes) {
                            if (error) return self->OnReadError(error);
                            self->buffer_.commit(bytes);
                            self->ReadHeader();
                          });
}

void HttpConnection::ReadHeader() {
  Become(Use::kReadingHead);
  stream_.expires_after(server_->options.head_timeout);
  ReadMoreHeader(0);
}

// The parser limits only the bytes it has not consumed yet: a client that sends header after header
// in pieces would fill the memory.
void HttpConnection::ReadMoreHeader(size_t taken) {
  http::async_read_some(stream_, buffer_, *parser_,
                        [self = shared_from_this(), taken](const Error& error, size_t bytes) {
                          if (error) return self->OnReadError(error);
                          if (taken + bytes > self->server_->options.header_limit) {
                            return self->Refuse(ErrorId::kGatewayBadRequest,
                                                "its head is too long");
                          }
                          if (self->parser_->is_header_done()) return self->OnHeader();
                          self->ReadMoreHeader(taken + bytes);
                        });
}

void HttpConnection::OnHeader() {
  if (stopping_) return;  // the check may no longer exist
  auto& message = parser_->get();
  Headers headers;
  for (const auto& field : message) {
    headers.Add(ToStd(field.name_string()), ToStd(field.value()));
  }
  if (const char* why = WhyMalformed(headers, message.version())) {
    return Refuse(ErrorId::kGatewayBadRequest, why);
  }
  absl::StatusOr<HttpRequest> request =
      MakeRequest(ToStd(message.method_string()), ToStd(message.target()), std::move(headers), {});
  if (!request.ok()) {
    return Refuse(ErrorId::kGatewayBadRequest, std::string(request.status().message()));
  }
  request_ = *std::move(request);
  request_.peer_address = peer_address_;
  what_ = request_.method + ' ' + request_.target;
  HeadVerdict verdict;
  if (server_->check_head) {
    auto given = Guarded(what_, [&] { return server_->check_head(request_); });
    if (!given) return AnswerRefused(RefusalOf(ErrorId::kInternal));
    verdict = *std::move(given);
  }
  if (verdict.refusal) return AnswerRefused(*std::move(verdict.refusal));
  if (message.version() >= 11 && HasUnknownExpectation(request_.headers)) {
    return AnswerRefused(RefusalOf(ErrorId::kUnknownExpectation));
  }
  if (verdict.keep_body) message.body().share = &share_;
  if (verdict.hash_body) message.body().hash.emplace();
  const bool waits = AwaitsContinue();
  Become(Use::kReadingBody);
  if (waits) return SendContinue();
  ReadBody();
}

// A client that awaits "100 Continue" may or may not send the body after another answer, so the
// next request could not be told from the body.
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
  if (parser_->is_done()) return OnRequest();
  stream_.expires_after(server_->options.stall_timeout);
  http::async_read_some(stream_, buffer_, *parser_,
                        [self = shared_from_this(), in_trailer = chunk_header_.was_last](
                            const Error& error, size_t bytes) {
                          if (error) return self->OnReadError(error);
                          if (in_trailer) self->trailer_bytes_ += bytes;
                          if (self->trailer_bytes_ > self->server_->options.header_limit) {
                            return self->OnReadError(http::error::header_limit);
                          }
                          if (self->parser_->is_done()) return self->OnRequest();
                          // Most bodies arrive with their head and need no timer.
                          if (!self->timing_body_) self->TimeBody();
                          self->ReadBody();
                        });
}

// Bounds the total time of a client that keeps sending a little.
void HttpConnection::TimeBody() {
  timing_body_ = true;
  body_end_.expires_after(server_->options.request_timeout);
  body_end_.async_wait([weak = weak_from_this(), request = requests_](const Error& error) {
    const auto self = weak.lock();
    if (error || !self || self->requests_ != request) return;
    if (self->place_.use() == Use::kReadingBody) self->stream_.close();
  });
}

void HttpConnection::OnBodyEnd() {
  if (std::exchange(timing_body_, false)) body_end_.cancel();
}

void HttpConnection::OnRequest() {
  OnBodyEnd();
  if (stopping_) return;  // the handler may no longer exist
  if (responding_) return AwaitRequest(server_->options.idle_timeout);  // refused by its head
  Become(Use::kAnswering);  // a request that stops the server is still answered
  HttpBody::value_type& body = parser_->get().body();
  request_.body = std::move(body.bytes);
  if (body.hash) request_.body_sha256 = body.hash->Finish();
  AnswerBy([&] { return server_->handler(std::move(request_)); });
}

// ---- Answers ------------------------------------------------------------------------------------

void HttpConnection::AnswerBy(absl::FunctionRef<HttpReply()> handler) {
  std::optional<HttpReply> reply = Guarded(what_, handler);
  if (!reply) return Respond(RefusalOf(ErrorId::kInternal), parser_->keep_alive());
  if (auto* response = std::get_if<HttpResponse>(&*reply)) {
    return Respond(std::move(*response), parser_->keep_alive());
  }
  const bool begun = Guarded(what_, [&] {
                       std::visit([&](auto& later) { Begin(std::move(later)); }, *reply);
                       return true;
                     }).has_value();
  if (!begun && !responding_) Respond(RefusalOf(ErrorId::kInternal), parser_->keep_alive());
}

void HttpConnection::Begin(HttpResponse response) {
  Respond(std::move(response), parser_->keep_alive());
}

void HttpConnection::Begin(AwaitedResponse awaited) {
  awaited.begin([self = shared_from_this(), request = requests_](HttpResponse response) {
    // The request may be answered already: `begin` may throw after it has passed this function on.
    if (self->responding_ || self->requests_ != request) return;
    self->Respond(std::move(response), self->parser_->keep_alive());
  });
}

void HttpConnection::Begin(LongWork work) {
  auto response = std::make_shared<std::optional<HttpResponse>>();
  RunInBackground([work = std::move(work), response] { *response = work(); },
                  [this, response] { Respond(**std::move(response), parser_->keep_alive()); });
}

void HttpConnection::Begin(LongStep step) {
  RunInBackground(std::move(step.work), [this, reply = std::move(step.reply)] {
    if (!stopping_) AnswerBy(reply);  // otherwise the handler may no longer exist
  });
}

// A task on its way to the background thread and back. Neither the connection nor the task may be
// destroyed on that thread.
struct HttpConnection::Job {
  std::shared_ptr<HttpConnection> self;
  std::function<void()> work;
  std::function<void()> then;
  // Keeps this thread running until then.
  asio::executor_work_guard<asio::io_context::executor_type> here;
  bool wanted = false;
  bool failed = false;
  api::HandlerMemory memory{};  // the way back needs no allocation, so it cannot fail
};

void HttpConnection::RunInBackground(std::function<void()> work, std::function<void()> then) {
  std::shared_ptr<Job> job(new Job{.self = shared_from_this(),
                                   .work = std::move(work),
                                   .then = std::move(then),
                                   .here = asio::make_work_guard(server_->io)});
  server_->background.Post([job = std::move(job)](bool wanted) mutable {
    job->wanted = wanted;
    if (wanted) job->failed = !Guarded(job->self->what_, [&] { return job->work(), true; });
    asio::io_context& io = job->self->server_->io;
    api::HandlerMemory& memory = job->memory;
    asio::post(io.get_executor(), api::WithMemory(memory, [job = std::move(job)] {
                 HttpConnection& self = *job->self;
                 if (!job->wanted) return;
                 if (!job->failed) return job->then();
                 self.Respond(RefusalOf(ErrorId::kInternal), self.parser_->keep_alive());
               }));
  });
}

void HttpConnection::OnReadError(const Error& error) {
  OnBodyEnd();
  static const auto& http_errors = Error(http::error::bad_method).category();
  if (error == http::error::end_of_stream || error == asio::error::eof ||
      error == asio::ssl::error::stream_truncated) {
    return Linger();
  }
  if (responding_) return Linger();  // the discarded body of an answered request
  if (error == http::error::body_limit) return Refuse(ErrorId::kGatewayTooLarge);
  if (error == errc::no_buffer_space) return Refuse(ErrorId::kTooBusy);
  if (error == errc::not_enough_memory) return Refuse(ErrorId::kInternal);
  if (error.category() == http_errors) {
    return Refuse(ErrorId::kGatewayBadRequest, error.message());
  }
  // Timed out, reset or stopped. The destructor closes the socket.
  LogEnd(error.message());
}

// Frees the received part of the body first, which may be the reason.
void HttpConnection::Refuse(ErrorId id, std::string_view why) {
  parser_->get().body() = {};
  share_.Release();
  Respond(RefusalOf(id, why), false);
}

// ---- The log ------------------------------------------------------------------------------------

// Logs one line per answer: peer, request, status, code, reason, request ID. Never throws.
void HttpConnection::LogAnswer(const HttpResponse& response) const noexcept try {
  if (!spdlog::should_log(spdlog::level::debug)) return;
  const std::string* request_id = response.headers.Find("X-Request-Id");
  const beast::string_view phrase =
      http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)));
  spdlog::debug("{} from {}: {} {}, request ID {}",
                what_.empty() ? "malformed request" : api::Printable(what_, kLoggedBytes),
                peer_address_, response.status,
                response.log_note.empty() ? std::string(phrase)
                                          : api::Printable(response.log_note, kLoggedBytes),
                request_id == nullptr ? "none" : *request_id);
} catch (...) {
  // The line is dropped.
}

// Logs the end of a connection in the middle of a request, without an answer.
void HttpConnection::LogEnd(const std::string& why) const noexcept try {
  const Use use = place_.use();
  if (stopping_ || (use != Use::kReadingHead && use != Use::kReadingBody)) return;
  spdlog::debug("{} from {}: no answer, {}",
                what_.empty() ? "unfinished request" : api::Printable(what_, kLoggedBytes),
                peer_address_, why);
} catch (...) {
}

void HttpConnection::Respond(HttpResponse response, bool keep_alive) {
  if (stopping_) keep_alive = false;
  responding_ = true;
  Become(Use::kAnswering);
  stream_.expires_after(server_->options.request_timeout);
  LogAnswer(response);
  const AnswerForm form{.version = parser_->get().version(),
                        .head = parser_->get().method() == http::verb::head,
                        .keep_alive = keep_alive,
                        .date = FormatHttpDate(server_->wall_clock.Now())};
  beast::async_write(stream_, ToBeast(std::move(response), form),
                     [self = shared_from_this(), keep_alive](const Error& error, size_t) {
                       if (error) return;
                       if (!keep_alive || self->stopping_) return self->Linger();
                       if (self->parser_->is_done()) {
                         return self->AwaitRequest(self->server_->options.idle_timeout);
                       }
                       // Reads the rest of a refused request's body.
                       self->Become(Use::kReadingBody);
                       self->ReadBody();
                     });
}

// Closing a socket with unread bytes resets the connection, and the client may lose the answer. So
// we shut down our side and read until the client closes.
void HttpConnection::Linger() {
  Become(Use::kLingering);
  stream_.expires_after(server_->options.linger_timeout);
  if (!stream_.encrypted() || stopping_) return DrainUntilClosed();
  // Fails if the client keeps sending; the TLS close message has been sent by then.
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
