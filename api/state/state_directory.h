// The directory of --state-dir: which files there are, and who may use them.
//
//   lock                 held by the one process that uses the directory
//   state.json           clock, instances, configurations, histories (state_json.h, envelope.h)
//   ID.NODE.keys         the keys of an instance's node (snapshot_name.h)
//   NAME.unfinished      one of these while it is written
//
// All other names belong to the user: the program does not touch them. A file of ours that is
// damaged, of another version or not a regular file is refused, with its path and the reason; reading
// changes nothing.
//
// The directory is held open and locked. If it is removed while the program runs, writes fail until
// a directory without state has the path again; that one is used from then on.
//
// Thread safety: all members from any thread. Errors beside those named: kUnavailable from the
// system; kFailedPrecondition for what stands in place of a file of ours.
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
  // Makes the directory if there is none. kFailedPrecondition if another process uses it.
  static absl::StatusOr<std::unique_ptr<StateDirectory>> Open(const std::string& path);

  std::string PathOf(std::string_view name) const;
  absl::StatusOr<std::vector<std::string>> Names() const;

  // kNotFound if no state was ever written; kDataLoss, kFailedPrecondition.
  absl::StatusOr<SavedState> ReadState() const;
  // `json` as StateFromJson reads it.
  absl::Status WriteState(std::string_view json);

  // Whose keys a file "ID.NODE.keys" holds; nullopt if it does not say. kNotFound if there is no such
  // file, kDataLoss if it is damaged, kFailedPrecondition if it names another ID or node than the
  // file name does.
  absl::StatusOr<std::optional<SnapshotName>> ReadName(const std::string& file) const;

  // Writes a snapshot beside the old file, then replaces that. Clients go on meanwhile. One at a
  // time. kCancelled if RemoveKeys was called for that launch, before or meanwhile: then no file of it
  // is left. kResourceExhausted without memory.
  absl::StatusOr<store::SnapshotSize> SaveKeys(const SnapshotName& name,
                                               const store::Keyspace& keyspace);
  // Puts the node's keys back. Returns whether there were any saved by this generation or a later
  // one. On errors (kDataLoss, kFailedPrecondition) the keyspace may hold some of them.
  absl::StatusOr<bool> LoadKeys(std::string_view instance_id, size_t node, uint64_t generation,
                                store::Keyspace& keyspace, store::TimeMs now) const;
  // Removes the files of an instance's nodes, as far as they are of this launch of it or an earlier
  // one; durable on return. Files that do not say so in themselves are refused and stay. Does not wait
  // for a snapshot that is being written: kAborted if it is one of the same instance. Call again after
  // it. REQUIRES: the state on the disk knows that the files are superseded.
  absl::Status RemoveKeys(const RemovedInstance& gone);

  // Whether a file begins as those that this program writes, or is empty, or is not there: then what
  // is lost with it is nothing of the user's. kFailedPrecondition otherwise.
  absl::Status CheckIsOwn(const std::string& file) const;

 private:
  struct Held;  // the open directory and its locks

  explicit StateDirectory(std::shared_ptr<const Held> held);
  static absl::StatusOr<std::shared_ptr<const Held>> Take(const std::string& path);
  std::shared_ptr<const Held> Current() const;
  // The directory that has the path now, after `removed` was removed.
  absl::StatusOr<std::shared_ptr<const Held>> TakeAgain(const std::shared_ptr<const Held>& removed);
  absl::Status Replace(const std::string& file,
                       const std::function<absl::Status(std::streambuf& to)>& write);
  absl::Status RemoveOwn(const std::string& file);
  absl::Status RemoveNode(const RemovedInstance& gone, size_t node);
  // Before and after the writing of a snapshot. kCancelled if RemoveKeys was called for the launch.
  absl::Status BeginSaving(const SnapshotName& name);
  absl::Status EndSaving();

  mutable std::mutex mutex_;
  std::shared_ptr<const Held> held_;  // guarded by mutex_

  std::mutex saving_;  // one snapshot at a time; held while it is written

  // Held for a few file operations at most. Guards the members below, and keeps RemoveKeys and the
  // end of a snapshot apart.
  std::mutex removing_;
  std::map<std::string, uint64_t> removed_;  // the latest removed generation of each ID
  std::optional<SnapshotName> saving_name_;  // the snapshot that is being written
};

}  // namespace dcs::state
