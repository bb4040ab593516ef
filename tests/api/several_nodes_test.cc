// Instances of three nodes, as clusters will have them: what concerns an instance concerns all its
// nodes.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "api/lifecycle.h"
#include "scanner/event_queue.h"
#include "tests/api/fake_fronts.h"

namespace dcs::api {
namespace {

constexpr store::TimeMs kStart = 1'700'000'000'000;
constexpr size_t kNodes = 3;

class SeveralNodesTest : public ::testing::Test {
 protected:
  SeveralNodesTest() : lifecycle_(events_, registry_, {.create_ms = 2'000}, Parts()) {}

  LifecycleParts Parts() {
    return {.new_id = [this] { return "id-" + std::to_string(++last_id_); },
            .keyspace_options =
                [] {
                  return store::KeyspaceOptions{
                      .seed = 1, .epoch = kStart, .lazy_free_thread = false};
                },
            .node_count = [](const InstanceSpec&) { return kNodes; },
            .work_meter = [](const scanner::NaturalDeletion::Work&) { return int64_t{0}; },
            .new_front = fronts_.Factory(),
            .can_listen = [this](uint16_t port) { return fronts_.CanListen(port); }};
  }
  InstanceSpec Spec(uint16_t port = 0) {
    InstanceSpec spec;
    spec.id = lifecycle_.NewId();
    spec.mode = CacheMode::kHa;
    spec.port = port;
    return spec;
  }
  // Nothing but scans releases its keys.
  Instance& Running() {
    Instance& instance = **lifecycle_.Launch(Spec(7'000));
    for (const auto& node : instance.nodes) node->natural_deletion->set_enabled(false);
    return instance;
  }
  // `expired` keys that have expired on return and one that stays, on each node.
  void Fill(Instance& instance, int expired) {
    for (const auto& node : instance.nodes) {
      ASSERT_TRUE(node->keyspace.Set("lasting", "v", store::kNoDeadline, clock_.Now()).ok());
      for (int i = 0; i < expired; ++i) {
        const std::string key = "expired:" + std::to_string(i);
        ASSERT_TRUE(node->keyspace.Set(key, "v", clock_.Now() + 1, clock_.Now()).ok());
      }
    }
    events_.Advance(2);
  }
  static std::vector<uint16_t> Ports(const Instance& instance) {
    std::vector<uint16_t> ports;
    for (const auto& node : instance.nodes) ports.push_back(node->resp_port);
    return ports;
  }
  static std::vector<size_t> Sizes(const Instance& instance) {
    std::vector<size_t> sizes;
    for (const auto& node : instance.nodes) sizes.push_back(node->keyspace.size());
    return sizes;
  }
  using Numbers = std::vector<size_t>;
  using PortList = std::vector<uint16_t>;

  store::VirtualClock clock_{kStart};
  scanner::EventQueue events_{clock_};
  FakeFronts fronts_;
  Registry registry_;
  int last_id_ = 0;
  Lifecycle lifecycle_;
};

TEST_F(SeveralNodesTest, EachNodeListensOnItsOwnPort) {
  Instance& instance = Running();
  EXPECT_EQ(instance.nodes.size(), kNodes);
  EXPECT_EQ(Ports(instance), (PortList{7'000, 20'001, 20'002}));
  EXPECT_EQ(fronts_.open, (std::set<uint16_t>{7'000, 20'001, 20'002}));
  for (const auto& node : instance.nodes) EXPECT_EQ(node->generation, instance.generation);
  for (const uint16_t port : Ports(instance)) EXPECT_FALSE(lifecycle_.IsPortFree(port));
}

TEST_F(SeveralNodesTest, Launch_OnePortTaken_LeavesNothingOpen) {
  fronts_.taken.insert(7'000);
  EXPECT_FALSE(lifecycle_.Launch(Spec(7'000)).ok());
  EXPECT_TRUE(fronts_.open.empty());
  EXPECT_TRUE(registry_.instances().empty());
}

TEST_F(SeveralNodesTest, OpenFronts_LastNodeFails_ClosesTheOthers) {
  fronts_.most_open = kNodes - 1;
  EXPECT_FALSE(lifecycle_.Launch(Spec(7'000)).ok());
  EXPECT_TRUE(fronts_.open.empty());
}

TEST_F(SeveralNodesTest, Restart_EachNodeKeepsPortAndLastingKeys) {
  Instance& instance = Running();
  Fill(instance, 10);
  const PortList ports = Ports(instance);
  lifecycle_.Restart(instance, RestartKind::kInstance);
  EXPECT_TRUE(fronts_.open.empty());
  events_.Advance(2'000);
  EXPECT_TRUE(instance.running());
  EXPECT_EQ(Ports(instance), ports);
  EXPECT_EQ(Sizes(instance), (Numbers{1, 1, 1}));
  for (const auto& node : instance.nodes) EXPECT_EQ(node->started_at, clock_.Now());
}

TEST_F(SeveralNodesTest, Restart_OnePortTaken_WaitsForAll) {
  Instance& instance = Running();
  lifecycle_.Restart(instance, RestartKind::kInstance);
  fronts_.taken.insert(20'002);
  events_.Advance(3'000);
  EXPECT_EQ(instance.phase, InstancePhase::kRestarting);
  EXPECT_TRUE(fronts_.open.empty()) << "no node serves clients alone";
  fronts_.taken.clear();
  events_.Advance(100);
  EXPECT_TRUE(instance.running());
}

TEST_F(SeveralNodesTest, Flush_ClearsEachNode) {
  Instance& instance = Running();
  Fill(instance, 10);
  lifecycle_.Flush(instance);
  EXPECT_EQ(Sizes(instance), (Numbers{0, 0, 0}));
}

TEST_F(SeveralNodesTest, Scan_WalksOverAllNodesAtOnce) {
  Instance& instance = Running();
  Fill(instance, 4'999);
  instance.scans->Create(scanner::ScanType::kManual);
  events_.Advance(10'000);
  const scanner::ScanTask scan = instance.scans->Histories({}).records.at(0);
  EXPECT_EQ(scan.status, scanner::ScanStatus::kSuccess);
  EXPECT_EQ(scan.keys_at_start, kNodes * 5'000);
  EXPECT_EQ(scan.visited, kNodes * 5'000);
  EXPECT_EQ(scan.released, kNodes * 4'999);
  EXPECT_EQ(Sizes(instance), (Numbers{1, 1, 1}));
  // 5,000 keys at 100 every 5 ms: the time of one node, not of three.
  EXPECT_NEAR(static_cast<double>(*scan.finished_at - *scan.started_at), 250, 20);
}

TEST_F(SeveralNodesTest, NaturalDeletion_RunsOnEachNode) {
  Instance& instance = **lifecycle_.Launch(Spec());
  Fill(instance, 10);
  events_.Advance(1'000);
  EXPECT_EQ(Sizes(instance), (Numbers{1, 1, 1}));
}

TEST_F(SeveralNodesTest, Configure_ReachesEachNode) {
  Instance& instance = Running();
  ASSERT_TRUE(lifecycle_.Configure(instance, {{"hz", "100"}}).ok());
  for (const uint16_t port : Ports(instance)) EXPECT_EQ(fronts_.parameters[port]["hz"], "100");
}

TEST_F(SeveralNodesTest, Configure_OneNodeRefuses_ChangesNone) {
  Instance& instance = Running();
  fronts_.refuses_parameters.insert(20'002);
  EXPECT_FALSE(lifecycle_.Configure(instance, {{"hz", "100"}}).ok());
  for (const uint16_t port : Ports(instance)) EXPECT_EQ(fronts_.parameters[port]["hz"], "10");
  EXPECT_EQ(instance.config.changed_at, std::nullopt);
}

TEST_F(SeveralNodesTest, Restore_EachNodeGetsItsPort) {
  InstanceRecord record;
  record.spec = Spec();
  record.ports = {7'001, 7'002, 7'003};
  fronts_.taken.insert(7'002);
  const auto restored = lifecycle_.Restore(record, [](Instance&) { return absl::OkStatus(); });
  ASSERT_TRUE(restored.ok());
  EXPECT_EQ(Ports(**restored), (PortList{7'001, 20'001, 7'003}));
}

TEST_F(SeveralNodesTest, Delete_ClosesAndFreesEachNode) {
  Instance& instance = Running();
  std::vector<std::weak_ptr<Node>> nodes(instance.nodes.begin(), instance.nodes.end());
  lifecycle_.Delete(instance);
  EXPECT_TRUE(fronts_.open.empty());
  events_.Advance(1'000);
  for (const auto& node : nodes) EXPECT_TRUE(node.expired());
  EXPECT_EQ(events_.NextEvent(), std::nullopt);
}

}  // namespace
}  // namespace dcs::api
