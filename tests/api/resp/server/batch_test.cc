#include "api/resp/server/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "store/keyspace.h"
#include "tests/api/resp/requests.h"

namespace dcs::resp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// One connection's input: what has come and is not yet taken, read in batches.
class Input {
 public:
  explicit Input(std::string bytes = "") : bytes_(std::move(bytes)) {}

  void Receive(std::string_view bytes) {
    bytes_ = bytes_.substr(taken_) + std::string(bytes), taken_ = 0;
  }
  void Fill() { batch_.Fill(parser_, std::string_view(bytes_).substr(taken_), limits, keyspace); }
  Request Take() {
    const Request request = batch_.Take();
    taken_ += request.input_bytes;
    return request;
  }
  // The commands of one batch, as copies.
  Lines TakeBatch() {
    Fill();
    Lines lines;
    while (!batch_.empty()) {
      const Request request = Take();
      if (!request.args.empty()) lines.emplace_back(request.args.begin(), request.args.end());
    }
    return lines;
  }
  Batch& batch() { return batch_; }
  Parser& parser() { return parser_; }
  size_t taken() const { return taken_; }

  ParserLimits limits;
  store::Keyspace keyspace{{.seed = 3}};

 private:
  std::string bytes_;
  size_t taken_ = 0;
  Parser parser_;
  Batch batch_;
};

TEST(Batch, FindsAllCommandsOnKeysInOrder) {
  Input input(Encode({"SET", "a", "1"}) + Encode({"get", "a"}) + Encode({"DEL", "a", "b"}));
  EXPECT_EQ(input.TakeBatch(), (Lines{{"SET", "a", "1"}, {"get", "a"}, {"DEL", "a", "b"}}));
  EXPECT_EQ(input.batch().ended(), Parser::Outcome::kIncomplete) << "there is no more";
}

TEST(Batch, ReadsNothingPastWhatMayChangeTheMeaningOfTheNextBytes) {
  for (const Line& line : Lines{{"AUTH", "x"},
                                {"RESET"},
                                {"HELLO", "3"},
                                {"QUIT"},
                                {"NOSUCH", "k"},
                                {"CONFIG", "SET", "a", "b"},
                                {"CLIENT", "REPLY", "OFF"},
                                {"PING"},
                                {"DEBUG", "SLEEP", "1"},
                                {"POST"},
                                {""},
                                {"OBJECT", "FREQ", "k"}}) {
    Input input(Encode({"GET", "k"}) + Encode(line) + "*1\r\n:no length\r\n");
    EXPECT_EQ(input.TakeBatch(), (Lines{{"GET", "k"}, line}));
    EXPECT_EQ(input.batch().ended(), Parser::Outcome::kCommand) << "not looked at: " << line[0];
    EXPECT_THAT(input.TakeBatch(), IsEmpty());
    EXPECT_EQ(input.batch().ended(), Parser::Outcome::kError);
  }
}

TEST(Batch, ReadsPastCommandsThatWillBeRefused) {
  Input input(Encode({"GET"}) + Encode({"SET", "a"}) + Encode({"GET", "a"}));
  EXPECT_THAT(input.TakeBatch(), SizeIs(3));
}

TEST(Batch, EndsWithAnInlineCommandWhoseBytesAreTheParsersOwn) {
  Input input("get \"a b\"\r\nget 'c d'\r\n" + Encode({"GET", "e"}) + "get f\r\nget g\r\n");
  EXPECT_EQ(input.TakeBatch(), (Lines{{"get", "a b"}}));
  EXPECT_EQ(input.TakeBatch(), (Lines{{"get", "c d"}}));
  EXPECT_EQ(input.TakeBatch(), (Lines{{"GET", "e"}, {"get", "f"}}));
  EXPECT_EQ(input.TakeBatch(), (Lines{{"get", "g"}}));
}

TEST(Batch, SkipsEmptyCommandsAndCountsTheirBytes) {
  const std::string stream =
      "*0\r\n" + Encode({"GET", "a"}) + "*-1\r\n*0\r\n" + Encode({"GET", "b"});
  Input input(stream);
  EXPECT_EQ(input.TakeBatch(), (Lines{{"GET", "a"}, {"GET", "b"}}));
  EXPECT_EQ(input.taken(), stream.size());
}

TEST(Batch, GivesTheCommandsBeforeAnErrorFirst) {
  Input input(Encode({"GET", "a"}) + Encode({"GET", "b"}) + "*2\r\n$-1\r\n");
  EXPECT_EQ(input.TakeBatch(), (Lines{{"GET", "a"}, {"GET", "b"}}));
  EXPECT_EQ(input.batch().ended(), Parser::Outcome::kError);
  EXPECT_EQ(input.parser().error(), "Protocol error: invalid bulk length");
}

TEST(Batch, NamesTheCommand) {
  Input input(Encode({"gEt", "a"}) + Encode({"nosuch"}));
  input.Fill();
  EXPECT_EQ(input.Take().command, FindCommand("get"));
  EXPECT_EQ(input.Take().command, nullptr);
}

// The keys of each command that were hashed ahead. Checks the hashes.
Lines HashedAhead(const std::string& stream) {
  Input input(stream);
  input.Fill();
  Lines keys;
  while (!input.batch().empty()) {
    keys.emplace_back();
    for (const store::HashedKey& key : input.Take().keys) {
      EXPECT_EQ(key.hash, input.keyspace.Hash(key.bytes).hash);
      keys.back().emplace_back(key.bytes);
    }
  }
  return keys;
}

TEST(Batch, HashesTheKeysThatEachRowNames) {
  EXPECT_THAT(
      HashedAhead(Encode({"GET", "a"}) + Encode({"MSET", "b", "1", "c", "2"}) +
                  Encode({"DEL", "d", "e"}) + Encode({"RENAME", "f", "g"}) +
                  Encode({"SET", "h", "v", "EX", "9"}) + Encode({"PING", "x"})),
      ElementsAre(Line{"a"}, Line{"b", "c"}, Line{"d", "e"}, Line{"f", "g"}, Line{"h"}, Line{}));
  EXPECT_THAT(HashedAhead(Encode({"MGET", "a", "b"})), ElementsAre(Line{"a", "b"}));
}

TEST(Batch, HashesNothingWhereItWouldNotPayOrThereIsNoKey) {
  EXPECT_THAT(HashedAhead(Encode({"GET", "a"})), ElementsAre(Line{})) << "alone";
  EXPECT_THAT(HashedAhead(Encode({"GET"}) + Encode({"GET", "a", "b"}) + Encode({"GET", "c"})),
              ElementsAre(Line{}, Line{}, Line{"c"}))
      << "the wrong number of arguments: there are no keys among them";
}

TEST(Batch, IsBoundedInCommandsKeysAndArguments) {
  std::string gets;
  for (int i = 0; i < 1000; ++i) gets += Encode({"GET", "k" + std::to_string(i)});
  Input many(gets);
  EXPECT_THAT(many.TakeBatch(), SizeIs(Batch::kMostCommands));
  EXPECT_EQ(many.batch().ended(), Parser::Outcome::kCommand);

  const Line wide_line(Batch::kMostArguments, "MGET");
  const std::string wide = Encode(wide_line);
  Input arguments(wide + wide + wide);
  EXPECT_THAT(arguments.TakeBatch(), SizeIs(1)) << "one command may be as wide as it likes";

  size_t hashed = 0;
  for (const Line& keys : HashedAhead(Encode({"GET", "a"}) + wide)) hashed += keys.size();
  EXPECT_EQ(hashed, Batch::kMostKeys);
}

TEST(Batch, StaysGoodWhenMoved) {
  Input input(Encode({"SET", "a", "1"}) + Encode({"MGET", "a", "b"}) + "get 'c d'\r\n");
  input.Fill();
  input.Take();
  Batch moved = std::move(input.batch());
  const Request request = moved.Take();
  EXPECT_THAT(request.args, ElementsAre("MGET", "a", "b"));
  ASSERT_THAT(request.keys, SizeIs(2));
  EXPECT_EQ(request.keys[1].bytes, "b");
  EXPECT_THAT(moved.Take().args, ElementsAre("get", "c d"));
  EXPECT_TRUE(moved.empty());
}

// What the parser alone finds, one command after another.
Lines OneByOne(std::string_view stream, std::string& error) {
  Lines lines;
  Parser parser;
  while (true) {
    ArgumentList arguments;
    const Parser::Outcome outcome = parser.Next(stream, {}, arguments);
    if (outcome == Parser::Outcome::kError) error = parser.error();
    if (outcome != Parser::Outcome::kCommand) return lines;
    if (!arguments.empty()) lines.emplace_back(arguments.begin(), arguments.end());
    stream.remove_prefix(parser.consumed());
  }
}

// What batches find in the same stream, of which the pieces come one after another.
Lines InBatches(const std::vector<std::string_view>& pieces, std::string& error) {
  Lines lines;
  Input input;
  for (const std::string_view piece : pieces) {
    input.Receive(piece);
    do {
      for (Line& line : input.TakeBatch()) lines.push_back(std::move(line));
    } while (input.batch().ended() == Parser::Outcome::kCommand);
    if (input.batch().ended() == Parser::Outcome::kError) {
      error = input.parser().error();
      break;
    }
  }
  return lines;
}

TEST(Batch, FindsTheSameWhereverTheStreamIsCut) {
  const std::string stream = Encode({"SET", "key", "v\r\n"}) + "*0\r\n" + Encode({"GET", "key"}) +
                             "get 'x y'\r\n" + Encode({"AUTH", "p"}) + Encode({"GET", "k"}) +
                             Encode({"MSET", "a", std::string(120, 'q'), "b", ""}) + "*1\r\n:";
  const std::string with_error = stream + "1\r\n" + Encode({"GET", "never"});
  std::string expected_error;
  const Lines expected = OneByOne(with_error, expected_error);
  ASSERT_THAT(expected, SizeIs(6));
  ASSERT_EQ(expected_error, "Protocol error: expected '$', got ':'");
  const std::string_view whole = with_error;
  for (size_t first = 0; first <= whole.size(); ++first) {
    for (size_t second = first; second <= whole.size(); second += 1 + second / 30) {
      std::string error;
      const Lines found = InBatches(
          {whole.substr(0, first), whole.substr(first, second - first), whole.substr(second)},
          error);
      ASSERT_EQ(found, expected) << "cut at " << first << " and " << second;
      ASSERT_EQ(error, expected_error);
    }
  }
}

TEST(Batch, FindsTheSameInRandomStreams) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 3000; ++round) {
    const std::string stream = RandomStream(random, 1 + random() % 40);
    std::string expected_error, error;
    const Lines expected = OneByOne(stream, expected_error);
    std::vector<std::string_view> pieces;
    for (std::string_view rest = stream; !rest.empty(); rest.remove_prefix(pieces.back().size())) {
      pieces.push_back(rest.substr(0, 1 + random() % 300));
    }
    ASSERT_EQ(InBatches(pieces, error), expected) << testing::PrintToString(stream);
    ASSERT_EQ(error, expected_error) << testing::PrintToString(stream);
  }
}

}  // namespace
}  // namespace dcs::resp
