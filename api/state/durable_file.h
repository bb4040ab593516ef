// Files that are there whole or not at all, whenever the process or the machine ends.
//
//   ReplaceFile(path, [&](std::streambuf& to) { to.sputn(...); return absl::OkStatus(); });
//
// A new file is written beside the old one, forced to the disk, and then takes its name; the
// directory is forced to the disk last. Until then the old one stays.
//
// Thread safety: different paths from any thread, one path from one thread at a time. Errors:
// kUnavailable with path, what failed and the system's reason.
#pragma once

#include <functional>
#include <streambuf>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dcs::state {

// What is being written has this name meanwhile, behind the file's own.
inline constexpr char kUnfinishedSuffix[] = ".unfinished";

// Only the owner may read it: passwords are in there. Where `write` fails, its error is returned and
// the old file is as it was.
absl::Status ReplaceFile(const std::string& path,
                         const std::function<absl::Status(std::streambuf& to)>& write);

// The whole content. kNotFound where there is no such file.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// No error where there is none.
absl::Status RemoveFile(const std::string& path);

// Forces names to the disk.
absl::Status SyncDirectory(const std::string& path);

// kUnavailable for `what` having failed, with errno's reason.
absl::Status SystemError(const std::string& path, const char* what);

// A file descriptor that is closed at its end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  const int fd_;
};

// Reads or writes a descriptor, 256 KiB at a time. What failed shows as a short count or end of
// file, and in `error` as an errno.
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
