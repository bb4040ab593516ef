#include "tools/simulate/report_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/api/state/temporary_directory.h"

namespace dcs::simulate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ReportFilesTest : public testing::Test {
 protected:
  static void Put(const fs::path& file, std::string_view text) { std::ofstream(file) << text; }
  static std::string Read(const fs::path& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  static size_t Entries(const fs::path& directory) {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
  }
  static std::string ErrorOf(const fs::path& directory) {
    const auto files = ReportFiles::Prepare(directory, {"a", "b"});
    return files.ok() ? "" : std::string(files.status().message());
  }

  const state::TemporaryDirectory directory_;
  const fs::path root_ = directory_.path();
};

TEST_F(ReportFilesTest, Commit_PutsFilesInANewDirectory) {
  const fs::path out = root_ / "deep" / "er";
  absl::StatusOr<ReportFiles> files = ReportFiles::Prepare(out, {"a", "b"});
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_TRUE(files->Write("a", "one").ok());
  ASSERT_TRUE(files->Write("b", "two").ok());
  ASSERT_TRUE(files->Commit().ok());
  EXPECT_EQ(Read(out / "a"), "one");
  EXPECT_EQ(Read(out / "b"), "two");
  EXPECT_EQ(Entries(out), 2u);
}

TEST_F(ReportFilesTest, KeepsOldFilesUntilCommit) {
  Put(root_ / "a", "old");
  {
    absl::StatusOr<ReportFiles> files = ReportFiles::Prepare(root_, {"a", "b"});
    ASSERT_TRUE(files.ok()) << files.status();
    ASSERT_TRUE(files->Write("a", "new").ok());
    EXPECT_EQ(Read(root_ / "a"), "old");
  }
  EXPECT_EQ(Read(root_ / "a"), "old");
  EXPECT_EQ(Entries(root_), 1u);
}

TEST_F(ReportFilesTest, WithoutCommit_RemovesItsDirectory) {
  for (const char* name : {"new", "new/"}) {
    ASSERT_TRUE(ReportFiles::Prepare(root_ / name, {"a"}).ok());
    EXPECT_EQ(Entries(root_), 0u) << name;
  }
}

TEST_F(ReportFilesTest, Prepare_RefusesUnwritablePaths) {
  Put(root_ / "file", "kept");
  fs::create_directories(root_ / "taken" / "b");
  EXPECT_THAT(ErrorOf(root_ / "file"), HasSubstr("there is a file of that name"));
  EXPECT_THAT(ErrorOf(root_ / "file" / "below"), HasSubstr("Not a directory"));
  EXPECT_THAT(ErrorOf(root_ / "taken"), HasSubstr("it is a directory"));
  EXPECT_THAT(ErrorOf("/proc/none"), HasSubstr("/proc/none"));
  EXPECT_THAT(ErrorOf(root_ / std::string(300, 'x')), HasSubstr("too long"));
  EXPECT_EQ(Read(root_ / "file"), "kept");
  EXPECT_EQ(Entries(root_ / "taken"), 1u);
}

TEST_F(ReportFilesTest, Prepare_RefusesADirectoryWithoutPermission) {
  if (geteuid() == 0) GTEST_SKIP() << "permissions do not bind root";
  fs::permissions(root_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THAT(ErrorOf(root_), HasSubstr("Permission denied"));
  EXPECT_THAT(ErrorOf(root_ / "below"), HasSubstr("Permission denied"));
  fs::permissions(root_, fs::perms::owner_all);
}

}  // namespace
}  // namespace dcs::simulate
