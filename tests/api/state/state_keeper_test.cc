#include "api/state/state_keeper.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/api/state/life.h"
#include "tests/api/state/temporary_directory.h"

namespace dcs::state {
namespace {

class StateKeeperTest : public testing::Test {
 protected:
  // Writes the state in another thread, which must not wait for a snapshot.
  static std::future<absl::Status> BeginWrite(Life& life) {
    auto writing = std::async(std::launch::async, [&] { return life.keeper->WriteNow(); });
    EXPECT_EQ(writing.wait_for(std::chrono::seconds(20)), std::future_status::ready)
        << "the writer waits for the snapshot";
    return writing;
  }
  // Makes the state impossible to write; Clear undoes it.
  void Obstruct() { std::filesystem::create_directory(directory_ / "state.json.unfinished"); }
  void Clear() { std::filesystem::remove(directory_ / "state.json.unfinished"); }

  TemporaryDirectory directory_;
};

TEST_F(StateKeeperTest, Restart_RestoresPortAndConfiguration) {
  uint16_t port = 0;
  {
    Life life(directory_.path());
    api::Instance& instance = life.Create("a");
    port = instance.master().resp_port;
    ASSERT_TRUE(life.lifecycle.Configure(instance, {{"hz", "100"}}).ok());
    life.Create("b");
  }
  Life next(directory_.path(), kStart + 100'000);
  ASSERT_EQ(next.registry.instances().size(), 2u);
  api::Instance& back = *next.Find("a");
  EXPECT_TRUE(back.running());
  EXPECT_EQ(back.master().resp_port, port);
  EXPECT_EQ(back.master().password, "secret");
  EXPECT_EQ(back.spec.name, "name of a");
  EXPECT_EQ(back.spec.created_at, kStart);
  EXPECT_EQ(back.launched_at, kStart + 2'000);
  EXPECT_EQ(next.fronts.parameters[port]["hz"], "100");
}

TEST_F(StateKeeperTest, Restart_PortInUse_UsesAnother) {
  { Life(directory_.path()).Create("a", 7'000); }
  Life next(directory_.path(), kStart + 100'000, 7'000);
  EXPECT_TRUE(next.Find("a")->running());
  EXPECT_EQ(next.Find("a")->master().resp_port, 20'001);
  EXPECT_EQ(next.Find("a")->spec.port, 7'000) << "the configured port is kept";
}

TEST_F(StateKeeperTest, Restart_TransientPhases_BecomeRunning) {
  {
    Life life(directory_.path());
    life.lifecycle.Restart(life.Create("restarting"), api::RestartKind::kInstance);
    life.RunPosted();
    life.lifecycle.Flush(life.Create("flushing"));
    api::InstanceSpec spec;
    spec.id = "creating";
    ASSERT_TRUE(life.lifecycle.Create(spec).ok());
  }
  Life next(directory_.path());
  for (const char* id : {"restarting", "flushing", "creating"}) {
    ASSERT_NE(next.Find(id), nullptr) << id << next.restored;
    EXPECT_TRUE(next.Find(id)->running()) << id;
  }
}

TEST_F(StateKeeperTest, Restart_DeletingInstance_IsGoneWithItsKeys) {
  {
    Life life(directory_.path());
    api::Instance& instance = life.Create("a");
    life.Create("b");
    life.RunPosted();
    for (const char* id : {"a", "b"}) {
      ASSERT_TRUE(life.Save(id).ok());
    }
    life.lifecycle.Delete(instance);
  }
  EXPECT_FALSE(directory_.Has("a.0.keys"));
  EXPECT_TRUE(directory_.Has("b.0.keys"));
  Life next(directory_.path());
  EXPECT_EQ(next.Find("a"), nullptr);
  EXPECT_NE(next.Find("b"), nullptr);
}

TEST_F(StateKeeperTest, Restart_RestoresKeysIncludingExpired) {
  {
    Life life(directory_.path());
    store::Keyspace& keys = life.Create("a").master().keyspace;
    ASSERT_TRUE(keys.Set("lasting", "v", store::kNoDeadline, life.clock.Now()).ok());
    ASSERT_TRUE(keys.Set("expired", "v", life.clock.Now() + 10, life.clock.Now()).ok());
    life.events.Advance(11);
    ASSERT_TRUE(life.Save("a").ok());
  }
  Life next(directory_.path(), kStart + 100'000);
  const store::Census census = next.Find("a")->master().keyspace.TakeCensus(next.clock.Now());
  EXPECT_EQ(census.keys, 2u);
  EXPECT_EQ(census.expired_keys, 1u);
}

TEST_F(StateKeeperTest, Crash_FailsTheRunningScanAndKeepsEndedOnes) {
  {
    Life life(directory_.path());
    api::Instance& instance = life.Create("a");
    instance.scans->Create(scanner::ScanType::kManual);
    life.events.Advance(1'000);
    ASSERT_TRUE(instance.master().keyspace.Set("k", "v", store::kNoDeadline, kStart).ok());
    instance.scans->Create(scanner::ScanType::kManual);
    life.events.Advance(1);
    instance.scans->Create(scanner::ScanType::kManual);
    EXPECT_EQ(instance.scans->Find("scan-2")->status, scanner::ScanStatus::kRunning);
  }
  Life next(directory_.path(), kStart + 100'000);
  const auto records = next.Find("a")->scans->Histories({}).records;
  ASSERT_EQ(records.size(), 3u);
  for (int i : {0, 1}) {
    EXPECT_EQ(records[i].status, scanner::ScanStatus::kFailed);
    EXPECT_EQ(records[i].finished_at, kStart + 100'000);
    EXPECT_EQ(records[i].failure, "the program ended before the scan did");
  }
  EXPECT_EQ(records[1].id, "scan-2");
  EXPECT_NE(records[1].started_at, std::nullopt);
  EXPECT_EQ(records[2].status, scanner::ScanStatus::kSuccess);
  EXPECT_LT(records[2].finished_at, kStart + 100'000);
}

TEST_F(StateKeeperTest, CleanEnd_FailsTheRunningScanWithItsReason) {
  {
    Life life(directory_.path());
    api::Instance& instance = life.Create("a");
    ASSERT_TRUE(instance.master().keyspace.Set("k", "v", store::kNoDeadline, kStart).ok());
    instance.scans->Create(scanner::ScanType::kManual);
    life.events.Advance(1);
    life.End();
  }
  Life next(directory_.path(), kStart + 100'000);
  EXPECT_EQ(next.Find("a")->scans->Find("scan-1")->failure, "the server is shutting down");
}

TEST_F(StateKeeperTest, Restart_ContinuesAutomaticScans) {
  const store::TimeMs first = kStart + 3'600'000;
  {
    Life life(directory_.path());
    life.Create("a").auto_scan->Configure({.enabled = true,
                                           .first_scan_at = first,
                                           .interval_s = 600,
                                           .timeout_s = 60,
                                           .keys_per_step = 5});
    life.events.Advance(3'700'000);
    EXPECT_EQ(life.Find("a")->auto_scan->state().next_start, first + 600'000);
    life.End();
  }
  Life next(directory_.path(), kStart + 3'800'000);
  EXPECT_EQ(next.Find("a")->auto_scan->state().next_start, first + 600'000);
  EXPECT_EQ(next.Find("a")->auto_scan->config().keys_per_step, 5);
  next.events.Advance(500'000);
  EXPECT_EQ(next.Find("a")->scans->Histories({}).scans, 2u);
}

TEST_F(StateKeeperTest, ConcurrentChanges_AreOneWrite) {
  Life life(directory_.path());
  life.Create("a");
  life.Create("b");
  EXPECT_EQ(life.posted.size(), 1u);
  EXPECT_FALSE(directory_.Has("state.json")) << "nothing is written on the way";
}

TEST_F(StateKeeperTest, DamagedSnapshot_IsRefusedAndNothingChanges) {
  {
    Life life(directory_.path());
    life.Create("a");
    ASSERT_TRUE(life.Save("a").ok());
  }
  directory_.Write("a.0.keys", directory_.Read("a.0.keys") + "x");
  directory_.Write("stray.0.keys", "stray");
  const std::string before = directory_.Read("state.json");
  Life next(directory_.path());
  EXPECT_EQ(next.restored.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(next.restored.message(),
            (directory_ / "a.0.keys") + ": damaged: something follows its end");
  EXPECT_TRUE(next.registry.instances().empty());
  EXPECT_EQ(directory_.Read("state.json"), before);
  EXPECT_TRUE(directory_.Has("stray.0.keys"));
}

// ---- Writes that fail

TEST_F(StateKeeperTest, FailedWrite_IsRetriedUntilItIsWritten) {
  {
    Life life(directory_.path());
    Obstruct();
    life.Create("a");
    life.WaitUntil(/*written=*/false);
    EXPECT_EQ(life.keeper->problem().message(),
              (directory_ / "state.json.unfinished") + " is a directory, not a file");
    life.Create("b");
    life.RunPosted();
    EXPECT_FALSE(directory_.Has("state.json"));
    Clear();
    life.WaitUntil(/*written=*/true);
    // The newest state is written, not only the one that failed first.
    while (life.directory->ReadState()->instances.size() < 2) std::this_thread::yield();
  }
  Life next(directory_.path());
  EXPECT_NE(next.Find("a"), nullptr);
  EXPECT_NE(next.Find("b"), nullptr);
}

TEST_F(StateKeeperTest, NoDescriptors_IsRetriedUntilAvailable) {
  Life life(directory_.path());
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  life.Create("a");
  life.WaitUntil(/*written=*/false);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  life.WaitUntil(/*written=*/true);
  EXPECT_EQ(life.directory->ReadState()->instances.size(), 1u);
}

TEST_F(StateKeeperTest, WriteNow_AndStop_ReturnTheError) {
  Life life(directory_.path());
  Obstruct();
  life.Create("a");
  EXPECT_EQ(life.keeper->WriteNow().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(life.keeper->Stop().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(StateKeeperTest, Stop_TriesOnceMore) {
  Life life(directory_.path());
  Obstruct();
  life.Create("a");
  life.WaitUntil(/*written=*/false);
  Clear();
  EXPECT_TRUE(life.keeper->Stop().ok());
  EXPECT_EQ(life.directory->ReadState()->instances.size(), 1u);
}

TEST_F(StateKeeperTest, KeysOfRemovedInstance_StayUntilTheStateIsWritten) {
  Life life(directory_.path());
  life.Create("a");
  ASSERT_TRUE(life.keeper->WriteNow().ok());
  ASSERT_TRUE(life.Save("a").ok());
  Obstruct();
  life.lifecycle.Delete(*life.Find("a"));
  life.WaitUntil(/*written=*/false);
  EXPECT_TRUE(directory_.Has("a.0.keys"));
  Clear();
  life.End();
  EXPECT_FALSE(directory_.Has("a.0.keys"));
}

TEST_F(StateKeeperTest, DeletionDuringSnapshot_DelaysNoWrite) {
  Life life(directory_.path());
  life.Create("a");
  life.Create("b");
  ASSERT_TRUE(life.keeper->WriteNow().ok());
  HeldSnapshot snapshot(life, directory_, "a");
  life.lifecycle.Delete(*life.Find("b"));
  life.RunPosted();
  auto writing = BeginWrite(life);
  EXPECT_TRUE(snapshot.Release().ok());
  EXPECT_TRUE(writing.get().ok());
}

TEST_F(StateKeeperTest, ResetDuringSnapshot_DoesNotWaitAndLeavesNoFile) {
  Life life(directory_.path());
  life.Create("a");
  ASSERT_TRUE(life.keeper->WriteNow().ok());
  ASSERT_TRUE(life.Save("a").ok());
  HeldSnapshot snapshot(life, directory_, "a");
  life.lifecycle.RemoveAll("the simulator was reset");
  life.RunPosted();
  auto writing = BeginWrite(life);
  EXPECT_TRUE(absl::IsCancelled(snapshot.Release()));
  EXPECT_TRUE(writing.get().ok());
  EXPECT_FALSE(directory_.Has("a.0.keys"));
  life.End();
  EXPECT_EQ(life.directory->ReadState()->removed.size(), 1u) << "until a later write";
}

// Removes and launches the instance again, like a reset.
TEST_F(StateKeeperTest, KeysOfEarlierLaunch_AreNotLoaded) {
  std::string keys;
  {
    Life life(directory_.path());
    store::Keyspace& old = life.Launch("a").master().keyspace;
    ASSERT_TRUE(old.Set("old", "v", store::kNoDeadline, kStart).ok());
    ASSERT_TRUE(life.keeper->WriteNow().ok());
    ASSERT_TRUE(life.Save("a").ok());
    keys = directory_.Read("a.0.keys");
    life.lifecycle.RemoveAll("the simulator was reset");
    life.Launch("a");
    EXPECT_TRUE(directory_.Has("a.0.keys")) << "the state on the disk is still the old one";
    life.End();
    EXPECT_FALSE(directory_.Has("a.0.keys"));
  }
  // A crash just before the file was removed.
  directory_.Write("a.0.keys", keys);
  Life next(directory_.path());
  ASSERT_TRUE(next.restored.ok()) << next.restored;
  EXPECT_EQ(next.Find("a")->master().keyspace.size(), 0u);
  next.End();
  EXPECT_FALSE(directory_.Has("a.0.keys"));
}

TEST_F(StateKeeperTest, Generations_ContinueAfterRestart) {
  uint64_t first = 0;
  {
    Life life(directory_.path());
    first = life.Create("a").generation;
    life.lifecycle.Delete(life.Create("b"));
  }
  Life next(directory_.path());
  EXPECT_EQ(next.Find("a")->generation, first);
  EXPECT_GT(next.Create("c").generation, first);
}

TEST_F(StateKeeperTest, Clock_IsWrittenWhenMovedAndAtTheEnd) {
  Life life(directory_.path());
  life.keeper->ClockChanged();
  life.events.Advance(5);
  ASSERT_TRUE(life.keeper->WriteNow().ok());
  EXPECT_EQ(life.directory->ReadState()->clock->now, kStart + 5);
  life.events.Advance(5);
  life.End();
  EXPECT_EQ(life.directory->ReadState()->clock->now, kStart + 10);
}

TEST_F(StateKeeperTest, MissingSnapshot_IsNotAnError) {
  {
    Life life(directory_.path());
    life.Create("a").master().has_saved_keys = true;
  }
  Life next(directory_.path());
  ASSERT_TRUE(next.restored.ok()) << next.restored;
  EXPECT_EQ(next.Find("a")->master().keyspace.size(), 0u);
  EXPECT_FALSE(next.Find("a")->master().has_saved_keys);
}

}  // namespace
}  // namespace dcs::state
