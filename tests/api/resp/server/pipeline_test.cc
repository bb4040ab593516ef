// Reading commands ahead of their execution must not show: a stream gets the replies that the same
// commands get one after another, each read only when those before it are done.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "api/resp/protocol/parser.h"
#include "api/resp/server/executor.h"
#include "tests/api/resp/requests.h"
#include "tests/api/resp/server/loopback.h"

namespace dcs::resp {
namespace {

constexpr store::TimeMs kNow = 1'700'000'000'000;

// The plain way, without sockets and batches.
class Plainly {
 public:
  Plainly() : node_({.seed = 1, .epoch = kNow}, clock_) {
    const std::string_view password[] = {"requirepass", "secret"};
    EXPECT_TRUE(state_.settings.Set(password).ok());
    client_.authenticated = false;
  }

  std::string Replies(std::string_view stream) {
    std::string out;
    Parser parser;
    while (!client_.close_after_reply && !client_.close_at_once) {
      Reply reply(out, client_.protocol.load());
      ArgumentList arguments;
      const ParserLimits limits{.authenticated = client_.authenticated};
      const Parser::Outcome outcome = parser.Next(stream, limits, arguments);
      if (outcome == Parser::Outcome::kError) reply.Error("ERR " + parser.error());
      if (outcome != Parser::Outcome::kCommand) break;
      if (!arguments.empty()) Execute(state_, client_, arguments, reply);
      stream.remove_prefix(parser.consumed());
    }
    // A connection that is closed at once loses what has not been written.
    return client_.close_at_once ? "" : out;
  }
  bool closed_at_once() const { return client_.close_at_once; }

 private:
  store::VirtualClock clock_{kNow};
  api::Node node_;
  ServerState state_{node_, /*seed=*/1};
  Client client_{1, kNow};
};

TEST(Pipeline, GetsTheRepliesOfCommandsSentOneByOne) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 150; ++round) {
    const std::string stream =
        (random() % 4 == 0 ? "" : "AUTH secret\r\n") + RandomStream(random, random() % 200);
    Plainly plainly;
    const std::string expected = plainly.Replies(stream);

    LoopbackServer server({.parameters = {{"requirepass", "secret"}}});
    LoopbackClient client(server.port());
    // In pieces that the server may see as it likes, or whole.
    const size_t most = round % 2 == 0 ? stream.size() + 1 : 200;
    for (std::string_view rest = stream; !rest.empty();) {
      const std::string_view piece = rest.substr(0, 1 + random() % most);
      if (!client.TrySend(piece)) break;  // it has closed
      rest.remove_prefix(piece.size());
    }
    client.EndSending();
    const std::string received = client.ReceiveAll();
    if (plainly.closed_at_once()) continue;  // how much was written before is a matter of timing
    // Where it closes with bytes unread, the system may throw away what the client has not received.
    if (received != expected) {
      ASSERT_TRUE(client.was_reset()) << testing::PrintToString(stream);
      ASSERT_EQ(received, expected.substr(0, received.size())) << testing::PrintToString(stream);
    }
  }
}

TEST(Pipeline, AppliesALogoutToTheBytesRightBehindIt) {
  LoopbackServer server({.parameters = {{"requirepass", "secret"}}});
  LoopbackClient client(server.port());
  client.Send("AUTH secret\r\n" + Encode({"SET", "k", "v"}) + Encode({"RESET"}) +
              Encode({"GET", "k"}) + Encode(Line(11, "GET")));
  EXPECT_EQ(client.ReceiveAll(),
            "+OK\r\n+OK\r\n+RESET\r\n-NOAUTH Authentication required.\r\n"
            "-ERR Protocol error: unauthenticated multibulk length\r\n");
}

TEST(Pipeline, ShowsInfoAllThatCameBeforeItInTheBatch) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  client.Send(Encode({"SET", "k", "v"}) + Encode({"GET", "k"}) + Encode({"GET", "nokey"}) +
              Encode({"GET"}) + Encode({"INFO", "stats"}));
  for (int i = 0; i < 4; ++i) client.ReceiveReply();
  const std::string info = client.ReceiveReply().text;
  for (const char* line : {"total_commands_processed:4\r\n", "keyspace_hits:1\r\n",
                           "keyspace_misses:1\r\n", "total_error_replies:1\r\n"}) {
    EXPECT_NE(info.find(line), std::string::npos) << line << info;
  }
}

TEST(Pipeline, TakesCommandsOfManyArgumentsAmongSmallOnes) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  Line wide(100'000, "k");
  wide[0] = "MGET";
  std::string request, expected;
  for (int i = 0; i < 5; ++i) {
    request += Encode({"SET", "k", "v"}) + Encode(wide) + Encode({"DEL", "k"});
    expected += "+OK\r\n*99999\r\n";
    for (int k = 0; k < 99'999; ++k) expected += "$1\r\nv\r\n";
    expected += ":1\r\n";
  }
  std::thread sender([&] { client.Send(request); });
  EXPECT_EQ(client.Receive(expected.size()), expected);
  sender.join();
}

}  // namespace
}  // namespace dcs::resp
