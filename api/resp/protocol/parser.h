// Finds the commands in what a client sends: RESP arrays of bulk strings, or inline lines.
//
//   Parser parser;
//   ArgumentList arguments;
//   while (parser.Next(buffer.unread(), limits, arguments) == Parser::Outcome::kCommand) {
//     Execute(arguments);
//     buffer.Consume(parser.consumed());
//     arguments.clear();
//   }
//
// Arguments are views of the input (of the parser's own memory for inline commands): nothing is
// copied. What was already read of an unfinished command is not read again when more bytes come.
//
// Thread safety: none; one connection's. Cost: O(new bytes). Memory: 8 to 16 bytes an argument
// received; a length that is only announced costs nothing. The caller bounds the bytes of input
// together with argument_bytes(). Errors: texts and limits are Redis 7's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/resp/protocol/request.h"

namespace dcs::resp {

struct ParserLimits {
  int64_t max_arguments = std::numeric_limits<int32_t>::max();
  int64_t max_bulk_bytes = int64_t{512} << 20;
  // A client that has not given its password yet may send 10 arguments of 16 KiB.
  bool authenticated = true;

  static constexpr size_t kMaxLineBytes = size_t{64} << 10;
  static constexpr int64_t kUnauthenticatedArguments = 10;
  static constexpr int64_t kUnauthenticatedBulkBytes = 16384;
};

class Parser {
 public:
  enum class Outcome {
    kCommand,     // its arguments were appended; none: nothing to do
    kIncomplete,  // call again with the same bytes and more
    kError,       // error() says why; the connection is to be closed
  };

  // Appends to `arguments` views that are valid while `input` is; those of an inline command only
  // until the next call. REQUIRES: `input` starts where the last command ended, and after
  // kIncomplete with what was given then. Shorter than 4 GiB.
  Outcome Next(std::string_view input, const ParserLimits& limits, ArgumentList& arguments);

  // Of the last command: bytes of the input that it took, and whether it was an inline one.
  size_t consumed() const { return consumed_; }
  bool was_inline() const { return was_inline_; }
  // Forgets an unfinished command. The next input starts with a whole one.
  void Restart();

  // What the arguments received of an unfinished command will cost in memory, beside the input,
  // until it has been executed.
  size_t argument_bytes() const { return slices_.size() * kArgumentBytes; }
  // "Protocol error: ..."
  const std::string& error() const { return error_; }

 private:
  struct Slice {
    uint32_t start;
    uint32_t length;
  };
  static constexpr int64_t kUnknown = -1;
  // A slice in a vector that doubles, a view, and a hashed key (store::HashedKey).
  static constexpr size_t kArgumentBytes =
      2 * sizeof(Slice) + sizeof(std::string_view) + sizeof(store::HashedKey);

  bool ReadWhole(std::string_view input, const ParserLimits& limits, ArgumentList& arguments);
  Outcome NextInline(std::string_view input, ArgumentList& arguments);
  Outcome NextArray(std::string_view input, const ParserLimits& limits, ArgumentList& arguments);
  Outcome ReadArrayHeader(std::string_view input, const ParserLimits& limits);
  Outcome ReadBulkHeader(std::string_view input, const ParserLimits& limits);
  Outcome ReadNumberLine(std::string_view input, std::string_view too_long,
                         std::optional<int64_t>& number);
  Outcome Finish(size_t consumed, bool was_inline);
  Outcome Fail(std::string_view why);

  // The command under way.
  size_t position_ = 0;  // read up to here
  int64_t arguments_left_ = kUnknown;
  int64_t bulk_bytes_ = kUnknown;  // of the argument under way
  std::vector<Slice> slices_;

  // The last result.
  std::string inline_bytes_;
  size_t consumed_ = 0;
  bool was_inline_ = false;
  std::string error_;
};

}  // namespace dcs::resp
