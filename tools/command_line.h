// Parses argv into options, or prints a message that a person can act on.
//
// A usage error exits with status 2; later failures exit with 1. The message names the wrong word
// and the valid ones.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace dcs::tools {

inline constexpr int kUsageError = 2;

// Parses the arguments. Returns the exit status if the program has nothing more to do: 0 after
// --help or --version, kUsageError after a message on standard error.
// REQUIRES: the app's options and subcommands are complete.
std::optional<int> ParseCommandLine(CLI::App& app, int argc, const char* const* argv);

// Prints the app's help or, if `subcommand` is not empty, that subcommand's. Returns the exit status.
int PrintHelp(const CLI::App& app, const std::string& subcommand);

}  // namespace dcs::tools
