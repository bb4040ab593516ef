#include "api/state/state_directory.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "api/state/envelope.h"
#include "api/state/state_json.h"
#include "tests/api/state/temporary_directory.h"

namespace dcs::state {
namespace {

constexpr store::TimeMs kNow = 1'700'000'000'000;

std::string Named(const std::string& name) {
  api::InstanceState state;
  state.spec.id = "id";
  state.spec.name = name;
  return "[" + InstanceStateToJson(state) + "]";
}

class StateDirectoryTest : public testing::Test {
 protected:
  static store::KeyspaceOptions Options() {
    return {.shards = 2, .seed = 1, .epoch = kNow, .lazy_free_thread = false};
  }
  void Save(const std::string& id) {
    store::Keyspace keyspace(Options());
    ASSERT_TRUE(keyspace.Set("key of " + id, "v", store::kNoDeadline, kNow).ok());
    ASSERT_TRUE(state_->SaveKeys(id, 0, keyspace).ok());
  }

  TemporaryDirectory directory_;
  std::unique_ptr<StateDirectory> state_ = *StateDirectory::Open(directory_.path());
};

TEST_F(StateDirectoryTest, IsMadeWhereThereIsNoneAndEmptyThen) {
  const auto made = StateDirectory::Open(directory_ / "a/b");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE((*made)->ReadInstances()->empty());
}

TEST_F(StateDirectoryTest, IsForOneProcessOnly) {
  const auto second = StateDirectory::Open(directory_.path());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(second.status().message(),
            "state directory " + directory_.path() + " is in use by another process");
  state_.reset();
  EXPECT_TRUE(StateDirectory::Open(directory_.path()).ok());
}

TEST_F(StateDirectoryTest, InstancesComeBack) {
  ASSERT_TRUE(state_->WriteInstances(Named("one")).ok());
  ASSERT_TRUE(state_->WriteInstances(Named("two")).ok());
  EXPECT_EQ(state_->ReadInstances()->at(0).spec.name, "two");
}

TEST_F(StateDirectoryTest, KeysComeBackToTheirNodeOnly) {
  Save("a");
  store::Keyspace back(Options());
  ASSERT_TRUE(state_->LoadKeys("a", 1, back, kNow).ok());
  ASSERT_TRUE(state_->LoadKeys("b", 0, back, kNow).ok());
  EXPECT_EQ(back.size(), 0u);
  ASSERT_TRUE(state_->LoadKeys("a", 0, back, kNow).ok());
  EXPECT_EQ(back.Get("key of a", kNow), "v");
}

// Every byte changed, every length cut.
std::vector<std::string> DamagedCopies(const std::string& file) {
  std::vector<std::string> copies;
  for (size_t i = 0; i < file.size(); ++i) {
    copies.push_back(file.substr(0, i));
    copies.push_back(file);
    copies.back()[i] = static_cast<char>(copies.back()[i] ^ (1 << i % 8));
  }
  return copies;
}

TEST_F(StateDirectoryTest, ADamagedStateIsRefusedByNameAndLeftAlone) {
  ASSERT_TRUE(state_->WriteInstances(Named("one")).ok());
  for (const std::string& damaged : DamagedCopies(directory_.Read("state.json"))) {
    directory_.Write("state.json", damaged);
    const absl::Status status = state_->ReadInstances().status();
    ASSERT_FALSE(status.ok()) << damaged;
    ASSERT_TRUE(std::string(status.message()).starts_with((directory_ / "state.json") + ": "))
        << status;
    ASSERT_EQ(directory_.Read("state.json"), damaged);
  }
}

TEST_F(StateDirectoryTest, ADamagedSnapshotIsRefusedByNameAndLeftAlone) {
  Save("a");
  for (const std::string& damaged : DamagedCopies(directory_.Read("a.0.keys"))) {
    directory_.Write("a.0.keys", damaged);
    store::Keyspace back(Options());
    const absl::Status status = state_->LoadKeys("a", 0, back, kNow);
    ASSERT_TRUE(
        std::string(status.message()).starts_with((directory_ / "a.0.keys") + ": damaged: "))
        << status;
    ASSERT_EQ(directory_.Read("a.0.keys"), damaged);
  }
}

TEST_F(StateDirectoryTest, AnotherVersionIsRefusedByName) {
  std::string file = Seal("[]");
  file.replace(file.find(":1,"), 3, ":2,");
  directory_.Write("state.json", file);
  EXPECT_EQ(
      state_->ReadInstances().status().message(),
      (directory_ / "state.json") + ": it is of version 2; this program reads version 1 only");
}

TEST_F(StateDirectoryTest, KeysOfOneInstanceAreRemovedAndNoOthers) {
  Save("a");
  Save("b");
  ASSERT_TRUE(state_->RemoveKeys("a").ok());
  EXPECT_FALSE(directory_.Has("a.0.keys"));
  EXPECT_TRUE(directory_.Has("b.0.keys"));
}

TEST_F(StateDirectoryTest, LeftoversGoAndWhatIsNotOursStays) {
  Save("id");
  Save("stray");
  directory_.Write("id.0.keys.unfinished", "half");
  directory_.Write("state.json.unfinished", "half");
  directory_.Write("notes.txt", "mine");
  ASSERT_TRUE(state_->RemoveLeftovers(*InstanceStatesFromJson(Named("x"))).ok());
  EXPECT_TRUE(directory_.Has("id.0.keys"));
  EXPECT_FALSE(directory_.Has("stray.0.keys"));
  EXPECT_FALSE(directory_.Has("id.0.keys.unfinished"));
  EXPECT_FALSE(directory_.Has("state.json.unfinished"));
  EXPECT_TRUE(directory_.Has("notes.txt"));
}

}  // namespace
}  // namespace dcs::state
