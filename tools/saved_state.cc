#include "tools/saved_state.h"

#include <utility>

#include "absl/strings/match.h"
#include "store/clock.h"

namespace dcs::tools {
namespace {

constexpr size_t kIdInName = 8;

}  // namespace

api::InstanceSpec SpecFrom(const ServeOptions& options, const std::string& instance_id) {
  const bool named = absl::EqualsIgnoreCase(instance_id, options.instance_id);
  api::InstanceSpec spec;
  spec.id = instance_id;
  spec.project_id = options.project_id;
  spec.name = named ? "dcs-sim" : "dcs-sim-" + instance_id.substr(0, kIdInName);
  spec.engine_version = options.engine_version;
  spec.mode = options.cache_mode == "single" ? api::CacheMode::kSingle : api::CacheMode::kHa;
  spec.password = options.password;
  spec.port = named ? options.resp_port : 0;
  return spec;
}

absl::StatusOr<SavedState> FindSavedState(const ServeOptions& options) {
  SavedState saved;
  if (options.state_dir.empty()) return saved;
  auto directory = state::StateDirectory::Open(options.state_dir);
  if (!directory.ok()) return directory.status();
  auto survey = state::TakeSurvey(**directory, options.adopt_snapshots);
  if (!survey.ok()) return survey.status();
  absl::Status status = state::AdoptOrphans(
      **directory, [&](const std::string& id) { return SpecFrom(options, id); }, *survey);
  if (!status.ok()) return status;
  const bool is_virtual = options.time_is_steered();
  status = state::CheckClock(**directory, *survey, is_virtual, store::WallClock().Now());
  if (!status.ok()) return status;
  if (is_virtual) saved.clock = state::VirtualClockOf(*survey);
  saved.directory = *std::move(directory);
  saved.survey = *std::move(survey);
  return saved;
}

}  // namespace dcs::tools
