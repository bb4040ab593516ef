// The program's output to standard error: its log and its last error message.
//
// Quoted text, such as a damaged file or a client's request, is printed with control characters
// escaped and long texts cut (api/printable.h).
#pragma once

#include <string>
#include <string_view>

namespace dcs::tools {

// Sends all log messages to standard error. `level`: debug, info, warn, error, off.
void LogToStandardError(const std::string& level);

// Prints lines to standard error.
void PrintError(std::string_view message);

}  // namespace dcs::tools
