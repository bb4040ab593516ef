// Formats --help: options in groups, each on one or more lines, wrapped at 80 columns.
//
//   --http-port PORT          Port of the DCS API; 0: choose one [8080]
//
// The default is in brackets. The value's name is the option's type name.
// Thread safety: immutable.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace dcs::tools {

class HelpText final : public CLI::Formatter {
 public:
  HelpText() { label("Positionals", "Arguments"); }

  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* sub) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

}  // namespace dcs::tools
