#include "api/resp/protocol/parser.h"

#include "api/resp/protocol/inline_command.h"
#include "api/resp/protocol/numbers.h"

namespace dcs::resp {
namespace {

// Beyond this many arguments, the room for them is given back after the command.
constexpr size_t kKeptArguments = 1024;
// A command of more arguments is not read through before it is known to be whole.
constexpr int64_t kMostReadWhole = 1024;

// Reads a number written as nearly all are: up to seven digits and the line's end, all there.
// Returns what it takes of `text`, or 0 where a closer look is needed.
size_t ReadPlainNumber(std::string_view text, int64_t& number) {
  constexpr size_t kMostDigits = 7;
  uint32_t value = 0;
  size_t digits = 0;
  for (; digits < text.size() && digits <= kMostDigits; ++digits) {
    const auto digit = static_cast<uint32_t>(text[digits]) - '0';
    if (digit > 9) break;
    value = value * 10 + digit;
  }
  const bool plain = digits > 0 && digits <= kMostDigits && (text[0] != '0' || digits == 1);
  if (!plain || digits + 2 > text.size() || text[digits] != '\r') return 0;
  number = value;
  return digits + 2;
}

}  // namespace

Parser::Outcome Parser::Next(std::string_view input, const ParserLimits& limits,
                             ArgumentList& arguments) {
  if (position_ == 0) {
    if (slices_.capacity() > kKeptArguments) slices_ = {};
    if (input.empty()) return Outcome::kIncomplete;
    if (input.front() != '*') return NextInline(input, arguments);
    if (ReadWhole(input, limits, arguments)) return Outcome::kCommand;
  }
  return NextArray(input, limits, arguments);
}

// Reads a whole command without a fault, as nearly all are, straight through. Returns false, with
// nothing changed, for any other: NextArray knows what is missing or wrong.
bool Parser::ReadWhole(std::string_view input, const ParserLimits& limits,
                       ArgumentList& arguments) {
  int64_t count;
  size_t at = 1 + ReadPlainNumber(input.substr(1), count);
  if (at == 1 || count == 0 || count > kMostReadWhole || !limits.authenticated) return false;
  const size_t before = arguments.size();
  for (; count > 0; --count) {
    int64_t length = 0;
    const size_t digits = at < input.size() ? ReadPlainNumber(input.substr(at + 1), length) : 0;
    const size_t start = at + 1 + digits;
    at = start + static_cast<size_t>(length) + 2;
    if (digits == 0 || input[start - digits - 1] != '$' || length > limits.max_bulk_bytes ||
        at > input.size()) {
      arguments.resize(before);
      return false;
    }
    arguments.emplace_back(input.data() + start, static_cast<size_t>(length));
  }
  Finish(at, false);
  return true;
}

Parser::Outcome Parser::NextInline(std::string_view input, ArgumentList& arguments) {
  const size_t end = input.find('\n');
  if (end == std::string_view::npos) {
    if (input.size() > ParserLimits::kMaxLineBytes) return Fail("too big inline request");
    return Outcome::kIncomplete;
  }
  std::string_view line = input.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const size_t before = arguments.size();
  if (!SplitInlineCommand(line, inline_bytes_, arguments)) {
    arguments.resize(before);
    return Fail("unbalanced quotes in request");
  }
  return Finish(end + 1, true);
}

Parser::Outcome Parser::NextArray(std::string_view input, const ParserLimits& limits,
                                  ArgumentList& arguments) {
  if (arguments_left_ == kUnknown) {
    if (const Outcome read = ReadArrayHeader(input, limits); read != Outcome::kCommand) return read;
  }
  while (arguments_left_ > 0) {
    if (bulk_bytes_ == kUnknown) {
      if (const Outcome read = ReadBulkHeader(input, limits); read != Outcome::kCommand)
        return read;
    }
    // The two bytes behind an argument are skipped unseen, as Redis does.
    const size_t needed = static_cast<size_t>(bulk_bytes_) + 2;
    const size_t there = input.size() - position_;
    if (there < needed) return Outcome::kIncomplete;
    slices_.push_back({static_cast<uint32_t>(position_), static_cast<uint32_t>(bulk_bytes_)});
    position_ += needed;
    bulk_bytes_ = kUnknown;
    --arguments_left_;
  }
  arguments.reserve(arguments.size() + slices_.size());
  for (const Slice& slice : slices_) arguments.push_back(input.substr(slice.start, slice.length));
  slices_.clear();
  return Finish(position_, false);
}

Parser::Outcome Parser::ReadArrayHeader(std::string_view input, const ParserLimits& limits) {
  std::optional<int64_t> count;
  const Outcome read = ReadNumberLine(input, "too big mbulk count string", count);
  if (read != Outcome::kCommand) return read;
  if (!count || *count > limits.max_arguments) return Fail("invalid multibulk length");
  if (*count > ParserLimits::kUnauthenticatedArguments && !limits.authenticated) {
    return Fail("unauthenticated multibulk length");
  }
  arguments_left_ = *count > 0 ? *count : 0;
  slices_.clear();
  return Outcome::kCommand;
}

Parser::Outcome Parser::ReadBulkHeader(std::string_view input, const ParserLimits& limits) {
  const size_t start = position_;
  std::optional<int64_t> length;
  const Outcome read = ReadNumberLine(input, "too big bulk count string", length);
  if (read != Outcome::kCommand) return read;
  if (input[start] != '$') {
    return Fail(std::string("expected '$', got '") + input[start] + "'");
  }
  if (!length || *length < 0 || *length > limits.max_bulk_bytes) {
    return Fail("invalid bulk length");
  }
  if (*length > ParserLimits::kUnauthenticatedBulkBytes && !limits.authenticated) {
    return Fail("unauthenticated bulk length");
  }
  bulk_bytes_ = *length;
  return Outcome::kCommand;
}

// The number behind the first byte of the line at position_; nullopt where there is none. The line
// ends with '\r'; one more byte is there behind it and is skipped with it.
Parser::Outcome Parser::ReadNumberLine(std::string_view input, std::string_view too_long,
                                       std::optional<int64_t>& number) {
  const std::string_view rest = input.substr(position_);
  int64_t plain;
  if (const size_t taken = ReadPlainNumber(rest.substr(rest.empty() ? 0 : 1), plain); taken > 0) {
    number = plain;
    position_ += 1 + taken;
    return Outcome::kCommand;
  }
  const size_t end = rest.find('\r');
  if (end == std::string_view::npos) {
    return rest.size() > ParserLimits::kMaxLineBytes ? Fail(too_long) : Outcome::kIncomplete;
  }
  if (end + 2 > rest.size()) return Outcome::kIncomplete;
  number = end > 0 ? ParseInteger(rest.substr(1, end - 1)) : std::nullopt;
  position_ += end + 2;
  return Outcome::kCommand;
}

Parser::Outcome Parser::Finish(size_t consumed, bool was_inline) {
  consumed_ = consumed;
  was_inline_ = was_inline;
  position_ = 0;
  arguments_left_ = kUnknown;
  bulk_bytes_ = kUnknown;
  return Outcome::kCommand;
}

void Parser::Restart() {
  position_ = 0;
  arguments_left_ = kUnknown;
  bulk_bytes_ = kUnknown;
  slices_.clear();
}

Parser::Outcome Parser::Fail(std::string_view why) {
  error_ = "Protocol error: ";
  error_ += why;
  return Outcome::kError;
}

}  // namespace dcs::resp
