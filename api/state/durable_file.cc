#include "api/state/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace dcs::state {
namespace {

constexpr size_t kBufferBytes = size_t{256} << 10;

absl::Status Write(const std::string& path,
                   const std::function<absl::Status(std::streambuf& to)>& write) {
  const Descriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return SystemError(path, "cannot be made");
  DescriptorBuffer buffer(file.get());
  if (absl::Status status = write(buffer); !status.ok() && buffer.error() == 0) return status;
  if (buffer.pubsync() != 0 || buffer.error() != 0) {
    errno = buffer.error();
    return SystemError(path, "cannot be written");
  }
  if (fsync(file.get()) != 0) return SystemError(path, "cannot be forced to the disk");
  return absl::OkStatus();
}

}  // namespace

absl::Status SystemError(const std::string& path, const char* what) {
  return absl::UnavailableError(
      absl::StrCat(path, " ", what, ": ", std::generic_category().message(errno)));
}

absl::Status ReplaceFile(const std::string& path,
                         const std::function<absl::Status(std::streambuf& to)>& write) {
  const std::string unfinished = path + kUnfinishedSuffix;
  absl::Status status = Write(unfinished, write);
  if (status.ok() && rename(unfinished.c_str(), path.c_str()) != 0) {
    status = SystemError(path, "cannot be replaced");
  }
  if (!status.ok()) {
    unlink(unfinished.c_str());
    return status;
  }
  return SyncDirectory(std::filesystem::path(path).parent_path().string());
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return absl::NotFoundError(path + " is not there");
    return SystemError(path, "cannot be opened");
  }
  DescriptorBuffer buffer(file.get());
  std::string content;
  char part[1 << 16];
  for (std::streamsize read = 0; (read = buffer.sgetn(part, sizeof(part))) > 0;) {
    content.append(part, static_cast<size_t>(read));
  }
  if (buffer.error() != 0) {
    errno = buffer.error();
    return SystemError(path, "cannot be read");
  }
  return content;
}

absl::Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return SystemError(path, "cannot be removed");
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  const std::string name = path.empty() ? "." : path;
  const Descriptor directory(open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return SystemError(name, "cannot be opened");
  if (fsync(directory.get()) != 0) return SystemError(name, "cannot be forced to the disk");
  return absl::OkStatus();
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

// ---- DescriptorBuffer ---------------------------------------------------------------------------

// Either direction has the buffer to itself: a descriptor is read or written, never both.
DescriptorBuffer::DescriptorBuffer(int fd) : fd_(fd), buffer_(kBufferBytes, '\0') {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

DescriptorBuffer::int_type DescriptorBuffer::underflow() {
  ssize_t got = 0;
  do {
    got = read(fd_, buffer_.data(), buffer_.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) error_ = errno;
  if (got <= 0) return traits_type::eof();
  setg(buffer_.data(), buffer_.data(), buffer_.data() + got);
  return traits_type::to_int_type(*gptr());
}

bool DescriptorBuffer::Flush() {
  const char* from = pbase();
  while (error_ == 0 && from < pptr()) {
    const ssize_t written = write(fd_, from, static_cast<size_t>(pptr() - from));
    if (written >= 0) {
      from += written;
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return error_ == 0;
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type character) {
  if (!Flush()) return traits_type::eof();
  if (!traits_type::eq_int_type(character, traits_type::eof())) {
    sputc(traits_type::to_char_type(character));
  }
  return traits_type::not_eof(character);
}

int DescriptorBuffer::sync() { return Flush() ? 0 : -1; }

}  // namespace dcs::state
