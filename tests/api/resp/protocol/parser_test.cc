#include "api/resp/protocol/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/api/resp/requests.h"

namespace dcs::resp {
namespace {

using namespace std::string_view_literals;

using Commands = Lines;

// Feeds bytes as they come and keeps what is left unread, in fresh memory each time, so that a
// parser that kept a pointer would be found out by the address sanitizer.
class Feed {
 public:
  explicit Feed(const ParserLimits& limits = {}) : limits_(limits) {}

  void operator()(std::string_view bytes) {
    unread_ = std::make_unique<std::string>(*unread_ + std::string(bytes));
    while (error.empty()) {
      ArgumentList arguments;
      const Parser::Outcome outcome = parser_.Next(*unread_, limits_, arguments);
      if (outcome == Parser::Outcome::kError) error = parser_.error();
      if (outcome != Parser::Outcome::kCommand) return;
      if (!arguments.empty()) commands.emplace_back(arguments.begin(), arguments.end());
      ASSERT_LE(parser_.consumed(), unread_->size());
      unread_ = std::make_unique<std::string>(unread_->substr(parser_.consumed()));
    }
  }
  Parser& parser() { return parser_; }

  Commands commands;
  std::string error;

 private:
  const ParserLimits limits_;
  Parser parser_;
  std::unique_ptr<std::string> unread_ = std::make_unique<std::string>();
};

std::string ErrorOf(std::string_view bytes, const ParserLimits& limits = {}) {
  Feed feed(limits);
  feed(bytes);
  return feed.error;
}

TEST(Parser, ReadsArraysOfBulkStringsByteForByte) {
  const std::string binary("\0\r\n$*\xff", 6);
  Feed feed;
  feed(Encode({"SET", binary, ""}) + Encode({"PING"}));
  EXPECT_EQ(feed.commands, (Commands{{"SET", binary, ""}, {"PING"}}));
  EXPECT_EQ(feed.error, "");
}

TEST(Parser, ReadsInlineCommandsBetweenArrays) {
  Feed feed;
  feed("PING\r\n" + Encode({"GET", "k"}) + "set \"a b\" c\n\r\n");
  EXPECT_EQ(feed.commands, (Commands{{"PING"}, {"GET", "k"}, {"set", "a b", "c"}}));
}

TEST(Parser, SkipsEmptyArraysAndLines) {
  Feed feed;
  feed("*0\r\n*-1\r\n\r\n   \r\nPING\r\n");
  EXPECT_EQ(feed.commands, (Commands{{"PING"}}));
}

TEST(Parser, GivesTheSameCommandsWhereverTheStreamIsCut) {
  const std::string stream = Encode({"SET", "key", std::string("v\r\n\0", 4)}) + "*0\r\n" +
                             "inline 'x y' z\r\n" + Encode({"", std::string(300, 'q')}) +
                             "*-5\r\nPING\n" + Encode({"GET", "key"});
  Feed whole;
  whole(stream);
  ASSERT_EQ(whole.commands.size(), 5u);
  for (size_t first = 0; first <= stream.size(); ++first) {
    for (size_t second = first; second <= stream.size(); second += 1 + second / 40) {
      Feed cut;
      cut(stream.substr(0, first));
      cut(stream.substr(first, second - first));
      cut(stream.substr(second));
      ASSERT_EQ(cut.commands, whole.commands) << "cut at " << first << " and " << second;
    }
  }
  Feed bytes;
  for (const char c : stream) bytes(std::string_view(&c, 1));
  EXPECT_EQ(bytes.commands, whole.commands);
}

TEST(Parser, RefusesLengthsThatAreNoLengths) {
  const std::string array = "Protocol error: invalid multibulk length";
  const std::string bulk = "Protocol error: invalid bulk length";
  EXPECT_EQ(ErrorOf("*abc\r\n"), array);
  EXPECT_EQ(ErrorOf("*2147483648\r\n"), array);
  EXPECT_EQ(ErrorOf("*9223372036854775808\r\n"), array);
  EXPECT_EQ(ErrorOf("*\r\n"), array);
  EXPECT_EQ(ErrorOf("*+1\r\n"), array);
  EXPECT_EQ(ErrorOf("*1\r\n$-1\r\n"), bulk);
  EXPECT_EQ(ErrorOf("*1\r\n$x\r\n"), bulk);
  EXPECT_EQ(ErrorOf("*1\r\n$536870913\r\n"), bulk);
  EXPECT_EQ(ErrorOf("*1\r\n$536870912\r\n"), "");
  EXPECT_EQ(ErrorOf("*2147483647\r\n"), "");
}

TEST(Parser, ExpectsADollarBeforeEachArgument) {
  EXPECT_EQ(ErrorOf("*1\r\nPING\r\n"), "Protocol error: expected '$', got 'P'");
  EXPECT_EQ(ErrorOf("*2\r\n$1\r\na\r\n:1\r\n"), "Protocol error: expected '$', got ':'");
}

TEST(Parser, RefusesLinesWithoutEnd) {
  EXPECT_EQ(ErrorOf(std::string(65536, 'a')), "");
  EXPECT_EQ(ErrorOf(std::string(65537, 'a')), "Protocol error: too big inline request");
  EXPECT_EQ(ErrorOf("*" + std::string(65537, '1')), "Protocol error: too big mbulk count string");
  EXPECT_EQ(ErrorOf("*1\r\n$" + std::string(65537, '1')),
            "Protocol error: too big bulk count string");
}

TEST(Parser, RefusesUnbalancedQuotes) {
  EXPECT_EQ(ErrorOf("SET \"a b\r\n"), "Protocol error: unbalanced quotes in request");
}

TEST(Parser, GrantsLittleToClientsWithoutPassword) {
  const ParserLimits limits{.authenticated = false};
  EXPECT_EQ(ErrorOf("*11\r\n", limits), "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(ErrorOf("*10\r\n", limits), "");
  EXPECT_EQ(ErrorOf("*1\r\n$16385\r\n", limits), "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(ErrorOf("*1\r\n$16384\r\n", limits), "");
}

TEST(Parser, Restart_ForgetsAnUnfinishedCommand) {
  Parser parser;
  ArgumentList arguments;
  ASSERT_EQ(parser.Next("*2\r\n$4\r\nECHO\r\n$100\r\nabc", {}, arguments),
            Parser::Outcome::kIncomplete);
  EXPECT_GT(parser.argument_bytes(), 0u);
  parser.Restart();
  EXPECT_EQ(parser.argument_bytes(), 0u);
  ASSERT_EQ(parser.Next("*1\r\n$4\r\nPING\r\n*2\r\n", {}, arguments), Parser::Outcome::kCommand);
  EXPECT_EQ(parser.consumed(), 14u);
  ASSERT_EQ(arguments.size(), 1u);
  EXPECT_EQ(arguments[0], "PING");
}

TEST(Parser, AnnouncedLengthsCostNothingUntilBytesCome) {
  for (int i = 0; i < 100; ++i) {
    Parser fresh;
    ArgumentList arguments;
    EXPECT_EQ(fresh.Next("*2147483647\r\n$536870912\r\nx", {}, arguments),
              Parser::Outcome::kIncomplete);
    EXPECT_TRUE(arguments.empty());
    EXPECT_EQ(fresh.argument_bytes(), 0u);
  }
}

TEST(Parser, ReadsMoreThanAMillionArguments) {
  std::vector<std::string> args(1'200'001, "x");
  Feed feed;
  feed(Encode(args));
  ASSERT_EQ(feed.commands.size(), 1u);
  EXPECT_EQ(feed.commands[0].size(), args.size());
}

TEST(Parser, TellsWhatUnfinishedArgumentsCost) {
  const std::string whole = Encode(std::vector<std::string>(2000, "x"));
  const std::string_view begun = std::string_view(whole).substr(0, whole.size() - 1);
  Parser parser;
  ArgumentList arguments;
  EXPECT_EQ(parser.argument_bytes(), 0u);
  ASSERT_EQ(parser.Next(begun, {}, arguments), Parser::Outcome::kIncomplete);
  EXPECT_GE(parser.argument_bytes(), 1999 * (sizeof(std::string_view) + sizeof(store::HashedKey)));
  ASSERT_EQ(parser.Next(whole, {}, arguments), Parser::Outcome::kCommand);
  EXPECT_EQ(parser.argument_bytes(), 0u);
}

TEST(Parser, ArgumentsLieInTheInput) {
  const std::string input = Encode({"GET", "key"});
  Parser parser;
  ArgumentList arguments;
  ASSERT_EQ(parser.Next(input, {}, arguments), Parser::Outcome::kCommand);
  for (const std::string_view argument : arguments) {
    EXPECT_GE(argument.data(), input.data());
    EXPECT_LE(argument.data() + argument.size(), input.data() + input.size());
  }
}

TEST(Parser, SurvivesRandomGarbage) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  constexpr std::string_view kBytes = "*$1234590-\r\n\r\n\r\n ab\"'\\x\0:+"sv;
  size_t errors = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string stream = random() % 2 == 0 ? "*" + std::to_string(random() % 4) + "\r\n$" : "";
    for (size_t left = random() % 60; left > 0; --left) stream += kBytes[random() % kBytes.size()];
    Feed whole;
    whole(stream);
    Feed cut;
    const size_t at = random() % (stream.size() + 1);
    cut(stream.substr(0, at));
    cut(stream.substr(at));
    ASSERT_EQ(cut.commands, whole.commands) << testing::PrintToString(stream);
    ASSERT_EQ(cut.error, whole.error) << testing::PrintToString(stream);
    errors += whole.error.empty() ? 0 : 1;
  }
  EXPECT_GT(errors, 1000u) << "the garbage is too good";
}

}  // namespace
}  // namespace dcs::resp
