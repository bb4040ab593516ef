// Files that are there whole or not at all, whenever the process or the machine ends.
//
//   ReplaceFile(folder, "name", [&](std::streambuf& to) { to.sputn(...); return absl::OkStatus(); });
//
// ReplaceFile writes a new file beside the old one, forces it to the disk and renames it over the
// old one; then it forces the directory to the disk. Until the rename the old file stays.
//
// Only regular files are opened, replaced or removed. A FIFO, a directory, a symbolic link or a
// device in place of a file is refused, and opening it never blocks.
//
// Thread safety: different names from any thread, one name from one thread at a time. Errors beside
// those named: kUnavailable with the path, what failed and the system's reason; kFailedPrecondition
// with the path and what stands in place of a regular file.
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

// The file that is being written has this suffix until it is renamed.
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

// An open directory. Names below are relative to the directory itself, not to its path: if the path
// comes to name another directory, that one is not touched.
class Folder {
 public:
  // kNotFound if there is no such directory.
  static absl::StatusOr<std::unique_ptr<const Folder>> Open(const std::string& path);

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  // For messages.
  std::string PathOf(std::string_view name) const;

 private:
  Folder(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  const std::string path_;
  const Descriptor fd_;
};

// OK if `name` is a regular file, kNotFound if there is nothing, otherwise kFailedPrecondition.
absl::Status CheckIsFile(const Folder& folder, const std::string& name);

// The names of everything in it, in order.
absl::StatusOr<std::vector<std::string>> ListNames(const Folder& folder);

// Opens a regular file for reading. kNotFound if there is none.
absl::StatusOr<Descriptor> OpenFile(const Folder& folder, const std::string& name);

// Replaces or creates a file that only its owner may read: it may hold passwords. If `write` fails,
// returns its error; on every error before the rename the old file is unchanged. kNotFound if the
// directory itself has been removed; kAlreadyExists if NAME.unfinished is there.
absl::Status ReplaceFile(const Folder& folder, const std::string& name,
                         const std::function<absl::Status(std::streambuf& to)>& write);

// The whole content. kNotFound if there is no such file.
absl::StatusOr<std::string> ReadFile(const Folder& folder, const std::string& name);

// OK if there is no such file. Durable only after SyncFolder.
absl::Status RemoveFile(const Folder& folder, const std::string& name);

// Forces the names in the directory to the disk.
absl::Status SyncFolder(const Folder& folder);

// kUnavailable: `path`, `what` and errno's reason.
absl::Status SystemError(const std::string& path, const char* what);

// Reads or writes a descriptor, 256 KiB at a time. A failure shows as a short count or end of file,
// and as an errno in `error`.
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
