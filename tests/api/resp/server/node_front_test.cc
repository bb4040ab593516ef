#include "api/resp/server/node_front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/api/resp/server/loopback.h"

namespace dcs::resp {
namespace {

using testing::StartsWith;

// Threads of clients, and nodes in front of which servers come and go.
class NodeFrontTest : public ::testing::Test {
 protected:
  NodeFrontTest() : work_(io_.get_executor()), thread_([this] { io_.run(); }) {}
  ~NodeFrontTest() override {
    work_.reset();
    thread_.join();
  }
  std::shared_ptr<api::Node> NewNode() {
    return std::make_shared<api::Node>(store::KeyspaceOptions{.seed = 1, .epoch = clock_.Now()},
                                       clock_);
  }
  std::unique_ptr<api::RedisFront> Open(std::shared_ptr<api::Node> node, uint16_t port = 0,
                                        const api::RedisParameters& parameters = {}) {
    auto front = NodeFrontFactory(io_)(std::move(node), port, parameters);
    EXPECT_TRUE(front.ok()) << front.status();
    return *std::move(front);
  }

  store::VirtualClock clock_{1'700'000'000'000};
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

TEST_F(NodeFrontTest, ServesTheNodeOnItsPort) {
  const auto node = NewNode();
  const auto front = Open(node);
  EXPECT_EQ(node->resp_port.load(), front->port());
  LoopbackClient client(front->port());
  EXPECT_EQ(client.Ask("SET k v"), "OK");
  EXPECT_EQ(node->keyspace.Get("k", clock_.Now()), "v");
}

TEST_F(NodeFrontTest, EachFrontHasItsOwnKeysAndPassword) {
  const auto open = NewNode();
  const auto closed = NewNode();
  closed->password = "secret";
  const auto one = Open(open);
  const auto two = Open(closed);
  LoopbackClient to_open(one->port());
  LoopbackClient to_closed(two->port());
  EXPECT_EQ(to_open.Ask("SET k v"), "OK");
  EXPECT_THAT(to_closed.Ask("GET k"), StartsWith("NOAUTH"));
  EXPECT_EQ(to_closed.Ask("AUTH secret"), "OK");
  EXPECT_EQ(to_closed.Ask("DBSIZE"), "0");
}

TEST_F(NodeFrontTest, ParametersAreInForceFromTheStart) {
  const auto node = NewNode();
  const auto front = Open(node, 0, {{"maxmemory", "1"}, {"hz", "50"}, {"active-expire-num", "7"}});
  LoopbackClient client(front->port());
  EXPECT_THAT(client.Ask("SET k v"), StartsWith("OOM"));
  EXPECT_EQ(node->tuning.Load().hz, 50);
  EXPECT_EQ(node->tuning.Load().keys, 7);
}

TEST_F(NodeFrontTest, AChangeReachesClientsAndNaturalDeletionOrNobody) {
  const auto node = NewNode();
  const auto front = Open(node);
  LoopbackClient client(front->port());
  EXPECT_TRUE(front->SetParameters({{"hz", "100"}, {"timeout", "60"}}).ok());
  const std::string expected = "*2\r\n$7\r\ntimeout\r\n$2\r\n60\r\n";
  client.Send("CONFIG GET timeout\r\n");
  EXPECT_EQ(client.Receive(expected.size()), expected);
  EXPECT_EQ(node->tuning.Load().hz, 100);
  EXPECT_FALSE(front->SetParameters({{"hz", "200"}, {"timeout", "x"}}).ok());
  EXPECT_FALSE(front->SetParameters({{"hz", "200"}, {"no-such", "1"}}).ok());
  EXPECT_EQ(node->tuning.Load().hz, 100);
}

TEST_F(NodeFrontTest, MaxClientsIsLoweredToTheDescriptorsThereAre) {
  ServerOptions options;
  options.descriptors = std::make_shared<api::DescriptorBudget>(600);
  const auto front = *NodeFrontFactory(io_, options)(NewNode(), 0, {{"maxclients", "20000"}});
  LoopbackClient client(front->port());
  EXPECT_THAT(client.Ask("INFO clients"), testing::HasSubstr("maxclients:600\r\n"));
  ASSERT_TRUE(front->SetParameters({{"maxclients", "500"}}).ok());
  EXPECT_THAT(client.Ask("INFO clients"), testing::HasSubstr("maxclients:500\r\n"));
  ASSERT_TRUE(front->SetParameters({{"maxclients", "50000"}}).ok());
  EXPECT_THAT(client.Ask("INFO clients"), testing::HasSubstr("maxclients:600\r\n"));
}

TEST_F(NodeFrontTest, APortInUseIsSaidToBe) {
  const auto front = Open(NewNode());
  const auto second = NodeFrontFactory(io_)(NewNode(), front->port(), {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(NodeFrontTest, ItsEndClosesItsConnectionsAndFreesThePort) {
  const auto node = NewNode();
  auto front = Open(node);
  const uint16_t port = front->port();
  LoopbackClient client(port);
  EXPECT_EQ(client.Ask("SET k v"), "OK");
  front.reset();
  EXPECT_EQ(client.ReceiveAll(), "") << "closed";
  // The port is free as soon as the thread has closed it.
  absl::StatusOr<std::unique_ptr<api::RedisFront>> again = absl::UnavailableError("not yet");
  while (!again.ok()) again = NodeFrontFactory(io_)(node, port, {});
  LoopbackClient next(port);
  EXPECT_EQ(next.Ask("GET k"), "v") << "the node's keys are the node's";
}

TEST_F(NodeFrontTest, TheNodeLivesUntilItsLastConnectionHasGone) {
  auto node = NewNode();
  const std::weak_ptr<api::Node> watched = node;
  auto front = Open(std::move(node));
  LoopbackClient client(front->port());
  EXPECT_EQ(client.Ask("PING"), "PONG");
  EXPECT_FALSE(watched.expired()) << "the front holds it";
  // Commands are under way while the front goes.
  for (int i = 0; i < 1000; ++i) client.Send("SET k" + std::to_string(i) + " v\r\n");
  front.reset();
  client.ReceiveAll();
  while (!watched.expired()) std::this_thread::yield();
}

}  // namespace
}  // namespace dcs::resp
