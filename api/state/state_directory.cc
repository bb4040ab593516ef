#include "api/state/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/state/envelope.h"

namespace dcs::state {
namespace {

namespace fs = std::filesystem;

constexpr char kLockFile[] = "lock";

// The same error, prefixed with the file's path.
absl::Status Named(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::Status Lock(const Folder& folder, int fd) {
  // The system releases the lock whenever the process ends.
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  if (errno != EWOULDBLOCK) return SystemError(folder.path(), "cannot be locked");
  return absl::FailedPreconditionError(
      absl::StrCat("state directory ", folder.path(), " is in use by another process"));
}

// Durably makes the directory and its missing parents.
absl::Status MakeDirectories(const std::string& path) {
  std::vector<fs::path> above_new;
  std::error_code error;
  for (fs::path at = fs::absolute(path); !at.empty() && !fs::exists(at, error) && !error;
       at = at.parent_path()) {
    above_new.push_back(at.parent_path());
  }
  fs::create_directories(path, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat(path, " cannot be made: ", error.message()));
  }
  for (const fs::path& parent : above_new) {
    const auto folder = Folder::Open(parent.string());
    if (!folder.ok()) return folder.status();
    if (absl::Status status = SyncFolder(**folder); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Returns the error of `buffer` if it has one, otherwise the error of the content.
absl::Status ReadError(const DescriptorBuffer& buffer, const std::string& path,
                       const absl::Status& status) {
  if (buffer.error() != 0) {
    errno = buffer.error();
    return SystemError(path, "cannot be read");
  }
  return status.ok() ? status : Named(path, status);
}

absl::StatusOr<std::optional<SnapshotName>> CheckedName(DescriptorBuffer& buffer,
                                                        const std::string& file,
                                                        const std::string& path) {
  absl::StatusOr<std::optional<SnapshotName>> name = ReadSnapshotName(buffer);
  if (absl::Status status = ReadError(buffer, path, name.status()); !status.ok()) return status;
  if (!*name) return name;
  if (const std::string own = SnapshotFile((*name)->instance_id, (*name)->node); own != file) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": it holds the keys of ", own, ", not those that its name says"));
  }
  return name;
}

}  // namespace

// ---- The directory itself -----------------------------------------------------------------------

// Two locks: one on the directory, which cannot be replaced while it is held, and one on a file,
// because some network file systems lock files only.
struct StateDirectory::Held {
  std::unique_ptr<const Folder> folder;
  Descriptor lock;
};

absl::StatusOr<std::shared_ptr<const StateDirectory::Held>> StateDirectory::Take(
    const std::string& path) {
  auto folder = Folder::Open(path);
  if (!folder.ok()) return folder.status();
  if (absl::Status status = Lock(**folder, (*folder)->fd()); absl::IsFailedPrecondition(status)) {
    return status;
  }
  absl::Status file = CheckIsFile(**folder, kLockFile);
  if (!file.ok() && !absl::IsNotFound(file)) return file;
  Descriptor lock(openat((*folder)->fd(), kLockFile,
                         O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                         S_IRUSR | S_IWUSR));
  if (!lock) return SystemError((*folder)->PathOf(kLockFile), "cannot be opened");
  if (absl::Status status = Lock(**folder, lock.get()); !status.ok()) return status;
  return std::shared_ptr<const Held>(new Held{*std::move(folder), std::move(lock)});
}

absl::StatusOr<std::unique_ptr<StateDirectory>> StateDirectory::Open(const std::string& path) {
  if (absl::Status status = MakeDirectories(path); !status.ok()) return status;
  auto held = Take(path);
  if (!held.ok()) return held.status();
  return std::unique_ptr<StateDirectory>(new StateDirectory(*std::move(held)));
}

StateDirectory::StateDirectory(std::shared_ptr<const Held> held) : held_(std::move(held)) {}

std::shared_ptr<const StateDirectory::Held> StateDirectory::Current() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

// A directory that holds state is not the removed one; its state would be overwritten.
absl::StatusOr<std::shared_ptr<const StateDirectory::Held>> StateDirectory::TakeAgain(
    const std::shared_ptr<const Held>& removed) {
  const std::lock_guard lock(mutex_);
  if (held_ != removed) return held_;
  auto again = Take(removed->folder->path());
  if (!again.ok()) return again.status();
  const auto names = ListNames(*(*again)->folder);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (name != kStateFile && !ParseSnapshotFile(name)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("the state directory was removed, and the one that is there now holds ",
                     (*again)->folder->PathOf(name)));
  }
  return held_ = *std::move(again);
}

std::string StateDirectory::PathOf(std::string_view name) const {
  return Current()->folder->PathOf(name);
}

absl::StatusOr<std::vector<std::string>> StateDirectory::Names() const {
  return ListNames(*Current()->folder);
}

// ---- The program's files ------------------------------------------------------------------------------

absl::Status StateDirectory::CheckIsOwn(const std::string& file) const {
  const auto held = Current();
  const absl::StatusOr<Descriptor> opened = OpenFile(*held->folder, file);
  if (absl::IsNotFound(opened.status())) return absl::OkStatus();
  if (!opened.ok()) return opened.status();
  DescriptorBuffer buffer(opened->get());
  std::string beginning(kFilePrefix.size(), '\0');
  beginning.resize(static_cast<size_t>(
      buffer.sgetn(beginning.data(), static_cast<std::streamsize>(beginning.size()))));
  const std::string path = held->folder->PathOf(file);
  absl::Status status = ReadError(buffer, path, absl::OkStatus());
  if (!status.ok() || beginning.empty() || BeginsAsOurs(beginning)) return status;
  return absl::FailedPreconditionError(absl::StrCat(
      path, " is not a file that this program has written: move it out of the directory"));
}

absl::Status StateDirectory::RemoveOwn(const std::string& file) {
  if (absl::Status status = CheckIsOwn(file); !status.ok()) return status;
  return RemoveFile(*Current()->folder, file);
}

absl::Status StateDirectory::Replace(const std::string& file,
                                     const std::function<absl::Status(std::streambuf& to)>& write) {
  // Left by a crash.
  if (absl::Status status = RemoveOwn(file + kUnfinishedSuffix); !status.ok()) return status;
  const auto held = Current();
  absl::Status status = ReplaceFile(*held->folder, file, write);
  if (!absl::IsNotFound(status)) return status;
  const auto again = TakeAgain(held);
  if (again.ok()) return ReplaceFile(*(*again)->folder, file, write);
  return absl::UnavailableError(absl::IsNotFound(again.status()) ? status.message()
                                                                 : again.status().message());
}

absl::StatusOr<SavedState> StateDirectory::ReadState() const {
  const auto held = Current();
  const std::string path = held->folder->PathOf(kStateFile);
  const absl::StatusOr<std::string> file = ReadFile(*held->folder, kStateFile);
  if (!file.ok()) return file.status();
  const absl::StatusOr<Unsealed> json = Unseal(kStateFormat, *file);
  if (!json.ok()) return Named(path, json.status());
  absl::StatusOr<SavedState> state = StateFromJson(json->text, json->version);
  if (!state.ok()) return Named(path, state.status());
  return state;
}

absl::Status StateDirectory::WriteState(std::string_view json) {
  return Replace(kStateFile, [&](std::streambuf& to) {
    const std::string file = Seal(kStateFormat, json);
    to.sputn(file.data(), static_cast<std::streamsize>(file.size()));
    return absl::OkStatus();
  });
}

// ---- Keys ---------------------------------------------------------------------------------------

absl::StatusOr<std::optional<SnapshotName>> StateDirectory::ReadName(
    const std::string& file) const {
  const auto held = Current();
  const absl::StatusOr<Descriptor> opened = OpenFile(*held->folder, file);
  if (!opened.ok()) return opened.status();
  DescriptorBuffer buffer(opened->get());
  return CheckedName(buffer, file, held->folder->PathOf(file));
}

absl::StatusOr<store::SnapshotSize> StateDirectory::SaveKeys(const SnapshotName& name,
                                                             const store::Keyspace& keyspace) try {
  const std::lock_guard lock(saving_);
  if (absl::Status status = BeginSaving(name); !status.ok()) return status;
  const std::string line = SealSnapshotName(name);
  store::SnapshotSize size;
  absl::Status status;
  try {
    const std::string file = SnapshotFile(name.instance_id, name.node);
    status = CheckIsOwn(file);
    if (status.ok()) {
      status = Replace(file, [&](std::streambuf& to) {
        to.sputn(line.data(), static_cast<std::streamsize>(line.size()));
        return store::WriteSnapshot(keyspace, to, size);
      });
    }
  } catch (const std::bad_alloc&) {
    EndSaving().IgnoreError();
    throw;
  }
  if (absl::Status removed = EndSaving(); !removed.ok()) return removed;
  if (!status.ok()) return status;
  size.bytes += line.size();
  return size;
} catch (const std::bad_alloc&) {
  return absl::ResourceExhaustedError("there is no memory to save keys");
}

absl::Status StateDirectory::BeginSaving(const SnapshotName& name) {
  const std::lock_guard lock(removing_);
  const auto gone = removed_.find(name.instance_id);
  if (gone != removed_.end() && name.generation <= gone->second) {
    return absl::CancelledError(absl::StrCat(PathOf(SnapshotFile(name.instance_id, name.node)),
                                             " is not written: its instance has been removed"));
  }
  saving_name_ = name;
  return absl::OkStatus();
}

// RemoveKeys left the file alone while it was being written.
absl::Status StateDirectory::EndSaving() {
  const std::lock_guard lock(removing_);
  const SnapshotName name = *std::exchange(saving_name_, std::nullopt);
  const auto gone = removed_.find(name.instance_id);
  if (gone == removed_.end() || name.generation > gone->second) return absl::OkStatus();
  RemoveNode({.id = name.instance_id, .generation = gone->second, .nodes = name.node + 1},
             name.node)
      .IgnoreError();  // the next RemoveKeys tries again
  return absl::CancelledError(absl::StrCat(PathOf(SnapshotFile(name.instance_id, name.node)),
                                           " is not kept: its instance has been removed"));
}

absl::StatusOr<bool> StateDirectory::LoadKeys(std::string_view instance_id, size_t node,
                                              uint64_t generation, store::Keyspace& keyspace,
                                              store::TimeMs now) const {
  const auto held = Current();
  const std::string file = SnapshotFile(instance_id, node);
  const std::string path = held->folder->PathOf(file);
  const absl::StatusOr<Descriptor> opened = OpenFile(*held->folder, file);
  if (absl::IsNotFound(opened.status())) return false;
  if (!opened.ok()) return opened.status();
  DescriptorBuffer buffer(opened->get());
  const auto name = CheckedName(buffer, file, path);
  if (!name.ok()) return name.status();
  if ((*name ? (*name)->generation : 0) < generation) return false;
  absl::Status status = ReadError(buffer, path, store::ReadSnapshot(buffer, keyspace, now));
  if (!status.ok()) return status;
  return true;
}

absl::Status StateDirectory::RemoveNode(const RemovedInstance& gone, size_t node) {
  const std::string file = SnapshotFile(gone.id, node);
  const auto name = ReadName(file);
  if (name.ok()) {
    const bool later = *name && (*name)->generation > gone.generation;
    if (later) return absl::OkStatus();
    if (absl::Status status = RemoveFile(*Current()->folder, file); !status.ok()) return status;
  } else if (!absl::IsNotFound(name.status())) {
    return name.status();
  }
  return RemoveOwn(file + kUnfinishedSuffix);
}

absl::Status StateDirectory::RemoveKeys(const RemovedInstance& gone) {
  const std::lock_guard lock(removing_);
  uint64_t& generation = removed_[gone.id];
  generation = std::max(generation, gone.generation);
  if (saving_name_ && saving_name_->instance_id == gone.id) {
    return absl::AbortedError(absl::StrCat("a snapshot of ", gone.id, " is being written"));
  }
  for (size_t node = 0; node < gone.nodes; ++node) {
    if (absl::Status status = RemoveNode(gone, node); !status.ok()) return status;
  }
  return SyncFolder(*Current()->folder);
}

}  // namespace dcs::state
