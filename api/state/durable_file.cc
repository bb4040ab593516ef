#include "api/state/durable_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace dcs::state {
namespace {

constexpr size_t kBufferBytes = size_t{256} << 10;

std::string ReasonOf(int error) { return std::generic_category().message(error); }

const char* KindOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return "a directory";
    case S_IFLNK:
      return "a symbolic link";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a device";
  }
}

absl::Status CheckIsFile(mode_t mode, const std::string& path) {
  if (S_ISREG(mode)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, " is ", KindOf(mode), ", not a file"));
}

absl::Status FillAndSync(int fd, const std::string& path,
                         const std::function<absl::Status(std::streambuf& to)>& write) {
  DescriptorBuffer buffer(fd);
  if (absl::Status status = write(buffer); !status.ok() && buffer.error() == 0) return status;
  if (buffer.pubsync() != 0 || buffer.error() != 0) {
    errno = buffer.error();
    return SystemError(path, "cannot be written");
  }
  if (fsync(fd) != 0) return SystemError(path, "cannot be forced to the disk");
  return absl::OkStatus();
}

}  // namespace

absl::Status SystemError(const std::string& path, const char* what) {
  return absl::UnavailableError(absl::StrCat(path, " ", what, ": ", ReasonOf(errno)));
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

// ---- Directories and names ----------------------------------------------------------------------

absl::StatusOr<std::unique_ptr<const Folder>> Folder::Open(const std::string& path) {
  Descriptor fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    if (errno == ENOENT) return absl::NotFoundError(path + " is not there");
    return SystemError(path, "cannot be opened");
  }
  return std::unique_ptr<const Folder>(new Folder(path, std::move(fd)));
}

std::string Folder::PathOf(std::string_view name) const {
  return (std::filesystem::path(path_) / name).string();
}

absl::Status CheckIsFile(const Folder& folder, const std::string& name) {
  struct stat found;
  if (fstatat(folder.fd(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
    return CheckIsFile(found.st_mode, folder.PathOf(name));
  }
  if (errno == ENOENT) return absl::NotFoundError(folder.PathOf(name) + " is not there");
  return SystemError(folder.PathOf(name), "cannot be looked at");
}

absl::StatusOr<std::vector<std::string>> ListNames(const Folder& folder) {
  const int fd = openat(folder.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = fd < 0 ? nullptr : fdopendir(fd);
  if (listing == nullptr) {
    absl::Status status = SystemError(folder.path(), "cannot be listed");
    if (fd >= 0) close(fd);
    return status;
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(listing)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const absl::Status status =
      errno == 0 ? absl::OkStatus() : SystemError(folder.path(), "cannot be listed");
  closedir(listing);
  if (!status.ok()) return status;
  std::sort(names.begin(), names.end());
  return names;
}

// The entry may be replaced between the check and the opening: O_NONBLOCK keeps a FIFO from
// blocking, and the opened file is checked again.
absl::StatusOr<Descriptor> OpenFile(const Folder& folder, const std::string& name) {
  if (absl::Status status = CheckIsFile(folder, name); !status.ok()) return status;
  Descriptor file(
      openat(folder.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return absl::NotFoundError(folder.PathOf(name) + " is not there");
    return SystemError(folder.PathOf(name), "cannot be opened");
  }
  struct stat opened;
  if (fstat(file.get(), &opened) != 0) {
    return SystemError(folder.PathOf(name), "cannot be looked at");
  }
  if (absl::Status status = CheckIsFile(opened.st_mode, folder.PathOf(name)); !status.ok()) {
    return status;
  }
  return file;
}

absl::Status ReplaceFile(const Folder& folder, const std::string& name,
                         const std::function<absl::Status(std::streambuf& to)>& write) {
  if (absl::Status old = CheckIsFile(folder, name); !old.ok() && !absl::IsNotFound(old)) return old;
  const std::string unfinished = name + kUnfinishedSuffix;
  const std::string path = folder.PathOf(unfinished);
  const Descriptor file(openat(folder.fd(), unfinished.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                               S_IRUSR | S_IWUSR));
  if (!file) {
    if (errno == ENOENT) return absl::NotFoundError(folder.path() + " has been removed");
    if (errno == EEXIST) return absl::AlreadyExistsError(path + " is in the way");
    return SystemError(path, "cannot be made");
  }
  absl::Status status = FillAndSync(file.get(), path, write);
  if (status.ok() && renameat(folder.fd(), unfinished.c_str(), folder.fd(), name.c_str()) != 0) {
    status = SystemError(folder.PathOf(name), "cannot be replaced");
  }
  if (!status.ok()) {
    unlinkat(folder.fd(), unfinished.c_str(), 0);
    return status;
  }
  return SyncFolder(folder);
}

absl::StatusOr<std::string> ReadFile(const Folder& folder, const std::string& name) {
  const absl::StatusOr<Descriptor> file = OpenFile(folder, name);
  if (!file.ok()) return file.status();
  DescriptorBuffer buffer(file->get());
  std::string content;
  char part[1 << 16];
  for (std::streamsize read = 0; (read = buffer.sgetn(part, sizeof(part))) > 0;) {
    content.append(part, static_cast<size_t>(read));
  }
  if (buffer.error() != 0) {
    errno = buffer.error();
    return SystemError(folder.PathOf(name), "cannot be read");
  }
  return content;
}

absl::Status RemoveFile(const Folder& folder, const std::string& name) {
  absl::Status status = CheckIsFile(folder, name);
  if (absl::IsNotFound(status)) return absl::OkStatus();
  if (!status.ok()) return status;
  if (unlinkat(folder.fd(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return SystemError(folder.PathOf(name), "cannot be removed");
  }
  return absl::OkStatus();
}

absl::Status SyncFolder(const Folder& folder) {
  if (fsync(folder.fd()) != 0) return SystemError(folder.path(), "cannot be forced to the disk");
  return absl::OkStatus();
}

// ---- DescriptorBuffer ---------------------------------------------------------------------------

// A descriptor is either read or written, so each direction uses the whole buffer.
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
    if (written > 0) {
      from += written;
    } else if (written == 0) {
      error_ = EIO;
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
