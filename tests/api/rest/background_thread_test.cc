#include "api/rest/background_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace dcs::rest {
namespace {

TEST(BackgroundThread, CallsTasksOneAtATimeInTheOrderPosted) {
  BackgroundThread background;
  std::vector<int> order;  // used by one thread, so it needs no lock
  for (int i = 0; i < 1'000; ++i) background.Post([&order, i](bool) { order.push_back(i); });
  background.Join();
  EXPECT_EQ(order.size(), 1'000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(BackgroundThread, Stop_DoesNotWaitAndUnwantsWaitingTasks) {
  BackgroundThread background;
  std::promise<void> started, go_on;
  std::vector<bool> wanted;
  background.Post([&](bool) {
    started.set_value();
    go_on.get_future().wait();
  });
  for (int i = 0; i < 3; ++i) background.Post([&](bool is) { wanted.push_back(is); });
  started.get_future().wait();
  background.Stop();
  background.Post([&](bool is) { wanted.push_back(is); });
  go_on.set_value();
  background.Join();
  EXPECT_THAT(wanted, testing::ElementsAre(false, false, false, false));
}

TEST(BackgroundThread, Destruction_WaitsForTheRunningTask) {
  bool ended = false;
  std::promise<void> started;
  auto background = std::make_unique<BackgroundThread>();
  background->Post([&](bool) {
    started.set_value();
    std::this_thread::yield();
    ended = true;
  });
  started.get_future().wait();
  background.reset();
  EXPECT_TRUE(ended);
}

TEST(BackgroundThread, LowPriority_IsInheritedByStartedThreads) {
  const auto nice_value = [] { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); };
  const int here = nice_value();
  int there = 0, started_there = 0;
  BackgroundThread background;
  background.Post([&](bool) {
    there = nice_value();
    std::thread([&] { started_there = nice_value(); }).join();
  });
  background.Join();
  EXPECT_EQ(there, 19);
  EXPECT_EQ(started_there, there);
  EXPECT_EQ(nice_value(), here);
}

}  // namespace
}  // namespace dcs::rest
