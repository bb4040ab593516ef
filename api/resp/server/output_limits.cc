#include "api/resp/server/output_limits.h"

#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/resp/protocol/to_absl.h"
#include "api/resp/server/byte_count.h"

namespace dcs::resp {
namespace {

constexpr std::array<std::string_view, kClientClasses> kNames = {"normal", "slave", "pubsub"};

// Redis reads the number with strtoll and keeps the low 32 bits.
std::optional<int64_t> ParseSeconds(const std::string& word) {
  char* end;
  const auto seconds = static_cast<int32_t>(std::strtoll(word.c_str(), &end, 10));
  if (*end != '\0' || seconds < 0) return std::nullopt;
  return seconds;
}

}  // namespace

std::optional<ClientClass> FindClientClass(std::string_view word) {
  for (size_t i = 0; i < kClientClasses; ++i) {
    if (IsWord(word, kNames[i])) return static_cast<ClientClass>(i);
  }
  if (IsWord(word, "replica")) return ClientClass::kReplica;
  return std::nullopt;
}

std::string ClassLimits::Text() const {
  std::string text;
  for (size_t i = 0; i < kClientClasses; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : " ", ToAbsl(kNames[i]), " ", of[i].hard_bytes, " ",
                    of[i].soft_bytes, " ", of[i].soft_seconds);
  }
  return text;
}

std::optional<ClassLimits> ParseClassLimits(std::string_view text, const ClassLimits& current,
                                            std::string& problem) {
  ClassLimits limits = current;
  if (text.empty()) return limits;
  const std::vector<std::string> words = absl::StrSplit(ToAbsl(text), ' ');
  if (words.size() % 4 != 0) {
    problem = "Wrong number of arguments in buffer limit configuration.";
    return std::nullopt;
  }
  for (size_t i = 0; i < words.size(); i += 4) {
    const std::optional<ClientClass> named =
        FindClientClass(std::string_view(words[i]).substr(0, words[i].find('\0')));
    if (!named) {
      problem = "Invalid client class specified in buffer limit configuration.";
      return std::nullopt;
    }
    const std::optional<uint64_t> hard = ParseBytes(words[i + 1]);
    const std::optional<uint64_t> soft = ParseBytes(words[i + 2]);
    const std::optional<int64_t> seconds = ParseSeconds(words[i + 3]);
    if (!hard || !soft || !seconds) {
      problem = "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
      return std::nullopt;
    }
    limits.of[static_cast<size_t>(*named)] = {*hard, *soft, *seconds};
  }
  return limits;
}

}  // namespace dcs::resp
