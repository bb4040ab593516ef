// Tests of a server's limits: memory for bodies, time, and number of connections.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/rest/body_budget.h"
#include "api/rest/digest.h"
#include "api/rest/hex.h"
#include "tests/api/rest/loopback_server.h"

namespace dcs::rest {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::string PostHead(size_t length, std::string_view path = "/") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

// ---- Bodies

// "/hashed" hashes its body; "/ignored" and "/both" discard it; "/both" also hashes it.
HeadVerdict ByPath(const HttpRequest& head) {
  return {.keep_body = head.raw_path != "/ignored" && head.raw_path != "/both",
          .hash_body = head.raw_path == "/hashed" || head.raw_path == "/both"};
}

HttpResponse ShowBody(const HttpRequest& request) {
  return {.status = 200,
          .headers = {{"X-Hash", ToHex(request.body_sha256.value_or("none"))}},
          .body = request.body};
}

TEST(HttpBodies, AreKeptHashedOrDiscardedByTheHeadCheck) {
  LoopbackServer server(ShowBody, {}, ByPath);
  RawClient client(server.port());
  const std::string body(100'000, 'b');
  const std::string hash = ToHex(Sha256(body));
  const auto ask = [&](std::string_view path) {
    return client.Ask(PostHead(body.size(), path) + body);
  };
  auto response = ask("/kept");
  EXPECT_EQ(response.body(), body);
  EXPECT_EQ(response["X-Hash"], ToHex("none"));
  response = ask("/hashed");
  EXPECT_EQ(response.body(), body);
  EXPECT_EQ(response["X-Hash"], hash);
  response = ask("/ignored");
  EXPECT_EQ(response.body(), "");
  EXPECT_EQ(response["X-Hash"], ToHex("none"));
  response = ask("/both");
  EXPECT_EQ(response.body(), "");
  EXPECT_EQ(response["X-Hash"], hash);
  response = client.Ask("GET /hashed HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(response["X-Hash"], ToHex(Sha256("")));
  response = client.Ask(
      "POST /hashed HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
  EXPECT_EQ(response["X-Hash"], ToHex(Sha256("abc")));
}

class HttpBodyMemory : public testing::Test {
 protected:
  static HttpServerOptions Options() {
    HttpServerOptions options;
    options.body_memory = 1 << 20;
    return options;
  }
  // Sends the body except its last byte. On return the server holds the sent bytes.
  void Fill(RawClient& client, size_t bytes) {
    client.Send(PostHead(bytes) + std::string(bytes - 1, 'b'));
    Await(bytes - BodyBudget::kFree);
  }
  void Await(size_t used) {
    while (server.Run([](HttpServer& s) { return s.body_memory_used(); }) != used) {
    }
  }
  LoopbackServer server{ShowBody, Options(), ByPath};
};

TEST_F(HttpBodyMemory, MemoryUsedUp_Answers503ButShortBodiesPass) {
  RawClient big(server.port());
  Fill(big, 1 << 20);
  RawClient late(server.port());
  late.Send(PostHead(1 << 20));
  late.Send(std::string(1 << 20, 'b'));
  const auto refused = late.Read();
  EXPECT_EQ(refused.result_int(), 503u);
  EXPECT_EQ(Json::parse(refused.body())["error_code"], "SIM.0010");
  EXPECT_FALSE(refused.keep_alive());
  const std::string body(BodyBudget::kFree, 's');
  RawClient small(server.port());
  EXPECT_EQ(small.Ask(PostHead(body.size()) + body).body(), body);
  // A discarded body takes no memory.
  EXPECT_EQ(small.Ask(PostHead(2 << 20, "/ignored") + std::string(2 << 20, 'i')).result_int(),
            200u);
  big.Send("b");
  EXPECT_EQ(big.Read().body().size(), size_t{1} << 20);
}

TEST_F(HttpBodyMemory, MemoryIsReleasedAfterAnswerOrDisconnect) {
  RawClient big(server.port());
  Fill(big, 1 << 20);
  big.Send("b");
  EXPECT_EQ(big.Read().result_int(), 200u);
  Await(0);
  {
    RawClient leaves(server.port());
    Fill(leaves, 1 << 20);
  }
  Await(0);
  RawClient refused(server.port());
  refused.Send(PostHead(12 << 20));
  refused.Send(std::string(12 << 20, 'b'));
  EXPECT_EQ(refused.Read().result_int(), 503u);
  Await(0);
}

TEST_F(HttpBodyMemory, CountsReceivedNotAnnouncedBytes) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->Send(PostHead(12 << 20) + std::string(1000, 'b'));
  }
  RawClient other(server.port());
  EXPECT_EQ(other.Ask(kGet).result_int(), 200u);
  EXPECT_EQ(server.Run([](HttpServer& s) { return s.body_memory_used(); }), 0u);
}

// ---- Heads

TEST(HttpHeads, RefusesMoreThan100Headers) {
  LoopbackServer server(Echo);
  const auto ask = [&](int headers) {
    std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 1; i < headers; ++i) bytes += "a" + std::to_string(i) + ": b\r\n";
    return RawClient(server.port()).Ask(bytes + "\r\n").result_int();
  };
  EXPECT_EQ(ask(100), 200u);
  EXPECT_EQ(ask(101), 400u);
}

TEST(HttpHeads, RefusesTrailerOverTheHeaderLimit) {
  LoopbackServer server(Echo);
  RawClient client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n");
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "name: value\r\n";
  for (int i = 0; i < 1'000; ++i) client.Send(fields);
  EXPECT_EQ(client.Read().result_int(), 400u);
}

// ---- Connections

TEST(HttpConnections, NewClient_ReplacesTheLongestIdle) {
  HttpServerOptions options;
  options.max_connections = 3;
  LoopbackServer server(Echo, options);
  RawClient first(server.port());
  RawClient second(server.port());
  RawClient third(server.port());
  for (RawClient* client : {&first, &second, &third, &first}) {
    EXPECT_EQ(client->Ask(kGet).result_int(), 200u);
  }
  RawClient fourth(server.port());
  EXPECT_EQ(fourth.Ask(kGet).result_int(), 200u);
  EXPECT_EQ(second.ReadToEnd(), "");
  EXPECT_TRUE(second.clean_end());
  EXPECT_EQ(first.Ask(kGet).result_int(), 200u);
  EXPECT_EQ(third.Ask(kGet).result_int(), 200u);
  EXPECT_EQ(server.Run([](HttpServer& s) { return s.connections(); }), 3u);
}

TEST(HttpConnections, NewClient_ReplacesSilentAndUnfinishedClients) {
  HttpServerOptions options;
  options.max_connections = 30;
  LoopbackServer server(Echo, options);
  std::vector<std::unique_ptr<RawClient>> others;
  for (int i = 0; i < 90; ++i) {
    others.push_back(std::make_unique<RawClient>(server.port()));
    if (i % 3 == 1) others.back()->Send("GET / HT");
    if (i % 3 == 2) others.back()->Send(PostHead(1000) + "unfinished");
  }
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(RawClient(server.port()).Ask(kGet).result_int(), 200u);
  }
  EXPECT_LE(server.Run([](HttpServer& s) { return s.connections(); }), 30u);
}

// Waits only for the connections that are being answered.
TEST(HttpConnections, NewClient_WaitsIfAllAreBeingAnswered) {
  HttpServerOptions options;
  options.max_connections = 1;
  std::function<void(HttpResponse)> answer;
  LoopbackServer server(
      [&](const HttpRequest& request) -> HttpReply {
        if (request.raw_path != "/wait") return Echo(request);
        return AwaitedResponse{[&](auto done) { answer = std::move(done); }};
      },
      options);
  RawClient waits(server.port());
  waits.Send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!server.Run([&](HttpServer&) { return answer != nullptr; })) {
  }
  RawClient late(server.port());
  late.Send(kGet);
  for (int turn = 0; turn < 100; ++turn) {
    ASSERT_EQ(server.Run([](HttpServer& s) { return s.connections(); }), 1u);
  }
  server.Run([&](HttpServer&) {
    std::exchange(answer, nullptr)({.status = 200, .headers = {}, .body = "waited"});
    return 0;
  });
  EXPECT_EQ(waits.Read().body(), "waited");
  EXPECT_EQ(late.Read().result_int(), 200u);
}

// ---- Time

void ExpectCutOff(const HttpServerOptions& options, std::string_view bytes) {
  LoopbackServer server(Echo, options);
  RawClient client(server.port());
  client.Send(bytes);
  EXPECT_EQ(client.ReadToEnd(), "") << bytes;
}

TEST(HttpTimeouts, CutOffSilentClientUnfinishedHeadAndStalledBody) {
  constexpr std::chrono::milliseconds kSoon{1};
  HttpServerOptions head;
  head.head_timeout = kSoon;
  ExpectCutOff(head, "");
  ExpectCutOff(head, "GET / HTTP/1.1\r\nHost: h\r\n");
  HttpServerOptions stall;
  stall.stall_timeout = kSoon;
  ExpectCutOff(stall, PostHead(9) + "ab");
}

// A body that brings a byte from time to time never stalls.
TEST(HttpTimeouts, CutOffBodyThatTakesTooLong) {
  HttpServerOptions options;
  options.request_timeout = std::chrono::milliseconds(1);
  LoopbackServer server(Echo, options);
  RawClient client(server.port());
  client.Send(PostHead(1'000'000'000 >> 10));
  std::atomic<bool> over = false;
  std::thread trickle([&] {
    while (!over) client.Send("x");
  });
  while (server.Run([](HttpServer& s) { return s.connections(); }) > 0) {
  }
  over = true;
  trickle.join();
}

}  // namespace
}  // namespace dcs::rest
