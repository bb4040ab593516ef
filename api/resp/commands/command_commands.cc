// COMMAND: the command table, told to clients.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/error_texts.h"
#include "api/resp/commands/glob.h"
#include "api/resp/commands/help.h"

namespace dcs::resp::commands {
namespace {

struct FlagName {
  uint32_t flag;
  std::string_view name;
};
constexpr FlagName kFlagNames[] = {
    {kWrite, "write"},       {kReadOnly, "readonly"},    {kDenyOom, "denyoom"}, {kAdmin, "admin"},
    {kNoScript, "noscript"}, {kLoading, "loading"},      {kStale, "stale"},     {kFast, "fast"},
    {kNoAuth, "no_auth"},    {kAllowBusy, "allow_busy"},
};

std::string_view GroupName(Group group) {
  switch (group) {
    case Group::kGeneric:
      return "generic";
    case Group::kString:
      return "string";
    case Group::kHash:
      return "hash";
    case Group::kConnection:
      return "connection";
    case Group::kServer:
      return "server";
  }
  return "";
}

// Redis's rules: what the flags imply, and the group's own unless the row only holds subcommands.
std::vector<std::string_view> AclCategories(const Command& command) {
  const uint32_t flags = command.flags;
  const bool does_something = command.handler != nullptr;
  const auto in_group = [&](Group group) { return does_something && command.group == group; };
  const auto has = [&](uint32_t flag) { return (flags & flag) != 0; };
  std::vector<std::string_view> categories;
  const auto add = [&](bool applies, std::string_view category) {
    if (applies) categories.push_back(category);
  };
  add(in_group(Group::kGeneric) || has(kAclKeyspace), "@keyspace");
  add(has(kReadOnly), "@read");
  add(has(kWrite), "@write");
  add(in_group(Group::kHash), "@hash");
  add(in_group(Group::kString), "@string");
  add(has(kAdmin), "@admin");
  add(has(kFast), "@fast");
  add(!has(kFast), "@slow");
  add(has(kAdmin | kAclDangerous), "@dangerous");
  add(in_group(Group::kConnection) || has(kAclConnection), "@connection");
  return categories;
}

void ReplySimples(Reply& reply, const std::vector<std::string_view>& words) {
  reply.Set(words.size());
  for (const std::string_view word : words) reply.Simple(word);
}

// A key specification: these arguments, used so.
void ReplyKeySpec(Reply& reply, absl::string_view uses, int first, int last, int step) {
  reply.Map(3);
  reply.Bulk("flags");
  const std::vector<std::string> words = absl::StrSplit(uses, ' ');
  ReplySimples(reply, {words.begin(), words.end()});
  reply.Bulk("begin_search");
  reply.Map(2);
  reply.Bulk("type");
  reply.Bulk("index");
  reply.Bulk("spec");
  reply.Map(1);
  reply.Bulk("index");
  reply.Integer(first);
  reply.Bulk("find_keys");
  reply.Map(2);
  reply.Bulk("type");
  reply.Bulk("range");
  reply.Bulk("spec");
  reply.Map(3);
  reply.Bulk("lastkey");
  reply.Integer(last);
  reply.Bulk("keystep");
  reply.Integer(step);
  reply.Bulk("limit");
  reply.Integer(0);
}

// One specification for each key that is used in a way of its own (RENAME has two), else one for
// all. A positive last key counts from the first one.
void ReplyKeySpecs(Reply& reply, const Command& command) {
  const KeyPositions& keys = command.keys;
  if (keys.first == 0) return reply.Array(0);
  const std::vector<std::string> uses = absl::StrSplit(ToAbsl(command.key_uses), '|');
  reply.Array(uses.size());
  for (size_t i = 0; i < uses.size(); ++i) {
    const int last = keys.last < 0 ? keys.last : 0;
    ReplyKeySpec(reply, uses[i], keys.first + static_cast<int>(i) * keys.step, last, keys.step);
  }
}

void ReplyInfo(Reply& reply, const Command& command) {
  reply.Array(10);
  reply.Bulk(command.name);
  reply.Integer(command.arity);
  std::vector<std::string_view> flags;
  for (const FlagName& row : kFlagNames) {
    if ((command.flags & row.flag) != 0) flags.push_back(row.name);
  }
  ReplySimples(reply, flags);
  reply.Integer(command.keys.first);
  reply.Integer(command.keys.last);
  reply.Integer(command.keys.step);
  ReplySimples(reply, AclCategories(command));
  reply.Array(0);  // tips
  ReplyKeySpecs(reply, command);
  reply.Array(command.subcommands.size());
  for (const Command& subcommand : command.subcommands) ReplyInfo(reply, subcommand);
}

void ReplyDocs(Reply& reply, const Command& command) {
  const bool container = !command.subcommands.empty();
  reply.Map(container ? 4 : 3);
  reply.Bulk("summary");
  reply.Bulk(command.summary);
  reply.Bulk("since");
  reply.Bulk(command.since);
  reply.Bulk("group");
  reply.Bulk(GroupName(command.group));
  if (!container) return;
  reply.Bulk("subcommands");
  reply.Map(command.subcommands.size());
  for (const Command& subcommand : command.subcommands) {
    reply.Bulk(subcommand.name);
    ReplyDocs(reply, subcommand);
  }
}

void ReplyAll(Reply& reply) {
  reply.Array(Commands().size());
  for (const Command& command : Commands()) ReplyInfo(reply, command);
}

bool InCategory(const Command& command, std::string_view category) {
  for (const std::string_view each : AclCategories(command)) {
    if (IsWord(category, each.substr(1))) return true;
  }
  return false;
}

}  // namespace

void CommandAll(Context& c) { ReplyAll(c.reply); }

void CommandCount(Context& c) { c.reply.Integer(static_cast<int64_t>(Commands().size())); }

void CommandInfo(Context& c) {
  if (c.args.size() == 2) return ReplyAll(c.reply);
  c.reply.Array(c.args.size() - 2);
  for (const std::string_view name : c.args.subspan(2)) {
    const Command* command = FindByFullName(name);
    if (command == nullptr) {
      c.reply.Null();
    } else {
      ReplyInfo(c.reply, *command);
    }
  }
}

void CommandDocs(Context& c) {
  std::vector<const Command*> wanted;
  if (c.args.size() == 2) {
    for (const Command& command : Commands()) wanted.push_back(&command);
  }
  for (const std::string_view name : c.args.subspan(2)) {
    if (const Command* command = FindByFullName(name)) wanted.push_back(command);
  }
  c.reply.Map(wanted.size());
  for (const Command* command : wanted) {
    c.reply.Bulk(command->name);
    ReplyDocs(c.reply, *command);
  }
}

void CommandList(Context& c) {
  const bool filtered = c.args.size() == 5 && IsWord(c.args[2], "filterby");
  const bool by_pattern = filtered && IsWord(c.args[3], "pattern");
  const bool by_category = filtered && IsWord(c.args[3], "aclcat");
  const bool by_module = filtered && IsWord(c.args[3], "module");
  if (c.args.size() > 2 && !by_pattern && !by_category && !by_module) {
    return c.reply.Error(error_text::kSyntax);
  }
  const size_t start = c.reply.BeginArray();
  size_t listed = 0;
  const auto list = [&](const Command& command) {
    if (by_module) return;  // there are none
    if (by_pattern && !GlobMatch(c.args[4], command.name, Case::kIgnored)) return;
    if (by_category && !InCategory(command, c.args[4])) return;
    c.reply.Bulk(command.name);
    ++listed;
  };
  for (const Command& command : Commands()) {
    list(command);
    if (by_pattern || by_category) {
      for (const Command& subcommand : command.subcommands) list(subcommand);
    }
  }
  c.reply.EndArray(start, listed);
}

void CommandGetKeys(Context& c) {
  const Arguments given = c.args.subspan(2);
  const Command* command = FindCommand(given[0]);
  if (command != nullptr && !command->subcommands.empty() && given.size() > 1) {
    command = FindSubcommand(*command, given[1]);
  }
  if (command == nullptr) return c.reply.Error("ERR Invalid command specified");
  const KeyPositions& keys = command->keys;
  if (keys.first == 0) return c.reply.Error("ERR The command has no key arguments");
  if (!command->TakesArguments(given.size())) {
    return c.reply.Error("ERR Invalid number of arguments specified for command");
  }
  const size_t last = keys.LastAmong(given.size());
  const size_t start = c.reply.BeginArray();
  size_t listed = 0;
  for (auto i = static_cast<size_t>(keys.first); i <= last; i += static_cast<size_t>(keys.step)) {
    c.reply.Bulk(given[i]);
    ++listed;
  }
  c.reply.EndArray(start, listed);
}

void CommandHelp(Context& c) {
  ReplyHelp(c, "COMMAND",
            {"(no subcommand)", "    Return details about all commands.", "COUNT",
             "    Return the total number of commands in this server.",
             "LIST [FILTERBY (ACLCAT <category>|PATTERN <pattern>)]",
             "    Return a list of all commands in this server.", "INFO [<command-name> ...]",
             "    Return details about multiple commands.", "DOCS [<command-name> ...]",
             "    Return documentation details about multiple commands.", "GETKEYS <full-command>",
             "    Return the keys from a full command."});
}

}  // namespace dcs::resp::commands
