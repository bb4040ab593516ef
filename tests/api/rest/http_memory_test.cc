// Tests of allocations that fail while a request is served: the request or its connection ends, and
// the server continues.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "tests/api/rest/loopback_server.h"
#include "tests/failing_allocation.h"

namespace dcs::rest {
namespace {

constexpr size_t kMiB = 1 << 20;

std::string Post(const std::string& path, const std::string& body, const std::string& header = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + header +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// "/work", "/step" and "/await" answer by long work, a long step and an awaited response; other
// paths at once.
HttpReply Handle(const HttpRequest& request) {
  const HttpResponse response{.status = 200, .headers = {}, .body = request.raw_path};
  if (request.raw_path == "/work") return LongWork([response] { return response; });
  if (request.raw_path == "/step") {
    return LongStep{.work = [] {}, .reply = [response] { return response; }};
  }
  if (request.raw_path == "/await") {
    return AwaitedResponse{[response](const auto& done) { done(response); }};
  }
  return response;
}

HeadVerdict CheckHead(const HttpRequest& head) {
  HeadVerdict verdict{.hash_body = true};
  if (head.raw_path == "/refused") {
    verdict.refusal = HttpResponse{.status = 403, .headers = {}, .body = "refused"};
  }
  return verdict;
}

class HttpMemory : public testing::Test {
 protected:
  void Fail(const WhichAllocations& which) {
    server.Run([&](HttpServer&) {
      FailAllocations(which);
      return 0;
    });
  }
  bool Stop() {
    return server.Run([](HttpServer&) { return StopFailing(); });
  }
  void ExpectServed() {
    EXPECT_EQ(RawClient(server.port()).Ask(Post("/", "body")).body(), "/");
    EXPECT_EQ(server.Run([](HttpServer& s) { return s.body_memory_used(); }), 0u);
  }
  LoopbackServer server{Handle, {}, CheckHead};
};

TEST_F(HttpMemory, BodyAllocationFails_Answers500) {
  Fail({.over_bytes = kMiB});
  RawClient client(server.port());
  client.Send(Post("/", std::string(8 * kMiB, 'b')));
  const auto response = client.Read();
  EXPECT_EQ(response.result_int(), 500u);
  EXPECT_EQ(Json::parse(response.body())["error_code"], "DCS.5000");
  EXPECT_TRUE(Stop());
  ExpectServed();
}

// Fails each allocation of the server's thread during a whole connection, one at a time.
TEST_F(HttpMemory, AnyFailedAllocation_EndsAtMostItsConnection) {
  const std::string close = "Connection: close\r\n";
  const std::string body(100'000, 'b');
  for (const std::string path : {"/now", "/work", "/step", "/await", "/refused"}) {
    uint64_t n = 1;
    for (bool failed = true; failed; ++n) {
      Fail({.nth = n});
      {
        RawClient client(server.port());
        client.Send(Post(path, "short") + Post(path, body, close));
        const std::string answer = client.ReadToEnd();
        EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 ")) << n << answer.substr(0, 80);
      }
      failed = Stop();
      ASSERT_LT(n, 2'000u) << "the count does not end";
      ExpectServed();
    }
    EXPECT_GT(n, 10u) << path << " allocates more than that";
  }
}

// The way back from the background thread allocates nothing.
TEST_F(HttpMemory, BackgroundAnswer_ReturnsWithoutAllocation) {
  LoopbackServer starved([](const HttpRequest& request) -> HttpReply {
    if (request.raw_path == "/stop") {
      return LongWork([] {
        return HttpResponse{.status = StopFailing() ? 500 : 200, .headers = {}, .body = {}};
      });
    }
    return LongWork([] {
      HttpResponse response{.status = 200, .headers = {}, .body = "done"};
      FailAllocations({.over_bytes = 0});
      return response;
    });
  });
  RawClient client(starved.port());
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body(), "done");
  EXPECT_EQ(client.Ask("GET /stop HTTP/1.1\r\nHost: h\r\n\r\n").result_int(), 200u);
}

// Work whose allocation fails is answered.
TEST_F(HttpMemory, LongWorkOutOfMemory_Answers500) {
  LoopbackServer starved([](const HttpRequest&) -> HttpReply {
    return LongWork([]() -> HttpResponse { throw std::bad_alloc(); });
  });
  RawClient client(starved.port());
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").result_int(), 500u);
}

}  // namespace
}  // namespace dcs::rest
