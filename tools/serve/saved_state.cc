#include "tools/serve/saved_state.h"

#include <utility>

#include "absl/strings/match.h"
#include "store/time/clock.h"

namespace dcs::tools {
namespace {

constexpr size_t kIdInName = 8;

api::CacheMode ModeFrom(const ServeOptions& options) {
  return options.cache_mode == "single" ? api::CacheMode::kSingle : api::CacheMode::kHa;
}

}  // namespace

api::InstanceSpec SpecFrom(const ServeOptions& options, const std::string& instance_id) {
  const bool named = absl::EqualsIgnoreCase(instance_id, options.instance_id);
  api::InstanceSpec spec;
  spec.id = instance_id;
  spec.project_id = options.project_id;
  spec.name = named ? "dcs-sim" : "dcs-sim-" + instance_id.substr(0, kIdInName);
  spec.engine_version = options.engine_version;
  spec.mode = ModeFrom(options);
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

std::vector<std::string> OverriddenOptions(const ServeOptions& options,
                                           const api::InstanceRecord& restored) {
  std::vector<std::string> sentences;
  const auto check = [&](const std::string& option, bool differs, const std::string& instead) {
    if (!differs || !options.given.contains(option)) return;
    sentences.push_back(option + " is ignored: instance " + restored.spec.id + " in " +
                        options.state_dir + " has " + instead);
  };
  const api::InstanceSpec& spec = restored.spec;
  const uint16_t port = restored.ports.empty() ? spec.port : restored.ports.front();
  // Port 0 accepts any port.
  check("--resp-port", options.resp_port != 0 && port != 0 && options.resp_port != port,
        std::to_string(port));
  check("--password", options.password != spec.password,
        spec.password.empty() ? "no password" : "another one");
  check("--engine-version", options.engine_version != spec.engine_version, spec.engine_version);
  check("--cache-mode", ModeFrom(options) != spec.mode, std::string(api::ToString(spec.mode)));
  check("--project-id", !absl::EqualsIgnoreCase(options.project_id, spec.project_id),
        spec.project_id);
  return sentences;
}

}  // namespace dcs::tools
