#include "api/rest/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/api/rest/loopback_server.h"

namespace dcs::rest {
namespace {

using testing::HasSubstr;

TEST(HttpServer, ChoosesAFreePort) {
  LoopbackServer first(Echo);
  LoopbackServer second(Echo);
  EXPECT_NE(first.port(), 0);
  EXPECT_NE(first.port(), second.port());
  EXPECT_EQ(RawClient(second.port()).Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").result_int(), 200u);
}

TEST(HttpServer, PortInUse_IsNamed) {
  LoopbackServer first(Echo);
  boost::asio::io_context io;
  HttpServerOptions options;
  options.port = first.port();
  const auto second = HttpServer::Start(io, options, Echo);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(
      std::string(second.status().message()),
      testing::AllOf(HasSubstr("127.0.0.1:" + std::to_string(first.port())), HasSubstr("in use")));
}

TEST(HttpServer, InvalidAddress_IsNamed) {
  boost::asio::io_context io;
  HttpServerOptions options;
  options.bind_address = "nowhere";
  const auto server = HttpServer::Start(io, options, Echo);
  EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(server.status().message()), HasSubstr("'nowhere'"));
}

TEST(HttpServer, Stop_FreesThePort) {
  uint16_t port = 0;
  {
    LoopbackServer server(Echo);
    port = server.port();
    RawClient(port).Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  HttpServerOptions options;
  options.port = port;
  LoopbackServer again(Echo, options);
  EXPECT_EQ(again.port(), port);
}

TEST(HttpServer, ThrowingHandler_AnswersInternalError) {
  LoopbackServer server([](const HttpRequest& request) -> HttpResponse {
    if (request.raw_path == "/std") throw std::runtime_error("the test's exception");
    if (request.raw_path == "/int") throw 1;
    return {.status = 200, .headers = {}, .body = "fine"};
  });
  RawClient client(server.port());
  for (const std::string path : {"/std", "/int"}) {
    const auto response = client.Ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(response.result_int(), 500u);
    EXPECT_EQ(Json::parse(response.body())["error_code"], "DCS.5000");
    EXPECT_EQ(response["X-Request-Id"].size(), 32u);
  }
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").body(), "fine");
}

TEST(HttpServer, Stop_ClosesIdleConnectionsAndLeavesNoWork) {
  LoopbackServer server(Echo);
  RawClient idle(server.port());
  RawClient asked(server.port());
  RawClient halfway(server.port());
  asked.Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  halfway.Send("GET / HTT");
  idle.Send("");
  server.Stop();
  EXPECT_EQ(idle.ReadToEnd(), "");
  EXPECT_EQ(asked.ReadToEnd(), "");
  EXPECT_TRUE(asked.clean_end());
  EXPECT_EQ(halfway.ReadToEnd(), "");
}

TEST(HttpServer, StopFromHandler_StillSendsItsAnswer) {
  HttpServer* running = nullptr;
  LoopbackServer server([&](const HttpRequest& request) {
    running->Stop();
    return Echo(request);
  });
  server.Run([&](HttpServer& s) { return running = &s; });
  RawClient client(server.port());
  const auto response = client.Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(response.result_int(), 200u);
  EXPECT_FALSE(response.keep_alive());
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpServer, DestroyedServer_CallsNoHandler) {
  boost::asio::io_context io;
  int calls = 0;
  auto server = *HttpServer::Start(io, {}, [&](const HttpRequest& request) {
    ++calls;
    return Echo(request);
  });
  RawClient client(server->port());
  client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  io.run_one();  // accepts the client
  server.reset();
  io.run();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpServer, ListensOnIpv6IfAvailable) {
  HttpServerOptions options;
  options.bind_address = "::1";
  boost::asio::io_context io;
  if (!HttpServer::Start(io, options, Echo).ok()) GTEST_SKIP() << "no IPv6 here";
  LoopbackServer server(Echo, options);
  EXPECT_EQ(RawClient(server.port(), "::1").Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").result_int(),
            200u);
}

}  // namespace
}  // namespace dcs::rest
