// Tests of requests refused by their head, through server and connection.
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>

#include "tests/api/rest/loopback_server.h"

namespace dcs::rest {
namespace {

HttpResponse Forbidden(std::string body) {
  return {.status = 403, .headers = {}, .body = std::move(body)};
}

// Refuses paths that begin with "/refused"; "/throws" throws.
class HttpHeadCheck : public testing::Test {
 protected:
  HeadVerdict Check(const HttpRequest& head) {
    ++checked;
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.peer_address, "127.0.0.1");
    if (head.raw_path == "/throws") throw std::runtime_error("the test's exception");
    HeadVerdict verdict;
    if (head.raw_path.starts_with("/refused")) verdict.refusal = Forbidden(head.raw_path);
    return verdict;
  }

  std::atomic<int> checked = 0;
  std::atomic<int> handled = 0;
  LoopbackServer server{[this](const HttpRequest& request) {
                          ++handled;
                          return Echo(request);
                        },
                        {},
                        [this](const HttpRequest& head) { return Check(head); }};
};

TEST_F(HttpHeadCheck, RefusesBeforeTheBodyIsSent) {
  RawClient client(server.port());
  const auto response =
      client.Ask("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(response.result_int(), 403u);
  EXPECT_EQ(handled, 0);
}

TEST_F(HttpHeadCheck, KeepsTheConnectionAfterAShortBody) {
  RawClient client(server.port());
  const auto refused = client.Ask("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(refused.keep_alive());
  const auto next = client.Ask("helloGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(next.result_int(), 200u);
  EXPECT_EQ(Json::parse(next.body())["target"], "/next");
  EXPECT_EQ(Json::parse(next.body())["body"], "");
  EXPECT_EQ(checked, 2);
  EXPECT_EQ(handled, 1);
}

TEST_F(HttpHeadCheck, AnswersPipelinedRequestsInOrder) {
  RawClient client(server.port());
  client.Send(
      "POST /refused/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
      "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\ncd"
      "GET /refused/3 HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET /4 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Read().body(), "/refused/1");
  EXPECT_EQ(Json::parse(client.Read().body())["body"], "cd");
  EXPECT_EQ(client.Read().body(), "/refused/3");
  EXPECT_EQ(Json::parse(client.Read().body())["target"], "/4");
}

TEST_F(HttpHeadCheck, LongOrUnboundedBody_ClosesTheConnection) {
  for (const std::string length : {"Content-Length: 65537", "Transfer-Encoding: chunked"}) {
    RawClient client(server.port());
    const auto response = client.Ask("POST /refused HTTP/1.1\r\nHost: h\r\n" + length + "\r\n\r\n");
    EXPECT_EQ(response.result_int(), 403u);
    EXPECT_FALSE(response.keep_alive()) << length;
    client.HalfClose();
    EXPECT_EQ(client.ReadToEnd(), "");
    EXPECT_TRUE(client.clean_end());
  }
}

TEST_F(HttpHeadCheck, ExpectContinue_IsRefused) {
  RawClient client(server.port());
  const auto response = client.Ask(
      "POST /refused HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(response.result_int(), 403u);
  // The client may send the body or omit it, so the rest cannot be told from a request.
  EXPECT_FALSE(response.keep_alive());
}

TEST_F(HttpHeadCheck, RefusalSurvivesAFullBody) {
  RawClient client(server.port());
  const std::string body(12 << 20, 'b');
  client.Send("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n");
  client.Send(body);
  EXPECT_EQ(client.Read().result_int(), 403u);
  EXPECT_EQ(handled, 0);
}

TEST_F(HttpHeadCheck, ThrowingCheck_AnswersInternalError) {
  RawClient client(server.port());
  const auto response = client.Ask("GET /throws HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(response.result_int(), 500u);
  EXPECT_EQ(Json::parse(response.body())["error_code"], "DCS.5000");
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").result_int(), 200u);
}

// Every split of the same requests gets the same answers.
TEST_F(HttpHeadCheck, RandomSplits_GetTheSameAnswers) {
  const unsigned seed = 30;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string bytes =
      "POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nGET / HTT"
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "GET /refused HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
  for (int round = 0; round < 100; ++round) {
    RawClient client(server.port());
    for (size_t at = 0; at < bytes.size();) {
      const size_t piece = std::min<size_t>(1 + random() % 40, bytes.size() - at);
      client.Send(std::string_view(bytes).substr(at, piece));
      at += piece;
    }
    EXPECT_EQ(client.Read().result_int(), 403u);
    EXPECT_EQ(Json::parse(client.Read().body())["body"], "abc");
    EXPECT_EQ(client.Read().result_int(), 403u);
    EXPECT_EQ(Json::parse(client.Read().body())["body"], "x");
  }
}

// A truncated request gets at most an error, and is never handled.
TEST_F(HttpHeadCheck, TruncatedRequestsAreNotHandled) {
  const std::string bytes = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    RawClient client(server.port());
    client.Send(std::string_view(bytes).substr(0, cut));
    client.HalfClose();
    const std::string answer = client.ReadToEnd();
    EXPECT_TRUE(answer.empty() ? cut == 0 : answer.starts_with("HTTP/1.1 400 ")) << cut;
  }
  EXPECT_EQ(handled, 0);
}

}  // namespace
}  // namespace dcs::rest
