#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "api/resp/commands/command_table.h"
#include "tests/api/resp/resp_value.h"
#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

TEST(CommandTable, FindsEachCommandByItsNameInAnyCase) {
  std::set<std::string_view> names;
  for (const Command& command : Commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name << " stands twice";
    std::string upper(command.name);
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(FindCommand(upper), &command);
    for (const Command& subcommand : command.subcommands) {
      EXPECT_EQ(FindByFullName(subcommand.name), &subcommand);
    }
  }
  EXPECT_EQ(FindCommand(""), nullptr);
  EXPECT_EQ(FindCommand("gett"), nullptr);
  EXPECT_EQ(FindCommand(std::string(100000, 'g')), nullptr);
}

TEST(CommandTable, HoldsTogether) {
  for (const Command& command : Commands()) {
    EXPECT_TRUE(command.handler != nullptr || !command.subcommands.empty()) << command.name;
    EXPECT_EQ(command.keys.first == 0, command.key_uses.empty()) << command.name;
    EXPECT_NE(command.arity, 0) << command.name;
    EXPECT_FALSE((command.flags & kWrite) && (command.flags & kReadOnly)) << command.name;
  }
}

TEST(CommandCount, IsTheNumberOfRows) {
  Session s;
  const size_t count = Commands().size();
  EXPECT_EQ(s.Do("COMMAND COUNT"), Int(static_cast<int64_t>(count)));
  EXPECT_EQ(ParseReply(s.Do("COMMAND")).elements.size(), count);
  EXPECT_EQ(ParseReply(s.Do("COMMAND LIST")).elements.size(), count);
}

TEST(CommandInfo, AnswersNullForUnknownNames) {
  Session s;
  const RespValue reply = ParseReply(s.Do("COMMAND INFO get nope config|get"));
  ASSERT_EQ(reply.elements.size(), 3u);
  EXPECT_EQ(reply.elements[0].elements.at(0).text, "get");
  EXPECT_TRUE(reply.elements[1].null);
  EXPECT_EQ(reply.elements[2].elements.at(0).text, "config|get");
}

TEST(CommandDocs, IsAMapOfMaps) {
  Session s;
  s.Do("HELLO 3");
  const RespValue reply = ParseReply(s.Do("COMMAND DOCS get nope config"));
  ASSERT_EQ(reply.type, '%');
  ASSERT_EQ(reply.elements.size(), 4u);
  EXPECT_EQ(reply.elements[0].text, "get");
  EXPECT_EQ(reply.elements[1].type, '%');
  EXPECT_EQ(ParseReply(s.Do("COMMAND DOCS")).elements.size(), 2 * Commands().size());
}

TEST(CommandList, FiltersByPatternAndCategory) {
  Session s;
  EXPECT_EQ(s.Do("COMMAND LIST FILTERBY PATTERN HG*"), List({"hget", "hgetall"}));
  const RespValue hashes = ParseReply(s.Do("COMMAND LIST FILTERBY ACLCAT hash"));
  EXPECT_EQ(hashes.elements.size(), 15u);
  EXPECT_EQ(s.Do("COMMAND LIST FILTERBY foo bar"), kSyntaxReply);
}

TEST(CommandGetKeys, FindsTheKeysOfACommand) {
  Session s;
  EXPECT_EQ(s.Do("COMMAND GETKEYS get a"), List({"a"}));
  EXPECT_EQ(s.Do("COMMAND GETKEYS mset a 1 b 2"), List({"a", "b"}));
  EXPECT_EQ(s.Do("COMMAND GETKEYS rename a b"), List({"a", "b"}));
  EXPECT_EQ(s.Do("COMMAND GETKEYS object encoding k"), List({"k"}));
  EXPECT_EQ(s.Do("COMMAND GETKEYS ping a"), Err("ERR The command has no key arguments"));
  EXPECT_EQ(s.Do("COMMAND GETKEYS nope a"), Err("ERR Invalid command specified"));
  EXPECT_EQ(s.Do("COMMAND GETKEYS get a b"),
            Err("ERR Invalid number of arguments specified for command"));
}

}  // namespace
}  // namespace dcs::resp
