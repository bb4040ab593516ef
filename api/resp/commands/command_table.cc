#include "api/resp/commands/command_table.h"

#include <array>
#include <cstddef>

#include "api/resp/commands/commands.h"
#include "api/resp/protocol/to_absl.h"

namespace dcs::resp {
namespace {

// Flags that come together.
constexpr uint32_t kAnyTime = kLoading | kStale;
constexpr uint32_t kConnected = kNoScript | kAnyTime;
constexpr uint32_t kAdministers = kAdmin | kConnected;
constexpr uint32_t kHandshake = kConnected | kFast | kNoAuth | kAllowBusy;

// name, arity, flags, keys, group,
//   function, uses of the keys, first Redis version that has it, summary, subcommands
// clang-format off
constexpr Command kClientSubcommands[] = {
    {"client|getname", 2, kConnected, {}, Group::kConnection,
     &commands::ClientGetName, "", "2.6.9", "Get the current connection name"},
    {"client|getredir", 2, kConnected, {}, Group::kConnection,
     &commands::ClientGetRedir, "", "6.0.0",
     "Get tracking notifications redirection client ID if any"},
    {"client|help", 2, kAnyTime, {}, Group::kConnection,
     &commands::ClientHelp, "", "5.0.0", "Show helpful text about the different subcommands"},
    {"client|id", 2, kConnected, {}, Group::kConnection,
     &commands::ClientId, "", "5.0.0", "Returns the client ID for the current connection"},
    {"client|info", 2, kConnected, {}, Group::kConnection,
     &commands::ClientInfo, "", "6.2.0", "Returns information about the current client connection"},
    {"client|kill", -3, kAdministers, {}, Group::kConnection,
     &commands::ClientKill, "", "2.4.0", "Kill the connection of a client"},
    {"client|list", -2, kAdministers, {}, Group::kConnection,
     &commands::ClientList, "", "2.4.0", "Get the list of client connections"},
    {"client|no-evict", 3, kAdministers, {}, Group::kConnection,
     &commands::ClientNoEvict, "", "7.0.0", "Set client eviction mode for the current connection"},
    {"client|no-touch", 3, kConnected, {}, Group::kConnection,
     &commands::ClientNoTouch, "", "7.2.0",
     "Controls whether commands sent by the client affect the LRU/LFU of accessed keys"},
    {"client|reply", 3, kConnected, {}, Group::kConnection,
     &commands::ClientReply, "", "3.2.0", "Instruct the server whether to reply to commands"},
    {"client|setinfo", 4, kConnected, {}, Group::kConnection,
     &commands::ClientSetInfo, "", "7.2.0",
     "Sets information specific to the client or connection"},
    {"client|setname", 3, kConnected, {}, Group::kConnection,
     &commands::ClientSetName, "", "2.6.9", "Set the current connection name"},
    {"client|tracking", -3, kConnected, {}, Group::kConnection,
     &commands::ClientTracking, "", "6.0.0",
     "Enable or disable server assisted client side caching support"},
    {"client|trackinginfo", 2, kConnected, {}, Group::kConnection,
     &commands::ClientTrackingInfo, "", "6.2.0",
     "Return information about server assisted client side caching for the current connection"},
};

constexpr Command kCommandSubcommands[] = {
    {"command|count", 2, kAnyTime | kAclConnection, {}, Group::kServer,
     &commands::CommandCount, "", "2.8.13", "Get total number of Redis commands"},
    {"command|docs", -2, kAnyTime | kAclConnection, {}, Group::kServer,
     &commands::CommandDocs, "", "7.0.0", "Get array of specific Redis command documentation"},
    {"command|getkeys", -4, kAnyTime | kAclConnection, {}, Group::kServer,
     &commands::CommandGetKeys, "", "2.8.13", "Extract keys given a full Redis command"},
    {"command|help", 2, kAnyTime | kAclConnection, {}, Group::kServer,
     &commands::CommandHelp, "", "5.0.0", "Show helpful text about the different subcommands"},
    {"command|info", -2, kAnyTime | kAclConnection, {}, Group::kServer,
     &commands::CommandInfo, "", "2.8.13",
     "Get array of specific Redis command details, or all when no argument is given"},
    {"command|list", -2, kAnyTime | kAclConnection, {}, Group::kServer,
     &commands::CommandList, "", "7.0.0", "Get an array of Redis command names"},
};

constexpr Command kConfigSubcommands[] = {
    {"config|get", -3, kAdministers, {}, Group::kServer,
     &commands::ConfigGet, "", "2.0.0", "Get the values of configuration parameters"},
    {"config|help", 2, kAnyTime, {}, Group::kServer,
     &commands::ConfigHelp, "", "5.0.0", "Show helpful text about the different subcommands"},
    {"config|resetstat", 2, kAdministers, {}, Group::kServer,
     &commands::ConfigResetStat, "", "2.0.0", "Reset the stats returned by INFO"},
    {"config|set", -4, kAdministers, {}, Group::kServer,
     &commands::ConfigSet, "", "2.0.0", "Set configuration parameters to the given values"},
};

constexpr Command kMemorySubcommands[] = {
    {"memory|help", 2, kAnyTime, {}, Group::kServer,
     &commands::MemoryHelp, "", "4.0.0", "Show helpful text about the different subcommands"},
    {"memory|usage", -3, kReadOnly, {2, 2, 1}, Group::kServer,
     &commands::MemoryUsage, "RO", "4.0.0", "Estimate the memory usage of a key"},
};

constexpr Command kObjectSubcommands[] = {
    {"object|encoding", 3, kReadOnly, {2, 2, 1}, Group::kGeneric,
     &commands::ObjectEncoding, "RO", "2.2.3", "Inspect the internal encoding of a Redis object"},
    {"object|freq", 3, kReadOnly, {2, 2, 1}, Group::kGeneric,
     &commands::ObjectFreq, "RO", "4.0.0",
     "Get the logarithmic access frequency counter of a Redis object"},
    {"object|help", 2, kAnyTime, {}, Group::kGeneric,
     &commands::ObjectHelp, "", "6.2.0", "Show helpful text about the different subcommands"},
    {"object|idletime", 3, kReadOnly, {2, 2, 1}, Group::kGeneric,
     &commands::ObjectIdleTime, "RO", "2.2.3",
     "Get the time since a Redis object was last accessed"},
    {"object|refcount", 3, kReadOnly, {2, 2, 1}, Group::kGeneric,
     &commands::ObjectRefCount, "RO", "2.2.3",
     "Get the number of references to the value of the key"},
};

constexpr Command kCommands[] = {
    {"hello", -1, kHandshake, {}, Group::kConnection,
     &commands::Hello, "", "6.0.0", "Handshake with Redis"},
    {"auth", -2, kHandshake, {}, Group::kConnection,
     &commands::Auth, "", "1.0.0", "Authenticate to the server"},
    {"select", 2, kAnyTime | kFast, {}, Group::kConnection,
     &commands::Select, "", "1.0.0", "Change the selected database for the current connection"},
    {"quit", -1, kHandshake, {}, Group::kConnection,
     &commands::Quit, "", "1.0.0", "Close the connection"},
    {"reset", 1, kHandshake, {}, Group::kConnection,
     &commands::Reset, "", "6.2.0", "Reset the connection"},
    {"ping", -1, kFast, {}, Group::kConnection,
     &commands::Ping, "", "1.0.0", "Ping the server"},
    {"echo", 2, kAnyTime | kFast, {}, Group::kConnection,
     &commands::Echo, "", "1.0.0", "Echo the given string"},
    {"client", -2, 0, {}, Group::kConnection,
     nullptr, "", "2.4.0", "A container for client connection commands", kClientSubcommands},
    {"command", -1, kAnyTime | kAclConnection, {}, Group::kServer,
     &commands::CommandAll, "", "2.8.13",
     "Get array of Redis command details", kCommandSubcommands},
    {"config", -2, 0, {}, Group::kServer,
     nullptr, "", "2.0.0", "A container for server configuration commands", kConfigSubcommands},
    {"dbsize", 1, kReadOnly | kFast | kAclKeyspace, {}, Group::kServer,
     &commands::DbSize, "", "1.0.0", "Return the number of keys in the selected database"},
    {"debug", -2, kAdministers, {}, Group::kServer,
     &commands::Debug, "", "1.0.0", "A container for debugging commands"},
    {"flushall", -1, kWrite | kAclKeyspace | kAclDangerous, {}, Group::kServer,
     &commands::Flush, "", "1.0.0", "Remove all keys from all databases"},
    {"flushdb", -1, kWrite | kAclKeyspace | kAclDangerous, {}, Group::kServer,
     &commands::Flush, "", "1.0.0", "Remove all keys from the current database"},
    {"info", -1, kAnyTime | kAclDangerous, {}, Group::kServer,
     &commands::Info, "", "1.0.0", "Get information and statistics about the server"},
    {"memory", -2, 0, {}, Group::kServer,
     nullptr, "", "4.0.0", "A container for memory diagnostics commands", kMemorySubcommands},
    {"time", 1, kAnyTime | kFast, {}, Group::kServer,
     &commands::Time, "", "2.6.0", "Return the current server time"},
    {"del", -2, kWrite, {1, -1, 1}, Group::kGeneric,
     &commands::Del, "RM delete", "1.0.0", "Delete a key"},
    {"exists", -2, kReadOnly | kFast, {1, -1, 1}, Group::kGeneric,
     &commands::Exists, "RO", "1.0.0", "Determine if a key exists"},
    {"expire", -3, kWrite | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::Expire, "RW update", "1.0.0", "Set a key's time to live in seconds"},
    {"expireat", -3, kWrite | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::ExpireAt, "RW update", "1.2.0", "Set the expiration for a key as a UNIX timestamp"},
    {"expiretime", 2, kReadOnly | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::ExpireTime, "RO access", "7.0.0", "Get the expiration Unix timestamp for a key"},
    {"keys", 2, kReadOnly | kAclDangerous, {}, Group::kGeneric,
     &commands::Keys, "", "1.0.0", "Find all keys matching the given pattern"},
    {"object", -2, 0, {}, Group::kGeneric,
     nullptr, "", "2.2.3", "A container for object introspection commands", kObjectSubcommands},
    {"persist", 2, kWrite | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::Persist, "RW update", "2.2.0", "Remove the expiration from a key"},
    {"pexpire", -3, kWrite | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::PExpire, "RW update", "2.6.0", "Set a key's time to live in milliseconds"},
    {"pexpireat", -3, kWrite | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::PExpireAt, "RW update", "2.6.0",
     "Set the expiration for a key as a UNIX timestamp specified in milliseconds"},
    {"pexpiretime", 2, kReadOnly | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::PExpireTime, "RO access", "7.0.0",
     "Get the expiration Unix timestamp for a key in milliseconds"},
    {"pttl", 2, kReadOnly | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::PTtl, "RO access", "2.6.0", "Get the time to live for a key in milliseconds"},
    {"randomkey", 1, kReadOnly, {}, Group::kGeneric,
     &commands::RandomKey, "", "1.0.0", "Return a random key from the keyspace"},
    {"rename", 3, kWrite, {1, 2, 1}, Group::kGeneric,
     &commands::Rename, "RW access delete|OW update", "1.0.0", "Rename a key"},
    {"renamenx", 3, kWrite | kFast, {1, 2, 1}, Group::kGeneric,
     &commands::RenameNx, "RW access delete|OW insert", "1.0.0",
     "Rename a key, only if the new key does not exist"},
    {"scan", -2, kReadOnly, {}, Group::kGeneric,
     &commands::Scan, "", "2.8.0", "Incrementally iterate the keys space"},
    {"touch", -2, kReadOnly | kFast, {1, -1, 1}, Group::kGeneric,
     &commands::Touch, "RO", "3.2.1",
     "Alters the last access time of a key(s). Returns the number of existing keys specified"},
    {"ttl", 2, kReadOnly | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::Ttl, "RO access", "1.0.0", "Get the time to live for a key in seconds"},
    {"type", 2, kReadOnly | kFast, {1, 1, 1}, Group::kGeneric,
     &commands::Type, "RO", "1.0.0", "Determine the type stored at key"},
    {"unlink", -2, kWrite | kFast, {1, -1, 1}, Group::kGeneric,
     &commands::Unlink, "RM delete", "4.0.0", "Delete a key asynchronously in another thread"},
    {"append", 3, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kString,
     &commands::Append, "RW insert", "2.0.0", "Append a value to a key"},
    {"decr", 2, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kString,
     &commands::Decr, "RW access update", "1.0.0", "Decrement the integer value of a key by one"},
    {"decrby", 3, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kString,
     &commands::DecrBy, "RW access update", "1.0.0",
     "Decrement the integer value of a key by the given number"},
    {"get", 2, kReadOnly | kFast, {1, 1, 1}, Group::kString,
     &commands::Get, "RO access", "1.0.0", "Get the value of a key"},
    {"getdel", 2, kWrite | kFast, {1, 1, 1}, Group::kString,
     &commands::GetDel, "RW access delete", "6.2.0", "Get the value of a key and delete the key"},
    {"getex", -2, kWrite | kFast, {1, 1, 1}, Group::kString,
     &commands::GetEx, "RW access update", "6.2.0",
     "Get the value of a key and optionally set its expiration"},
    {"getrange", 4, kReadOnly, {1, 1, 1}, Group::kString,
     &commands::GetRange, "RO access", "2.4.0", "Get a substring of the string stored at a key"},
    {"getset", 3, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kString,
     &commands::GetSet, "RW access update", "1.0.0",
     "Set the string value of a key and return its old value"},
    {"incr", 2, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kString,
     &commands::Incr, "RW access update", "1.0.0", "Increment the integer value of a key by one"},
    {"incrby", 3, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kString,
     &commands::IncrBy, "RW access update", "1.0.0",
     "Increment the integer value of a key by the given amount"},
    {"incrbyfloat", 3, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kString,
     &commands::IncrByFloat, "RW access update", "2.6.0",
     "Increment the float value of a key by the given amount"},
    {"mget", -2, kReadOnly | kFast, {1, -1, 1}, Group::kString,
     &commands::MGet, "RO access", "1.0.0", "Get the values of all the given keys"},
    {"mset", -3, kWrite | kDenyOom, {1, -1, 2}, Group::kString,
     &commands::MSet, "OW update", "1.0.1", "Set multiple keys to multiple values"},
    {"msetnx", -3, kWrite | kDenyOom, {1, -1, 2}, Group::kString,
     &commands::MSetNx, "OW insert", "1.0.1",
     "Set multiple keys to multiple values, only if none of the keys exist"},
    {"psetex", 4, kWrite | kDenyOom, {1, 1, 1}, Group::kString,
     &commands::PSetEx, "OW update", "2.6.0",
     "Set the value and expiration in milliseconds of a key"},
    {"set", -3, kWrite | kDenyOom, {1, 1, 1}, Group::kString,
     &commands::Set, "RW access update variable_flags", "1.0.0", "Set the string value of a key"},
    {"setex", 4, kWrite | kDenyOom, {1, 1, 1}, Group::kString,
     &commands::SetEx, "OW update", "2.0.0", "Set the value and expiration of a key"},
    {"setnx", 3, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kString,
     &commands::SetNx, "OW insert", "1.0.0",
     "Set the value of a key, only if the key does not exist"},
    {"setrange", 4, kWrite | kDenyOom, {1, 1, 1}, Group::kString,
     &commands::SetRange, "RW update", "2.2.0",
     "Overwrite part of a string at key starting at the specified offset"},
    {"strlen", 2, kReadOnly | kFast, {1, 1, 1}, Group::kString,
     &commands::StrLen, "RO", "2.2.0", "Get the length of the value stored in a key"},
    {"substr", 4, kReadOnly, {1, 1, 1}, Group::kString,
     &commands::GetRange, "RO access", "1.0.0", "Get a substring of the string stored at a key"},
    {"hdel", -3, kWrite | kFast, {1, 1, 1}, Group::kHash,
     &commands::HDel, "RW delete", "2.0.0", "Delete one or more hash fields"},
    {"hexists", 3, kReadOnly | kFast, {1, 1, 1}, Group::kHash,
     &commands::HExists, "RO", "2.0.0", "Determine if a hash field exists"},
    {"hget", 3, kReadOnly | kFast, {1, 1, 1}, Group::kHash,
     &commands::HGet, "RO access", "2.0.0", "Get the value of a hash field"},
    {"hgetall", 2, kReadOnly, {1, 1, 1}, Group::kHash,
     &commands::HGetAll, "RO access", "2.0.0", "Get all the fields and values in a hash"},
    {"hincrby", 4, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kHash,
     &commands::HIncrBy, "RW access update", "2.0.0",
     "Increment the integer value of a hash field by the given number"},
    {"hincrbyfloat", 4, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kHash,
     &commands::HIncrByFloat, "RW access update", "2.6.0",
     "Increment the float value of a hash field by the given amount"},
    {"hkeys", 2, kReadOnly, {1, 1, 1}, Group::kHash,
     &commands::HKeys, "RO access", "2.0.0", "Get all the fields in a hash"},
    {"hlen", 2, kReadOnly | kFast, {1, 1, 1}, Group::kHash,
     &commands::HLen, "RO", "2.0.0", "Get the number of fields in a hash"},
    {"hmget", -3, kReadOnly | kFast, {1, 1, 1}, Group::kHash,
     &commands::HMGet, "RO access", "2.0.0", "Get the values of all the given hash fields"},
    {"hmset", -4, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kHash,
     &commands::HMSet, "RW update", "2.0.0", "Set multiple hash fields to multiple values"},
    {"hscan", -3, kReadOnly, {1, 1, 1}, Group::kHash,
     &commands::HScan, "RO access", "2.8.0",
     "Incrementally iterate hash fields and associated values"},
    {"hset", -4, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kHash,
     &commands::HSet, "RW update", "2.0.0", "Set the string value of a hash field"},
    {"hsetnx", 4, kWrite | kDenyOom | kFast, {1, 1, 1}, Group::kHash,
     &commands::HSetNx, "RW insert", "2.0.0",
     "Set the value of a hash field, only if the field does not exist"},
    {"hstrlen", 3, kReadOnly | kFast, {1, 1, 1}, Group::kHash,
     &commands::HStrLen, "RO", "3.2.0", "Get the length of the value of a hash field"},
    {"hvals", 2, kReadOnly, {1, 1, 1}, Group::kHash,
     &commands::HVals, "RO access", "2.0.0", "Get all the values in a hash"},
};

// clang-format on

// The first eight bytes of a name, whatever its case. Names of commands are letters, and a byte that
// becomes a lower case letter here is that letter: so two words of a length up to eight, one of them
// a command's name, are the same if these are.
constexpr uint64_t Beginning(std::string_view name) {
  uint64_t bytes = 0;
  for (const char c : name.substr(0, 8))
    bytes = bytes << 8 | (static_cast<unsigned char>(c) | 0x20);
  return bytes;
}

// Open addressing by the names' beginnings, at most a quarter full, made by the compiler.
class NameTable {
 public:
  constexpr NameTable() {
    for (const Command& command : kCommands) {
      size_t at = Home(Beginning(command.name));
      while (slots_[at].command != nullptr) at = (at + 1) % kSlots;
      slots_[at] = {Beginning(command.name), &command};
    }
  }
  const Command* Find(std::string_view name) const {
    const uint64_t beginning = Beginning(name);
    for (size_t at = Home(beginning); slots_[at].command != nullptr; at = (at + 1) % kSlots) {
      const Slot& slot = slots_[at];
      if (slot.beginning != beginning || slot.command->name.size() != name.size()) continue;
      if (name.size() <= 8 || IsWord(name, slot.command->name)) return slot.command;
    }
    return nullptr;
  }

 private:
  struct Slot {
    uint64_t beginning = 0;
    const Command* command = nullptr;
  };
  static constexpr int kSlotBits = 9;
  static constexpr size_t kSlots = size_t{1} << kSlotBits;
  static_assert(std::size(kCommands) * 4 <= kSlots);

  // The top bits of a product depend on all bytes (2^64 divided by the golden ratio).
  static constexpr size_t Home(uint64_t beginning) {
    return (beginning * 0x9E3779B97F4A7C15) >> (64 - kSlotBits);
  }

  std::array<Slot, kSlots> slots_{};
};

constexpr NameTable kNames;

constexpr bool NamesAreLetters() {
  for (const Command& command : kCommands) {
    for (const char c : command.name) {
      if (c < 'a' || c > 'z') return false;
    }
  }
  return true;
}
static_assert(NamesAreLetters(), "NameTable compares letters");

}  // namespace

std::span<const Command> Commands() { return kCommands; }

const Command* FindCommand(std::string_view name) { return kNames.Find(name); }

const Command* FindSubcommand(const Command& container, std::string_view name) {
  for (const Command& subcommand : container.subcommands) {
    if (IsWord(name, subcommand.name.substr(container.name.size() + 1))) return &subcommand;
  }
  return nullptr;
}

const Command* FindByFullName(std::string_view name) {
  const size_t bar = name.find('|');
  const Command* command = FindCommand(name.substr(0, bar));
  if (command == nullptr || bar == std::string_view::npos) return command;
  return FindSubcommand(*command, name.substr(bar + 1));
}

}  // namespace dcs::resp
