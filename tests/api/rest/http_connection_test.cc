#include "api/rest/http_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "tests/api/rest/loopback_server.h"

namespace dcs::rest {
namespace {

using testing::Contains;
using testing::HasSubstr;

class HttpConnectionTest : public testing::Test {
 protected:
  // The request as the handler received it.
  static Json Seen(const RawClient::Response& response) {
    EXPECT_EQ(response.result_int(), 200u) << response.body();
    return Json::parse(response.body());
  }
  static void ExpectRefused(const RawClient::Response& response, unsigned status,
                            std::string_view message) {
    EXPECT_EQ(response.result_int(), status);
    const Json body = Json::parse(response.body());
    EXPECT_EQ(body["error_code"], "APIGW.0201");
    EXPECT_EQ(body["error_msg"], message);
    EXPECT_EQ(body["request_id"], std::string(response["X-Request-Id"]));
    EXPECT_EQ(response["X-Request-Id"].size(), 32u);
    EXPECT_FALSE(response.keep_alive());
  }
  // Expects these bytes to get a 400 and an orderly close of the connection.
  void ExpectBadRequest(std::string_view bytes) {
    SCOPED_TRACE(bytes.substr(0, 80));
    RawClient client(server.port());
    ExpectRefused(client.Ask(bytes), 400, "API request error.");
    client.HalfClose();
    EXPECT_EQ(client.ReadToEnd(), "");
    EXPECT_TRUE(client.clean_end());
  }

  LoopbackServer server{Echo};
};

TEST(HttpConnection, HandlerGetsThePeerAddress) {
  LoopbackServer server([](const HttpRequest& request) -> HttpReply {
    return HttpResponse{.status = 200, .headers = {}, .body = request.peer_address};
  });
  EXPECT_EQ(RawClient(server.port()).Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body(), "127.0.0.1");
}

// ---- Valid requests

TEST_F(HttpConnectionTest, PassesMethodTargetHeadersAndBodyUnchanged) {
  RawClient client(server.port());
  const Json seen =
      Seen(client.Ask("PUT /v2//%7Bx%7D?a=%20&a=2 HTTP/1.1\r\nHost: h\r\n"
                      "x-SDK-date:  1 2\t\r\nX-Sdk-Date: 3\r\nContent-Length: 3\r\n\r\n"
                      "a\nb"));
  EXPECT_EQ(seen["method"], "PUT");
  EXPECT_EQ(seen["target"], "/v2//%7Bx%7D?a=%20&a=2");
  EXPECT_EQ(seen["body"], "a\nb");
  EXPECT_THAT(seen["headers"], Contains("x-SDK-date: 1 2"));
  EXPECT_THAT(seen["headers"], Contains("X-Sdk-Date: 3"));
}

TEST_F(HttpConnectionTest, KeepsTheConnectionForFurtherRequests) {
  RawClient client(server.port());
  for (int i = 0; i < 5; ++i) {
    const auto response = client.Ask("POST /" + std::to_string(i) +
                                     " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    EXPECT_TRUE(response.keep_alive());
    EXPECT_EQ(Seen(response)["target"], "/" + std::to_string(i));
  }
}

TEST_F(HttpConnectionTest, AnswersPipelinedRequestsInOrder) {
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 500; ++i) {
    all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
  }
  client.Send(all);
  client.HalfClose();
  for (int i = 0; i < 500; ++i) EXPECT_EQ(Seen(client.Read())["target"], "/" + std::to_string(i));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpConnectionTest, AcceptsRequestsByteByByte) {
  RawClient client(server.port());
  for (const std::string request :
       {"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n"
        "0\r\n\r\n",
        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    for (const char c : request) client.Send({&c, 1});
    const Json seen = Seen(client.Read());
    EXPECT_EQ(seen["body"], seen["target"] == "/c" ? "" : "abc");
  }
}

TEST_F(HttpConnectionTest, ChunkedTrailer_IsNotAHeader) {
  RawClient client(server.port());
  const Json seen =
      Seen(client.Ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "1\r\na\r\n0\r\nX-Auth-Token: late\r\n\r\n"));
  EXPECT_EQ(seen["body"], "a");
  EXPECT_THAT(seen.dump(), testing::Not(HasSubstr("late")));
}

TEST_F(HttpConnectionTest, ExpectContinue_GetsContinue) {
  RawClient client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.Read().result_int(), 100u);
  EXPECT_EQ(Seen(client.Ask("body"))["body"], "body");
}

TEST_F(HttpConnectionTest, ExpectContinue_BodyTooLarge_GetsNoContinue) {
  RawClient client(server.port());
  ExpectRefused(client.Ask("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                           "Content-Length: 99999999\r\n\r\n"),
                413, "Request entity too large.");
}

TEST_F(HttpConnectionTest, Head_AnswersWithoutBodyAndKeepsFraming) {
  RawClient client(server.port());
  client.Send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto head = client.Read(/*to_head=*/true);
  EXPECT_EQ(head.result_int(), 200u);
  EXPECT_EQ(head.body(), "");
  EXPECT_NE(head["Content-Length"], "0");
  EXPECT_EQ(Seen(client.Read())["target"], "/b");
}

TEST_F(HttpConnectionTest, AnswerWithoutBody_HasNoLength) {
  LoopbackServer empty(
      [](const HttpRequest&) { return HttpResponse{.status = 204, .headers = {}, .body = {}}; });
  RawClient client(empty.port());
  const auto response = client.Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(response.result_int(), 204u);
  EXPECT_EQ(response.count("Content-Length"), 0u);
}

TEST_F(HttpConnectionTest, ConnectionClose_ClosesAfterTheAnswer) {
  RawClient client(server.port());
  const auto response = client.Ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(response.result_int(), 200u);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.clean_end());
  RawClient old(server.port());
  EXPECT_EQ(old.Ask("GET / HTTP/1.0\r\n\r\n").result_int(), 200u);
  EXPECT_EQ(old.ReadToEnd(), "");
}

TEST_F(HttpConnectionTest, HalfClosedClient_IsAnswered) {
  RawClient client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
  client.HalfClose();
  EXPECT_EQ(Seen(client.Read())["body"], "hi");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpConnectionTest, AcceptsAbsoluteFormAndAnyMethodName) {
  RawClient client(server.port());
  Json seen = Seen(client.Ask("POST http://h/v2/x HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(seen["target"], "http://h/v2/x");
  seen = Seen(client.Ask("post /x HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(seen["method"], "post");
  seen = Seen(client.Ask("OPTIONS /x HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(seen["method"], "OPTIONS");
}

TEST_F(HttpConnectionTest, AcceptsBodyOfExactlyTheLimit) {
  HttpServerOptions options;
  options.body_limit = 1000;
  LoopbackServer small(Echo, options);
  RawClient client(small.port());
  const std::string body(1000, 'b');
  EXPECT_EQ(
      Seen(client.Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + body))["body"],
      body);
  EXPECT_EQ(
      Seen(client.Ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
                      body + "\r\n0\r\n\r\n"))["body"],
      body);
}

// ---- Invalid requests

TEST_F(HttpConnectionTest, RefusesNonHttp) {
  ExpectBadRequest("hello\r\n\r\n");
  ExpectBadRequest("*1\r\n$4\r\nPING\r\n");
  ExpectBadRequest("GET /\r\n\r\n");
  ExpectBadRequest("GET / HTTP/2.0\r\nHost: h\r\n\r\n");
  ExpectBadRequest("GET / HTTP/1.2\r\nHost: h\r\n\r\n");
  ExpectBadRequest("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n");
  ExpectBadRequest("G\x01T / HTTP/1.1\r\nHost: h\r\n\r\n");
  ExpectBadRequest("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
}

TEST_F(HttpConnectionTest, RefusesNulBytesInTheHead) {
  ExpectBadRequest(std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28));
  ExpectBadRequest(std::string("GET / HTTP/1.1\r\nHost: h\r\nX-Auth-Token: a\0b\r\n\r\n", 46));
  ExpectBadRequest(std::string("GET / HTTP/1.1\r\nHost: h\r\nX\0: a\r\n\r\n", 34));
}

TEST_F(HttpConnectionTest, RefusesMalformedHeaders) {
  ExpectBadRequest("GET / HTTP/1.1\r\nHost : h\r\n\r\n");
  ExpectBadRequest("GET / HTTP/1.1\r\nHost\r\n\r\n");
  ExpectBadRequest("GET / HTTP/1.1\r\n: h\r\n\r\n");
}

TEST_F(HttpConnectionTest, RefusesMissingOrDuplicateHost) {
  ExpectBadRequest("GET / HTTP/1.1\r\n\r\n");
  ExpectBadRequest("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n");
}

TEST_F(HttpConnectionTest, RefusesAmbiguousBodyLength) {
  ExpectBadRequest("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n");
  ExpectBadRequest("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n");
  ExpectBadRequest("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
  ExpectBadRequest("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n");
  ExpectBadRequest(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
  ExpectBadRequest(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n");
  ExpectBadRequest("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n");
  ExpectBadRequest(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
  ExpectBadRequest(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n");
  ExpectBadRequest("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
  ExpectBadRequest("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n");
  ExpectBadRequest(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "fffffffffffffffff\r\n");
}

TEST_F(HttpConnectionTest, RefusesUndecodableTargets) {
  ExpectBadRequest("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n");
  ExpectBadRequest("GET /a?b=% HTTP/1.1\r\nHost: h\r\n\r\n");
  ExpectBadRequest("GET * HTTP/1.1\r\nHost: h\r\n\r\n");
  ExpectBadRequest("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n");
}

TEST_F(HttpConnectionTest, RefusesTruncatedRequest) {
  for (const std::string_view bytes :
       {"G", "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\r\nHo", "GET / HTTP/1.1\r\nHost: h\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    RawClient client(server.port());
    client.Send(bytes);
    client.HalfClose();
    ExpectRefused(client.Read(), 400, "API request error.");
    EXPECT_EQ(client.ReadToEnd(), "");
  }
}

TEST_F(HttpConnectionTest, RefusesHeaderOverTheLimit) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX-Big: ";
  // The limit counts all bytes up to the empty line.
  EXPECT_EQ(RawClient(server.port()).Ask(head + std::string(15'000, 'x') + "\r\n\r\n").result_int(),
            200u);
  ExpectBadRequest(head + std::string(20'000, 'x') + "\r\n\r\n");
  ExpectBadRequest(head + std::string(500'000, 'x'));
  ExpectBadRequest("GET /" + std::string(500'000, 'x'));
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 10'000; ++i) many += "a:b\r\n";
  ExpectBadRequest(many + "\r\n");
  ExpectBadRequest("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;x=" +
                   std::string(500'000, 'x'));
}

TEST_F(HttpConnectionTest, RefusesHeaderOverTheLimitInPieces) {
  const std::string fields = [] {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "name: value\r\n";
    return text;
  }();
  RawClient client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n");
  for (int i = 0; i < 1000; ++i) client.Send(fields);
  ExpectRefused(client.Read(), 400, "API request error.");
}

TEST_F(HttpConnectionTest, BodyOverTheLimit_ClientCanReadTheRefusal) {
  // The client sends the whole body before it reads, and the answer must survive that.
  const std::string body((12 << 20) + 1, 'b');
  RawClient sized(server.port());
  sized.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
             "\r\n\r\n");
  sized.Send(body);
  ExpectRefused(sized.Read(), 413, "Request entity too large.");
  RawClient chunked(server.port());
  chunked.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 13; ++i) chunked.Send("100000\r\n" + body.substr(0, 1 << 20) + "\r\n");
  ExpectRefused(chunked.Read(), 413, "Request entity too large.");
}

TEST_F(HttpConnectionTest, BadRequest_EarlierRequestsAreAnsweredFirst) {
  RawClient client(server.port());
  client.Send(
      "GET /good HTTP/1.1\r\nHost: h\r\n\r\nBAD\r\n\r\nGET /never HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(Seen(client.Read())["target"], "/good");
  ExpectRefused(client.Read(), 400, "API request error.");
  client.HalfClose();
  EXPECT_EQ(client.ReadToEnd(), "");
}

// ---- Slow clients

TEST_F(HttpConnectionTest, SilentClient_IsCutOff) {
  HttpServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(1);
  LoopbackServer impatient(Echo, options);
  EXPECT_EQ(RawClient(impatient.port()).ReadToEnd(), "");
}

TEST_F(HttpConnectionTest, ClientThatDoesNotClose_IsCutOff) {
  HttpServerOptions options;
  options.linger_timeout = std::chrono::milliseconds(1);
  options.max_connections = 1;
  LoopbackServer impatient(Echo, options);
  RawClient stays(impatient.port());
  stays.Ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  // Needs its place, so the first client must be gone.
  EXPECT_EQ(RawClient(impatient.port()).Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").result_int(),
            200u);
}

// ---- Any bytes

TEST_F(HttpConnectionTest, RandomBytes_AreAnsweredOrClosed) {
  const unsigned seed = 20240409;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string valid =
      "POST /v2/p/instances/i/scan?limit=1 HTTP/1.1\r\nHost: h\r\nX-Sdk-Date: 20200615T022118Z\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    if (round % 3 == 0) {
      for (size_t n = random() % 300; n > 0; --n) bytes += static_cast<char>(random() % 256);
    } else {
      bytes = valid + valid;
      for (size_t n = 1 + random() % 5; n > 0; --n) {
        const size_t at = random() % bytes.size();
        if (random() % 2 == 0) {
          bytes[at] = static_cast<char>(random() % 256);
        } else {
          bytes.erase(at, 1 + random() % 20);
        }
      }
    }
    RawClient client(server.port());
    client.Send(bytes);
    client.HalfClose();
    const std::string answer = client.ReadToEnd();
    EXPECT_TRUE(answer.empty() ? bytes.empty() : answer.starts_with("HTTP/1.1 ")) << round;
  }
  EXPECT_EQ(RawClient(server.port()).Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").result_int(), 200u);
}

}  // namespace
}  // namespace dcs::rest
