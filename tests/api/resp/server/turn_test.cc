// A client that asks for much does not hold up the others of its thread.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "tests/api/resp/requests.h"
#include "tests/api/resp/server/polled_server.h"

namespace dcs::resp {
namespace {

// Runs the server until `client` has a reply.
std::string Answer(PolledServer& polled, const RawClient& client) {
  std::string reply;
  bool closed = false;
  while (reply.empty() && !closed) {
    polled.io().run_one();
    reply = client.ReceiveWithoutWaiting(&closed);
  }
  return reply;
}

size_t OutputOfAllClients(PolledServer& polled) {
  size_t bytes = polled.server().state().counters.net_output_bytes;
  polled.server().state().clients.ForEach(
      [&](const Client& client) { bytes += client.output_bytes; });
  return bytes;
}

TEST(Turn, ServesAnotherClientAfter128KiBOfReplies) {
  PolledServer polled;
  const RawClient greedy(polled.port()), other(polled.port());
  greedy.Send(Encode({"SET", "k", std::string(10'000, 'v')}));
  ASSERT_EQ(Answer(polled, greedy), "+OK\r\n");
  other.Send("PING\r\n");
  ASSERT_EQ(Answer(polled, other), "+PONG\r\n");

  std::string gets;
  while (gets.size() < 14'000) gets += "GET k\r\n";  // one read: 20 MB of replies
  for (int i = 0; i < 10; ++i) {
    const size_t before = OutputOfAllClients(polled);
    greedy.Send(gets);
    other.Send("PING\r\n");
    EXPECT_EQ(Answer(polled, other), "+PONG\r\n");
    EXPECT_LT(OutputOfAllClients(polled) - before, size_t{1} << 20);
  }
}

// A client that sends `bytes` piece by piece; after each piece, another client gets an answer.
void SendBesides(PolledServer& polled, const RawClient& sender, std::string_view bytes,
                 const RawClient& other) {
  constexpr size_t kPieceBytes = size_t{2} << 20;
  while (!bytes.empty()) {
    size_t left = std::min(bytes.size(), kPieceBytes);
    while (left > 0) {
      const size_t sent = sender.SendWithoutWaiting(bytes.substr(0, left));
      bytes.remove_prefix(sent);
      left -= sent;
      polled.io().poll_one();
    }
    other.Send("PING\r\n");
    ASSERT_EQ(Answer(polled, other), "+PONG\r\n");
  }
}

TEST(ManyArguments, AreExecutedAndOthersAnsweredMeanwhile) {
  PolledServer polled;
  const RawClient client(polled.port()), other(polled.port());
  constexpr size_t kPairs = 600'000, kKeys = 1'100'000;
  std::string mset = "*" + std::to_string(1 + 2 * kPairs) + "\r\n$4\r\nMSET\r\n";
  std::string del = "*" + std::to_string(1 + kKeys) + "\r\n$3\r\nDEL\r\n";
  for (size_t i = 0; i < kKeys; ++i) {
    const std::string number = std::to_string(i);
    const std::string key = "$" + std::to_string(number.size()) + "\r\n" + number + "\r\n";
    if (i < kPairs) mset += key + "$1\r\nv\r\n";
    del += key;
  }
  SendBesides(polled, client, mset, other);
  EXPECT_EQ(Answer(polled, client), "+OK\r\n");
  client.Send("DBSIZE\r\n");
  EXPECT_EQ(Answer(polled, client), ":" + std::to_string(kPairs) + "\r\n");
  SendBesides(polled, client, del, other);
  EXPECT_EQ(Answer(polled, client), ":" + std::to_string(kPairs) + "\r\n");
}

TEST(ManyArguments, CountAgainstTheQueryBufferLimit) {
  PolledServer polled({.parameters = {{"client-query-buffer-limit", "1mb"}}});
  const RawClient client(polled.port());
  // 600 KB of input, but more than 1 MiB with what its arguments need.
  std::string begun = "*1000000\r\n";
  while (begun.size() < 600'000) begun += "$0\r\n\r\n";
  for (std::string_view left = begun; !left.empty();) {
    left.remove_prefix(client.SendWithoutWaiting(left));
    polled.io().poll();
    if (polled.server().state().clients.size() == 0) break;
  }
  bool closed = false;
  for (int i = 0; i < 100 && !closed; ++i) {
    polled.io().poll();
    client.ReceiveWithoutWaiting(&closed);
  }
  EXPECT_TRUE(closed);
}

}  // namespace
}  // namespace dcs::resp
