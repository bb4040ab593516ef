#include "api/state/envelope.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "store/key_hash.h"

namespace dcs::state {
namespace {

constexpr std::string_view kFormat = R"({"format":"dcs-sim state","version":)";
constexpr std::string_view kBeforeChecksum = R"(,"xxh3":")";
constexpr std::string_view kBeforeState = R"(","state":)";
constexpr std::string_view kEnd = "}\n";
constexpr size_t kChecksumDigits = 16;

std::string Checksum(std::string_view state) {
  return absl::StrCat(absl::Hex(store::HashBytes(state, kStateVersion), absl::kZeroPad16));
}

// Takes `expected` off the front of `text`, or says no.
bool Consume(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

}  // namespace

std::string Seal(std::string_view state) {
  std::string file;
  file.reserve(state.size() + 128);
  file.append(kFormat).append(std::to_string(kStateVersion)).append(kBeforeChecksum);
  file.append(Checksum(state)).append(kBeforeState).append(state).append(kEnd);
  return file;
}

absl::StatusOr<std::string_view> Unseal(std::string_view file) {
  if (!Consume(file, kFormat)) return absl::DataLossError("damaged: not a state file");
  size_t digits = 0;
  while (digits < file.size() && absl::ascii_isdigit(static_cast<unsigned char>(file[digits]))) {
    ++digits;
  }
  const std::string version(file.substr(0, digits));
  file.remove_prefix(digits);
  if (digits == 0 || !Consume(file, kBeforeChecksum)) {
    return absl::DataLossError("damaged: it does not begin as a state file does");
  }
  if (version != std::to_string(kStateVersion)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "it is of version ", version, "; this program reads version ", kStateVersion, " only"));
  }
  const std::string_view checksum = file.substr(0, kChecksumDigits);
  file.remove_prefix(checksum.size());
  if (!Consume(file, kBeforeState) || !file.ends_with(kEnd)) {
    return absl::DataLossError("damaged: it does not begin or end as a state file does");
  }
  file.remove_suffix(kEnd.size());
  if (const std::string found = Checksum(file); found != checksum) {
    return absl::DataLossError(absl::StrCat("damaged: its checksum is ", found, ", not ",
                                            std::string(checksum), " as it says"));
  }
  return file;
}

}  // namespace dcs::state
