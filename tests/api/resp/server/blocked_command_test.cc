// A command that has no reply yet: what ends its wait, and what waits behind it.
//
// The fake blocked command is PING, whose client the test has block beforehand: the reply +PONG is
// written, then the connection waits for a second reply.
#include "api/resp/server/blocked_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/resp/protocol/reply.h"
#include "api/resp/server/client_description.h"
#include "tests/api/resp/requests.h"
#include "tests/api/resp/server/polled_server.h"
#include "tests/failing_allocation.h"

namespace dcs::resp {
namespace {

constexpr std::string_view kPong = "+PONG\r\n";

BlockedCommand::WriteReply Bulk(std::string text) {
  return [text = std::move(text)](Reply& reply) { reply.Bulk(text); };
}

class BlockedCommandTest : public testing::Test {
 protected:
  BlockedCommandTest() : raw_(std::make_unique<RawClient>(polled_.port())) { polled_.io().poll(); }

  std::shared_ptr<Client> client() { return polled_.server().state().clients.All().front(); }
  size_t clients() { return polled_.server().state().clients.size(); }
  // What the client receives until the server has nothing to do.
  std::string Receive() {
    std::string all;
    for (int quiet = 0; quiet < 3; ++quiet) {
      if (polled_.io().poll() > 0) quiet = 0;
      const std::string come = raw_->ReceiveWithoutWaiting(&closed_);
      if (!come.empty()) quiet = 0;
      all += come;
    }
    return all;
  }
  // Sends PING, which blocks, and `after`.
  std::shared_ptr<BlockedCommand> Block(BlockedCommand::Terms terms, std::string_view after = "") {
    terms.on_cancel = [this] { ++cancelled_; };
    auto command = client()->Block(std::move(terms));
    raw_->Send("PING\r\n" + std::string(after));
    EXPECT_EQ(Receive(), kPong);
    EXPECT_EQ(client()->state, ConnectionState::kBlocked);
    return command;
  }

  int cancelled_ = 0;
  PolledServer polled_;
  std::unique_ptr<RawClient> raw_;
  bool closed_ = false;
};

TEST_F(BlockedCommandTest, Wake_WritesTheReplyBeforeTheRestOfThePipeline) {
  const auto command = Block({}, "ECHO 1\r\nECHO 2\r\n");
  EXPECT_EQ(Receive(), "");
  EXPECT_THAT(DescribeClient(*client(), polled_.clock().Now()), testing::HasSubstr(" flags=b "));
  EXPECT_TRUE(command->Wake(Bulk("v")));
  EXPECT_EQ(Receive(), "$1\r\nv\r\n$1\r\n1\r\n$1\r\n2\r\n");
  EXPECT_EQ(client()->state, ConnectionState::kReading);
  EXPECT_EQ(client()->blocked(), nullptr);
  EXPECT_FALSE(command->Wake(Bulk("again")));
  EXPECT_EQ(Receive(), "");
  EXPECT_EQ(cancelled_, 0);
}

TEST_F(BlockedCommandTest, BatchBehindIt_SurvivesInputThatMovesIt) {
  // One batch: all but the last are whole commands on keys, found together ahead of their
  // execution.
  std::string first, expected;
  for (int i = 0; i < 40; ++i) {
    first += Encode({"INCR", "n"});
    expected += ":" + std::to_string(i + 1) + "\r\n";
  }
  const std::string value(100'000, 'x');
  const std::string last = Encode({"SET", "k", value}) + Encode({"STRLEN", "k"});
  const auto command = client()->Block({});
  raw_->Send(first + last.substr(0, 10));
  EXPECT_EQ(Receive(), ":1\r\n");
  for (std::string_view rest = std::string_view(last).substr(10); !rest.empty();) {
    rest.remove_prefix(raw_->SendWithoutWaiting(rest));
    EXPECT_EQ(Receive(), "");
  }
  EXPECT_GT(client()->input_bytes, value.size()) << "it reads while it waits";
  command->Wake(Bulk("v"));
  EXPECT_EQ(Receive(), "$1\r\nv\r\n" + expected.substr(4) + "+OK\r\n:100000\r\n");
}

TEST_F(BlockedCommandTest, ReadUnderWayWhenItIsWoken_LosesNothing) {
  auto command = Block({}, "ECHO before\r\n");
  command->Wake(Bulk("v"));
  EXPECT_EQ(Receive(), "$1\r\nv\r\n$6\r\nbefore\r\n");
  raw_->Send("ECHO after\r\n");
  EXPECT_EQ(Receive(), "$5\r\nafter\r\n");
}

TEST_F(BlockedCommandTest, Deadline_TimesOutByTheNodesClock) {
  const auto command = Block({.deadline = polled_.clock().Now() + 5'000,
                              .on_timeout = [](Reply& reply) { reply.NullArray(); }},
                             "ECHO next\r\n");
  polled_.Advance(4'999);
  EXPECT_EQ(Receive(), "");
  polled_.Advance(1);
  EXPECT_EQ(Receive(), "*-1\r\n$4\r\nnext\r\n");
  EXPECT_FALSE(command->Claim());
  EXPECT_EQ(cancelled_, 0);
}

TEST_F(BlockedCommandTest, Wake_EndsTheDeadline) {
  const auto command = Block({.deadline = polled_.clock().Now() + 5'000,
                              .on_timeout = [](Reply& reply) { reply.NullArray(); }});
  command->Wake(Bulk("v"));
  EXPECT_EQ(Receive(), "$1\r\nv\r\n");
  polled_.Advance(10'000);
  EXPECT_EQ(Receive(), "");
  EXPECT_EQ(command.use_count(), 1);
}

TEST_F(BlockedCommandTest, Disconnect_CancelsIt) {
  const auto command = Block({.deadline = polled_.clock().Now() + 5'000,
                              .on_timeout = [](Reply& reply) { reply.NullArray(); }});
  raw_.reset();
  while (clients() > 0) polled_.io().run_one();
  EXPECT_EQ(cancelled_, 1);
  EXPECT_FALSE(command->Claim());
  polled_.Advance(10'000);
}

TEST_F(BlockedCommandTest, EndOfSending_ClosesTheConnection) {
  const auto command = Block({}, "ECHO never\r\n");
  raw_->EndSending();
  while (clients() > 0) polled_.io().run_one();
  EXPECT_EQ(Receive(), "");
  EXPECT_TRUE(closed_);
  EXPECT_EQ(cancelled_, 1);
}

TEST_F(BlockedCommandTest, ClientKill_CancelsIt) {
  const auto command = Block({});
  const RawClient killer(polled_.port());
  killer.Send("CLIENT KILL ID " + std::to_string(client()->id) + "\r\n");
  while (cancelled_ == 0) polled_.io().run_one();
  EXPECT_EQ(clients(), 1u);
}

TEST_F(BlockedCommandTest, ServerStop_CancelsIt) {
  const auto command = Block({});
  polled_.server().Stop();
  Receive();
  EXPECT_TRUE(closed_);
  EXPECT_EQ(cancelled_, 1);
}

TEST_F(BlockedCommandTest, ReplyOff_SuppressesTheReply) {
  raw_->Send("CLIENT REPLY OFF\r\n");
  ASSERT_EQ(Receive(), "");
  const auto command = client()->Block({});
  raw_->Send("PING\r\nCLIENT REPLY ON\r\n");
  ASSERT_EQ(Receive(), "");
  ASSERT_EQ(client()->state, ConnectionState::kBlocked);
  command->Wake(Bulk("v"));
  EXPECT_EQ(Receive(), "+OK\r\n");
}

TEST_F(BlockedCommandTest, ReplySkip_SuppressesTheReplyOfThatCommandOnly) {
  raw_->Send("CLIENT REPLY SKIP\r\n");
  ASSERT_EQ(Receive(), "");
  const auto command = client()->Block({});
  raw_->Send("PING\r\nPING\r\n");
  ASSERT_EQ(Receive(), "");
  command->Wake(Bulk("v"));
  EXPECT_EQ(Receive(), kPong);
}

TEST_F(BlockedCommandTest, Messages_KeepTheirOrderWithTheReply) {
  const auto command = Block({}, "ECHO next\r\n");
  const auto message = [](std::string text) {
    return std::make_shared<const std::string>("+" + std::move(text) + "\r\n");
  };
  client()->Deliver(message("one"));
  EXPECT_EQ(Receive(), "+one\r\n") << "a blocked client receives messages";
  client()->Deliver(message("two"));
  command->Wake(Bulk("v"));
  client()->Deliver(message("three"));
  EXPECT_EQ(Receive(), "+two\r\n$1\r\nv\r\n+three\r\n$4\r\nnext\r\n");
}

TEST_F(BlockedCommandTest, BlockedClient_IsNotIdle) {
  const auto command = Block({});
  polled_.Advance(1'000'000);
  client()->close_if_idle();
  EXPECT_EQ(Receive(), "");
  EXPECT_FALSE(closed_);
}

TEST_F(BlockedCommandTest, ReplyWithoutMemory_IsAnError) {
  const auto command = Block({}, "PING\r\n");
  command->Wake([](Reply& reply) {
    reply.Bulk("half a reply");
    throw std::bad_alloc();
  });
  EXPECT_THAT(Receive(), testing::AllOf(testing::StartsWith("-OOM "), testing::EndsWith(kPong)));
}

TEST_F(BlockedCommandTest, FailedAllocation_WritesTheReplyOrCloses) {
  for (uint64_t n = 1; n < 1000; ++n) {
    SCOPED_TRACE(n);
    raw_ = std::make_unique<RawClient>(polled_.port());
    while (clients() != 1 || client()->state != ConnectionState::kReading) polled_.io().run_one();
    Receive();
    const auto command = Block({.deadline = polled_.clock().Now() + 5'000,
                                .on_timeout = [](Reply& reply) { reply.NullArray(); }});
    bool failed;
    {
      const FailingAllocation failing(n);
      command->Wake([](Reply& reply) { reply.Ok(); });
      polled_.io().poll();
      failed = failing.failed();
    }
    const std::string received = Receive();
    EXPECT_TRUE(closed_ || received == "+OK\r\n" || received.starts_with("-OOM")) << received;
    if (!failed) {
      EXPECT_EQ(received, "+OK\r\n");
      return;
    }
    raw_.reset();
    while (clients() > 0) polled_.io().run_one();
  }
  ADD_FAILURE() << "too many allocations";
}

}  // namespace
}  // namespace dcs::resp
