#include "tools/demo/demo_clients.h"

#include <hiredis/hiredis.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include "store/time/clock.h"
#include "tools/serve/server.h"

namespace dcs::tools {
namespace {

namespace http = boost::beast::http;

std::string ReplyText(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    default:
      return reply.str == nullptr ? std::string() : std::string(reply.str, reply.len);
  }
}

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

}  // namespace

void RedisClient::Close::operator()(redisContext* context) const { redisFree(context); }

absl::StatusOr<RedisClient> RedisClient::Connect(const std::string& host, uint16_t port,
                                                 const std::string& password) {
  RedisClient client;
  client.context_.reset(redisConnect(host.c_str(), port));
  if (client.context_ == nullptr || client.context_->err != 0) {
    return absl::UnavailableError(
        "cannot connect to " + HostAndPort(host, port) + ": " +
        (client.context_ == nullptr ? "no memory" : client.context_->errstr));
  }
  if (!password.empty()) {
    if (auto reply = client.Ask({"AUTH", password}); !reply.ok()) return reply.status();
  }
  return client;
}

void RedisClient::Add(const std::vector<std::string_view>& command) {
  std::vector<const char*> words;
  std::vector<size_t> lengths;
  for (const std::string_view word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), words.data(),
                         lengths.data());
  ++pending_;
}

absl::Status RedisClient::Flush() {
  absl::Status status;
  for (; pending_ > 0; --pending_) {
    void* raw = nullptr;
    if (redisGetReply(context_.get(), &raw) != REDIS_OK) {
      return absl::UnavailableError(std::string("the Redis connection broke: ") + context_->errstr);
    }
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
    if (reply->type == REDIS_REPLY_ERROR && status.ok()) {
      status = absl::InternalError(ReplyText(*reply));
    }
  }
  return status;
}

absl::StatusOr<std::string> RedisClient::Ask(const std::vector<std::string_view>& command) {
  Add(command);
  pending_ = 0;
  void* raw = nullptr;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK) {
    return absl::UnavailableError(std::string("the Redis connection broke: ") + context_->errstr);
  }
  const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
  if (reply->type == REDIS_REPLY_ERROR) return absl::InternalError(ReplyText(*reply));
  return ReplyText(*reply);
}

absl::StatusOr<nlohmann::ordered_json> ApiClient::Call(const std::string& method,
                                                       const std::string& target) const {
  absl::StatusOr<rest::HttpRequest> signed_request = rest::MakeRequest(
      method, target, {{"Host", HostAndPort(host_, port_)}, {"Content-Type", "application/json"}},
      "");
  if (!signed_request.ok()) return signed_request.status();
  if (!sim_token_.empty()) signed_request->headers.Set("X-Sim-Token", sim_token_);
  rest::Sign(*signed_request, credential_, store::WallClock().Now());

  http::request<http::empty_body> request;
  request.method_string(method);
  request.target(target);
  for (const rest::Header& header : signed_request->headers.all()) {
    request.set(header.name, header.value);
  }
  boost::asio::io_context io;
  boost::beast::tcp_stream stream(io);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host_, error);
  if (!error) stream.connect({address, port_}, error);
  if (!error) http::write(stream, request, error);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  if (!error) http::read(stream, buffer, response, error);
  if (error) {
    return absl::UnavailableError(method + " " + target + ": " + error.message());
  }
  if (response.result_int() != 200) {
    return absl::InternalError(method + " " + target + " was answered " +
                               std::to_string(response.result_int()) + " " + response.body());
  }
  auto json = nlohmann::ordered_json::parse(response.body(), nullptr, false);
  if (json.is_discarded()) return absl::InternalError("not JSON: " + response.body());
  return json;
}

}  // namespace dcs::tools
