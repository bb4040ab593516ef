// What the program writes to standard error: its log, and the message with which it gives up.
//
// Whatever a message quotes, such as a damaged file or a client's request, is written with control
// characters escaped and long texts cut (api/printable.h).
#pragma once

#include <string>
#include <string_view>

namespace dcs::tools {

// Sends the log of the whole program to standard error. `level`: debug, info, warn, error, off.
void LogToStandardError(const std::string& level);

// Prints lines to standard error.
void PrintError(std::string_view message);

}  // namespace dcs::tools
