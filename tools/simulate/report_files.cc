#include "tools/simulate/report_files.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace dcs::simulate {
namespace {

namespace fs = std::filesystem;

absl::Status Cannot(const char* what, const fs::path& path, const std::string& why) {
  return absl::UnavailableError(std::string("cannot ") + what + " " + path.string() + ": " + why);
}

std::string Reason(int error) { return std::generic_category().message(error); }

absl::Status WriteWhole(const fs::path& path, std::string_view text) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return Cannot("write", path, Reason(errno));
  int error = 0;
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size()) error = errno;
  // A full disk may show only in fclose.
  if (std::fclose(file) != 0 && error == 0) error = errno;
  return error == 0 ? absl::OkStatus() : Cannot("write", path, Reason(error));
}

}  // namespace

ReportFiles::ReportFiles(fs::path directory, fs::path pending, std::vector<std::string> names,
                         bool made_directory)
    : directory_(std::move(directory)),
      pending_(std::move(pending)),
      names_(std::move(names)),
      made_directory_(made_directory) {}

ReportFiles::ReportFiles(ReportFiles&& other) noexcept
    : directory_(std::move(other.directory_)),
      pending_(std::exchange(other.pending_, fs::path())),
      names_(std::move(other.names_)),
      made_directory_(std::exchange(other.made_directory_, false)) {}

ReportFiles::~ReportFiles() {
  if (pending_.empty()) return;
  std::error_code ignored;
  fs::remove_all(pending_, ignored);
  if (made_directory_) fs::remove(directory_, ignored);  // fails unless it is empty
}

absl::StatusOr<ReportFiles> ReportFiles::Prepare(const fs::path& given,
                                                 std::vector<std::string> names) {
  std::error_code error;
  // create_directories() does not report that it created "name/".
  const fs::path directory = given.has_filename() ? given : given.parent_path();
  if (fs::exists(directory, error) && !fs::is_directory(directory, error)) {
    return Cannot("make the directory", directory, "there is a file of that name");
  }
  const bool made = fs::create_directories(directory, error);
  if (error) return Cannot("make the directory", directory, error.message());
  std::string pending = (directory / ".writing-XXXXXX").string();
  if (mkdtemp(pending.data()) == nullptr) {
    const std::string why = Reason(errno);
    if (made) fs::remove(directory, error);
    return Cannot("write in the directory", directory, why);
  }
  ReportFiles files(directory, pending, std::move(names), made);
  for (const std::string& name : files.names_) {
    if (fs::is_directory(directory / name, error)) {
      return Cannot("write", directory / name, "it is a directory");
    }
    if (absl::Status written = files.Write(name, ""); !written.ok()) return written;
  }
  return files;
}

absl::Status ReportFiles::Write(const std::string& name, std::string_view text) {
  assert(std::find(names_.begin(), names_.end(), name) != names_.end());
  return WriteWhole(pending_ / name, text);
}

absl::Status ReportFiles::Commit() {
  for (const std::string& name : names_) {
    std::error_code error;
    fs::rename(pending_ / name, directory_ / name, error);
    if (error) return Cannot("write", directory_ / name, error.message());
  }
  std::error_code ignored;
  fs::remove(pending_, ignored);
  pending_.clear();
  return absl::OkStatus();
}

}  // namespace dcs::simulate
