#include "tools/simulate/read_file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "tools/terminal.h"

namespace dcs::simulate {

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& file, size_t limit_bytes) {
  const auto cannot = [&](int error) {
    return absl::UnavailableError("cannot read " + file.string() + ": " +
                                  std::generic_category().message(error));
  };
  std::FILE* const opened = std::fopen(file.c_str(), "rb");
  if (opened == nullptr) return cannot(errno);
  std::string text;
  char part[1 << 16];
  size_t got = 0;
  while (text.size() <= limit_bytes && (got = std::fread(part, 1, sizeof(part), opened)) > 0) {
    text.append(part, got);
  }
  const int error = std::ferror(opened) != 0 ? errno : 0;
  std::fclose(opened);
  if (error != 0) return cannot(error);
  if (text.size() > limit_bytes) {
    return absl::InvalidArgumentError(file.string() + " has more than " +
                                      tools::HumanBytes(static_cast<double>(limit_bytes)));
  }
  return text;
}

}  // namespace dcs::simulate
