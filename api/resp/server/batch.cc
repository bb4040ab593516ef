#include "api/resp/server/batch.h"

#include <cassert>

namespace dcs::resp {
namespace {

bool IsOnKeys(const Command* command) { return command != nullptr && command->keys.first > 0; }

}  // namespace

void Batch::Fill(Parser& parser, std::string_view input, const ParserLimits& limits,
                 const store::Keyspace& keyspace) {
  assert(empty() && "Fill: the batch is empty");
  next_ = count_ = 0;
  arguments_.clear();
  keys_.clear();
  bool may_go_on = true;
  while (may_go_on && count_ < kMostCommands && arguments_.size() < kMostArguments) {
    const size_t start = arguments_.size();
    ended_ = parser.Next(input, limits, arguments_);
    if (ended_ != Parser::Outcome::kCommand) break;
    input.remove_prefix(parser.consumed());
    const Command* command = nullptr;
    if (arguments_.size() > start) {
      command = FindCommand(arguments_[start]);
      may_go_on = IsOnKeys(command) && !parser.was_inline();
    }
    found_[count_++] = {command, parser.consumed(), arguments_.size(), 0};
  }
  HashKeys(keyspace);
}

void Batch::HashKeys(const store::Keyspace& keyspace) {
  size_t start = 0;
  for (size_t i = 0; i < count_; ++i) {
    Found& found = found_[i];
    const Arguments args = Arguments(arguments_).subspan(start, found.arguments_end - start);
    start = found.arguments_end;
    if (IsOnKeys(found.command) && found.command->TakesArguments(args.size())) {
      const KeyPositions& keys = found.command->keys;
      const auto first = static_cast<size_t>(keys.first), step = static_cast<size_t>(keys.step);
      const size_t last = keys.LastAmong(args.size());
      if (count_ == 1 && first == last) break;  // the executor hashes it
      for (size_t at = first; at <= last && keys_.size() < kMostKeys; at += step) {
        keys_.push_back(keyspace.Hash(args[at]));
      }
    }
    found.keys_end = keys_.size();
  }
  if (keys_.size() > 1) keyspace.Prefetch(keys_);
}

Request Batch::Take() {
  assert(!empty() && "Take: the batch is not empty");
  const size_t arguments_start = next_ == 0 ? 0 : found_[next_ - 1].arguments_end;
  const size_t keys_start = next_ == 0 ? 0 : found_[next_ - 1].keys_end;
  const Found& found = found_[next_++];
  return {found.command,
          Arguments(arguments_).subspan(arguments_start, found.arguments_end - arguments_start),
          std::span(keys_).subspan(keys_start, found.keys_end - keys_start), found.input_bytes};
}

}  // namespace dcs::resp
