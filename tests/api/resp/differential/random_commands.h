// Lines of random commands over few keys, good ones and bad ones.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace dcs::resp {

using CommandLine = std::vector<std::string>;

// "set k v|get k" and lines of such, split at bars, line breaks and spaces.
std::vector<CommandLine> SplitCommands(std::string_view text);

// The same seed gives the same lines.
class RandomCommands {
 public:
  explicit RandomCommands(uint64_t seed) : random_(seed) {}
  CommandLine Next();
  // Some of the keys that the lines use.
  std::vector<std::string> SomeKeys();

 private:
  const std::string& Pick(const std::vector<std::string>& from) {
    return from[random_() % from.size()];
  }
  std::string Argument(const std::string& token);
  // Times that as relative deadlines are all days away and more than a minute from each other: two
  // servers that read their clocks one after the other still agree on which is later.
  std::string NewTime();
  std::string AnyCase(std::string word);
  void Mutate(CommandLine& line);

  std::mt19937_64 random_;
  uint64_t times_ = 0;
};

}  // namespace dcs::resp
