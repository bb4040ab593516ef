#include "api/state/envelope.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/printable.h"
#include "store/key_hash.h"

namespace dcs::state {
namespace {

constexpr std::string_view kBeforeVersion = R"(","version":)";
constexpr std::string_view kBeforeChecksum = R"(,"xxh3":")";
constexpr std::string_view kEnd = "}\n";
constexpr size_t kChecksumDigits = 16;
// The longest excerpt of a damaged file in a message.
constexpr size_t kShownBytes = 64;

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

std::string Checksum(std::string_view text, int version) {
  return absl::StrCat(
      absl::Hex(store::HashBytes(text, static_cast<uint64_t>(version)), absl::kZeroPad16));
}

std::string BeforeText(const Format& format) {
  return absl::StrCat("\",\"", ToAbsl(format.name), "\":");
}

// Removes the prefix `expected` from `text`, or returns false.
bool Consume(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

std::string Versions(const Format& format) {
  if (format.oldest == format.newest) {
    return absl::StrCat("version ", format.newest, " only");
  }
  return absl::StrCat("versions ", format.oldest, " to ", format.newest, " only");
}

}  // namespace

std::string Seal(const Format& format, std::string_view text) {
  std::string file;
  file.reserve(text.size() + 128);
  file.append(kFilePrefix).append(format.name).append(kBeforeVersion);
  file.append(std::to_string(format.newest)).append(kBeforeChecksum);
  file.append(Checksum(text, format.newest)).append(BeforeText(format)).append(text).append(kEnd);
  return file;
}

absl::StatusOr<Unsealed> Unseal(const Format& format, std::string_view file) {
  if (!Consume(file, kFilePrefix) || !Consume(file, format.name) ||
      !Consume(file, kBeforeVersion)) {
    return absl::DataLossError(
        absl::StrCat("damaged: it does not begin as a file of ", ToAbsl(format.name), " does"));
  }
  size_t digits = 0;
  while (digits < file.size() && absl::ascii_isdigit(static_cast<unsigned char>(file[digits]))) {
    ++digits;
  }
  const std::string number(file.substr(0, digits));
  file.remove_prefix(digits);
  if (digits == 0 || !Consume(file, kBeforeChecksum)) {
    return absl::DataLossError("damaged: no version stands where it should");
  }
  int version = 0;
  if (!absl::SimpleAtoi(number, &version) || std::to_string(version) != number ||
      version < format.oldest || version > format.newest) {
    return absl::FailedPreconditionError(absl::StrCat("it is of version ",
                                                      api::Printable(number, kShownBytes),
                                                      "; this program reads ", Versions(format)));
  }
  const std::string_view checksum = file.substr(0, kChecksumDigits);
  file.remove_prefix(checksum.size());
  if (!Consume(file, BeforeText(format)) || !file.ends_with(kEnd)) {
    return absl::DataLossError("damaged: its beginning or its end is wrong");
  }
  file.remove_suffix(kEnd.size());
  if (const std::string found = Checksum(file, version); found != checksum) {
    return absl::DataLossError(absl::StrCat("damaged: its checksum is ", found, ", not ",
                                            api::Printable(checksum, kShownBytes), " as it says"));
  }
  return Unsealed{file, version};
}

}  // namespace dcs::state
