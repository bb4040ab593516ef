#include "api/state/state_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "api/state/envelope.h"
#include "store/transaction.h"
#include "tests/api/state/temporary_directory.h"

namespace dcs::state {
namespace {

constexpr store::TimeMs kNow = 1'700'000'000'000;

std::string RecordOf(const std::string& name) {
  api::InstanceRecord state;
  state.spec.id = "id";
  state.spec.name = name;
  return StateToJson({}, {}, {std::make_shared<const std::string>(InstanceRecordToJson(state))});
}

class StateDirectoryTest : public testing::Test {
 protected:
  static store::KeyspaceOptions Options() {
    return {.shards = 2, .seed = 1, .epoch = kNow, .lazy_free_thread = false};
  }
  absl::Status Save(const std::string& id, uint64_t generation = 1) {
    store::Keyspace keyspace(Options());
    EXPECT_TRUE(keyspace.Set("key of " + id, "v", store::kNoDeadline, kNow).ok());
    return state_->SaveKeys({id, 0, generation, kNow, false}, keyspace).status();
  }
  absl::StatusOr<bool> Load(const std::string& id, size_t node = 0, uint64_t generation = 1) {
    loaded_ = std::make_unique<store::Keyspace>(Options());
    return state_->LoadKeys(id, node, generation, *loaded_, kNow);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<StateDirectory> state_ = *StateDirectory::Open(directory_.path());
  std::unique_ptr<store::Keyspace> loaded_;
};

TEST_F(StateDirectoryTest, Open_MakesMissingDirectories) {
  const auto made = StateDirectory::Open(directory_ / "a/b");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(absl::IsNotFound((*made)->ReadState().status()));
}

TEST_F(StateDirectoryTest, Open_InUse_IsRefused) {
  const std::string message =
      "state directory " + directory_.path() + " is in use by another process";
  EXPECT_EQ(StateDirectory::Open(directory_.path()).status().message(), message);
  std::filesystem::remove(directory_ / "lock");
  EXPECT_EQ(StateDirectory::Open(directory_.path()).status().message(), message)
      << "the lock does not depend on the file's name";
  state_.reset();
  EXPECT_TRUE(StateDirectory::Open(directory_.path()).ok());
}

TEST_F(StateDirectoryTest, Open_LockIsAFifo_IsRefused) {
  state_.reset();
  std::filesystem::remove(directory_ / "lock");
  ASSERT_EQ(mkfifo((directory_ / "lock").c_str(), 0600), 0);
  EXPECT_EQ(StateDirectory::Open(directory_.path()).status().message(),
            (directory_ / "lock") + " is a FIFO, not a file");
}

TEST_F(StateDirectoryTest, ReadState_ReturnsTheWrittenState) {
  ASSERT_TRUE(state_->WriteState(RecordOf("one")).ok());
  ASSERT_TRUE(state_->WriteState(RecordOf("two")).ok());
  EXPECT_EQ(state_->ReadState()->instances.at(0).spec.name, "two");
}

TEST_F(StateDirectoryTest, LoadKeys_LoadsOnlyItsNode) {
  ASSERT_TRUE(Save("a").ok());
  EXPECT_EQ(Load("a", 1).value(), false);
  EXPECT_EQ(Load("b").value(), false);
  EXPECT_EQ(loaded_->size(), 0u);
  EXPECT_EQ(Load("a").value(), true);
  EXPECT_EQ(loaded_->Get("key of a", kNow), "v");
}

TEST_F(StateDirectoryTest, LoadKeys_OfEarlierLaunch_LoadsNothing) {
  ASSERT_TRUE(Save("a", 3).ok());
  EXPECT_EQ(Load("a", 0, 4).value(), false);
  EXPECT_EQ(loaded_->size(), 0u);
  EXPECT_EQ(Load("a", 0, 3).value(), true);
}

TEST_F(StateDirectoryTest, LoadKeys_UnderAnotherName_IsRefused) {
  ASSERT_TRUE(Save("a").ok());
  for (const char* other : {"b.0.keys", "a.1.keys"}) {
    std::filesystem::copy_file(directory_ / "a.0.keys", directory_ / other);
    const absl::Status status = Load(std::string(other).substr(0, 1), other[2] - '0').status();
    EXPECT_EQ(
        status.message(),
        (directory_ / other) + ": it holds the keys of a.0.keys, not those that its name says");
    EXPECT_EQ(loaded_->size(), 0u);
  }
}

TEST_F(StateDirectoryTest, LoadKeys_OfEarlierProgramVersion_Loads) {
  store::Keyspace keyspace(Options());
  ASSERT_TRUE(keyspace.Set("k", "v", store::kNoDeadline, kNow).ok());
  std::stringbuf file;
  store::SnapshotSize size;
  ASSERT_TRUE(store::WriteSnapshot(keyspace, file, size).ok());
  directory_.Write("a.0.keys", file.str());
  EXPECT_EQ(Load("a", 0, 0).value(), true);
  EXPECT_EQ(loaded_->Get("k", kNow), "v");
}

// Copies with each byte changed and each shorter length.
std::vector<std::string> DamagedCopies(const std::string& file) {
  std::vector<std::string> copies;
  for (size_t i = 0; i < file.size(); ++i) {
    copies.push_back(file.substr(0, i));
    copies.push_back(file);
    copies.back()[i] = static_cast<char>(copies.back()[i] ^ (1 << i % 8));
  }
  return copies;
}

TEST_F(StateDirectoryTest, DamagedState_IsRefusedByNameAndLeftAlone) {
  ASSERT_TRUE(state_->WriteState(RecordOf("one")).ok());
  for (const std::string& damaged : DamagedCopies(directory_.Read("state.json"))) {
    directory_.Write("state.json", damaged);
    const absl::Status status = state_->ReadState().status();
    ASSERT_FALSE(status.ok()) << damaged;
    ASSERT_TRUE(std::string(status.message()).starts_with((directory_ / "state.json") + ": "))
        << status;
    ASSERT_EQ(directory_.Read("state.json"), damaged);
  }
}

TEST_F(StateDirectoryTest, DamagedSnapshot_IsRefusedByNameAndLeftAlone) {
  ASSERT_TRUE(Save("a").ok());
  for (const std::string& damaged : DamagedCopies(directory_.Read("a.0.keys"))) {
    directory_.Write("a.0.keys", damaged);
    const absl::Status status = Load("a").status();
    ASSERT_FALSE(status.ok()) << damaged;
    ASSERT_TRUE(std::string(status.message()).starts_with((directory_ / "a.0.keys") + ": "))
        << status;
    ASSERT_EQ(directory_.Read("a.0.keys"), damaged);
  }
}

TEST_F(StateDirectoryTest, OtherVersion_IsRefusedByName) {
  std::string file = Seal(kStateFormat, "[]");
  file.replace(file.find(":2,"), 3, ":3,");
  directory_.Write("state.json", file);
  EXPECT_EQ(state_->ReadState().status().message(),
            (directory_ / "state.json") +
                ": it is of version 3; this program reads versions 1 to 2 only");
}

TEST_F(StateDirectoryTest, RefusesFifosDirectoriesAndSymlinks) {
  directory_.Write("elsewhere", "mine");
  const std::string state = directory_ / "state.json";
  const std::string keys = directory_ / "a.0.keys";
  ASSERT_EQ(mkfifo(state.c_str(), 0600), 0);
  std::filesystem::create_symlink(directory_ / "elsewhere", keys);
  EXPECT_EQ(state_->ReadState().status().message(), state + " is a FIFO, not a file");
  EXPECT_EQ(state_->WriteState("{}").message(), state + " is a FIFO, not a file");
  EXPECT_EQ(Load("a").status().message(), keys + " is a symbolic link, not a file");
  EXPECT_EQ(Save("a").message(), keys + " is a symbolic link, not a file");
  EXPECT_EQ(state_->RemoveKeys({"a", 1, 1}).message(), keys + " is a symbolic link, not a file");
  EXPECT_EQ(directory_.Read("elsewhere"), "mine");
}

TEST_F(StateDirectoryTest, WriteState_Obstructed_WorksOnceCleared) {
  std::filesystem::create_directory(directory_ / "state.json.unfinished");
  EXPECT_EQ(state_->WriteState(RecordOf("one")).message(),
            (directory_ / "state.json.unfinished") + " is a directory, not a file");
  std::filesystem::remove(directory_ / "state.json.unfinished");
  EXPECT_TRUE(state_->WriteState(RecordOf("one")).ok());
}

TEST_F(StateDirectoryTest, UnfinishedFileOfACrash_IsReplaced) {
  const std::string half = Seal(kStateFormat, "[]").substr(0, 40);
  for (const std::string& left : {std::string(), half}) {
    directory_.Write("state.json.unfinished", left);
    EXPECT_TRUE(state_->WriteState(RecordOf("one")).ok()) << left;
    EXPECT_FALSE(directory_.Has("state.json.unfinished"));
  }
}

TEST_F(StateDirectoryTest, ObstructingUserFiles_AreKept) {
  directory_.Write("state.json.unfinished", "my own text, for later");
  directory_.Write("a.0.keys", "-----BEGIN PRIVATE KEY-----");
  EXPECT_EQ(state_->WriteState(RecordOf("one")).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Save("a").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(state_->RemoveKeys({"a", 1, 1}).ok());
  EXPECT_EQ(directory_.Read("state.json.unfinished"), "my own text, for later");
  EXPECT_EQ(directory_.Read("a.0.keys"), "-----BEGIN PRIVATE KEY-----");
}

TEST_F(StateDirectoryTest, RemoveKeys_RemovesOnlyThatLaunch) {
  ASSERT_TRUE(Save("a", 3).ok());
  ASSERT_TRUE(Save("b", 3).ok());
  ASSERT_TRUE(state_->RemoveKeys({"b", 2, 1}).ok());
  ASSERT_TRUE(state_->RemoveKeys({"a", 3, 1}).ok());
  EXPECT_FALSE(directory_.Has("a.0.keys"));
  EXPECT_TRUE(directory_.Has("b.0.keys")) << "a later launch has saved it";
}

TEST_F(StateDirectoryTest, SaveKeys_AfterRemoveKeys_IsRefused) {
  ASSERT_TRUE(state_->RemoveKeys({"a", 3, 1}).ok());
  EXPECT_EQ(Save("a", 3).code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(directory_.Has("a.0.keys"));
  EXPECT_TRUE(Save("a", 4).ok());
}

// Holds a snapshot of "a" midway: it waits for the shard of a key that the test holds.
class SnapshotUnderWayTest : public StateDirectoryTest {
 protected:
  SnapshotUnderWayTest() : keyspace_(Options()) {
    EXPECT_TRUE(keyspace_.Set("k", "v", store::kNoDeadline, kNow).ok());
    held_.emplace(keyspace_, kNow, keyspace_.Hash("k"));
    saving_ = std::async(std::launch::async, [this] {
      return state_->SaveKeys({"a", 0, 3, kNow, false}, keyspace_).status();
    });
    while (!directory_.Has("a.0.keys.unfinished")) std::this_thread::yield();
  }
  ~SnapshotUnderWayTest() override { held_.reset(); }
  absl::Status Finish() {
    held_.reset();
    return saving_.get();
  }
  // Fails the test if the call waits for the snapshot.
  absl::Status RemoveKeys(const RemovedInstance& gone) {
    auto removing = std::async(std::launch::async, [=, this] { return state_->RemoveKeys(gone); });
    const bool waits = removing.wait_for(std::chrono::seconds(20)) != std::future_status::ready;
    EXPECT_FALSE(waits) << "it waits for the snapshot";
    if (waits) held_.reset();
    return removing.get();
  }

  store::Keyspace keyspace_;
  std::optional<store::Transaction> held_;
  std::future<absl::Status> saving_;
};

TEST_F(SnapshotUnderWayTest, RemoveKeys_OfAnotherInstance_DoesNotWait) {
  EXPECT_TRUE(RemoveKeys({"b", 9, 1}).ok());
  EXPECT_TRUE(Finish().ok());
  EXPECT_TRUE(directory_.Has("a.0.keys"));
}

TEST_F(SnapshotUnderWayTest, RemoveKeys_OfTheSameInstance_IsAbortedAndNoFileIsLeft) {
  EXPECT_TRUE(absl::IsAborted(RemoveKeys({"a", 3, 1})));
  EXPECT_TRUE(absl::IsCancelled(Finish()));
  EXPECT_FALSE(directory_.Has("a.0.keys"));
  EXPECT_FALSE(directory_.Has("a.0.keys.unfinished"));
  EXPECT_TRUE(RemoveKeys({"a", 3, 1}).ok());
}

TEST_F(SnapshotUnderWayTest, RemoveKeys_OfAnEarlierLaunch_LeavesTheSnapshot) {
  EXPECT_TRUE(absl::IsAborted(RemoveKeys({"a", 2, 1})));
  EXPECT_TRUE(Finish().ok());
  EXPECT_TRUE(RemoveKeys({"a", 2, 1}).ok());
  EXPECT_TRUE(directory_.Has("a.0.keys"));
}

TEST_F(SnapshotUnderWayTest, WriteState_DoesNotWait) {
  EXPECT_TRUE(state_->WriteState(RecordOf("one")).ok());
  EXPECT_TRUE(Finish().ok());
}

TEST_F(StateDirectoryTest, DamagedFiles_AreNotPrintedRaw) {
  const std::string bytes = "\x1b]0;title\a\x1b[2J";
  std::string file = Seal(kStateFormat, "{}");
  file.replace(file.find("\"xxh3\":\"") + 8, 16, (bytes + std::string(16, 'x')).substr(0, 16));
  directory_.Write("state.json", file);
  const std::string message(state_->ReadState().status().message());
  EXPECT_NE(message.find("\\x1b]0;title\\x07"), std::string::npos) << message;
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  file = Seal(kStateFormat, "{}");
  file.replace(file.find(":2,") + 1, 1, std::string(1'000'000, '7'));
  directory_.Write("state.json", file);
  EXPECT_LT(state_->ReadState().status().message().size(), 1'000u);
}

TEST_F(StateDirectoryTest, DirectoryRemoved_FailsUntilAnEmptyOneExists) {
  std::filesystem::remove_all(directory_.path());
  EXPECT_EQ(state_->WriteState(RecordOf("one")).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(directory_.path())) << "the user has removed it";
  std::filesystem::create_directory(directory_.path());
  EXPECT_TRUE(state_->WriteState(RecordOf("one")).ok());
  EXPECT_TRUE(Save("a").ok());
  EXPECT_TRUE(directory_.Has("state.json"));
  EXPECT_TRUE(directory_.Has("a.0.keys"));
  EXPECT_FALSE(StateDirectory::Open(directory_.path()).ok()) << "it is locked";
}

TEST_F(StateDirectoryTest, DirectoryReplacedByOneWithState_IsNotTouched) {
  std::filesystem::remove_all(directory_.path());
  std::filesystem::create_directory(directory_.path());
  directory_.Write("state.json", "another's");
  EXPECT_EQ(state_->WriteState(RecordOf("one")).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(directory_.Read("state.json"), "another's");
}

}  // namespace
}  // namespace dcs::state
