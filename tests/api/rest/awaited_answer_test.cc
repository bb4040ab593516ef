// Tests of answers that wait for an event on the server's thread, through server and connection.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/rest/http_server.h"
#include "tests/api/rest/loopback_server.h"

namespace dcs::rest {
namespace {

std::string Get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

HttpResponse Ok(std::string body) {
  return {.status = 200, .headers = {}, .body = std::move(body)};
}

// "/wait..." is answered later, by the test; "/now" is awaited but answered at once.
class AwaitedAnswer : public testing::Test {
 protected:
  HttpReply Handle(const HttpRequest& request) {
    const std::string path = request.raw_path;
    if (path.starts_with("/wait")) {
      return AwaitedResponse{[this, path](std::function<void(HttpResponse)> done) {
        waiting.push_back([done = std::move(done), path] { done(Ok(path)); });
      }};
    }
    if (path == "/now") return AwaitedResponse{[](const auto& done) { done(Ok("/now")); }};
    for (const auto& answer : std::exchange(waiting, {})) answer();
    return Ok(path);
  }
  HttpServer::Handler handler() {
    return [this](const HttpRequest& request) { return Handle(request); };
  }
  void AwaitWaiting(LoopbackServer& server, size_t count) {
    while (server.Run([this](HttpServer&) { return waiting.size(); }) != count) {
    }
  }

  std::vector<std::function<void()>> waiting;  // runs on the server's thread
};

TEST_F(AwaitedAnswer, PendingAnswer_OthersAreServed) {
  LoopbackServer server(handler());
  RawClient waits(server.port());
  waits.Send(Get("/wait/a") + Get("/after"));
  AwaitWaiting(server, 1);
  RawClient other(server.port());
  EXPECT_EQ(other.Ask(Get("/other")).body(), "/other");
  EXPECT_EQ(waits.Read().body(), "/wait/a");
  EXPECT_EQ(waits.Read().body(), "/after");
}

TEST_F(AwaitedAnswer, AnswerMayComeAtOnce) {
  LoopbackServer server(handler());
  RawClient client(server.port());
  client.Send(Get("/now") + Get("/now"));
  EXPECT_EQ(client.Read().body(), "/now");
  EXPECT_EQ(client.Read().body(), "/now");
}

TEST_F(AwaitedAnswer, AnswerMayComeAfterTheClientHasGone) {
  LoopbackServer server(handler());
  {
    RawClient gone(server.port());
    gone.Send(Get("/wait"));
    AwaitWaiting(server, 1);
  }
  RawClient other(server.port());
  EXPECT_EQ(other.Ask(Get("/other")).body(), "/other");
  EXPECT_EQ(other.Ask(Get("/more")).body(), "/more");
}

TEST_F(AwaitedAnswer, Stop_StillSendsPendingAnswer) {
  LoopbackServer server(handler());
  RawClient waits(server.port());
  waits.Send(Get("/wait"));
  AwaitWaiting(server, 1);
  server.Run([this](HttpServer& http) {
    http.Stop();
    for (const auto& answer : std::exchange(waiting, {})) answer();
    return 0;
  });
  const auto response = waits.Read();
  EXPECT_EQ(response.body(), "/wait");
  EXPECT_FALSE(response.keep_alive());
}

}  // namespace
}  // namespace dcs::rest
