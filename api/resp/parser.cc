#include "api/resp/parser.h"

#include "api/resp/inline_command.h"
#include "api/resp/numbers.h"

namespace dcs::resp {
namespace {

// Beyond this many arguments, the room for them is given back after the command.
constexpr size_t kKeptArguments = 1024;

}  // namespace

Parser::Outcome Parser::Next(std::string_view input, const ParserLimits& limits) {
  if (position_ == 0) {
    if (arguments_.capacity() > kKeptArguments) {
      arguments_ = {};
      slices_ = {};
    }
    if (input.empty()) return Incomplete(1);
    if (input.front() != '*') return NextInline(input);
  }
  return NextArray(input, limits);
}

Parser::Outcome Parser::NextInline(std::string_view input) {
  const size_t end = input.find('\n');
  if (end == std::string_view::npos) {
    if (input.size() > ParserLimits::kMaxLineBytes) return Fail("too big inline request");
    return Incomplete(1);
  }
  std::string_view line = input.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!SplitInlineCommand(line, inline_bytes_, arguments_)) {
    return Fail("unbalanced quotes in request");
  }
  consumed_ = end + 1;
  return Outcome::kCommand;
}

Parser::Outcome Parser::NextArray(std::string_view input, const ParserLimits& limits) {
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
    if (there < needed) return Incomplete(needed - there);
    slices_.push_back({static_cast<uint32_t>(position_), static_cast<uint32_t>(bulk_bytes_)});
    position_ += needed;
    bulk_bytes_ = kUnknown;
    --arguments_left_;
  }
  arguments_.clear();
  for (const Slice& slice : slices_) arguments_.push_back(input.substr(slice.start, slice.length));
  return Finish(position_);
}

Parser::Outcome Parser::ReadArrayHeader(std::string_view input, const ParserLimits& limits) {
  std::string_view line;
  const Outcome found = FindLine(input, "too big mbulk count string", line);
  if (found != Outcome::kCommand) return found;
  const std::optional<int64_t> count = ParseInteger(line.substr(1));
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
  std::string_view line;
  const Outcome found = FindLine(input, "too big bulk count string", line);
  if (found != Outcome::kCommand) return found;
  if (input[start] != '$') {
    return Fail(std::string("expected '$', got '") + input[start] + "'");
  }
  const std::optional<int64_t> length = ParseInteger(line.substr(1));
  if (!length || *length < 0 || *length > limits.max_bulk_bytes) {
    return Fail("invalid bulk length");
  }
  if (*length > ParserLimits::kUnauthenticatedBulkBytes && !limits.authenticated) {
    return Fail("unauthenticated bulk length");
  }
  bulk_bytes_ = *length;
  return Outcome::kCommand;
}

// The line at position_, up to '\r'; one more byte is there behind it and is skipped with it.
Parser::Outcome Parser::FindLine(std::string_view input, std::string_view too_long,
                                 std::string_view& line) {
  const std::string_view rest = input.substr(position_);
  const size_t end = rest.find('\r');
  if (end == std::string_view::npos) {
    return rest.size() > ParserLimits::kMaxLineBytes ? Fail(too_long) : Incomplete(2);
  }
  if (end + 2 > rest.size()) return Incomplete(1);
  line = rest.substr(0, end);
  position_ += end + 2;
  return Outcome::kCommand;
}

Parser::Outcome Parser::Finish(size_t consumed) {
  consumed_ = consumed;
  position_ = 0;
  arguments_left_ = kUnknown;
  bulk_bytes_ = kUnknown;
  return Outcome::kCommand;
}

Parser::Outcome Parser::Incomplete(size_t wanted) {
  wanted_ = wanted;
  return Outcome::kIncomplete;
}

Parser::Outcome Parser::Fail(std::string_view why) {
  error_ = "Protocol error: ";
  error_ += why;
  return Outcome::kError;
}

}  // namespace dcs::resp
