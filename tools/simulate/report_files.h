// The output files of --out. They are proven writable before a run that may take an hour, and
// replaced only when all new files are complete.
//
//   absl::StatusOr<ReportFiles> files = ReportFiles::Prepare(directory, {"report.json", "report.md"});
//   ... the run ...
//   files->Write("report.json", text); files->Write("report.md", other); files->Commit();
//
// New files are written to a temporary directory inside the given one and renamed at the end.
// Existing files stay until Commit(), or for good if anything fails before it.
//
// Thread safety: none.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace dcs::simulate {

class ReportFiles {
 public:
  // Creates the directory if it is missing, and an empty file for each name. Errors name the path
  // that cannot be created or written, and the reason.
  static absl::StatusOr<ReportFiles> Prepare(const std::filesystem::path& directory,
                                             std::vector<std::string> names);
  ReportFiles(ReportFiles&& other) noexcept;
  ReportFiles& operator=(ReportFiles&&) = delete;
  // Removes uncommitted files, and the directory if Prepare created it and it is empty.
  ~ReportFiles();

  // REQUIRES: `name` is one of those given to Prepare.
  absl::Status Write(const std::string& name, std::string_view text);
  // Renames all files to their final names. Errors: the file that cannot be renamed; files before
  // it are in place.
  absl::Status Commit();

 private:
  ReportFiles(std::filesystem::path directory, std::filesystem::path pending,
              std::vector<std::string> names, bool made_directory);

  std::filesystem::path directory_;
  std::filesystem::path pending_;  // empty after Commit and in a moved-from object
  std::vector<std::string> names_;
  bool made_directory_;
};

}  // namespace dcs::simulate
