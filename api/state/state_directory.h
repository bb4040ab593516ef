// The directory of --state-dir: which files there are, and who may use them.
//
//   lock                 held by the one process that uses the directory
//   state.json           instances, configurations, automatic scans, histories (envelope.h)
//   ID.NODE.keys         the keys of an instance's node (store/snapshot.h)
//
// A file that is damaged or of another version is refused, with its name and what is wrong with it;
// reading changes nothing.
//
// Thread safety: all members from any thread. Errors beside those named: kUnavailable from the
// system, with the file's name.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/instance_state.h"
#include "api/state/durable_file.h"
#include "store/keyspace.h"
#include "store/snapshot.h"

namespace dcs::state {

class StateDirectory {
 public:
  // Makes the directory where there is none. Errors: kFailedPrecondition where another process has
  // it.
  static absl::StatusOr<std::unique_ptr<StateDirectory>> Open(const std::string& path);

  // Empty where nothing was ever written. Errors: kDataLoss, kFailedPrecondition.
  absl::StatusOr<std::vector<api::InstanceState>> ReadInstances() const;
  // `json` as InstanceStatesFromJson takes it.
  absl::Status WriteInstances(std::string_view json);

  // Writes what the node holds beside the old file, which it then replaces. Clients go on.
  absl::StatusOr<store::SnapshotSize> SaveKeys(std::string_view instance_id, size_t node,
                                               const store::Keyspace& keyspace);
  // Puts the node's keys back; nothing where none were saved. Errors: kDataLoss,
  // kFailedPrecondition; the keyspace may then hold some of them.
  absl::Status LoadKeys(std::string_view instance_id, size_t node, store::Keyspace& keyspace,
                        store::TimeMs now) const;
  // Of all its nodes.
  absl::Status RemoveKeys(std::string_view instance_id);
  // Removes what belongs to no instance of these, and what was never finished.
  absl::Status RemoveLeftovers(const std::vector<api::InstanceState>& known);

 private:
  StateDirectory(std::string path, int lock);
  std::string PathOf(std::string_view name) const;
  std::string KeysPath(std::string_view instance_id, size_t node) const;

  const std::string path_;
  const Descriptor lock_;
  std::mutex saving_;  // one snapshot at a time
};

}  // namespace dcs::state
