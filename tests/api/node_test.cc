#include "api/node.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "scanner/event_queue.h"

namespace dcs::api {
namespace {

constexpr store::TimeMs kStart = 1'700'000'000'000;
constexpr StatsParts kAllParts = {
    .used = true, .memory = true, .keys = true, .expiry = true, .clients = true, .rates = true};

class NodeTest : public ::testing::Test {
 protected:
  void Set(const std::string& key, store::TimeMs deadline) {
    ASSERT_TRUE(node_.keyspace.Set(key, "v", deadline, clock_.Now()).ok());
  }

  store::VirtualClock clock_{kStart};
  scanner::EventQueue events_{clock_};
  Node node_{{.shards = 4, .seed = 1, .epoch = kStart, .lazy_free_thread = false}, clock_};
};

TEST_F(NodeTest, TakeStats_NewNode_IsZero) {
  const Stats stats = node_.TakeStats(kAllParts);
  EXPECT_EQ(stats.commands_processed, 0u);
  EXPECT_EQ(stats.keys.expired_keys(), 0u);
  EXPECT_EQ(stats.expiry.keys, 0u);
  EXPECT_EQ(stats.clients.connected, 0u);
  EXPECT_EQ(stats.natural_deletion.busy_us, 0);
}

TEST_F(NodeTest, TakeStats_MakesOnlyThePartsAskedFor) {
  Set("k", kStart + 10);
  const Stats none = node_.TakeStats({});
  EXPECT_EQ(none.used_bytes, 0u);
  EXPECT_EQ(none.expiry.keys, 0u);
  const Stats used = node_.TakeStats({.used = true});
  EXPECT_EQ(used.used_bytes, node_.keyspace.UsedBytes());
  EXPECT_EQ(used.memory.used(), 0u);
  const Stats memory = node_.TakeStats({.memory = true});
  EXPECT_EQ(memory.used_bytes, used.used_bytes);
  EXPECT_EQ(memory.memory.used(), used.used_bytes);
  EXPECT_EQ(memory.peak_used_bytes, used.used_bytes);
  const Stats expiry = node_.TakeStats({.expiry = true}, kStart + 11);
  EXPECT_EQ(expiry.expiry.keys, 1u);
  EXPECT_EQ(expiry.expiry.expired_keys, 1u) << "at the time given, not the clock's";
}

TEST_F(NodeTest, TakeStats_CountsWhatTheRunCounts) {
  const std::shared_ptr<RunStats> run = node_.BeginRun();
  Counters::Add(run->counters.commands_processed, 5);
  Counters::Add(run->counters.keyspace_hits, 3);
  Counters::Add(run->counters.keyspace_misses, 2);
  Counters::Add(run->counters.net_input_bytes, 4'096);
  run->set_client_source([] { return ClientStats{.connected = 7, .buffers = 70}; });
  clock_.AdvanceTo(kStart + 2'000);
  const Stats stats = node_.TakeStats(kAllParts);
  EXPECT_EQ(stats.commands_processed, 5u);
  EXPECT_EQ(stats.keyspace_hits, 3u);
  EXPECT_EQ(stats.keyspace_misses, 2u);
  EXPECT_EQ(stats.net_input_bytes, 4'096u);
  EXPECT_EQ(stats.clients.connected, 7u);
  EXPECT_EQ(stats.clients.buffers, 70u);
  EXPECT_EQ(stats.rates.commands, 3u) << "5 in two seconds, rounded";
  EXPECT_DOUBLE_EQ(stats.rates.input_kb, 2);
  run->set_client_source(nullptr);
  EXPECT_EQ(node_.TakeStats(kAllParts).clients.connected, 0u);
}

TEST_F(NodeTest, BeginRun_StartsAtZero) {
  const std::shared_ptr<RunStats> before = node_.BeginRun();
  Counters::Add(before->counters.commands_processed, 5);
  before->NotePeakUsed(size_t{1} << 40);
  Set("k", kStart + 10);
  EXPECT_EQ(node_.keyspace.FastSweep(kStart + 11).released, 1u);
  EXPECT_EQ(node_.TakeStats(kAllParts).keys.released_by_sweep, 1u);
  node_.BeginRun();
  Counters::Add(before->counters.commands_processed, 1);
  const Stats stats = node_.TakeStats(kAllParts);
  EXPECT_EQ(stats.commands_processed, 0u) << "connections that are closing count in their own run";
  EXPECT_EQ(stats.keys.released_by_sweep, 0u);
  EXPECT_LT(stats.peak_used_bytes, size_t{1} << 40);
}

TEST_F(NodeTest, Reset_KeepsThePeakOfMemory) {
  const std::shared_ptr<RunStats> run = node_.BeginRun();
  Counters::Add(run->counters.error_replies);
  run->NotePeakUsed(size_t{1} << 40);
  Set("k", kStart + 10);
  node_.keyspace.FastSweep(kStart + 11);
  run->Reset();
  const Stats stats = node_.TakeStats(kAllParts);
  EXPECT_EQ(stats.error_replies, 0u);
  EXPECT_EQ(stats.keys.expired_keys(), 0u);
  EXPECT_EQ(stats.peak_used_bytes, size_t{1} << 40);
}

TEST_F(NodeTest, TakeStats_IncludesNaturalDeletion) {
  node_.natural_deletion = std::make_unique<scanner::NaturalDeletion>(
      events_, node_.keyspace, scanner::RedisNaturalDeletion(1),
      [](const scanner::NaturalDeletion::Work& work) {
        return static_cast<int64_t>(work.looked_at);
      });
  for (int i = 0; i < 100; ++i) Set(std::to_string(i), kStart + 10);
  clock_.AdvanceTo(kStart + 11);
  node_.natural_deletion->RunCycle();
  const Stats stats = node_.TakeStats({.keys = true});
  EXPECT_EQ(stats.natural_deletion.busy_us, 100);
  EXPECT_EQ(stats.keys.released_by_sample, 100u);
}

}  // namespace
}  // namespace dcs::api
