// Reads a whole untrusted file, up to a limit.
//
// Thread safety: free function.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"

namespace dcs::simulate {

// Reads a file or a pipe. Errors: kUnavailable if it cannot be read; kInvalidArgument if it has
// more than `limit_bytes`. They name the file.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& file, size_t limit_bytes);

}  // namespace dcs::simulate
