// A client that asks for much does not hold up the others of its thread.
#include <gtest/gtest.h>

#include <string>

#include "polled_server.h"
#include "requests.h"

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

}  // namespace
}  // namespace dcs::resp
