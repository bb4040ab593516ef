// Commands found in a client's input ahead of their execution, so that the store can load at once
// what all of them will touch.
//
//   Batch batch;
//   batch.Fill(parser, input, limits, keyspace);
//   while (!batch.empty()) Execute(batch.Take());
//   if (batch.ended() == Parser::Outcome::kError) ...   // what stood behind the last one
//
// Only commands on keys are read past: whatever else (AUTH, RESET, CONFIG SET, QUIT, a word that is
// no command) may change what the bytes behind it mean, and is the last of its batch. So reading
// ahead cannot be told from reading one command after another.
//
// Thread safety: none; one connection's. Memory: some 9 KiB in place, meant for the stack; beyond,
// 16 bytes an argument of one command and kMostArguments others.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "api/resp/commands/command_table.h"
#include "api/resp/protocol/parser.h"
#include "api/resp/protocol/request.h"

namespace dcs::resp {

class Batch {
 public:
  static constexpr size_t kMostCommands = 64;
  // No further command is read ahead behind so many arguments, no further key hashed behind so many.
  static constexpr size_t kMostArguments = 1024;
  static constexpr size_t kMostKeys = 64;

  // Finds the commands that `input` starts with. Where they have two keys or more, hashes these and
  // lets the keyspace load what they lead to. REQUIRES: empty(); `input` and `parser` as
  // Parser::Next wants them, both left alone until it is empty again.
  void Fill(Parser& parser, std::string_view input, const ParserLimits& limits,
            const store::Keyspace& keyspace);

  bool empty() const { return next_ == count_; }
  // The next one, in the order of the input; without arguments where there is nothing to do. Valid
  // until the batch is filled again or moved. REQUIRES: not empty().
  Request Take();
  // What stands behind the last one: kIncomplete, kError, or kCommand where there may be more.
  Parser::Outcome ended() const { return ended_; }

 private:
  struct Found {
    const Command* command;
    size_t input_bytes;
    size_t arguments_end;  // in arguments_
    size_t keys_end;       // in keys_
  };

  void HashKeys(const store::Keyspace& keyspace);

  Parser::Outcome ended_ = Parser::Outcome::kCommand;
  size_t next_ = 0;
  size_t count_ = 0;
  std::array<Found, kMostCommands> found_;  // [0, count_)
  ArgumentList arguments_;
  absl::InlinedVector<store::HashedKey, kMostKeys> keys_;
};

}  // namespace dcs::resp
