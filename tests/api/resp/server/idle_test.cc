// Which clients count as idle (CONFIG SET timeout).
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/api/resp/requests.h"
#include "tests/api/resp/server/polled_server.h"

namespace dcs::resp {
namespace {

constexpr store::TimeMs kLongMs = 1'000'000;

class Idle : public testing::Test {
 protected:
  void AdvanceClock() { polled_.clock().AdvanceTo(polled_.clock().Now() + kLongMs); }
  // The only client's.
  store::TimeMs IdleMs() {
    store::TimeMs idle_ms = -1;
    polled_.server().state().clients.ForEach(
        [&](const Client& client) { idle_ms = polled_.clock().Now() - client.last_active; });
    return idle_ms;
  }
  void CloseIdle() {
    polled_.server().state().clients.ForEach([](const Client& client) { client.close_if_idle(); });
    polled_.io().poll();
  }
  size_t clients() { return polled_.server().state().clients.size(); }
  // Serves until so many bytes have come.
  void Receive(size_t bytes) {
    while (bytes > 0) {
      polled_.io().poll();
      bytes -= client_.ReceiveSomeWithoutWaiting(bytes).size();
    }
  }

  PolledServer polled_;
  RawClient client_{polled_.port()};
};

TEST_F(Idle, ClientThatSendsIsActiveThoughItsCommandIsUnfinished) {
  client_.Send("PING\r\n");
  Receive(std::string_view("+PONG\r\n").size());
  AdvanceClock();
  EXPECT_EQ(IdleMs(), kLongMs);
  client_.Send("*2\r\n$4\r\nECHO\r\n$10\r\nab");
  while (IdleMs() != 0) polled_.io().run_one();
}

TEST_F(Idle, SilentClientIsClosed) {
  client_.Send("PING\r\n");
  Receive(std::string_view("+PONG\r\n").size());
  AdvanceClock();
  CloseIdle();
  EXPECT_EQ(clients(), 0u);
}

TEST_F(Idle, ClientThatIsReceivingALongReplyIsNotClosed) {
  client_.Send("SETRANGE k 25165823 v\r\n");
  Receive(std::string_view(":25165824\r\n").size());
  client_.Send("GET k\r\n");
  for (int mib = 1; mib <= 12; ++mib) {  // of 24
    Receive(1 << 20);
    AdvanceClock();
    CloseIdle();
    ASSERT_EQ(clients(), 1u) << "after " << mib << " MiB";
  }
  for (int i = 0; i < 3; ++i) {  // it takes nothing more
    AdvanceClock();
    CloseIdle();
  }
  EXPECT_EQ(clients(), 0u);
}

}  // namespace
}  // namespace dcs::resp
