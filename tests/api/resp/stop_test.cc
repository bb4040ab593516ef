// What a server that stops still does for its clients.
#include <gtest/gtest.h>

#include <string>

#include "tests/api/resp/requests.h"
#include "tests/api/resp/server/polled_server.h"

namespace dcs::resp {
namespace {

// After a reset a client may still be connected to the node of before: it must not see that node's keys.
TEST(ServerStop, NoCommandIsBegunAfterIt) {
  PolledServer polled;
  const RawClient client(polled.port());
  client.Send(Encode({"SET", "k", std::string(10'000, 'v')}));
  while (client.ReceiveSomeWithoutWaiting(5).empty()) polled.io().poll();
  // More replies than a turn makes, so that the last command waits for the next.
  std::string pipeline;
  for (int i = 0; i < 20; ++i) pipeline += "GET k\r\n";
  client.Send(pipeline + "SET after v\r\n");
  while (client.ReceiveSomeWithoutWaiting(1).empty()) polled.io().run_one();
  ASSERT_EQ(polled.keyspace().size(), 1u) << "the last command waits for its turn";
  polled.server().Stop();
  for (bool closed = false; !closed;) {
    polled.io().poll();
    client.ReceiveWithoutWaiting(&closed);
  }
  EXPECT_EQ(polled.keyspace().size(), 1u);
}

}  // namespace
}  // namespace dcs::resp
