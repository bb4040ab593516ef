// What an HttpServer and its connections share: limits, handler, the list of who is connected.
//
// Kept alive by every operation under way, so that it may outlive the HttpServer. Thread safety:
// the one thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <unordered_set>

#include "api/rest/background_thread.h"
#include "api/rest/http_server.h"

namespace dcs::rest {

class HttpConnection;

struct HttpServerState : std::enable_shared_from_this<HttpServerState> {
  HttpServerState(boost::asio::io_context& io, const HttpServerOptions& server_options,
                  HttpServer::Handler request_handler, HttpServer::HeadCheck head_check);

  // Waits for the next client, unless there are enough or it waits already.
  void Accept();
  void OnAccept(const boost::system::error_code& error, boost::asio::ip::tcp::socket socket);
  // A connection that ends says so.
  void Forget(HttpConnection* connection);
  void Stop();

  const HttpServerOptions options;
  const HttpServer::Handler handler;
  const HttpServer::HeadCheck check_head;  // may be empty: every head passes
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer retry;
  BackgroundThread background;
  std::unordered_set<HttpConnection*> connections;
  bool accepting = false;  // an accept, or the wait before one, is under way
  bool stopped = false;
};

}  // namespace dcs::rest
