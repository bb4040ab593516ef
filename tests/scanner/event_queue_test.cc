#include "scanner/event_queue.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace dcs::scanner {
namespace {

class EventQueueTest : public ::testing::Test {
 protected:
  // Adds an event that records its name and the time at which it ran.
  Scheduler::TimerId Note(int64_t delay_ms, const std::string& name) {
    return events_.After(
        delay_ms, [this, name] { notes_.push_back(name + "@" + std::to_string(clock_.Now())); });
  }

  store::VirtualClock clock_{1'000};
  EventQueue events_{clock_};
  std::vector<std::string> notes_;
};

using Notes = std::vector<std::string>;

TEST(EventQueueTimesTest, ClockFarBelowZero_DelaysDoNotOverflow) {
  constexpr store::TimeMs kFirst = std::numeric_limits<store::TimeMs>::min();
  constexpr int64_t kLongest = std::numeric_limits<int64_t>::max();
  store::VirtualClock clock(kFirst + 5);
  EventQueue events(clock);
  int ran = 0;
  events.After(10, [&] { ++ran; });
  events.After(kLongest, [&] { ++ran; });
  EXPECT_EQ(events.Advance(10), 1u);
  EXPECT_EQ(clock.Now(), kFirst + 15);
  EXPECT_EQ(events.NextEvent(), kFirst + 5 + kLongest);
  EXPECT_EQ(events.RunUntil(kLongest - 1), 1u);
  EXPECT_EQ(ran, 2);
  // An event beyond the last representable time runs at that time.
  events.After(kLongest, [&] { ++ran; });
  EXPECT_EQ(events.NextEvent(), kLongest);
  EXPECT_EQ(events.Advance(kLongest), 1u);
}

TEST_F(EventQueueTest, EventsRunInOrderAtTheirDueTimes) {
  Note(30, "c");
  Note(10, "a");
  Note(20, "b");
  EXPECT_EQ(events_.NextEvent(), 1'010);
  EXPECT_EQ(events_.Advance(25), 2u);
  EXPECT_EQ(notes_, (Notes{"a@1010", "b@1020"}));
  EXPECT_EQ(clock_.Now(), 1'025);
  EXPECT_EQ(events_.Advance(5), 1u);
  EXPECT_EQ(notes_.back(), "c@1030");
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

TEST_F(EventQueueTest, EventsOfOneMillisecondRunInOrderOfAdding) {
  for (const char* name : {"first", "second", "third"}) Note(5, name);
  Note(4, "before");
  events_.Advance(5);
  EXPECT_EQ(notes_, (Notes{"before@1004", "first@1005", "second@1005", "third@1005"}));
}

TEST_F(EventQueueTest, NoEventRunsBeforeTheCallerReturns) {
  Note(0, "now");
  Note(-50, "past");
  EXPECT_TRUE(notes_.empty());
  EXPECT_EQ(events_.Advance(0), 2u);
  EXPECT_EQ(notes_, (Notes{"now@1000", "past@1000"}));
}

TEST_F(EventQueueTest, EventsAddedByEventsRunInTheSameCall) {
  int left = 3;
  std::function<void()> again = [&] {
    notes_.push_back("tick@" + std::to_string(clock_.Now()));
    if (--left > 0) events_.After(10, again);
  };
  events_.After(10, again);
  EXPECT_EQ(events_.Advance(30), 3u);
  EXPECT_EQ(notes_, (Notes{"tick@1010", "tick@1020", "tick@1030"}));
}

TEST_F(EventQueueTest, CancelledEvent_DoesNotRun) {
  const Scheduler::TimerId kept = Note(10, "kept");
  const Scheduler::TimerId cancelled = Note(10, "cancelled");
  EXPECT_NE(kept, 0u);
  EXPECT_NE(kept, cancelled);
  events_.Cancel(cancelled);
  events_.Cancel(cancelled);
  events_.Cancel(4711);
  events_.Advance(20);
  EXPECT_EQ(notes_, (Notes{"kept@1010"}));
  events_.Cancel(kept);  // has run: no effect
}

TEST_F(EventQueueTest, EventMayCancelAnotherAndItself) {
  Scheduler::TimerId self = 0;
  const Scheduler::TimerId other = Note(10, "other");
  Note(10, "last");
  self = events_.After(5, [&] {
    events_.Cancel(self);
    events_.Cancel(other);
  });
  EXPECT_EQ(events_.Advance(10), 2u);
  EXPECT_EQ(notes_, (Notes{"last@1010"}));
}

TEST_F(EventQueueTest, EventMayCancelEventOfSameMillisecond) {
  Scheduler::TimerId other = 0;
  events_.After(5, [&] { events_.Cancel(other); });
  other = Note(5, "other");
  EXPECT_EQ(events_.Advance(5), 1u);
  EXPECT_TRUE(notes_.empty());
}

TEST_F(EventQueueTest, ClockNeverGoesBack) {
  EXPECT_EQ(events_.RunUntil(500), 0u);
  EXPECT_EQ(clock_.Now(), 1'000);
  EXPECT_EQ(&events_.clock(), &clock_);
}

}  // namespace
}  // namespace dcs::scanner
