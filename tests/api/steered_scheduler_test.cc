#include "api/steered_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace dcs::api {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr store::TimeMs kStart = 1'592'187'678'669;
constexpr int64_t kHour = 3'600'000;

class SteeredSchedulerTest : public testing::Test {
 protected:
  void At(int64_t delay_ms, std::string name) {
    scheduler.After(delay_ms, [this, name = std::move(name)] { Note(name); });
  }
  void Note(const std::string& name) { ran.emplace_back(name, clock.Now() - kStart); }
  void Every(int64_t ms, int& count) {
    scheduler.After(ms, [this, ms, &count] {
      ++count;
      Every(ms, count);
    });
  }
  absl::Status Advance(int64_t ms, const std::string& name = "reached") {
    return scheduler.Advance(ms, [this, name](bool reached) { Note(reached ? name : "ended"); });
  }
  void Run() {
    io.restart();
    io.poll();
  }
  void RunUntil(const std::function<bool()>& done) {
    io.restart();
    const auto guard = boost::asio::make_work_guard(io);
    while (!done()) io.run_one();
  }

  boost::asio::io_context io{1};
  store::SteeredClock clock{kStart};
  SteeredScheduler scheduler{io, clock};
  std::vector<std::pair<std::string, int64_t>> ran;
};

TEST_F(SteeredSchedulerTest, TimeStandsStillUntilItIsAdvanced) {
  At(0, "at once");
  At(1, "later");
  Run();
  EXPECT_THAT(ran, ElementsAre(Pair("at once", 0)));
  EXPECT_EQ(clock.Now(), kStart);
}

TEST_F(SteeredSchedulerTest, TimersRunInOrderEachAtItsTime) {
  At(3'000, "c");
  At(1'000, "a");
  At(1'000, "b");
  scheduler.After(2'000, [this] {
    Note("nested");
    At(0, "follower");
    At(500, "later");
  });
  At(5'001, "too late");
  ASSERT_TRUE(Advance(5'000).ok());
  Run();
  EXPECT_THAT(ran, ElementsAre(Pair("a", 1'000), Pair("b", 1'000), Pair("nested", 2'000),
                               Pair("follower", 2'000), Pair("later", 2'500), Pair("c", 3'000),
                               Pair("reached", 5'000)));
  EXPECT_EQ(clock.Now(), kStart + 5'000);
}

TEST_F(SteeredSchedulerTest, ATimerDueAtTheGoalRunsBeforeTheAnswer) {
  At(1'000, "due");
  ASSERT_TRUE(Advance(1'000).ok());
  Run();
  EXPECT_THAT(ran, ElementsAre(Pair("due", 1'000), Pair("reached", 1'000)));
}

TEST_F(SteeredSchedulerTest, NobodySeesATimeWhoseTimersAreStillToCome) {
  At(1'000, "due");
  ASSERT_TRUE(Advance(5'000).ok());
  EXPECT_EQ(clock.Now(), kStart + 1'000);
  Run();
  EXPECT_EQ(clock.Now(), kStart + 5'000);
}

TEST_F(SteeredSchedulerTest, ACancelledTimerNeitherRunsNorHoldsTimeUp) {
  const auto timer = scheduler.After(1'000, [this] { Note("cancelled"); });
  At(2'000, "kept");
  scheduler.After(500, [this, timer] { scheduler.Cancel(timer); });
  ASSERT_TRUE(Advance(5'000).ok());
  Run();
  EXPECT_THAT(ran, ElementsAre(Pair("kept", 2'000), Pair("reached", 5'000)));
}

TEST_F(SteeredSchedulerTest, AdvancesAddUpAndEachSeesItsTime) {
  ASSERT_TRUE(Advance(1'000, "first").ok());
  ASSERT_TRUE(Advance(0, "nothing more").ok());
  ASSERT_TRUE(Advance(2'000, "second").ok());
  Run();
  EXPECT_THAT(
      ran, ElementsAre(Pair("first", 1'000), Pair("nothing more", 1'000), Pair("second", 3'000)));
}

TEST_F(SteeredSchedulerTest, OthersHaveTheirTurnDuringALongAdvance) {
  int steps = 0;
  Every(1, steps);
  ASSERT_TRUE(Advance(kHour).ok());
  int turns = 0;
  std::function<void()> other = [&] {
    ++turns;
    if (ran.empty()) boost::asio::post(io, other);
  };
  boost::asio::post(io, other);
  Run();
  EXPECT_EQ(steps, kHour);
  EXPECT_GT(turns, 10);
  EXPECT_THAT(ran, ElementsAre(Pair("reached", kHour)));
}

TEST_F(SteeredSchedulerTest, StopEndsAnAdvanceInTheMiddle) {
  scheduler.After(1'000, [this] { scheduler.Stop(); });
  At(2'000, "after the end");
  ASSERT_TRUE(Advance(kHour).ok());
  Run();
  EXPECT_THAT(ran, ElementsAre(Pair("ended", 1'000)));
  EXPECT_EQ(clock.Now(), kStart + 1'000);
  EXPECT_EQ(Advance(1).code(), absl::StatusCode::kUnavailable);
  scheduler.Stop();
}

TEST_F(SteeredSchedulerTest, WhatCannotBeIsRefusedAndChangesNothing) {
  EXPECT_EQ(Advance(-1).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Advance(SteeredScheduler::kMostAdvanceMs + 1).code(),
            absl::StatusCode::kInvalidArgument);
  for (const double rate : {-0.5, SteeredScheduler::kMostRate + 1, HUGE_VAL, std::nan("")}) {
    EXPECT_EQ(scheduler.SetRate(rate).code(), absl::StatusCode::kInvalidArgument) << rate;
  }
  for (size_t i = 0; i < SteeredScheduler::kMostAdvances; ++i) ASSERT_TRUE(Advance(0).ok());
  EXPECT_EQ(Advance(0).code(), absl::StatusCode::kResourceExhausted);
  Run();
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_EQ(scheduler.rate(), 0);
}

TEST_F(SteeredSchedulerTest, TheClockEndsIn2100) {
  bool refused = false;
  for (int i = 0; i < 1'000 && !refused; ++i) {
    refused = Advance(SteeredScheduler::kMostAdvanceMs).code() == absl::StatusCode::kOutOfRange;
    Run();
  }
  EXPECT_TRUE(refused);
  EXPECT_LE(clock.Now(), store::SteeredClock::kEnd);
}

TEST_F(SteeredSchedulerTest, AtARateTimersComeByThemselvesInOrder) {
  At(2 * kHour, "b");
  At(kHour, "a");
  ASSERT_TRUE(scheduler.SetRate(SteeredScheduler::kMostRate).ok());
  RunUntil([this] { return ran.size() == 2; });
  EXPECT_EQ(ran[0].first, "a");
  EXPECT_EQ(ran[0].second, kHour);
  EXPECT_EQ(ran[1].first, "b");
  EXPECT_EQ(ran[1].second, 2 * kHour);
  ASSERT_TRUE(scheduler.SetRate(0).ok());
  Run();
  const store::TimeMs stopped_at = clock.Now();
  EXPECT_EQ(clock.Now(), stopped_at);
}

TEST_F(SteeredSchedulerTest, AnAdvanceWorksAtARateToo) {
  At(kHour, "due");
  ASSERT_TRUE(scheduler.SetRate(1).ok());
  ASSERT_TRUE(Advance(3 * kHour).ok());
  RunUntil([this] { return ran.size() == 2; });
  EXPECT_THAT(ran[0], Pair("due", kHour));
  EXPECT_EQ(ran[1].first, "reached");
  EXPECT_GE(ran[1].second, 3 * kHour);
}

TEST_F(SteeredSchedulerTest, RestartGoesBackToTheStartAndEndsAdvances) {
  ASSERT_TRUE(Advance(kHour).ok());
  Run();
  At(5'000, "waits");
  ASSERT_TRUE(Advance(2'000).ok());
  scheduler.Restart();
  EXPECT_EQ(clock.Now(), kStart);
  ran.clear();
  ASSERT_TRUE(Advance(6'000).ok());
  Run();
  EXPECT_THAT(ran, ElementsAre(Pair("waits", 3'000), Pair("reached", 6'000)));
}

TEST_F(SteeredSchedulerTest, ChangeListener_AdvanceEndsOrRateIsSet_IsCalled) {
  std::vector<int64_t> times;
  scheduler.change_listeners().Add([&] { times.push_back(clock.Now() - kStart); });
  ASSERT_TRUE(Advance(1'000).ok());
  ASSERT_TRUE(Advance(500).ok());
  EXPECT_TRUE(times.empty());
  Run();
  EXPECT_THAT(times, ElementsAre(1'000, 1'500));
  ASSERT_TRUE(scheduler.SetRate(0).ok());
  EXPECT_THAT(times, ElementsAre(1'000, 1'500, 1'500));
}

}  // namespace
}  // namespace dcs::api
