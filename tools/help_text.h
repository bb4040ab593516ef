// How --help looks: options in groups, one line or more for each, wrapped at 80 columns.
//
//   --http-port PORT          Port of the DCS API; 0: choose one [8080]
//
// In brackets: the default. The name of the value is the option's type name.
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
