// The directory of --state-dir: its files and their locks.
//
//   lock                 held by the one process that uses the directory
//   state.json           clock, instances, configurations, histories (state_json.h, envelope.h)
//   ID.NODE.keys         the keys of an instance's node (snapshot_name.h)
//   NAME.unfinished      any of these while it is being written
//
// All other names belong to the user and are not touched. A file of the program that is damaged, of
// another version or not a regular file is refused with its path and the reason. Reading changes
// nothing.
//
// The directory is held open and locked. If it is removed while the program runs, writes fail until
// a directory without state exists at the path; that one is used from then on.
//
// Thread safety: all members may be called from any thread. Errors apart from those named:
// kUnavailable from the system; kFailedPrecondition for an entry that is not a regular file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/state/durable_file.h"
#include "api/state/snapshot_name.h"
#include "api/state/state_json.h"
#include "store/keyspace.h"
#include "store/snapshot.h"

namespace dcs::state {

inline constexpr char kStateFile[] = "state.json";

class StateDirectory {
 public:
  // Creates the directory if it is missing. kFailedPrecondition if another process uses it.
  static absl::StatusOr<std::unique_ptr<StateDirectory>> Open(const std::string& path);

  std::string PathOf(std::string_view name) const;
  absl::StatusOr<std::vector<std::string>> Names() const;

  // kNotFound if no state was written yet; kDataLoss, kFailedPrecondition.
  absl::StatusOr<SavedState> ReadState() const;
  // REQUIRES: StateFromJson can read `json`.
  absl::Status WriteState(std::string_view json);

  // The owner of the file "ID.NODE.keys"; nullopt if the file does not name it. kNotFound if the
  // file does not exist, kDataLoss if it is damaged, kFailedPrecondition if it names another ID or
  // node than its name.
  absl::StatusOr<std::optional<SnapshotName>> ReadName(const std::string& file) const;

  // Writes a snapshot beside the old file, then replaces the old one. Clients are served meanwhile.
  // One snapshot at a time. kCancelled if RemoveKeys was called for the launch, before or during
  // the call: then no file of the launch is left. kResourceExhausted without memory.
  absl::StatusOr<store::SnapshotSize> SaveKeys(const SnapshotName& name,
                                               const store::Keyspace& keyspace);
  // Loads the node's keys. Returns whether this generation or a later one had saved any. After an
  // error (kDataLoss, kFailedPrecondition) the keyspace may hold some of them.
  absl::StatusOr<bool> LoadKeys(std::string_view instance_id, size_t node, uint64_t generation,
                                store::Keyspace& keyspace, store::TimeMs now) const;
  // Removes the files of an instance's nodes that belong to this launch or an earlier one; durable
  // on return. Files without owner line are refused and stay. Does not wait for a snapshot being
  // written: kAborted if it is of the same instance; call again after it. REQUIRES: the state on
  // the disk lists the files as superseded.
  absl::Status RemoveKeys(const RemovedInstance& gone);

  // OK if the file begins like the program's files, is empty, or does not exist: then it holds no
  // data of the user. Otherwise kFailedPrecondition.
  absl::Status CheckIsOwn(const std::string& file) const;

 private:
  struct Held;  // the open directory and its locks

  explicit StateDirectory(std::shared_ptr<const Held> held);
  static absl::StatusOr<std::shared_ptr<const Held>> Take(const std::string& path);
  std::shared_ptr<const Held> Current() const;
  // The directory now at the path, after `removed` was removed.
  absl::StatusOr<std::shared_ptr<const Held>> TakeAgain(const std::shared_ptr<const Held>& removed);
  absl::Status Replace(const std::string& file,
                       const std::function<absl::Status(std::streambuf& to)>& write);
  absl::Status RemoveOwn(const std::string& file);
  absl::Status RemoveNode(const RemovedInstance& gone, size_t node);
  // Called before and after writing a snapshot. kCancelled if RemoveKeys was called for the launch.
  absl::Status BeginSaving(const SnapshotName& name);
  absl::Status EndSaving();

  mutable std::mutex mutex_;
  std::shared_ptr<const Held> held_;  // guarded by mutex_

  std::mutex saving_;  // held while a snapshot is written, one at a time

  // Held for a few file operations at most. Guards the members below, and serializes RemoveKeys
  // with the end of a snapshot.
  std::mutex removing_;
  std::map<std::string, uint64_t> removed_;  // the latest removed generation of each ID
  std::optional<SnapshotName> saving_name_;  // the snapshot that is being written
};

}  // namespace dcs::state
