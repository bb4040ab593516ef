// An HttpServer on its own thread, and a client that can send it any bytes.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "api/rest/http_server.h"
#include "api/rest/json.h"
#include "api/run_io.h"

namespace dcs::rest {

class LoopbackServer {
 public:
  explicit LoopbackServer(HttpServer::Handler handler, const HttpServerOptions& options = {},
                          HttpServer::HeadCheck check_head = nullptr)
      : server_(*HttpServer::Start(io_, options, std::move(handler), std::move(check_head))),
        thread_([this] { api::RunIo(io_); }) {}
  // Waits until the server has left no work in the io_context.
  ~LoopbackServer() {
    Stop();
    thread_.join();
  }

  uint16_t port() const { return server_->port(); }
  // On the server's thread, and back when it has run.
  template <class Function>
  auto Run(Function function) {
    std::packaged_task<decltype(function(*server_))()> task([&] { return function(*server_); });
    auto result = task.get_future();
    boost::asio::post(io_, std::move(task));
    return result.get();
  }
  void Stop() {
    if (!std::exchange(stopped_, true)) boost::asio::post(io_, [this] { server_->Stop(); });
  }

 private:
  boost::asio::io_context io_{1};
  std::unique_ptr<HttpServer> server_;
  bool stopped_ = false;
  std::thread thread_;
};

// A blocking client.
class RawClient {
 public:
  using Response = boost::beast::http::response<boost::beast::http::string_body>;
  using Error = boost::beast::error_code;

  explicit RawClient(uint16_t port, std::string_view address = "127.0.0.1") {
    socket_.connect({boost::asio::ip::make_address(std::string(address)), port});
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
  }

  // Ignores errors: the server may have closed, and tests check what can still be read.
  void Send(std::string_view bytes) {
    Error ignored;
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
  }
  void HalfClose() {
    Error ignored;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }
  void Close() { socket_.close(); }

  // Reads an answer; fails the test if there is none.
  Response Read(bool to_head = false) {
    boost::beast::http::response_parser<boost::beast::http::string_body> parser;
    parser.skip(to_head);
    parser.body_limit(boost::none);
    Error error;
    boost::beast::http::read(socket_, buffer_, parser, error);
    EXPECT_FALSE(error) << error.message();
    return parser.release();
  }
  Response Ask(std::string_view bytes) {
    Send(bytes);
    return Read();
  }
  // Everything up to the end of the connection, clean or not.
  std::string ReadToEnd() {
    const auto data = buffer_.data();
    std::string all(static_cast<const char*>(data.data()), data.size());
    buffer_.clear();
    char bytes[4096];
    Error error;
    while (const size_t n = socket_.read_some(boost::asio::buffer(bytes), error)) {
      all.append(bytes, n);
    }
    clean_end_ = error == boost::asio::error::eof;
    return all;
  }
  // Whether ReadToEnd met the server's orderly end and not a reset.
  bool clean_end() const { return clean_end_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  boost::beast::flat_buffer buffer_;
  bool clean_end_ = false;
};

// Answers with the request as the handler received it: method, target, headers, body.
inline HttpResponse Echo(const HttpRequest& request) {
  Json json = {{"method", request.method}, {"target", request.target}, {"body", request.body}};
  json["headers"] = Json::array();
  for (const auto& [name, value] : request.headers.all())
    json["headers"].push_back(name + ": " + value);
  return {
      .status = 200, .headers = {{"Content-Type", "application/json"}}, .body = Serialize(json)};
}

}  // namespace dcs::rest
