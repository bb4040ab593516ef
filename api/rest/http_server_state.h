// The state shared by an HttpServer and its connections: limits, handler, the list of connections.
//
// Every operation under way keeps it alive, so it may outlive the HttpServer.
// Thread safety: the one thread that runs the io_context.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <memory>

#include "api/handler_memory.h"
#include "api/rest/background_thread.h"
#include "api/rest/body_budget.h"
#include "api/rest/connection_list.h"
#include "api/rest/http_server.h"
#include "store/time/clock.h"

namespace dcs::rest {

class HttpConnection;

struct HttpServerState : std::enable_shared_from_this<HttpServerState> {
  class Accepting;

  HttpServerState(boost::asio::io_context& context, const HttpServerOptions& server_options,
                  HttpServer::Handler request_handler, HttpServer::HeadCheck head_check);

  // Waits for the next client, unless it already waits or has no room for one. Never throws; tries
  // again later if it fails.
  void Accept() noexcept;
  void AcceptLater() noexcept;
  void OnClient(boost::system::error_code error);
  // Whether a client can be accepted: a place is free, or a connection can be closed for it.
  bool HasRoom() const;
  // Called by a connection that ends.
  void Forget(ConnectionList<HttpConnection>::Place& place);
  void Stop();

  const HttpServerOptions options;
  const HttpServer::Handler handler;
  const HttpServer::HeadCheck check_head;  // may be empty: every head passes
  boost::asio::io_context& io;
  // Keeps the thread running until Stop, even if all connections wait for answers from elsewhere.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> here;
  const store::WallClock wall_clock;  // for the header Date
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer retry;
  api::HandlerMemory accept_memory;
  api::HandlerMemory retry_memory;
  BackgroundThread background;
  BodyBudget bodies;
  ConnectionList<HttpConnection> connections;
  bool accepting = false;  // waits for a client, or to try again
  bool stopped = false;
};

}  // namespace dcs::rest
