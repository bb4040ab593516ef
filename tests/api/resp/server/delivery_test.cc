// Messages that other threads deliver to a connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/resp/server/client.h"
#include "api/resp/server/client_registry.h"
#include "tests/api/resp/requests.h"
#include "tests/api/resp/server/polled_server.h"
#include "tests/failing_allocation.h"

namespace dcs::resp {
namespace {

Deliveries::Item Message(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest() : raw_(std::make_unique<RawClient>(polled_.port())) { polled_.io().poll(); }

  std::shared_ptr<Client> client() { return polled_.server().state().clients.All().front(); }
  size_t clients() { return polled_.server().state().clients.size(); }
  std::string Receive() {
    polled_.io().poll();
    return raw_->ReceiveWithoutWaiting(&closed_);
  }
  void Limit(std::string_view limits) {
    const std::string_view pair[] = {"client-output-buffer-limit", limits};
    ASSERT_TRUE(polled_.server().state().settings.Set(pair).ok());
  }

  PolledServer polled_;
  std::unique_ptr<RawClient> raw_;
  bool closed_ = false;
};

TEST_F(DeliveryTest, FromSeveralThreads_ArriveWholeAndInOrderBetweenReplies) {
  constexpr int kThreads = 4, kMessages = 500;
  const std::shared_ptr<Client> to = client();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&to, thread] {
      for (int i = 0; i < kMessages; ++i) {
        // Some are large: those are shared, not copied.
        const std::string filler(i % 100 == 0 ? 40'000 : 5, 'm');
        to->Deliver(Message("+" + std::to_string(thread) + " " + std::to_string(i) + " " + filler +
                            "\r\n"));
      }
    });
  }
  std::string pipeline;
  for (int i = 0; i < 3000; ++i) pipeline += "ECHO e" + std::to_string(i) + "\r\n";
  std::string_view unsent = pipeline;
  std::string received;
  int messages = 0, echoes = 0;
  std::vector<int> next(kThreads, 0);
  while (messages < kThreads * kMessages || echoes < 3000) {
    unsent.remove_prefix(raw_->SendWithoutWaiting(unsent.substr(0, 2000)));
    received += Receive();
    ASSERT_FALSE(closed_);
    size_t at = 0;
    while (true) {  // whole lines: a message, or the length and the text of a reply
      const size_t end = received.find("\r\n", at);
      if (end == std::string::npos) break;
      const std::string line = received.substr(at, end - at);
      if (line[0] == '+') {
        const int thread = line[1] - '0';
        ASSERT_EQ(std::stoi(line.substr(3)), next[static_cast<size_t>(thread)]++) << line;
        ++messages;
        at = end + 2;
        continue;
      }
      const size_t text_end = received.find("\r\n", end + 2);
      if (text_end == std::string::npos) break;
      ASSERT_EQ(received.substr(at, text_end - at),
                "$" + std::to_string(text_end - end - 2) + "\r\ne" + std::to_string(echoes));
      ++echoes;
      at = text_end + 2;
    }
    received.erase(0, at);
  }
  EXPECT_EQ(received, "");
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DeliveryTest, ToAnIdleClient_IsWrittenWithoutACommand) {
  client()->Deliver(Message("+one\r\n"));
  client()->Deliver(Message(""));
  client()->Deliver(Message("+two\r\n"));
  EXPECT_EQ(Receive(), "+one\r\n+two\r\n");
  EXPECT_EQ(client()->output_bytes, 0u);
}

TEST_F(DeliveryTest, ReplyOff_DoesNotSuppressMessages) {
  raw_->Send("CLIENT REPLY OFF\r\nPING\r\n");
  EXPECT_EQ(Receive(), "");
  client()->Deliver(Message("+one\r\n"));
  EXPECT_EQ(Receive(), "+one\r\n");
}

TEST_F(DeliveryTest, StalledSubscriber_OverTheHardLimit_IsDisconnected) {
  Limit("pubsub 1mb 0 0");
  const std::shared_ptr<Client> stalled = client();
  stalled->client_class = ClientClass::kPubSub;
  RawClient other(polled_.port());
  polled_.io().poll();
  ASSERT_EQ(clients(), 2u);
  // The system's buffers take some MiB before the server's output begins to wait.
  const Deliveries::Item message = Message(std::string(10'000, 'm'));
  size_t most_waiting = 0;
  for (int i = 0; i < 10'000 && clients() == 2; ++i) {
    stalled->Deliver(message);
    most_waiting = std::max(most_waiting, stalled->output_bytes + stalled->deliveries.bytes());
    polled_.io().poll();
  }
  EXPECT_EQ(clients(), 1u) << "the other client stays";
  EXPECT_LE(most_waiting, (size_t{1} << 20) + OutputLimit::kUncountedBytes + 10'000);
  EXPECT_EQ(message.use_count(), 1) << "its messages are released";
  other.Send("PING\r\n");
  polled_.io().poll();
  bool closed;
  EXPECT_EQ(other.ReceiveWithoutWaiting(&closed), "+PONG\r\n");
}

TEST_F(DeliveryTest, NormalClient_HasNoLimitByDefault) {
  const std::shared_ptr<Client> to = client();
  const Deliveries::Item message = Message(std::string(100'000, 'm'));
  for (int i = 0; i < 500; ++i) to->Deliver(message);
  polled_.io().poll();
  EXPECT_EQ(clients(), 1u);
  EXPECT_GT(to->output_bytes, 20u << 20);
}

TEST_F(DeliveryTest, SoftLimit_DisconnectsAfterItsSecondsByTheNodesClock) {
  Limit("pubsub 0 1mb 10");
  const std::shared_ptr<Client> stalled = client();
  stalled->client_class = ClientClass::kPubSub;
  const Deliveries::Item message = Message(std::string(100'000, 'm'));
  while (stalled->output_bytes < (2u << 20)) {
    stalled->Deliver(message);
    polled_.io().poll();
    ASSERT_EQ(clients(), 1u);
  }
  polled_.Advance(10'000);
  stalled->notify();
  polled_.io().poll();
  EXPECT_EQ(clients(), 1u) << "not longer than the limit's seconds";
  polled_.Advance(1'000);
  stalled->notify();
  polled_.io().poll();
  EXPECT_EQ(clients(), 0u);
}

TEST_F(DeliveryTest, SoftLimit_ForgetsAClientThatCaughtUp) {
  Limit("pubsub 0 1mb 10");
  const std::shared_ptr<Client> to = client();
  to->client_class = ClientClass::kPubSub;
  const Deliveries::Item message = Message(std::string(100'000, 'm'));
  for (int round = 0; round < 3; ++round) {
    while (to->output_bytes < (2u << 20)) {
      to->Deliver(message);
      polled_.io().poll();
    }
    polled_.Advance(9'000);
    while (to->output_bytes > 0) Receive();
    ASSERT_EQ(clients(), 1u) << round;
  }
}

TEST_F(DeliveryTest, AfterQuit_NothingIsDelivered) {
  const std::shared_ptr<Client> to = client();
  raw_->Send("QUIT\r\n");
  EXPECT_EQ(Receive(), "+OK\r\n");
  const Deliveries::Item message = Message("+late\r\n");
  to->Deliver(message);
  EXPECT_EQ(Receive(), "");
  EXPECT_TRUE(closed_);
  EXPECT_EQ(message.use_count(), 1);
}

TEST_F(DeliveryTest, AfterClose_NothingIsDelivered) {
  const std::shared_ptr<Client> to = client();
  raw_.reset();
  while (clients() > 0) polled_.io().run_one();
  const Deliveries::Item message = Message("+late\r\n");
  to->Deliver(message);
  polled_.io().poll();
  EXPECT_EQ(message.use_count(), 1);
}

TEST_F(DeliveryTest, FailedAllocation_DeliversOrCloses) {
  for (uint64_t n = 1; n < 1000; ++n) {
    SCOPED_TRACE(n);
    raw_ = std::make_unique<RawClient>(polled_.port());
    while (clients() != 1 || client()->state != ConnectionState::kReading) polled_.io().run_one();
    polled_.io().poll();
    const std::shared_ptr<Client> to = client();
    const Deliveries::Item small = Message("+small\r\n");
    const Deliveries::Item large = Message(std::string(100'000, 'm'));
    bool failed;
    {
      const FailingAllocation failing(n);
      to->Deliver(small);
      to->Deliver(large);
      polled_.io().poll();
      failed = failing.failed();
    }
    std::string received;
    for (int i = 0; i < 20; ++i) received += Receive();
    EXPECT_TRUE(closed_ || received == *small + *large) << received.size();
    raw_.reset();
    while (clients() > 0) polled_.io().run_one();
    EXPECT_EQ(large.use_count(), 1);
    if (!failed) return;
  }
  ADD_FAILURE() << "too many allocations";
}

}  // namespace
}  // namespace dcs::resp
