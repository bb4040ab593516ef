#include "api/state/survey.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace dcs::state {
namespace {

// A clock synchronised over a network may step back by this much.
constexpr store::TimeMs kUsualCorrectionMs = 1'000;

api::InstanceRecord* OwnerOf(SavedState& state, const SnapshotName& name) {
  const auto owner = std::find_if(state.instances.begin(), state.instances.end(),
                                  [&](const api::InstanceRecord& instance) {
                                    return instance.spec.id == name.instance_id &&
                                           name.node < std::max<size_t>(instance.ports.size(), 1);
                                  });
  return owner == state.instances.end() ? nullptr : &*owner;
}

bool IsRemoved(const SavedState& state, const SnapshotName& name) {
  return std::any_of(state.removed.begin(), state.removed.end(), [&](const RemovedInstance& gone) {
    return gone.id == name.instance_id && name.node < gone.nodes &&
           name.generation <= gone.generation;
  });
}

absl::StatusOr<SavedState> StateOrNone(const StateDirectory& directory, bool& has_state) {
  absl::StatusOr<SavedState> state = directory.ReadState();
  has_state = state.ok();
  if (absl::IsNotFound(state.status())) return SavedState();
  return state;
}

// The snapshot in `file`, which has a snapshot's name; nullopt if the file is the user's.
absl::StatusOr<std::optional<FoundSnapshot>> Look(const StateDirectory& directory,
                                                  const std::string& file, SavedState& state) {
  const SnapshotName expected = *ParseSnapshotFile(file);
  const auto name = directory.ReadName(file);
  if (name.ok()) {
    FoundSnapshot found{file, name->value_or(expected), name->has_value()};
    if (!found.names_itself) {
      spdlog::info(
          "{} does not name its instance, as those of earlier versions: its file name counts",
          directory.PathOf(file));
    }
    return std::optional(std::move(found));
  }
  const bool may_be_foreign =
      absl::IsDataLoss(name.status()) && OwnerOf(state, expected) == nullptr;
  if (!may_be_foreign || directory.CheckIsOwn(file).ok()) return name.status();
  spdlog::warn("{} is left alone: it is not a snapshot", directory.PathOf(file));
  return std::optional<FoundSnapshot>();
}

void Sort(FoundSnapshot found, Survey& survey) {
  if (IsRemoved(survey.state, found.name)) return;
  api::InstanceRecord* owner = OwnerOf(survey.state, found.name);
  if (owner == nullptr) {
    survey.orphans.push_back(std::move(found));
  } else if (found.name.generation < owner->generation) {
    survey.state.removed.push_back(
        {found.name.instance_id, found.name.generation, found.name.node + 1});
  } else {
    // The keys of this launch reached the disk, but its state did not; its number must not be
    // reused.
    owner->generation = found.name.generation;
    survey.current.push_back(std::move(found));
  }
}

// Unfinished files of a crash are overwritten later, so they must be the program's.
absl::Status CheckUnfinished(const StateDirectory& directory, const SavedState& state) {
  absl::Status status = directory.CheckIsOwn(absl::StrCat(kStateFile, kUnfinishedSuffix));
  for (const api::InstanceRecord& instance : state.instances) {
    for (size_t node = 0; status.ok() && node < std::max<size_t>(instance.ports.size(), 1);
         ++node) {
      status = directory.CheckIsOwn(SnapshotFile(instance.spec.id, node) + kUnfinishedSuffix);
    }
  }
  return status;
}

void WarnOfMissing(const StateDirectory& directory, const Survey& survey) {
  for (const api::InstanceRecord& instance : survey.state.instances) {
    for (const size_t node : instance.saved_nodes) {
      const std::string file = SnapshotFile(instance.spec.id, node);
      const bool found = std::any_of(survey.current.begin(), survey.current.end(),
                                     [&](const auto& snapshot) { return snapshot.file == file; });
      if (found) continue;
      spdlog::warn("{} is not there: instance {} starts without the keys that were saved",
                   directory.PathOf(file), instance.spec.id);
    }
  }
}

std::string Paths(const StateDirectory& directory, const std::vector<FoundSnapshot>& snapshots) {
  return absl::StrJoin(snapshots, ", ", [&](std::string* text, const FoundSnapshot& snapshot) {
    text->append(directory.PathOf(snapshot.file));
  });
}

std::string Show(store::TimeMs time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(time), absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<Survey> TakeSurvey(const StateDirectory& directory, bool adopt) {
  Survey survey;
  auto state = StateOrNone(directory, survey.has_state);
  if (!state.ok()) return state.status();
  survey.state = *std::move(state);
  const auto names = directory.Names();
  if (!names.ok()) return names.status();
  for (const std::string& file : *names) {
    if (!ParseSnapshotFile(file)) continue;
    auto found = Look(directory, file, survey.state);
    if (!found.ok()) return found.status();
    if (*found) Sort(**std::move(found), survey);
  }
  if (absl::Status status = CheckUnfinished(directory, survey.state); !status.ok()) return status;
  if (!survey.orphans.empty() && !adopt) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory.PathOf(kStateFile),
                     survey.has_state ? " does not know the instances of these snapshots: "
                                      : " is not there, but these snapshots are: ",
                     Paths(directory, survey.orphans),
                     ". Put the right state.json back, move the snapshots away, or start with "
                     "--adopt-snapshots"));
  }
  WarnOfMissing(directory, survey);
  return survey;
}

absl::Status AdoptOrphans(
    const StateDirectory& directory,
    const std::function<api::InstanceSpec(const std::string& instance_id)>& spec_of,
    Survey& survey) {
  for (FoundSnapshot& orphan : std::exchange(survey.orphans, {})) {
    if (orphan.name.node != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat(directory.PathOf(orphan.file),
                       " cannot be adopted: instances without state have one node only"));
    }
    api::InstanceRecord& instance = survey.state.instances.emplace_back();
    instance.spec = spec_of(orphan.name.instance_id);
    instance.spec.created_at = orphan.name.saved_at;
    instance.generation = orphan.name.generation;
    spdlog::warn("{} is adopted: instance {} has what the command line says and these keys",
                 directory.PathOf(orphan.file), instance.spec.id);
    survey.current.push_back(std::move(orphan));
  }
  return absl::OkStatus();
}

absl::Status CheckClock(const StateDirectory& directory, const Survey& survey, bool is_virtual,
                        store::TimeMs system_now) {
  const auto check = [&](const char* file, bool was_virtual, store::TimeMs now) {
    if (was_virtual == is_virtual) {
      if (!is_virtual && now > system_now + kUsualCorrectionMs) {
        spdlog::warn(
            "the system's clock shows {}, but {} was written at {}: keys live longer by as "
            "much",
            Show(system_now), directory.PathOf(file), Show(now));
      }
      return absl::OkStatus();
    }
    return absl::FailedPreconditionError(absl::StrCat(
        directory.PathOf(file), " was written under ",
        was_virtual ? "a virtual clock, which showed " : "the system's clock, which showed ",
        Show(now), ", and this start has ", is_virtual ? "a virtual clock" : "the system's",
        ": its deadlines and histories would be at the wrong time. Start with --clock ",
        was_virtual ? "virtual" : "real", ", or with another --state-dir"));
  };
  if (const auto& clock = survey.state.clock) {
    absl::Status status = check(kStateFile, clock->is_virtual, clock->now);
    if (!status.ok()) return status;
  }
  for (const FoundSnapshot& snapshot : survey.current) {
    if (!snapshot.names_itself) continue;
    absl::Status status =
        check(snapshot.file.c_str(), snapshot.name.virtual_clock, snapshot.name.saved_at);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

std::optional<api::ClockState> VirtualClockOf(const Survey& survey) {
  std::optional<api::ClockState> clock = survey.state.clock;
  for (const FoundSnapshot& snapshot : survey.current) {
    if (!snapshot.names_itself) continue;
    const store::TimeMs saved_at = snapshot.name.saved_at;
    if (!clock) clock = api::ClockState{true, saved_at, saved_at, 0};
    if (!survey.state.clock) clock->start = std::min(clock->start, saved_at);
    clock->now = std::max(clock->now, saved_at);
  }
  return clock;
}

}  // namespace dcs::state
