// The RESP server with TLS below it.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "api/resp/server/server.h"
#include "api/resp/server/tls_session.h"
#include "api/tls_context.h"
#include "store/time/clock.h"
#include "tests/api/self_signed.h"

namespace dcs::resp {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;

// Blocking; trusts one certificate.
class TlsClient {
 public:
  using Error = boost::system::error_code;

  TlsClient(uint16_t port, const api::SelfSigned& trusted) {
    context_.load_verify_file(trusted.certificate_file);
    context_.set_verify_mode(ssl::verify_peer);
    stream_ = std::make_unique<ssl::stream<tcp::socket>>(io_, context_);
    stream_->next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
  }
  Error Handshake() {
    Error error;
    stream_->handshake(ssl::stream_base::client, error);
    return error;
  }
  void Send(std::string_view bytes) {
    asio::write(*stream_, asio::buffer(bytes.data(), bytes.size()));
  }
  std::string Read(size_t count) {
    std::string bytes(count, '\0');
    Error error;
    bytes.resize(asio::read(*stream_, asio::buffer(bytes), error));
    return bytes;
  }
  std::string Ask(std::string_view bytes, size_t count) {
    Send(bytes);
    return Read(count);
  }
  // How the connection ends: eof where the server has said so.
  Error ReadEnd() {
    char byte;
    Error error;
    stream_->read_some(asio::buffer(&byte, 1), error);
    return error;
  }

 private:
  asio::io_context io_;
  ssl::context context_{ssl::context::tls_client};
  std::unique_ptr<ssl::stream<tcp::socket>> stream_;
};

class ServerTls : public testing::Test {
 protected:
  ServerTls() {
    ServerOptions options;
    options.tls = *api::MakeTlsContext(certificate.certificate_file, certificate.key_file);
    options.output_bound_bytes = size_t{1} << 20;
    server = *Server::Start(io, node, options);
    thread = std::thread([this] { io.run(); });
  }
  ~ServerTls() override {
    server->Stop();
    thread.join();
  }
  static std::string Name() {
    return std::string("server_tls_") +
           testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  const api::SelfSigned certificate{Name()};
  store::VirtualClock clock{1'592'187'678'669};
  api::Node node{store::KeyspaceOptions{.seed = 1, .epoch = clock.Now()}, clock};
  asio::io_context io{1};
  std::unique_ptr<Server> server;
  std::thread thread;
};

TEST_F(ServerTls, AnswersCommands) {
  TlsClient client(server->port(), certificate);
  ASSERT_FALSE(client.Handshake());
  EXPECT_EQ(client.Ask("PING\r\n", 7), "+PONG\r\n");
  EXPECT_EQ(client.Ask("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n", 5), "+OK\r\n");
  EXPECT_EQ(client.Ask("GET k\r\n", 7), "$1\r\nv\r\n");
}

TEST_F(ServerTls, AClientThatReadsLateGetsEveryReply) {
  TlsClient client(server->port(), certificate);
  ASSERT_FALSE(client.Handshake());
  const std::string value(1000, 'v');
  client.Ask("SET k " + value + "\r\n", 5);
  // Ten times the bound: the server must stop reading until replies are taken.
  constexpr int kGets = 10'000;
  std::string gets;
  for (int i = 0; i < kGets; ++i) gets += "GET k\r\n";
  client.Send(gets);
  const std::string reply = "$1000\r\n" + value + "\r\n";
  for (int i = 0; i < kGets; ++i) ASSERT_EQ(client.Read(reply.size()), reply) << i;
}

TEST_F(ServerTls, LargeValuesComeThroughWhole) {
  TlsClient client(server->port(), certificate);
  ASSERT_FALSE(client.Handshake());
  const std::string value(5 << 20, 'v');
  const std::string length = std::to_string(value.size());
  EXPECT_EQ(client.Ask("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + length + "\r\n" + value + "\r\n", 5),
            "+OK\r\n");
  EXPECT_EQ(client.Ask("GET k\r\n", value.size() + length.size() + 5),
            "$" + length + "\r\n" + value + "\r\n");
}

TEST_F(ServerTls, QuitEndsInOrder) {
  TlsClient client(server->port(), certificate);
  ASSERT_FALSE(client.Handshake());
  EXPECT_EQ(client.Ask("QUIT\r\n", 5), "+OK\r\n");
  EXPECT_EQ(client.ReadEnd(), asio::error::eof) << "and not truncated";
}

TEST_F(ServerTls, AClientInTheClearIsCutOff) {
  asio::io_context own;
  tcp::socket clear(own);
  clear.connect({asio::ip::make_address("127.0.0.1"), server->port()});
  asio::write(clear, asio::buffer(std::string_view("*1\r\n$4\r\nPING\r\n")));
  std::string received;
  boost::system::error_code error;
  asio::read(clear, asio::dynamic_buffer(received), error);
  EXPECT_EQ(received.find("PONG"), std::string::npos);
  TlsClient client(server->port(), certificate);
  ASSERT_FALSE(client.Handshake());
  EXPECT_EQ(client.Ask("PING\r\n", 7), "+PONG\r\n");
}

TEST_F(ServerTls, HandshakeThatTakesTooLongEndsItsConnection) {
  ServerOptions options;
  options.tls = *api::MakeTlsContext(certificate.certificate_file, certificate.key_file);
  options.handshake_timeout = std::chrono::milliseconds(200);
  const auto impatient = *Server::Start(io, node, options);
  TlsClient quick(impatient->port(), certificate);
  ASSERT_FALSE(quick.Handshake());
  asio::io_context own;
  tcp::socket silent(own);  // connects later than the other: its timeout comes later, too
  silent.connect({asio::ip::make_address("127.0.0.1"), impatient->port()});
  char byte;
  boost::system::error_code error;
  silent.read_some(asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, asio::error::eof);
  EXPECT_EQ(quick.Ask("PING\r\n", 7), "+PONG\r\n");
}

// The session encrypts only what the socket takes: the rest waits in the clear, up to the bound.
TEST_F(ServerTls, BoundsWhatWaitsForAClientThatDoesNotRead) {
  TlsClient other(server->port(), certificate), slow(server->port(), certificate);
  ASSERT_FALSE(other.Handshake());
  ASSERT_FALSE(slow.Handshake());
  slow.Ask("SET k " + std::string(10'000, 'v') + "\r\n", 5);
  std::string gets;
  for (int i = 0; i < 2'000; ++i) gets += "GET k\r\n";  // 20 MB of replies
  slow.Send(gets);
  size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(other.Ask("PING\r\n", 7), "+PONG\r\n");
    server->state().clients.ForEach(
        [&](const Client& client) { most = std::max(most, client.output_bytes.load()); });
  }
  constexpr size_t kBound = size_t{1} << 20;
  EXPECT_LE(most, kBound + 10'100 + TlsSession::kMostAhead + TlsSession::kRecordBytes + 1024);
}

TEST_F(ServerTls, StopEndsConnectionsInEveryPhase) {
  asio::io_context own;
  tcp::socket silent(own);  // in the handshake
  silent.connect({asio::ip::make_address("127.0.0.1"), server->port()});
  TlsClient idle(server->port(), certificate);
  ASSERT_FALSE(idle.Handshake());
  idle.Ask("PING\r\n", 7);
  server->Stop();
  EXPECT_EQ(idle.ReadEnd(), asio::error::eof);
}

}  // namespace
}  // namespace dcs::resp
