#include "tools/simulate/traffic.h"

#include <gtest/gtest.h>

#include "store/keyspace.h"

namespace dcs::simulate {
namespace {

// A scenario of one group and one stream, and a node to play it on.
struct Playground {
  explicit Playground(const KeyGroup& group, const TrafficStream& stream, TimeMs duration_ms) {
    scenario.duration_ms = duration_ms;
    scenario.cost_model = {.command_us = 10, .released_key_us = 3};
    scenario.groups = {group};
    scenario.traffic = {stream};
    ledger.emplace(duration_ms, /*ideal=*/false);
    traffic.emplace(scenario, events, keyspace, cpu, *ledger);
  }
  void Load() {
    KeyMaker maker(scenario.groups[0], GroupSeed(scenario, 0));
    std::string name;
    for (uint64_t i = 0; i < scenario.groups[0].keys; ++i) {
      maker.NameOf(i, name);
      const store::HashedKey key = keyspace.Hash(name);
      store::Transaction txn(keyspace, 0, key);
      ASSERT_TRUE(maker.Write(txn, key, maker.ContentOf(i, 0)).ok());
      NoteMade(txn, key, *ledger);
    }
  }
  void RunUntil(TimeMs until_ms) {
    ASSERT_TRUE(traffic->RunUntil(until_ms, [this](int64_t) { ++answered; }).ok());
  }

  Scenario scenario;
  store::VirtualClock clock{0};
  scanner::EventQueue events{clock};
  store::Keyspace keyspace{{.lazy_free_thread = false}};
  NodeCpu cpu;
  std::optional<ExpiryLedger> ledger;
  std::optional<Traffic> traffic;
  uint64_t answered = 0;
};

KeyGroup Keys(uint64_t keys, std::optional<Distribution> expires_in_s = {}) {
  KeyGroup group{.name = "k"};
  group.keys = keys;
  group.expires_in_s = expires_in_s;
  return group;
}

TrafficStream Readers(double per_second) {
  TrafficStream stream;
  stream.name = "readers";
  stream.rate.per_second = per_second;
  return stream;
}

TEST(TrafficTest, ReadsHitUntilTheKeysExpire) {
  Playground play(Keys(100, Constant{10}), Readers(100), 20'000);
  play.Load();
  play.RunUntil(10'000);
  const TrafficCounts before = play.traffic->counts();
  EXPECT_NEAR(static_cast<double>(before.reads), 1000, 130);
  EXPECT_EQ(before.misses, 0u);
  play.RunUntil(20'000);
  const TrafficCounts after = play.traffic->counts();
  EXPECT_NEAR(static_cast<double>(after.misses), 1000, 130);
  EXPECT_EQ(after.hits + after.misses, after.reads);
  EXPECT_EQ(after.writes, 0u);
  EXPECT_EQ(play.answered, after.commands());
  // Each expired key is released by the first read of it.
  EXPECT_NEAR(static_cast<double>(play.keyspace.Counters().released_on_access), 100, 1);
  EXPECT_EQ(play.cpu.charged_ns().total(),
            static_cast<int64_t>(after.commands() * 10'000 +
                                 play.keyspace.Counters().released_on_access * 3'000));
}

TEST(TrafficTest, ReadExtendsDeadline_KeepsKeyAlive) {
  TrafficStream stream = Readers(1000);
  stream.read_extends_deadline = true;
  Playground play(Keys(10, Constant{1}), stream, 60'000);
  play.Load();
  play.RunUntil(60'000);
  EXPECT_EQ(play.traffic->counts().misses, 0u);
}

TEST(TrafficTest, Miss_IsFilledLaterAndOthersMissUntilThen) {
  TrafficStream stream = Readers(1000);
  stream.fill_after_ms = 2000;
  Playground play(Keys(1), stream, 10'000);  // not loaded: the first read misses
  play.RunUntil(10'000);
  const TrafficCounts counts = play.traffic->counts();
  EXPECT_NEAR(static_cast<double>(counts.misses), 2000, 200);
  EXPECT_EQ(counts.fills, counts.misses);
  EXPECT_EQ(counts.writes, counts.fills);
  EXPECT_EQ(counts.most_waiting, counts.misses);
  EXPECT_EQ(play.keyspace.size(), 1u);
}

TEST(TrafficTest, WritersOfNewKeys_AddOneKeyPerWrite) {
  TrafficStream stream = Readers(1000);
  stream.read_share = 0.5;
  stream.writes_new_keys = true;
  Playground play(Keys(3), stream, 10'000);
  play.Load();
  play.RunUntil(10'000);
  const TrafficCounts counts = play.traffic->counts();
  EXPECT_EQ(play.keyspace.size(), 3 + counts.writes);
  EXPECT_EQ(counts.misses, 0u);
  EXPECT_NEAR(static_cast<double>(counts.writes), 5000, 300);
  const TrafficEstimate estimate = EstimateTraffic(stream, 10'000);
  EXPECT_NEAR(estimate.commands, 10'000, 0.001);
  EXPECT_NEAR(estimate.new_keys, 5'000, 0.001);
}

TEST(TrafficTest, PopularKeys_AreReadMoreOften) {
  TrafficStream stream = Readers(10'000);
  stream.zipf_exponent = 1.2;
  Playground even(Keys(1000, Constant{0.001}), Readers(10'000), 1000);
  Playground uneven(Keys(1000, Constant{0.001}), stream, 1000);
  for (Playground* play : {&even, &uneven}) {
    play->Load();
    play->RunUntil(1000);
  }
  // Reads release expired keys; with few popular keys, fewer are read.
  EXPECT_GT(even.keyspace.Counters().released_on_access, 990u);
  EXPECT_LT(uneven.keyspace.Counters().released_on_access, 900u);
}

TEST(TrafficTest, BusyNode_CommandsWait) {
  Playground idle(Keys(10), Readers(100), 10'000);
  Playground busy(Keys(10), Readers(90'000), 10'000);  // 90 % of its capacity
  for (Playground* play : {&idle, &busy}) {
    play->Load();
    play->RunUntil(10'000);
  }
  EXPECT_NEAR(idle.traffic->delays().QuantileUs(0.5), 10, 0.2);
  EXPECT_LT(idle.traffic->delays().MeanUs(), 10.1);
  // An M/D/1 queue: service time plus load / (2 (1 - load)) service times of waiting.
  EXPECT_NEAR(busy.traffic->delays().MeanUs(), 10 + 10 * 0.9 / (2 * 0.1), 5);
  EXPECT_EQ(busy.traffic->TakeRecentDelays().count(), busy.traffic->counts().commands());
  EXPECT_EQ(busy.traffic->TakeRecentDelays().count(), 0u);
}

TEST(TrafficTest, SameSeed_SameCommands) {
  TrafficStream stream = Readers(1000);
  stream.read_share = 0.7;
  Playground once(Keys(50, Uniform{1, 5}), stream, 10'000);
  Playground again(Keys(50, Uniform{1, 5}), stream, 10'000);
  once.RunUntil(10'000);
  for (TimeMs at = 100; at <= 10'000; at += 100) again.RunUntil(at);  // in slices
  EXPECT_EQ(once.traffic->counts().hits, again.traffic->counts().hits);
  EXPECT_EQ(once.traffic->counts().writes, again.traffic->counts().writes);
  EXPECT_EQ(once.cpu.free_at_ns(), again.cpu.free_at_ns());
}

}  // namespace
}  // namespace dcs::simulate
