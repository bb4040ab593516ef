#include "api/state/snapshot_name.h"

#include <exception>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/printable.h"
#include "api/state/envelope.h"
#include "api/state/json_fields.h"

namespace dcs::state {
namespace {

// The beginning of snapshots of earlier versions (store/snapshot.h).
constexpr std::string_view kUnnamedPrefix = "dcs-keys";
constexpr size_t kLongestLine = 4096;

constexpr std::tuple kFields{
    Field{"instance", &SnapshotName::instance_id},
    Field{"node", &SnapshotName::node},
    Field{"generation", &SnapshotName::generation},
    Field{"saved_at", &SnapshotName::saved_at},
    Field{"virtual_clock", &SnapshotName::virtual_clock},
};

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string SnapshotFile(std::string_view instance_id, size_t node) {
  return absl::StrCat(ToAbsl(instance_id), ".", node, ToAbsl(kKeysSuffix));
}

std::optional<SnapshotName> ParseSnapshotFile(std::string_view file) {
  if (!file.ends_with(kKeysSuffix)) return std::nullopt;
  const std::string_view stem = file.substr(0, file.size() - kKeysSuffix.size());
  const size_t dot = stem.find('.');
  if (dot == 0 || dot == std::string_view::npos) return std::nullopt;
  SnapshotName name;
  name.instance_id = stem.substr(0, dot);
  // Accepts only the form in which this program writes a number.
  if (!absl::SimpleAtoi(ToAbsl(stem.substr(dot + 1)), &name.node) ||
      SnapshotFile(name.instance_id, name.node) != file) {
    return std::nullopt;
  }
  return name;
}

bool BeginsAsOurs(std::string_view beginning) {
  return beginning.starts_with(kFilePrefix) || beginning.starts_with(kUnnamedPrefix);
}

std::string SealSnapshotName(const SnapshotName& name) {
  return Seal(kKeysFormat, ToJson(name, kFields).dump());
}

absl::StatusOr<std::optional<SnapshotName>> ReadSnapshotName(std::streambuf& from) {
  using Traits = std::streambuf::traits_type;
  if (Traits::eq_int_type(from.sgetc(), Traits::to_int_type(kUnnamedPrefix.front()))) {
    return std::optional<SnapshotName>();
  }
  std::string line;
  while (line.size() < kLongestLine && !line.ends_with('\n')) {
    const auto next = from.sbumpc();
    if (Traits::eq_int_type(next, Traits::eof())) break;
    line.push_back(Traits::to_char_type(next));
  }
  const absl::StatusOr<Unsealed> unsealed = Unseal(kKeysFormat, line);
  if (!unsealed.ok()) return unsealed.status();
  SnapshotName name;
  try {
    FromJson(Json::parse(unsealed->text), kFields, name);
  } catch (const std::exception& error) {
    return absl::DataLossError(
        absl::StrCat("damaged: its first line: ", api::Printable(error.what())));
  }
  return std::optional(std::move(name));
}

}  // namespace dcs::state
