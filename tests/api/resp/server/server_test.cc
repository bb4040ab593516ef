#include "api/resp/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/api/resp/server/loopback.h"

namespace dcs::resp {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Repeat(std::string_view text, size_t times) {
  std::string repeated;
  for (size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(Server, AnswersOnThePortItChose) {
  LoopbackServer server;
  EXPECT_NE(server.port(), 0);
  EXPECT_EQ(server.node().resp_port.load(), server.port());
  LoopbackClient client(server.port());
  EXPECT_EQ(client.Ask("PING"), "PONG");
  EXPECT_EQ(client.Ask("SET k v"), "OK");
  EXPECT_EQ(client.Ask("GET k"), "v");
}

TEST(Server, AnswersThousandsOfPipelinedCommandsInOrder) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  std::string request, expected;
  for (int i = 0; i < 20000; ++i) {
    const std::string number = std::to_string(i);
    request += "ECHO " + number + "\r\n";
    expected += "$" + std::to_string(number.size()) + "\r\n" + number + "\r\n";
  }
  std::thread sender([&] { client.Send(request); });
  EXPECT_EQ(client.Receive(expected.size()), expected);
  sender.join();
}

TEST(Server, WritesABatchOfRepliesAtOnce) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  client.Send(Repeat("PING\r\n", 100));
  EXPECT_EQ(client.Receive(700), Repeat("+PONG\r\n", 100));
  const Counters& counters = server.server().state().counters;
  EXPECT_LE(counters.writes_processed, counters.reads_processed);
  EXPECT_LT(counters.writes_processed, 100u);
}

TEST(Server, TakesAPipelineWhoseSenderReadsNothingUntilItIsSent) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  const std::string value(100, 'v');
  client.Send("SET k " + value + "\r\n");
  EXPECT_EQ(client.ReceiveReply().text, "OK");
  constexpr size_t kCommands = 100'000;  // some 11 MB of replies, more than the sockets hold
  client.Send(Repeat("GET k\r\n", kCommands));
  const std::string reply = "$100\r\n" + value + "\r\n";
  EXPECT_EQ(client.Receive(reply.size() * kCommands).size(), reply.size() * kCommands);
}

// The number behind `name=` in what CLIENT LIST says of the client with this ID.
size_t ListedNumber(LoopbackClient& asking, const std::string& id, const std::string& name) {
  const std::string line = asking.Ask("CLIENT LIST ID " + id);
  const size_t at = line.find(" " + name + "=");
  return at == std::string::npos ? 0 : std::stoull(line.substr(at + name.size() + 2));
}

TEST(Server, ReadsNoMoreFromAClientThatDoesNotTakeItsReplies) {
  constexpr size_t kBound = 100'000, kValue = 10'000;
  LoopbackServer server({.output_bound_bytes = kBound});
  LoopbackClient greedy(server.port()), other(server.port());
  EXPECT_EQ(greedy.Ask("SET k " + std::string(kValue, 'v')), "OK");
  const std::string id = greedy.Ask("CLIENT ID");
  const std::string requests = Repeat("GET k\r\n", 100'000);
  // Sends on until nothing more is taken although the server has had every chance to read: it is
  // one thread, and between two of its answers it looks at all sockets.
  size_t sent = 0, refused = 0;
  while (refused < 100 && sent < 100 * requests.size()) {
    const size_t taken = greedy.SendWithoutWaiting(requests);
    sent += taken;
    refused = taken == 0 ? refused + 1 : 0;
    EXPECT_EQ(other.Ask("PING"), "PONG") << "the server is there for others";
  }
  EXPECT_EQ(refused, 100u) << sent << " bytes of requests were taken";
  const size_t hoarded = ListedNumber(other, id, "omem");
  EXPECT_GE(hoarded, kBound);
  EXPECT_LE(hoarded, kBound + kValue + 100);
  const std::string reply = "$10000\r\n" + std::string(kValue, 'v') + "\r\n";
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(greedy.Receive(reply.size()), reply) << "all goes on when it reads";
  }
}

TEST(Server, AnswersAHalfClosedClientToTheEnd) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  const std::string value(1 << 20, 'v');
  client.Send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048576\r\n" + value + "\r\n" +
              Repeat("GET k\r\n", 20));
  client.EndSending();
  EXPECT_EQ(client.ReceiveAll().size(), 5 + 20 * (10 + value.size() + 2));
}

TEST(Server, DropsAnUnfinishedCommandWhenItsClientEnds) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  client.Send("PING\r\n*2\r\n$3\r\nGET\r\n$100\r\nab");
  client.EndSending();
  EXPECT_EQ(client.ReceiveAll(), "+PONG\r\n");
}

TEST(Server, AnswersProtocolErrorsAndCloses) {
  LoopbackServer server;
  const std::pair<std::string, std::string> cases[] = {
      {"*abc\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
      {"PING\r\n*1\r\n$-5\r\nPING\r\n", "+PONG\r\n-ERR Protocol error: invalid bulk length\r\n"},
      {"*1\r\n:5\r\n", "-ERR Protocol error: expected '$', got ':'\r\n"},
      {"SET \"k\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"},
  };
  for (const auto& [request, reply] : cases) {
    LoopbackClient client(server.port());
    client.Send(request);
    EXPECT_EQ(client.ReceiveAll(), reply) << request;
  }
  LoopbackClient client(server.port());
  EXPECT_EQ(client.Ask("PING"), "PONG");
}

TEST(Server, ClosesAfterQuitAndIgnoresWhatFollows) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  client.Send("PING\r\nQUIT\r\nSET k v\r\n");
  EXPECT_EQ(client.ReceiveAll(), "+PONG\r\n+OK\r\n");
  LoopbackClient other(server.port());
  EXPECT_EQ(other.Ask("EXISTS k"), "0");
}

TEST(Server, HangsUpOnHttp) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\n\r\nSET k v\r\n");
  EXPECT_EQ(client.ReceiveAll(), "");
}

TEST(Server, AsksForThePasswordOfTheNode) {
  LoopbackServer server({.parameters = {{"requirepass", "secret"}}});
  LoopbackClient client(server.port());
  EXPECT_EQ(client.Ask("GET k"), "NOAUTH Authentication required.");
  client.Send("*11\r\n");
  EXPECT_EQ(client.ReceiveAll(), "-ERR Protocol error: unauthenticated multibulk length\r\n");
  LoopbackClient other(server.port());
  EXPECT_THAT(other.Ask("AUTH wrong"), StartsWith("WRONGPASS"));
  EXPECT_EQ(other.Ask("AUTH secret"), "OK");
  EXPECT_EQ(other.Ask("SET k v"), "OK");
}

TEST(Server, AppliesALoginWithinTheSameBatch) {
  LoopbackServer server({.parameters = {{"requirepass", "secret"}}});
  LoopbackClient client(server.port());
  const std::string value(100'000, 'v');
  client.Send("AUTH secret\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n" + value + "\r\n");
  EXPECT_EQ(client.Receive(10), "+OK\r\n+OK\r\n");
}

TEST(Server, RefusesClientsBeyondTheLimit) {
  LoopbackServer server({.parameters = {{"maxclients", "2"}}});
  LoopbackClient one(server.port()), two(server.port());
  EXPECT_EQ(one.Ask("PING"), "PONG");
  EXPECT_EQ(two.Ask("PING"), "PONG");
  LoopbackClient three(server.port());
  EXPECT_EQ(three.ReceiveAll(), "-ERR max number of clients reached\r\n");
  const std::string stats = one.Ask("INFO stats");
  EXPECT_THAT(stats, HasSubstr("rejected_connections:1\r\n"));
  EXPECT_THAT(stats, HasSubstr("total_connections_received:2\r\n")) << "Redis counts none refused";
}

TEST(Server, RefusedClientGetsTheErrorAlthoughItHasSentACommand) {
  LoopbackServer server({.parameters = {{"maxclients", "1"}}});
  LoopbackClient one(server.port());
  EXPECT_EQ(one.Ask("PING"), "PONG");
  for (int i = 0; i < 20; ++i) {
    LoopbackClient refused(server.port());
    static_cast<void>(refused.TrySend("PING\r\n"));
    EXPECT_EQ(refused.ReceiveAll(), "-ERR max number of clients reached\r\n");
  }
}

TEST(Server, RefusesClientsBeyondTheDescriptorsOfAllServers) {
  const auto descriptors = std::make_shared<api::DescriptorBudget>(3);
  LoopbackServer server({.descriptors = descriptors}), another({.descriptors = descriptors});
  LoopbackClient one(server.port()), two(server.port());
  EXPECT_EQ(one.Ask("PING"), "PONG");
  EXPECT_EQ(two.Ask("PING"), "PONG");
  {
    LoopbackClient three(another.port());
    EXPECT_EQ(three.Ask("PING"), "PONG");
    LoopbackClient four(another.port());
    EXPECT_EQ(four.ReceiveAll(), "-ERR max number of clients reached\r\n");
    EXPECT_THAT(three.Ask("INFO stats"), HasSubstr("rejected_connections:1\r\n"));
    EXPECT_EQ(three.Ask("QUIT"), "OK");
    EXPECT_EQ(three.ReceiveAll(), "");
  }
  LoopbackClient five(another.port());
  EXPECT_EQ(five.Ask("PING"), "PONG") << "the place of the third is free again";
}

TEST(Server, MaxClientsIsWhatTheDescriptorsAllow) {
  const auto descriptors = std::make_shared<api::DescriptorBudget>(604);
  LoopbackServer server({.descriptors = descriptors});
  LoopbackClient client(server.port());
  client.Send("CONFIG GET maxclients\r\n");
  EXPECT_EQ(client.Receive(30), "*2\r\n$10\r\nmaxclients\r\n$3\r\n604\r\n");
  EXPECT_THAT(client.Ask("INFO clients"), HasSubstr("maxclients:604\r\n"));
  EXPECT_EQ(client.Ask("CONFIG SET maxclients 605"),
            "ERR CONFIG SET failed (possibly related to argument 'maxclients') - The operating "
            "system is not able to handle the specified number of clients, try with 604");
  EXPECT_EQ(client.Ask("CONFIG SET maxclients 603"), "OK");
  EXPECT_THAT(client.Ask("INFO clients"), HasSubstr("maxclients:603\r\n"));
  EXPECT_EQ(client.Ask("CONFIG SET maxclients 604"), "OK");
}

TEST(Server, KeepsBigValuesWhole) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  std::string value(5 << 20, '\0');
  for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 2654435761u >> 13);
  client.Send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + std::to_string(value.size()) + "\r\n" + value +
              "\r\n");
  EXPECT_EQ(client.ReceiveReply().text, "OK");
  client.Send("GET k\r\n");
  EXPECT_EQ(client.ReceiveReply().text, value);
}

TEST(Server, GivesLargeInputBuffersBack) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  const std::string value(1 << 20, 'v');
  client.Send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048576\r\n" + value + "\r\n");
  EXPECT_EQ(client.ReceiveReply().text, "OK");
  EXPECT_EQ(client.Ask("PING"), "PONG");
  EXPECT_THAT(client.Ask("CLIENT INFO"), HasSubstr(" qbuf-free=163"));
}

TEST(Server, ClosesClientsThatOthersKill) {
  LoopbackServer server;
  LoopbackClient victim(server.port());
  const std::string id = victim.Ask("CLIENT ID");
  LoopbackClient killer(server.port());
  EXPECT_EQ(killer.Ask("CLIENT KILL ID " + id), "1");
  EXPECT_EQ(victim.ReceiveAll(), "");
  EXPECT_EQ(killer.Ask("CLIENT KILL ID " + killer.Ask("CLIENT ID") + " SKIPME no"), "1");
  EXPECT_EQ(killer.ReceiveAll(), "") << "it kills itself after the reply";
}

TEST(Server, ListsItsClientsWithTheirAddresses) {
  LoopbackServer server;
  LoopbackClient client(server.port());
  const std::string local = std::to_string(client.socket().local_endpoint().port());
  EXPECT_THAT(client.Ask("CLIENT LIST"), HasSubstr("addr=127.0.0.1:" + local + " laddr=127.0.0.1:" +
                                                   std::to_string(server.port()) + " "));
}

TEST(Server, HoldsUpEveryClientWhileOneSleeps) {
  LoopbackServer server({}, /*threads=*/2);
  LoopbackClient sleeper(server.port()), other(server.port());
  EXPECT_EQ(other.Ask("PING"), "PONG");
  sleeper.Send("SET order first\r\nDEBUG SLEEP 0.05\r\nGET order\r\n");
  // The sleeper's whole batch is answered after the sleep. Whatever the other says meanwhile comes
  // before or after the sleep, never inside: it cannot see the key and change it before GET.
  other.Send("SET order second\r\n");
  EXPECT_EQ(sleeper.Receive(10), "+OK\r\n+OK\r\n");
  EXPECT_EQ(other.ReceiveReply().text, "OK");
  EXPECT_THAT(sleeper.ReceiveReply().text, testing::AnyOf("first", "second"));
  EXPECT_EQ(other.Ask("GET order"), other.Ask("GET order"));
}

TEST(Server, StopsWhileAClientSleeps) {
  LoopbackServer server;
  LoopbackClient sleeper(server.port());
  sleeper.Send("DEBUG SLEEP 3600\r\nPING\r\n");
  LoopbackClient other(server.port());
  while (!server.server().state().hold.raised()) std::this_thread::yield();
  other.Send("PING\r\n");
  server.server().Stop();
  EXPECT_EQ(sleeper.ReceiveAll(), "");
  EXPECT_EQ(other.ReceiveAll(), "");
}

TEST(Server, ClosesAllClientsWhenItStops) {
  LoopbackServer server({}, /*threads=*/2);
  std::vector<std::unique_ptr<LoopbackClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<LoopbackClient>(server.port()));
    EXPECT_EQ(clients.back()->Ask("PING"), "PONG");
  }
  server.server().Stop();
  for (const auto& client : clients) EXPECT_EQ(client->ReceiveAll(), "");
  EXPECT_EQ(server.server().state().clients.size(), 0u);
}

TEST(Server, ThePortIsFreeAsSoonAsItHasBeenToldToStop) {
  store::VirtualClock clock(1'592'187'678'669);
  api::Node node({.seed = 1, .epoch = clock.Now()}, clock);
  boost::asio::io_context io(1);  // which nobody runs: nothing is closed yet
  auto server = Server::Start(io, node, {});
  ASSERT_TRUE(server.ok()) << server.status();
  const uint16_t port = (*server)->port();
  for (int i = 0; i < 3; ++i) {
    (*server)->Stop();
    server = Server::Start(io, node, {.port = port});
    ASSERT_TRUE(server.ok()) << server.status();
  }
}

TEST(Server, SaysThatAPortIsInUse) {
  LoopbackServer server;
  boost::asio::io_context io;
  const auto second = Server::Start(io, server.node(), {.port = server.port()});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(
      second.status().message(),
      "cannot listen on 127.0.0.1:" + std::to_string(server.port()) + ": Address already in use");
}

TEST(Server, SaysWhatIsWrongWithItsOptions) {
  LoopbackServer server;
  boost::asio::io_context io;
  const auto bad_host = Server::Start(io, server.node(), {.host = "no.such.host"});
  EXPECT_EQ(bad_host.status().code(), absl::StatusCode::kInvalidArgument);
  const auto bad_parameter =
      Server::Start(io, server.node(), {.parameters = {{"maxclients", "many"}}});
  EXPECT_EQ(bad_parameter.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Server, CountsEachIncrementOfManyClientsOnManyThreads) {
  LoopbackServer server({}, /*threads=*/4);
  constexpr int kClients = 8, kIncrements = 2000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      LoopbackClient client(server.port());
      client.Send(Repeat("INCR n\r\nHINCRBY h f 1\r\n", kIncrements));
      for (int reply = 0; reply < 2 * kIncrements; ++reply) client.ReceiveReply();
    });
  }
  for (std::thread& thread : threads) thread.join();
  LoopbackClient client(server.port());
  EXPECT_EQ(client.Ask("GET n"), std::to_string(kClients * kIncrements));
  EXPECT_EQ(client.Ask("HGET h f"), std::to_string(kClients * kIncrements));
}

}  // namespace
}  // namespace dcs::resp
