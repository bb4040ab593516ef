// Durable files: a file is either complete or absent, no matter when the process or the machine
// ends.
//
//   ReplaceFile(folder, "name", [&](std::streambuf& to) { to.sputn(...); return absl::OkStatus(); });
//
// ReplaceFile writes a new file beside the old one, syncs it to the disk, renames it over the old
// one and syncs the directory. The old file stays until the rename.
//
// Only regular files are opened, replaced or removed. A FIFO, a directory, a symbolic link or a
// device is refused, and opening it never blocks.
//
// Thread safety: different names may be used from any thread, one name from one thread at a time.
// Errors apart from those named: kUnavailable with the path, the failed operation and the system's
// reason; kFailedPrecondition with the path and the kind of the entry that is not a regular file.
#pragma once

#include <functional>
#include <memory>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dcs::state {

// Suffix of a file being written, until it is renamed.
inline constexpr char kUnfinishedSuffix[] = ".unfinished";

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// An open directory. Names are relative to the directory itself, not to its path: if the path later
// names another directory, that one is not touched.
class Folder {
 public:
  // kNotFound if there is no such directory.
  static absl::StatusOr<std::unique_ptr<const Folder>> Open(const std::string& path);

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  // The full path, for messages.
  std::string PathOf(std::string_view name) const;

 private:
  Folder(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  const std::string path_;
  const Descriptor fd_;
};

// OK if `name` is a regular file, kNotFound if it does not exist, otherwise kFailedPrecondition.
absl::Status CheckIsFile(const Folder& folder, const std::string& name);

// The names of all entries, sorted.
absl::StatusOr<std::vector<std::string>> ListNames(const Folder& folder);

// Opens a regular file for reading. kNotFound if it does not exist.
absl::StatusOr<Descriptor> OpenFile(const Folder& folder, const std::string& name);

// Replaces or creates a file that only its owner may read, because it may hold passwords. Returns
// `write`'s error if it fails. After any error before the rename the old file is unchanged.
// kNotFound if the directory has been removed; kAlreadyExists if NAME.unfinished exists.
absl::Status ReplaceFile(const Folder& folder, const std::string& name,
                         const std::function<absl::Status(std::streambuf& to)>& write);

// The whole content. kNotFound if the file does not exist.
absl::StatusOr<std::string> ReadFile(const Folder& folder, const std::string& name);

// OK if the file does not exist. Durable only after SyncFolder.
absl::Status RemoveFile(const Folder& folder, const std::string& name);

// Syncs the directory's entries to the disk.
absl::Status SyncFolder(const Folder& folder);

// kUnavailable: `path`, `what` and errno's reason.
absl::Status SystemError(const std::string& path, const char* what);

// Reads or writes a descriptor, 256 KiB at a time. A failure appears as a short count or end of
// file, and as an errno in `error`.
class DescriptorBuffer final : public std::streambuf {
 public:
  explicit DescriptorBuffer(int fd);
  int error() const { return error_; }

 protected:
  int_type underflow() override;
  int_type overflow(int_type character) override;
  int sync() override;

 private:
  bool Flush();

  const int fd_;
  int error_ = 0;
  std::string buffer_;
};

}  // namespace dcs::state
