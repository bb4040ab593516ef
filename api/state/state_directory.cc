#include "api/state/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/state/envelope.h"
#include "api/state/state_json.h"

namespace dcs::state {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKeysSuffix = ".keys";

// The same error, with the file's name before it.
absl::Status Named(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// "ID.NODE.keys" -> ID; empty for other names.
std::string_view OwnerOfKeys(std::string_view name) {
  return name.ends_with(kKeysSuffix) ? name.substr(0, name.find('.')) : std::string_view();
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateDirectory>> StateDirectory::Open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat(path, " cannot be made: ", error.message()));
  }
  const std::string lock_path = (fs::path(path) / "lock").string();
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (lock < 0) return SystemError(lock_path, "cannot be opened");
  std::unique_ptr<StateDirectory> directory(new StateDirectory(path, lock));
  // The system lets go of it when the process ends, however that happens.
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError(lock_path, "cannot be locked");
    return absl::FailedPreconditionError(
        absl::StrCat("state directory ", path, " is in use by another process"));
  }
  return directory;
}

StateDirectory::StateDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

std::string StateDirectory::PathOf(std::string_view name) const {
  return (fs::path(path_) / name).string();
}

std::string StateDirectory::KeysPath(std::string_view instance_id, size_t node) const {
  return PathOf(absl::StrCat(std::string(instance_id), ".", node, std::string(kKeysSuffix)));
}

absl::StatusOr<std::vector<api::InstanceState>> StateDirectory::ReadInstances() const {
  const std::string path = PathOf("state.json");
  const absl::StatusOr<std::string> file = ReadFile(path);
  if (absl::IsNotFound(file.status())) return std::vector<api::InstanceState>();
  if (!file.ok()) return file.status();
  const absl::StatusOr<std::string_view> json = Unseal(*file);
  if (!json.ok()) return Named(path, json.status());
  absl::StatusOr<std::vector<api::InstanceState>> states = InstanceStatesFromJson(*json);
  if (!states.ok()) return Named(path, states.status());
  return states;
}

absl::Status StateDirectory::WriteInstances(std::string_view json) {
  return ReplaceFile(PathOf("state.json"), [&](std::streambuf& to) {
    const std::string file = Seal(json);
    to.sputn(file.data(), static_cast<std::streamsize>(file.size()));
    return absl::OkStatus();
  });
}

absl::StatusOr<store::SnapshotSize> StateDirectory::SaveKeys(std::string_view instance_id,
                                                             size_t node,
                                                             const store::Keyspace& keyspace) {
  const std::lock_guard lock(saving_);
  store::SnapshotSize size;
  absl::Status status = ReplaceFile(KeysPath(instance_id, node), [&](std::streambuf& to) {
    return store::WriteSnapshot(keyspace, to, size);
  });
  if (!status.ok()) return status;
  return size;
}

absl::Status StateDirectory::LoadKeys(std::string_view instance_id, size_t node,
                                      store::Keyspace& keyspace, store::TimeMs now) const {
  const std::string path = KeysPath(instance_id, node);
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return errno == ENOENT ? absl::OkStatus() : SystemError(path, "cannot be opened");
  }
  DescriptorBuffer buffer(file.get());
  const absl::Status status = store::ReadSnapshot(buffer, keyspace, now);
  if (buffer.error() != 0) {
    errno = buffer.error();
    return SystemError(path, "cannot be read");
  }
  return status.ok() ? status : Named(path, status);
}

absl::Status StateDirectory::RemoveKeys(std::string_view instance_id) {
  const std::lock_guard lock(saving_);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    if (OwnerOfKeys(name) != instance_id) continue;
    if (absl::Status status = RemoveFile(PathOf(name)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status StateDirectory::RemoveLeftovers(const std::vector<api::InstanceState>& known) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    const std::string_view owner = OwnerOfKeys(name);
    const bool stray =
        !owner.empty() && std::none_of(known.begin(), known.end(),
                                       [&](const auto& state) { return state.spec.id == owner; });
    if (!stray && !name.ends_with(kUnfinishedSuffix)) continue;
    if (absl::Status status = RemoveFile(PathOf(name)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace dcs::state
