#include "api/state/survey.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/api/state/temporary_directory.h"

namespace dcs::state {
namespace {

constexpr store::TimeMs kNow = 1'700'000'000'000;

class SurveyTest : public testing::Test {
 protected:
  void Save(const std::string& id, size_t node = 0, uint64_t generation = 1,
            store::TimeMs saved_at = kNow, bool virtual_clock = false) {
    const store::Keyspace keyspace({.shards = 1, .seed = 1, .epoch = kNow});
    const auto saved = state_->SaveKeys({id, node, generation, saved_at, virtual_clock}, keyspace);
    ASSERT_TRUE(saved.ok()) << saved.status();
  }
  void WriteState(const std::vector<std::string>& ids, const api::ClockState& clock = {},
                  const std::vector<RemovedInstance>& removed = {}, uint64_t generation = 1) {
    std::vector<std::shared_ptr<const std::string>> texts;
    for (const std::string& id : ids) {
      api::InstanceRecord instance;
      instance.spec.id = id;
      instance.generation = generation;
      instance.ports = {1};
      texts.push_back(std::make_shared<const std::string>(InstanceRecordToJson(instance)));
    }
    ASSERT_TRUE(state_->WriteState(StateToJson(clock, removed, texts)).ok());
  }
  std::string Refusal() { return std::string(TakeSurvey(*state_, false).status().message()); }
  static std::vector<std::string> Files(const std::vector<FoundSnapshot>& snapshots) {
    std::vector<std::string> files;
    for (const FoundSnapshot& snapshot : snapshots) files.push_back(snapshot.file);
    return files;
  }
  // All entries of the directory by name, with their content.
  std::string Everything() {
    std::string all;
    const std::vector<std::string> names = *state_->Names();
    for (const std::string& name : names) all += name + "=" + directory_.Read(name) + "\n";
    return all;
  }

  using Names = std::vector<std::string>;

  TemporaryDirectory directory_;
  std::unique_ptr<StateDirectory> state_ = *StateDirectory::Open(directory_.path());
};

TEST_F(SurveyTest, EmptyDirectory_HoldsNothing) {
  const auto survey = TakeSurvey(*state_, false);
  ASSERT_TRUE(survey.ok()) << survey.status();
  EXPECT_FALSE(survey->has_state);
  EXPECT_TRUE(survey->current.empty() && survey->state.instances.empty());
}

TEST_F(SurveyTest, SnapshotsWithoutState_AreRefusedByNameAndStay) {
  Save("a");
  Save("b");
  const std::string before = Everything();
  EXPECT_EQ(Refusal(),
            (directory_ / "state.json") + " is not there, but these snapshots are: " +
                (directory_ / "a.0.keys") + ", " + (directory_ / "b.0.keys") +
                ". Put the right state.json back, move the snapshots away, or start with "
                "--adopt-snapshots");
  EXPECT_EQ(Everything(), before);
}

TEST_F(SurveyTest, SnapshotsNotInTheState_AreRefusedByName) {
  WriteState({"a"});
  Save("a");
  Save("b");
  Save("a", /*node=*/1);
  EXPECT_TRUE(Refusal().starts_with(
      (directory_ / "state.json") + " does not know the instances of these snapshots: " +
      (directory_ / "a.1.keys") + ", " + (directory_ / "b.0.keys") + "."))
      << Refusal();
}

TEST_F(SurveyTest, AdoptOrphans_AddsInstances) {
  WriteState({"a"});
  Save("a");
  Save("b", 0, /*generation=*/9);
  auto survey = TakeSurvey(*state_, true);
  ASSERT_TRUE(survey.ok()) << survey.status();
  const auto spec_of = [](const std::string& id) {
    api::InstanceSpec spec;
    spec.id = id;
    spec.name = "adopted " + id;
    return spec;
  };
  ASSERT_TRUE(AdoptOrphans(*state_, spec_of, *survey).ok());
  EXPECT_TRUE(survey->orphans.empty());
  EXPECT_EQ(Files(survey->current), (Names{"a.0.keys", "b.0.keys"}));
  ASSERT_EQ(survey->state.instances.size(), 2u);
  EXPECT_EQ(survey->state.instances[1].spec.name, "adopted b");
  EXPECT_EQ(survey->state.instances[1].spec.created_at, kNow);
  EXPECT_EQ(survey->state.instances[1].generation, 9u);
}

TEST_F(SurveyTest, AdoptOrphans_SecondNode_IsRefused) {
  Save("a", /*node=*/1);
  auto survey = TakeSurvey(*state_, true);
  ASSERT_TRUE(survey.ok()) << survey.status();
  EXPECT_EQ(AdoptOrphans(
                *state_, [](const auto&) { return api::InstanceSpec(); }, *survey)
                .code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SurveyTest, FilesOfTheUser_AreLeftAlone) {
  WriteState({"a"});
  for (const char* name : {"my.keys", "my.0.keys", "my.0.keys.unfinished", "x.unfinished",
                           "notes.txt", "backup.keys"}) {
    directory_.Write(name, "mine");
  }
  Save("a");
  std::filesystem::copy_file(directory_ / "a.0.keys", directory_ / "copy.keys");
  const std::string before = Everything();
  const auto survey = TakeSurvey(*state_, false);
  ASSERT_TRUE(survey.ok()) << survey.status();
  EXPECT_EQ(Files(survey->current), Names{"a.0.keys"});
  EXPECT_EQ(Everything(), before);
}

TEST_F(SurveyTest, SnapshotUnderAnotherName_IsRefused) {
  WriteState({"a", "b"});
  Save("a");
  std::filesystem::rename(directory_ / "a.0.keys", directory_ / "b.0.keys");
  EXPECT_EQ(Refusal(), (directory_ / "b.0.keys") +
                           ": it holds the keys of a.0.keys, not those that its name says");
}

TEST_F(SurveyTest, IrregularFile_IsRefused) {
  ASSERT_EQ(mkfifo((directory_ / "a.0.keys").c_str(), 0600), 0);
  EXPECT_EQ(Refusal(), (directory_ / "a.0.keys") + " is a FIFO, not a file");
}

TEST_F(SurveyTest, UnfinishedFileOfTheUser_IsRefused) {
  WriteState({"a"});
  directory_.Write("a.0.keys.unfinished", "my own text, for later");
  EXPECT_TRUE(Refusal().starts_with((directory_ / "a.0.keys.unfinished") + " is not a file that"))
      << Refusal();
}

TEST_F(SurveyTest, SnapshotOfARemovedInstance_IsSuperseded) {
  WriteState({"a"}, {}, {{"b", 4, 1}}, /*generation=*/5);
  Save("a", 0, 5);
  Save("b", 0, 4);
  const auto survey = TakeSurvey(*state_, false);
  ASSERT_TRUE(survey.ok()) << survey.status();
  EXPECT_EQ(Files(survey->current), Names{"a.0.keys"});
  EXPECT_TRUE(directory_.Has("b.0.keys")) << "a survey changes nothing";
}

TEST_F(SurveyTest, SnapshotOfAnEarlierLaunch_IsSuperseded) {
  WriteState({"a"}, {}, {}, /*generation=*/5);
  Save("a", 0, 4);
  const auto survey = TakeSurvey(*state_, false);
  ASSERT_TRUE(survey.ok()) << survey.status();
  EXPECT_TRUE(survey->current.empty());
  ASSERT_EQ(survey->state.removed.size(), 1u);
  EXPECT_EQ(survey->state.removed[0].generation, 4u);
}

TEST_F(SurveyTest, SnapshotOfALaterLaunch_GivesItsGeneration) {
  WriteState({"a"}, {}, {}, /*generation=*/5);
  Save("a", 0, 6);
  const auto survey = TakeSurvey(*state_, false);
  ASSERT_TRUE(survey.ok()) << survey.status();
  EXPECT_EQ(Files(survey->current), Names{"a.0.keys"});
  EXPECT_EQ(survey->state.instances[0].generation, 6u);
}

TEST_F(SurveyTest, CheckClock_OtherKind_IsRefusedWithBothKinds) {
  WriteState({}, {.is_virtual = true, .now = kNow, .start = kNow, .rate = 0});
  const auto survey = TakeSurvey(*state_, false);
  EXPECT_TRUE(CheckClock(*state_, *survey, true, 0).ok());
  const std::string refusal(CheckClock(*state_, *survey, false, kNow).message());
  EXPECT_TRUE(refusal.starts_with((directory_ / "state.json") +
                                  " was written under a virtual clock, which showed "
                                  "2023-11-14T22:13:20.000Z"))
      << refusal;
  EXPECT_NE(refusal.find("--clock virtual"), std::string::npos) << refusal;
}

TEST_F(SurveyTest, CheckClock_SystemsStateUnderAVirtualClock_IsRefused) {
  WriteState({}, {.is_virtual = false, .now = kNow});
  const auto survey = TakeSurvey(*state_, false);
  EXPECT_TRUE(CheckClock(*state_, *survey, false, kNow).ok());
  EXPECT_TRUE(CheckClock(*state_, *survey, false, kNow - 100'000).ok()) << "a warning only";
  EXPECT_EQ(CheckClock(*state_, *survey, true, kNow).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SurveyTest, CheckClock_SnapshotOfAnotherKind_IsRefused) {
  WriteState({"a"});
  Save("a", 0, 1, kNow, /*virtual_clock=*/true);
  const auto survey = TakeSurvey(*state_, false);
  EXPECT_EQ(CheckClock(*state_, *survey, false, kNow).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SurveyTest, VirtualClock_ContinuesAtTheLatestTime) {
  const api::ClockState clock = {.is_virtual = true, .now = kNow, .start = kNow - 5, .rate = 60};
  WriteState({"a", "b"}, clock);
  EXPECT_EQ(VirtualClockOf(*TakeSurvey(*state_, false))->now, kNow);
  Save("a", 0, 1, kNow + 100, true);
  Save("b", 0, 1, kNow - 1, true);
  const auto later = VirtualClockOf(*TakeSurvey(*state_, false));
  EXPECT_EQ(later->now, kNow + 100);
  EXPECT_EQ(later->start, kNow - 5);
  EXPECT_EQ(later->rate, 60);
}

TEST_F(SurveyTest, VirtualClock_WithoutState_ContinuesAtTheSnapshots) {
  EXPECT_FALSE(VirtualClockOf(*TakeSurvey(*state_, false)).has_value());
  Save("a", 0, 1, kNow + 100, true);
  auto survey = TakeSurvey(*state_, true);
  ASSERT_TRUE(AdoptOrphans(
                  *state_, [](const auto&) { return api::InstanceSpec(); }, *survey)
                  .ok());
  EXPECT_EQ(VirtualClockOf(*survey)->now, kNow + 100);
}

}  // namespace
}  // namespace dcs::state
