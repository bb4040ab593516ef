#include "scanner/timer_map.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace dcs::scanner {
namespace {

class TimerMapTest : public ::testing::Test {
 protected:
  Scheduler::TimerId Add(store::TimeMs due, const std::string& name) {
    return timers_.Add(due, [this, name] { ran_.push_back(name); });
  }
  // Runs all timers; returns "name@due" of each in order.
  std::vector<std::string> RunAll() {
    std::vector<std::string> notes;
    while (!timers_.empty()) {
      const TimerMap::Timer timer = timers_.TakeFirst();
      timer.fn();
      notes.push_back(ran_.back() + "@" + std::to_string(timer.due));
    }
    return notes;
  }
  using Notes = std::vector<std::string>;

  TimerMap timers_;
  std::vector<std::string> ran_;
};

TEST_F(TimerMapTest, OrdersByDueTimeThenByAdding) {
  Add(20, "c");
  Add(10, "a");
  Add(20, "d");
  Add(15, "b");
  EXPECT_EQ(timers_.NextDue(), 10);
  EXPECT_EQ(RunAll(), (Notes{"a@10", "b@15", "c@20", "d@20"}));
  EXPECT_EQ(timers_.NextDue(), std::nullopt);
}

TEST_F(TimerMapTest, Cancel_PendingTimer_RemovesItOnce) {
  const Scheduler::TimerId id = Add(10, "cancelled");
  EXPECT_NE(id, 0u);
  Add(20, "kept");
  EXPECT_TRUE(timers_.Cancel(id));
  EXPECT_FALSE(timers_.Cancel(id));
  EXPECT_FALSE(timers_.Cancel(4711));
  EXPECT_EQ(RunAll(), Notes{"kept@20"});
}

TEST_F(TimerMapTest, Cancel_TakenTimer_ReturnsFalse) {
  const Scheduler::TimerId id = Add(10, "taken");
  RunAll();
  EXPECT_FALSE(timers_.Cancel(id));
}

TEST_F(TimerMapTest, Rebase_KeepsRemainingDelays) {
  Add(90, "overdue");
  const Scheduler::TimerId cancelled = Add(120, "cancelled");
  Add(150, "later");
  Add(80, "overdue too");
  timers_.Rebase(/*from=*/100, /*to=*/1'000);
  EXPECT_TRUE(timers_.Cancel(cancelled));
  EXPECT_EQ(RunAll(), (Notes{"overdue@1000", "overdue too@1000", "later@1050"}));
}

TEST_F(TimerMapTest, Rebase_DueAtTheEndOfTime_DoesNotOverflow) {
  constexpr store::TimeMs kEnd = std::numeric_limits<store::TimeMs>::max();
  Add(kEnd, "never");
  timers_.Rebase(0, 1'000);
  EXPECT_EQ(timers_.NextDue(), kEnd);
}

}  // namespace
}  // namespace dcs::scanner
