#include "api/resp/commands/error_texts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "api/resp/commands/command_table.h"
#include "api/resp/protocol/to_absl.h"

namespace dcs::resp {

std::string_view Quoted(std::string_view text, size_t most) {
  return text.substr(0, std::min(most, text.find('\0')));
}

std::string WrongArity(const Command& command) {
  return absl::StrCat("ERR wrong number of arguments for '", ToAbsl(command.name), "' command");
}

std::string InvalidExpireTime(const Command& command) {
  return absl::StrCat("ERR invalid expire time in '", ToAbsl(command.name), "' command");
}

std::string FromStore(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      return absl::StrCat("OOM command not allowed: ", status.message());
    case absl::StatusCode::kInvalidArgument:
      return std::string(error_text::kTooLong);
    default:
      return absl::StrCat("ERR ", status.message());
  }
}

}  // namespace dcs::resp
