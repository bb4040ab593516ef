#include "api/resp/server/tls_session.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <random>
#include <string>

#include "api/tls_context.h"
#include "tests/api/self_signed.h"

namespace dcs::resp {
namespace {

// OpenSSL's own client over memory.
class Client {
 public:
  Client() : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_, in_, out_);
    SSL_set_connect_state(ssl_);
  }
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Takes what the server wrote and goes on with the handshake; what it has to say then.
  std::string Take(TlsSession& server) {
    std::string answer = Take(server.output());
    server.Wrote(server.output().size());
    return answer;
  }
  std::string Take(std::string_view wire) {
    BIO_write(in_, wire.data(), static_cast<int>(wire.size()));
    if (SSL_is_init_finished(ssl_) != 1) SSL_do_handshake(ssl_);
    char bytes[4096];
    int count = 0;
    while ((count = SSL_read(ssl_, bytes, sizeof(bytes))) > 0) received_.append(bytes, count);
    ended_ = SSL_get_error(ssl_, count) == SSL_ERROR_ZERO_RETURN;
    return Output();
  }
  std::string Send(std::string_view plain) {
    EXPECT_EQ(SSL_write(ssl_, plain.data(), static_cast<int>(plain.size())),
              static_cast<int>(plain.size()));
    return Output();
  }
  std::string End() {
    SSL_shutdown(ssl_);
    return Output();
  }
  const std::string& received() const { return received_; }
  bool ended() const { return ended_; }

 private:
  std::string Output() {
    char* bytes = nullptr;
    const auto count = BIO_get_mem_data(out_, &bytes);
    std::string wire(bytes, static_cast<size_t>(count));
    EXPECT_EQ(BIO_reset(out_), 1);
    return wire;
  }

  SSL_CTX* context_;
  SSL* ssl_;
  BIO* in_;
  BIO* out_;
  std::string received_;
  bool ended_ = false;
};

class TlsSessionTest : public testing::Test {
 protected:
  static std::string Name() {
    return std::string("tls_session_") +
           testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  void ShakeHands() {
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(session.Receive(client.Take(session), plain).ok());
    }
    EXPECT_EQ(plain.unread(), "");
  }
  // Sends all of it, the client reading whenever the session takes no more.
  void SendAll(std::string_view text) {
    while (!text.empty()) {
      const absl::StatusOr<size_t> taken = session.Send(text);
      ASSERT_TRUE(taken.ok());
      ASSERT_GT(*taken, 0u);
      text.remove_prefix(*taken);
      client.Take(session);
    }
  }
  std::string Plain() {
    std::string text(plain.unread());
    plain.Consume(text.size());
    return text;
  }

  const api::SelfSigned certificate{Name()};
  const std::shared_ptr<boost::asio::ssl::context> context =
      *api::MakeTlsContext(certificate.certificate_file, certificate.key_file);
  TlsSession session{context->native_handle()};
  Client client;
  InputBuffer plain;
};

TEST_F(TlsSessionTest, CarriesBytesBothWays) {
  ShakeHands();
  ASSERT_TRUE(session.Receive(client.Send("*1\r\n$4\r\nPING\r\n"), plain).ok());
  EXPECT_EQ(Plain(), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(*session.Send("+PONG\r\n"), 7u);
  EXPECT_EQ(session.output().find("PONG"), std::string::npos) << "in the clear";
  client.Take(session);
  EXPECT_EQ(client.received(), "+PONG\r\n");
}

TEST_F(TlsSessionTest, LargeTextsComeThroughWholeInPiecesOfAnySize) {
  ShakeHands();
  std::string text(3'000'000, '\0');
  std::mt19937 random(6379);
  for (char& c : text) c = static_cast<char>(random());
  const std::string wire = client.Send(text);
  for (size_t at = 0; at < wire.size();) {
    const size_t count = 1 + random() % 40'000;
    ASSERT_TRUE(session.Receive(std::string_view(wire).substr(at, count), plain).ok());
    at += count;
  }
  EXPECT_EQ(Plain(), text);
  SendAll(text);
  EXPECT_EQ(client.received(), text);
}

TEST_F(TlsSessionTest, EncryptsABoundedPartAheadOfTheSocket) {
  ShakeHands();
  const std::string text(3'000'000, 'v');
  constexpr size_t kMost = TlsSession::kMostAhead + TlsSession::kRecordBytes + 1024;
  const size_t first = *session.Send(text);
  EXPECT_GE(first, TlsSession::kRecordBytes);
  EXPECT_LE(first, kMost);
  EXPECT_LE(session.output().size(), kMost);
  EXPECT_EQ(*session.Send(text), 0u) << "the socket has taken nothing";

  // A socket that takes 1000 bytes at a time: the session keeps up with it, no more.
  size_t sent = first, written = 0;
  std::string wire;
  while (sent < 1'000'000) {
    wire.append(session.output().substr(0, 1000));
    session.Wrote(1000);
    written += 1000;
    sent += *session.Send(std::string_view(text).substr(sent));
    ASSERT_LE(session.output().size(), kMost);
    ASSERT_LE(sent, written + kMost);
  }
  client.Take(wire);
  client.Take(session);
  EXPECT_EQ(client.received(), text.substr(0, sent));
}

TEST_F(TlsSessionTest, AHandshakeThatComesByteByByteSucceeds) {
  std::string wire = client.Take(session);
  for (int round = 0; round < 4; ++round) {
    for (const char byte : wire) ASSERT_TRUE(session.Receive({&byte, 1}, plain).ok());
    wire = client.Take(session);
  }
  ASSERT_TRUE(session.Receive(client.Send("hello"), plain).ok());
  EXPECT_EQ(Plain(), "hello");
}

TEST_F(TlsSessionTest, TakesNothingBeforeTheHandshakeHasEnded) {
  EXPECT_FALSE(session.handshake_ended());
  EXPECT_EQ(*session.Send("early"), 0u);
  EXPECT_EQ(session.output(), "");
  ShakeHands();
  EXPECT_TRUE(session.handshake_ended());
  EXPECT_EQ(*session.Send("late"), 4u);
  client.Take(session);
  EXPECT_EQ(client.received(), "late");
}

TEST_F(TlsSessionTest, WhatIsNoTlsIsRefusedAndTheClientTold) {
  const absl::Status status = session.Receive("*1\r\n$4\r\nPING\r\n", plain);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("TLS"), absl::string_view::npos);
  EXPECT_EQ(plain.unread(), "");
}

TEST_F(TlsSessionTest, AChangedByteIsRefused) {
  ShakeHands();
  std::string wire = client.Send("SET k v");
  wire.back() = static_cast<char>(wire.back() ^ 1);
  EXPECT_FALSE(session.Receive(wire, plain).ok());
  EXPECT_EQ(plain.unread(), "");
}

TEST_F(TlsSessionTest, TheEndIsToldAndSeen) {
  ShakeHands();
  EXPECT_FALSE(session.input_ended());
  std::string wire = client.Send("last");
  wire += client.End();
  ASSERT_TRUE(session.Receive(wire, plain).ok());
  EXPECT_EQ(Plain(), "last");
  EXPECT_TRUE(session.input_ended());
  EXPECT_EQ(*session.Send("answer"), 6u) << "the other direction is still open";
  session.End();
  client.Take(session);
  EXPECT_EQ(client.received(), "answer");
  EXPECT_TRUE(client.ended());
}

TEST_F(TlsSessionTest, AnyBytesAreRefusedOrTaken) {
  const unsigned seed = 301;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string hello = Client().Take("");
  for (int round = 0; round < 2'000; ++round) {
    TlsSession hostile(context->native_handle());
    std::string bytes = hello;
    for (size_t n = 1 + random() % 5; n > 0; --n) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    static_cast<void>(hostile.Receive(bytes, plain));
    static_cast<void>(hostile.Receive(bytes, plain));
    static_cast<void>(hostile.Send("x"));
    hostile.End();
    EXPECT_EQ(plain.unread(), "");
  }
}

}  // namespace
}  // namespace dcs::resp
