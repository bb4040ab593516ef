// The files of --out: proven writable before a run that may take an hour, and replaced only when
// all new ones are complete.
//
//   absl::StatusOr<ReportFiles> files = ReportFiles::Prepare(directory, {"report.json", "report.md"});
//   ... the run ...
//   files->Write("report.json", text); files->Write("report.md", other); files->Commit();
//
// The new files are written in a directory of their own inside the given one and renamed at the
// end. Files that are there stay as they are until Commit(), and for good if anything fails before
// it.
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
  // Makes the directory if it is not there, and an empty file for each name. Errors say which path
  // cannot be made or written, and why.
  static absl::StatusOr<ReportFiles> Prepare(const std::filesystem::path& directory,
                                             std::vector<std::string> names);
  ReportFiles(ReportFiles&& other) noexcept;
  ReportFiles& operator=(ReportFiles&&) = delete;
  // Removes what was not committed, and the directory if Prepare made it and nothing is in it.
  ~ReportFiles();

  // REQUIRES: `name` is one of those given to Prepare.
  absl::Status Write(const std::string& name, std::string_view text);
  // Puts all files in their place. Errors: what cannot be renamed; files before it are in place
  // then.
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
