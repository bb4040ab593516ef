#include "api/state/durable_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/api/state/temporary_directory.h"

namespace dcs::state {
namespace {

class DurableFile : public testing::Test {
 protected:
  absl::Status Replace(const std::string& name, const std::string& content) {
    return ReplaceFile(*folder_, name, [&](std::streambuf& to) {
      to.sputn(content.data(), static_cast<std::streamsize>(content.size()));
      return absl::OkStatus();
    });
  }
  std::string Content(const std::string& name) { return ReadFile(*folder_, name).value(); }

  // Puts an entry of another kind at `name`. Returns the expected error message.
  std::string PutOther(const std::string& kind, const std::string& name) {
    const std::string path = directory_ / name;
    if (kind == "a FIFO") {
      EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    } else if (kind == "a directory") {
      std::filesystem::create_directory(path);
    } else {
      std::filesystem::create_symlink(directory_ / "elsewhere", path);
    }
    return path + " is " + kind + ", not a file";
  }

  TemporaryDirectory directory_;
  std::unique_ptr<const Folder> folder_ = *Folder::Open(directory_.path());
};

const char* const kOtherKinds[] = {"a FIFO", "a directory", "a symbolic link"};

TEST_F(DurableFile, ReplaceFile_AnySize_ReadsBack) {
  for (const size_t bytes : {0u, 1u, 262'144u, 262'145u, 1'000'000u}) {
    std::string content(bytes, 'x');
    for (size_t i = 0; i < bytes; ++i) content[i] = static_cast<char>(i * 7);
    ASSERT_TRUE(Replace("file", content).ok());
    EXPECT_EQ(Content("file"), content);
    EXPECT_FALSE(directory_.Has("file.unfinished"));
  }
}

TEST_F(DurableFile, ReplaceFile_WriteFails_KeepsOldFile) {
  ASSERT_TRUE(Replace("file", "old").ok());
  const absl::Status status = ReplaceFile(*folder_, "file", [](std::streambuf& to) {
    to.sputn("new", 3);
    return absl::AbortedError("no more");
  });
  EXPECT_EQ(status.message(), "no more");
  EXPECT_EQ(directory_.Read("file"), "old");
  EXPECT_FALSE(directory_.Has("file.unfinished"));
}

TEST_F(DurableFile, ReplaceFile_UnfinishedFileExists_RefusesAndKeepsIt) {
  directory_.Write("file.unfinished", "mine");
  EXPECT_EQ(Replace("file", "new").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(directory_.Read("file.unfinished"), "mine");
  EXPECT_FALSE(directory_.Has("file"));
}

TEST_F(DurableFile, ReplaceFile_UnfinishedFileIsSymlink_DoesNotWriteToItsTarget) {
  directory_.Write("elsewhere", "mine");
  PutOther("a symbolic link", "file.unfinished");
  EXPECT_FALSE(Replace("file", "new").ok());
  EXPECT_EQ(directory_.Read("elsewhere"), "mine");
}

TEST_F(DurableFile, ReplaceFile_DirectoryRemoved_IsNotFound) {
  std::filesystem::remove_all(directory_.path());
  EXPECT_TRUE(absl::IsNotFound(Replace("file", "new")));
}

TEST_F(DurableFile, RefusesIrregularFiles) {
  directory_.Write("elsewhere", "mine");
  for (const char* kind : kOtherKinds) {
    const std::string message = PutOther(kind, "file");
    EXPECT_EQ(Replace("file", "new").message(), message);
    EXPECT_EQ(ReadFile(*folder_, "file").status().message(), message);
    EXPECT_EQ(RemoveFile(*folder_, "file").message(), message);
    EXPECT_EQ(RemoveFile(*folder_, "file").code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::symlink_status(directory_ / "file")));
    std::filesystem::remove(directory_ / "file");
  }
  EXPECT_EQ(directory_.Read("elsewhere"), "mine");
}

TEST_F(DurableFile, MissingFile_IsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadFile(*folder_, "file").status()));
  EXPECT_TRUE(absl::IsNotFound(CheckIsFile(*folder_, "file")));
  EXPECT_TRUE(absl::IsNotFound(Folder::Open(directory_ / "none").status()));
}

TEST_F(DurableFile, DescriptorBuffer_FullDevice_SetsError) {
  const Descriptor full(open("/dev/full", O_WRONLY));
  ASSERT_TRUE(full);
  DescriptorBuffer buffer(full.get());
  const std::string content(1'000'000, 'x');
  EXPECT_LT(buffer.sputn(content.data(), 1'000'000), 1'000'000);
  EXPECT_EQ(buffer.error(), ENOSPC);
}

TEST_F(DurableFile, RemoveFile_Missing_IsOk) {
  ASSERT_TRUE(Replace("file", "x").ok());
  EXPECT_TRUE(RemoveFile(*folder_, "file").ok());
  EXPECT_TRUE(RemoveFile(*folder_, "file").ok());
  EXPECT_FALSE(directory_.Has("file"));
}

TEST_F(DurableFile, ListNames_IsCompleteAndSorted) {
  directory_.Write("b", "");
  directory_.Write("a", "");
  EXPECT_EQ(*ListNames(*folder_), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace dcs::state
