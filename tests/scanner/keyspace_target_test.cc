#include "scanner/keyspace_target.h"

#include <gtest/gtest.h>

#include <string>

namespace dcs::scanner {
namespace {

TEST(KeyspaceTargetTest, WalksOnceAndReleasesExpiredKeys) {
  store::VirtualClock clock(1'000'000);
  store::Keyspace keyspace({.shards = 4, .epoch = 1'000'000, .lazy_free_thread = false});
  size_t bytes = 0;
  for (int i = 0; i < 3'000; ++i) {
    const store::TimeMs deadline = i % 3 == 0 ? store::kNoDeadline : clock.Now() + i % 3 * 100;
    ASSERT_TRUE(keyspace.Set("key:" + std::to_string(i), "value", deadline, clock.Now()).ok());
  }
  clock.AdvanceTo(clock.Now() + 150);  // a third has expired
  bytes = keyspace.TakeCensus(clock.Now()).expired_bytes;
  KeyspaceTarget target(keyspace, clock);
  EXPECT_EQ(target.SizeEstimate(), 3'000u);
  StepResult sum;
  while (!sum.done) {
    const StepResult step = target.StepNow(50);
    sum.visited += step.visited;
    sum.released += step.released;
    sum.released_bytes += step.released_bytes;
    sum.done = step.done;
  }
  EXPECT_EQ(sum.visited, 3'000u);
  EXPECT_EQ(sum.released, 1'000u);
  EXPECT_EQ(sum.released_bytes, bytes);
  EXPECT_EQ(target.SizeEstimate(), 2'000u);
}

TEST(KeyspaceTargetTest, StepReadsTheClockAgain) {
  store::VirtualClock clock(0);
  store::Keyspace keyspace({.shards = 1, .lazy_free_thread = false});
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(keyspace.Set("key:" + std::to_string(i), "value", 100, 0).ok());
  }
  KeyspaceTarget target(keyspace, clock);
  const StepResult before = target.StepNow(500);
  EXPECT_EQ(before.released, 0u);
  clock.AdvanceTo(101);
  const StepResult after = target.StepNow(10'000);
  EXPECT_TRUE(after.done);
  EXPECT_EQ(after.released, 1'000 - before.visited);
}

}  // namespace
}  // namespace dcs::scanner
