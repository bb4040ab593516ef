// Tests of HttpServer and HttpConnection over TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <nlohmann/json.hpp>

#include "api/tls_context.h"
#include "tests/api/rest/loopback_server.h"
#include "tests/api/self_signed.h"

namespace dcs::rest {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

HttpServerOptions With(const api::SelfSigned& certificate) {
  HttpServerOptions options;
  options.tls = *api::MakeTlsContext(certificate.certificate_file, certificate.key_file);
  return options;
}

// A blocking client that trusts one certificate.
class TlsClient {
 public:
  using Response = RawClient::Response;
  using Error = boost::system::error_code;

  TlsClient(uint16_t port, const api::SelfSigned& trusted) {
    context_.load_verify_file(trusted.certificate_file);
    context_.set_verify_mode(ssl::verify_peer);
    stream_.emplace(io_, context_);
    stream_->next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
  }
  Error Handshake() {
    Error error;
    stream_->handshake(ssl::stream_base::client, error);
    return error;
  }
  void Send(std::string_view bytes) {
    Error ignored;
    asio::write(*stream_, asio::buffer(bytes.data(), bytes.size()), ignored);
  }
  Response Read() {
    boost::beast::http::response_parser<boost::beast::http::string_body> parser;
    Error error;
    boost::beast::http::read(*stream_, buffer_, parser, error);
    EXPECT_FALSE(error) << error.message();
    return parser.release();
  }
  Response Ask(std::string_view bytes) {
    Send(bytes);
    return Read();
  }
  // How the connection ends: eof if the server closed TLS in order.
  Error ReadEnd() {
    char byte;
    Error error;
    stream_->read_some(asio::buffer(&byte, 1), error);
    return error;
  }
  void CutTheLine() { stream_->next_layer().close(); }
  ssl::stream<asio::ip::tcp::socket>& stream() { return *stream_; }

 private:
  asio::io_context io_;
  ssl::context context_{ssl::context::tls_client};
  std::optional<ssl::stream<asio::ip::tcp::socket>> stream_;
  boost::beast::flat_buffer buffer_;
};

class Https : public testing::Test {
 protected:
  static std::string Name() {
    return std::string("https_") + testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  const api::SelfSigned certificate{Name()};
  LoopbackServer server{Echo, With(certificate)};
};

TEST_F(Https, AnswersAndKeepsTheConnection) {
  TlsClient client(server.port(), certificate);
  ASSERT_FALSE(client.Handshake());
  for (int i = 0; i < 3; ++i) {
    const auto response = client.Ask("POST /" + std::to_string(i) +
                                     " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    EXPECT_EQ(response.result_int(), 200u);
    EXPECT_EQ(Json::parse(response.body())["target"], "/" + std::to_string(i));
    EXPECT_EQ(Json::parse(response.body())["body"], "hi");
  }
}

TEST_F(Https, LastAnswer_ClosesTlsInOrder) {
  TlsClient client(server.port(), certificate);
  ASSERT_FALSE(client.Handshake());
  EXPECT_EQ(client.Ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").result_int(),
            200u);
  EXPECT_EQ(client.ReadEnd(), asio::error::eof) << "and not truncated";
}

TEST_F(Https, LargeAnswersAndBodiesArriveWhole) {
  TlsClient client(server.port(), certificate);
  ASSERT_FALSE(client.Handshake());
  const std::string body(3 << 20, 'b');
  const auto response =
      client.Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                 "\r\n\r\n" + body);
  EXPECT_EQ(Json::parse(response.body())["body"], body);
}

TEST_F(Https, RefusedClient_CanReadTheAnswerWhileSending) {
  TlsClient client(server.port(), certificate);
  ASSERT_FALSE(client.Handshake());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 13000000\r\n\r\n");
  client.Send(std::string(4 << 20, 'b'));
  EXPECT_EQ(client.Read().result_int(), 413u);
}

TEST_F(Https, RefusesTlsBelow12) {
  TlsClient old(server.port(), certificate);
  SSL_set_min_proto_version(old.stream().native_handle(), TLS1_VERSION);
  SSL_set_max_proto_version(old.stream().native_handle(), TLS1_1_VERSION);
  EXPECT_TRUE(old.Handshake());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), certificate);
    SSL_set_min_proto_version(client.stream().native_handle(), version);
    SSL_set_max_proto_version(client.stream().native_handle(), version);
    ASSERT_FALSE(client.Handshake());
    EXPECT_EQ(client.Ask(kGet).result_int(), 200u);
  }
}

TEST_F(Https, UntrustedCertificate_ClientDisconnects) {
  const api::SelfSigned other(Name() + "_other");
  TlsClient client(server.port(), other);
  EXPECT_TRUE(client.Handshake());
}

TEST_F(Https, PlainHttp_IsNotAnswered) {
  RawClient client(server.port());
  client.Send(kGet);
  EXPECT_THAT(client.ReadToEnd(), testing::Not(testing::HasSubstr("HTTP/1.1")));
}

TEST_F(Https, TruncatedRequest_ReachesNoHandler) {
  TlsClient client(server.port(), certificate);
  ASSERT_FALSE(client.Handshake());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  client.CutTheLine();
  TlsClient other(server.port(), certificate);
  ASSERT_FALSE(other.Handshake());
  EXPECT_EQ(other.Ask(kGet).result_int(), 200u);
}

TEST_F(Https, Stop_EndsConnectionsInEveryPhase) {
  RawClient silent(server.port());  // still in the handshake
  TlsClient idle(server.port(), certificate);
  ASSERT_FALSE(idle.Handshake());
  TlsClient reading(server.port(), certificate);
  ASSERT_FALSE(reading.Handshake());
  reading.Send("GET / HTTP/1.1\r\n");
  TlsClient lingering(server.port(), certificate);
  ASSERT_FALSE(lingering.Handshake());
  lingering.Ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  server.Stop();
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_TRUE(idle.ReadEnd());
  EXPECT_TRUE(reading.ReadEnd());
}

TEST(HttpsTimeouts, NoHandshake_IsCutOff) {
  const api::SelfSigned certificate("https_timeout");
  HttpServerOptions options = With(certificate);
  options.request_timeout = std::chrono::milliseconds(1);
  LoopbackServer impatient(Echo, options);
  EXPECT_EQ(RawClient(impatient.port()).ReadToEnd(), "");
}

TEST(HttpsTimeouts, NoCloseNotify_IsCutOff) {
  const api::SelfSigned certificate("https_linger");
  HttpServerOptions options = With(certificate);
  options.linger_timeout = std::chrono::milliseconds(1);
  options.max_connections = 1;
  LoopbackServer impatient(Echo, options);
  TlsClient stays(impatient.port(), certificate);
  ASSERT_FALSE(stays.Handshake());
  stays.Ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  // Needs its place, so the first client must be gone.
  TlsClient next(impatient.port(), certificate);
  ASSERT_FALSE(next.Handshake());
  EXPECT_EQ(next.Ask(kGet).result_int(), 200u);
}

}  // namespace
}  // namespace dcs::rest
