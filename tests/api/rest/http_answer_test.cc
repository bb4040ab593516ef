// Tests of HTTP's requirements on every answer, the server's own and the handler's.
#include "api/rest/http_answer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "tests/api/rest/loopback_server.h"

namespace dcs::rest {
namespace {

class HttpAnswerTest : public testing::Test {
 protected:
  LoopbackServer server{Echo};
};

TEST_F(HttpAnswerTest, EveryAnswerHasADate) {
  const std::string form =
      "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$";
  RawClient client(server.port());
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n",
        "nonsense\r\n\r\n"}) {
    const auto response = client.Ask(request);
    EXPECT_EQ(response.count("Date"), 1u) << request;
    EXPECT_TRUE(std::regex_match(std::string(response["Date"]), std::regex(form)))
        << response["Date"];
  }
}

TEST_F(HttpAnswerTest, Http10KeepAlive_IsAcknowledged) {
  RawClient old(server.port());
  for (int i = 0; i < 2; ++i) {
    const auto response = old.Ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(response.result_int(), 200u);
    EXPECT_EQ(response["Connection"], "keep-alive");
  }
  const auto last = old.Ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(last["Connection"], "close");
  EXPECT_EQ(old.ReadToEnd(), "");
  RawClient client(server.port());
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").count("Connection"), 0u);
}

TEST_F(HttpAnswerTest, UnknownExpectation_IsRefusedAndConnectionKept) {
  RawClient client(server.port());
  for (const char* expectation : {"201-created", "100-continue, x", "x, 100-continue"}) {
    const auto response = client.Ask(std::string("POST / HTTP/1.1\r\nHost: h\r\nExpect: ") +
                                     expectation + "\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_EQ(response.result_int(), 417u) << expectation;
    EXPECT_EQ(Json::parse(response.body())["error_code"], "SIM.0012");
    EXPECT_EQ(response["X-Request-Id"].size(), 32u);
    EXPECT_TRUE(response.keep_alive());
  }
  // HTTP/1.0 has no expectations.
  EXPECT_EQ(client.Ask("GET /a HTTP/1.0\r\nExpect: x\r\n\r\n").result_int(), 200u);
}

TEST_F(HttpAnswerTest, AcceptsOptionsAsterisk) {
  RawClient client(server.port());
  EXPECT_EQ(Json::parse(client.Ask("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").body())["target"], "*");
}

}  // namespace
}  // namespace dcs::rest
