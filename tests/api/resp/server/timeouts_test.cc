#include "api/resp/server/timeouts.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "scanner/event_queue.h"
#include "tests/failing_allocation.h"

namespace dcs::resp {
namespace {

constexpr store::TimeMs kStart = 1'000'000;

class TimeoutsTest : public testing::Test {
 protected:
  // A command without a client: only whether it has ended can be seen.
  static std::shared_ptr<BlockedCommand> Command() {
    return std::make_shared<BlockedCommand>(
        std::weak_ptr<Client>(), BlockedCommand::Terms{.on_timeout = [](Reply&) {}}, false);
  }

  store::VirtualClock clock_{kStart};
  scanner::EventQueue events_{clock_};
  Timeouts timeouts_{&events_};
};

TEST_F(TimeoutsTest, AdvancedClock_TimesOutAtTheDeadline) {
  const auto command = Command();
  timeouts_.Add(kStart + 500, command);
  events_.Advance(499);
  EXPECT_FALSE(command->finished());
  events_.Advance(1);
  EXPECT_TRUE(command->finished());
  EXPECT_FALSE(events_.NextEvent()) << "no timer is left";
}

TEST_F(TimeoutsTest, EachDeadlineIsKept_InWhateverOrderTheyCome) {
  std::vector<std::shared_ptr<BlockedCommand>> commands;
  for (const int64_t delay : {300, 100, 200, 100, 400}) {
    commands.push_back(Command());
    timeouts_.Add(kStart + delay, commands.back());
    events_.Advance(0);
  }
  const auto finished = [&] {
    std::string all;
    for (const auto& command : commands) all += command->finished() ? '1' : '0';
    return all;
  };
  events_.Advance(100);
  EXPECT_EQ(finished(), "01010");
  events_.Advance(100);
  EXPECT_EQ(finished(), "01110");
  events_.Advance(100);
  EXPECT_EQ(finished(), "11110");
  events_.Advance(100);
  EXPECT_EQ(finished(), "11111");
}

TEST_F(TimeoutsTest, PastDeadline_TimesOutSoon) {
  const auto command = Command();
  timeouts_.Add(kStart - 5, command);
  events_.Advance(0);
  EXPECT_TRUE(command->finished());
}

TEST_F(TimeoutsTest, Remove_EndsTheDeadlineOnly) {
  const auto removed = Command(), kept = Command();
  const Timeouts::Place place = timeouts_.Add(kStart + 100, removed);
  timeouts_.Add(kStart + 200, kept);
  timeouts_.Remove(place);
  timeouts_.Remove(place);
  EXPECT_EQ(removed.use_count(), 1);
  events_.Advance(200);
  EXPECT_FALSE(removed->finished());
  EXPECT_TRUE(kept->finished());
}

TEST_F(TimeoutsTest, ClaimedCommand_IsLeftToItsEvent) {
  const auto command = Command();
  timeouts_.Add(kStart + 100, command);
  ASSERT_TRUE(command->Claim());
  events_.Advance(100);
  EXPECT_FALSE(command->finished());
}

TEST_F(TimeoutsTest, WithoutScheduler_RunDueTimesOut) {
  Timeouts alone(nullptr);
  const auto command = Command();
  alone.Add(kStart + 100, command);
  alone.RunDue(kStart + 99);
  EXPECT_FALSE(command->finished());
  alone.RunDue(kStart + 100);
  EXPECT_TRUE(command->finished());
}

TEST_F(TimeoutsTest, FailedAllocation_AddsNothing) {
  for (uint64_t n = 1;; ++n) {
    const auto command = Command();
    bool failed, thrown = false;
    {
      const FailingAllocation failing(n);
      try {
        timeouts_.Add(kStart + 100, command);
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
      failed = failing.failed();
    }
    EXPECT_EQ(failed, thrown);
    if (thrown) {
      EXPECT_EQ(command.use_count(), 1);
    }
    if (!failed) break;
  }
  events_.Advance(100);
}

TEST_F(TimeoutsTest, TimerOutlivesTheServer) {
  const auto command = Command();
  Timeouts(&events_).Add(kStart + 100, command);
  events_.Advance(100);
  EXPECT_TRUE(command->finished());
}

}  // namespace
}  // namespace dcs::resp
