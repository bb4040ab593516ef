#include "api/state/durable_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/api/state/temporary_directory.h"

namespace dcs::state {
namespace {

absl::Status Replace(const std::string& path, const std::string& content) {
  return ReplaceFile(path, [&](std::streambuf& to) {
    to.sputn(content.data(), static_cast<std::streamsize>(content.size()));
    return absl::OkStatus();
  });
}

TEST(DurableFile, WhatIsWrittenIsReadAgainHoweverLong) {
  const TemporaryDirectory directory;
  for (const size_t bytes : {0u, 1u, 262'144u, 262'145u, 1'000'000u}) {
    std::string content(bytes, 'x');
    for (size_t i = 0; i < bytes; ++i) content[i] = static_cast<char>(i * 7);
    ASSERT_TRUE(Replace(directory / "file", content).ok());
    EXPECT_EQ(ReadFile(directory / "file").value(), content);
    EXPECT_FALSE(directory.Has("file.unfinished"));
  }
}

TEST(DurableFile, WhereWritingFailsTheOldFileStays) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(Replace(directory / "file", "old").ok());
  const absl::Status status = ReplaceFile(directory / "file", [](std::streambuf& to) {
    to.sputn("new", 3);
    return absl::AbortedError("no more");
  });
  EXPECT_EQ(status.message(), "no more");
  EXPECT_EQ(directory.Read("file"), "old");
  EXPECT_FALSE(directory.Has("file.unfinished"));
}

TEST(DurableFile, WhatTheSystemRefusesIsSaidWithTheFilesName) {
  const TemporaryDirectory directory;
  const absl::Status status = Replace((directory / "none") + "/file", "");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(status.message().find((directory / "none") + "/file.unfinished cannot be made"),
            absl::string_view::npos)
      << status;
  EXPECT_TRUE(absl::IsNotFound(ReadFile(directory / "file").status()));
  EXPECT_FALSE(ReadFile(directory.path()).ok()) << "a directory is no file";
}

TEST(DurableFile, AFullDeviceIsNoticed) {
  const Descriptor full(open("/dev/full", O_WRONLY));
  ASSERT_TRUE(full);
  DescriptorBuffer buffer(full.get());
  const std::string content(1'000'000, 'x');
  EXPECT_LT(buffer.sputn(content.data(), 1'000'000), 1'000'000);
  EXPECT_EQ(buffer.error(), ENOSPC);
}

TEST(DurableFile, RemovingWhatIsNotThereIsNoError) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(Replace(directory / "file", "x").ok());
  EXPECT_TRUE(RemoveFile(directory / "file").ok());
  EXPECT_TRUE(RemoveFile(directory / "file").ok());
  EXPECT_FALSE(directory.Has("file"));
}

}  // namespace
}  // namespace dcs::state
