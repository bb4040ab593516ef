// Validators of command line values. Their messages name the value and what is valid.
//
// They add nothing to the help: an option's type name describes its value.
// Thread safety: free functions without state.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcs::tools {

// "maybe is none of off, redis, dcs".
CLI::Validator OneOf(std::vector<std::string> words);

// Parses `text`, decimal digits only; nullopt if it is not a number up to 2^64 - 1.
std::optional<uint64_t> ToWholeNumber(std::string_view text);

// "65536 is not a whole number from 0 to 65535".
CLI::Validator WholeNumber(int64_t min, int64_t max);

// "x is not a number from 0 to 100000".
CLI::Validator Number(double min, double max);

}  // namespace dcs::tools
