// The commands: one row each in command_table.cc, one function each in a file of its family.
//
// To add a command: a row in the table, its function's declaration in commands.h, the function.
// Thread safety: constant after start-up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dcs::resp {

struct Context;
using Handler = void (*)(Context&);

// Redis's flags, in the order in which COMMAND lists them, and below the line three that only
// decide ACL categories, which COMMAND shows too.
enum CommandFlags : uint32_t {
  kWrite = 1 << 0,
  kReadOnly = 1 << 1,
  kDenyOom = 1 << 2,
  kAdmin = 1 << 3,
  kNoScript = 1 << 4,
  kLoading = 1 << 5,
  kStale = 1 << 6,
  kFast = 1 << 7,
  kNoAuth = 1 << 8,
  kAllowBusy = 1 << 9,
  kAclKeyspace = 1 << 16,
  kAclConnection = 1 << 17,
  kAclDangerous = 1 << 18,
};

enum class Group : uint8_t { kGeneric, kString, kHash, kConnection, kServer };

// Where the keys stand among the arguments: from `first` to `last` (negative: from the end) every
// `step`; all 0 where there are none.
struct KeyPositions {
  int first = 0;
  int last = 0;
  int step = 0;

  // Where the last one stands among so many. REQUIRES: there are keys, and the command takes so many.
  size_t LastAmong(size_t arguments) const {
    return last >= 0 ? static_cast<size_t>(last) : arguments - static_cast<size_t>(-last);
  }
};

struct Command {
  std::string_view name;  // lower case; of a subcommand with its container: "config|get"
  int arity;              // with the name(s); negative: at least so many
  uint32_t flags;
  KeyPositions keys;
  Group group;
  Handler handler;            // nullptr for a container that does nothing by itself
  std::string_view key_uses;  // what is done with the keys, as COMMAND says it: "RW access update"
  std::string_view since;
  std::string_view summary;
  std::span<const Command> subcommands = {};

  bool TakesArguments(size_t count) const {
    return arity >= 0 ? count == static_cast<size_t>(arity) : count >= static_cast<size_t>(-arity);
  }
};

// In the order of their names' families. O(1).
std::span<const Command> Commands();

// The command of that name, whatever its case; nullptr where there is none. O(length), no
// allocation.
const Command* FindCommand(std::string_view name);
// A container's subcommand ("get" of "config").
const Command* FindSubcommand(const Command& container, std::string_view name);
// By full name: "get", "config|get".
const Command* FindByFullName(std::string_view name);

}  // namespace dcs::resp
