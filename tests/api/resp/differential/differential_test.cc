// The same commands on this front and on a real Redis 7.0: the same bytes, and the same effects on DBSIZE,
// expired_keys, keyspace_hits and keyspace_misses. Active expiry is off: only commands release keys.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/resp/commands/command_table.h"
#include "api/resp/protocol/to_absl.h"
#include "tests/api/resp/differential/both_servers.h"
#include "tests/api/resp/differential/random_commands.h"
#include "tests/api/resp/resp_value.h"

namespace dcs::resp {
namespace {

using Line = CommandLine;

// Cursors that were not given out: ours end, Redis's are taken modulo its table.
bool Excluded(const Line& line) {
  if (!IsWord(line[0], "scan") || line.size() < 2 || line[1] == "0" || line[1] == "-0")
    return false;
  char* end;
  static_cast<void>(std::strtoul(line[1].c_str(), &end, 10));
  return *end == '\0';
}

class Differential : public BothServers {
 protected:
  // Whether a relative deadline is later or earlier than one given before that was the same or a
  // millisecond off: a matter of when each of the two looked at its clock.
  bool DependsOnClocks(const Line& line) {
    const auto time = [](const std::string& arg) {
      return arg == "9223372036854776" ? std::string("9223372036854775") : arg;
    };
    const bool relative = IsWord(line[0], "expire") || IsWord(line[0], "pexpire");
    const bool asks = std::any_of(line.begin(), line.end(), [](const std::string& arg) {
      return IsWord(arg, "gt") || IsWord(arg, "lt");
    });
    const bool repeated = line.size() > 2 && given_.contains(time(line[2]));
    for (const std::string& arg : line) given_.insert(time(arg));
    return relative && asks && repeated;
  }

  void RunRandom(uint64_t seed, int lines) {
    RandomCommands commands(seed);
    for (int i = 0; i < lines; ++i) {
      constexpr int kExpiryInterval = 150;
      if (i % kExpiryInterval == 0) {
        ASSERT_TRUE(LetExpire(commands.SomeKeys())) << "line " << i;
      }
      const Line line = commands.Next();
      if (Excluded(line) || DependsOnClocks(line)) continue;
      ASSERT_TRUE(RunBoth(line)) << "line " << i;
    }
    ours_.CheckInvariants();
    EXPECT_GT(errors_, lines / 20) << "the lines are too well behaved";
    EXPECT_LT(errors_, lines / 2) << "the lines are too badly behaved";
    EXPECT_GT(ours_.effects().expired_keys, lines / 50) << "too few keys expire";
  }

 private:
  std::set<std::string> given_;  // all arguments so far, as times
};

uint64_t Seed() {
  const char* given = std::getenv("DCS_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

// Of each random test. A long run: DCS_TEST_LINES=200000 resp_test --gtest_filter='Differential.*'
int RandomLines() {
  const char* given = std::getenv("DCS_TEST_LINES");
  return given != nullptr ? std::atoi(given) : 20'000;
}

TEST_F(Differential, RandomCommandsGetTheSameRepliesAndEffectsInResp2) {
  const uint64_t seed = Seed();
  SCOPED_TRACE("DCS_TEST_SEED=" + std::to_string(seed));
  RunRandom(seed, RandomLines());
}

TEST_F(Differential, RandomCommandsGetTheSameRepliesAndEffectsInResp3) {
  const uint64_t seed = Seed();
  SCOPED_TRACE("DCS_TEST_SEED=" + std::to_string(seed));
  RunBoth({"hello", "3"});
  RunRandom(seed, RandomLines());
}

// Errors, options and what client libraries send.
constexpr std::string_view kChosen =
    R"(auth|auth x|auth default x|auth someone x|auth a b c|hello 4|hello x|hello 3 foo
hello 3 auth default|hello 2 setname|hello 3|client trackinginfo|client getname|hello 2
client trackinginfo|client|client foo|client reply|client reply foo|client no-evict
client no-evict x|client no-evict on|client tracking|client tracking off|client kill foo
client kill id x|client kill id 99999|client kill id|client kill type foo|client kill user foo
client kill skipme foo|client kill id 0|client list id x|client list foo|client list type foo
client list type pubsub|client getredir|client setname me|client getname|reset|client getname
client reply on|config|config foo|config get|config set hz|config set hz x|config set nosuch 1
config set hz 1 hz 2|config set hz 10 timeout|config set maxmemory-policy foo
config set lazyfree-lazy-expire maybe|config set maxmemory 1x|config set databases 3
config set timeout -1|config set notify-keyspace-events q|config set notify-keyspace-events Exg
config get notify-keyspace-events|config set notify-keyspace-events AKE
config get notify-keyspace-events|config set save 900|config get save
config set maxmemory-policy ALLKEYS-LFU|config get maxmemory-policy|set k v|object refcount k
config set maxmemory-policy allkeys-lru|set n 5|object refcount n|config set maxmemory 1gb
config get maxmemory|set n 5|object refcount n|config set maxmemory 0
config set maxmemory-policy noeviction|config resetstat x|config resetstat|command count x
command foo|command docs nosuch|command getkeys|command getkeys get a|command getkeys ping a
command getkeys nosuch x|command getkeys get x y|command getkeys mset a 1 b 2
command getkeys object encoding k|command getkeys config get x|command getkeys config foo x
command list foo|command list filterby foo bar|command info nosuch|debug foo|debug|debug sleep
debug sleep 0|debug set-active-expire|debug set-active-expire 0|debug reload|exists k|memory
memory foo|memory usage|memory usage nokey|object|object foo|object help|object freq k
config get MAXMEMORY|config get TIMEO*|config get nosuch|config get \maxmemory|config get hz HZ
config set HZ 10 hz 20|config set HZ x|config set Databases x|config set hz x nosuch 1
config set hz 10 nosuch 1|config help x|flushall x|flushall sync x|flushdb async|exists k|flushall sync|time x|dbsize x
info x|randomkey|randomkey x|quit)";

TEST_F(Differential, ChosenCommandsGetTheSameReplies) {
  for (const Line& line : SplitCommands(kChosen)) RunBoth(line);
}

// Where Redis's C strings and number types show.
TEST_F(Differential, TextsWithLineBreaksAndNulsAndLargeNumbersGetTheSameReplies) {
  const std::string texts[] = {"1\n",
                               "\n",
                               "\n1",
                               "1\r\n",
                               "a\nb\n",
                               std::string("a\0b\n", 4),
                               std::string(130, 'x') + "\n",
                               "\t",
                               "\x80"};
  const std::string numbers[] = {"99999999999",
                                 "-99999999999",
                                 "2147483647",
                                 "2147483648",
                                 "-2147483649",
                                 "9223372036854775807",
                                 "9223372036854775808",
                                 "-9223372036854775808",
                                 "-9223372036854775809",
                                 "18446744073709551615",
                                 "18446744073709551616",
                                 "",
                                 "-0",
                                 "+1",
                                 "01",
                                 "1.0",
                                 " 1"};
  const std::string memory[] = {"100b",
                                "1Kb",
                                "1t",
                                "mb",
                                "b",
                                "1.5mb",
                                "-1",
                                "01mb",
                                "\0b",
                                "50%",
                                "18446744073709551615",
                                "18446744073709551616",
                                "9223372036854775807gb",
                                std::string(200, '9'),
                                std::string("1\0b", 3)};
  constexpr std::string_view kTextLines =
      R"(expire k 1 X|expire k X|select X|hello X|hello 3 X|hello 3 auth X|X|X a|nosuch X|nosuch a X b
config X|client X|object X|memory X|command X|config set X 1|config set hz X|config set HZ X
config set maxmemory X|config set hz 10 X 1|config get X|client kill type X|client kill user X
client list type X|client setname X|debug X|debug error X|set k v X|set k v ex X|getex k X
incrby k X|incrbyfloat k X|hincrby h f X|scan X|scan 0 count X|scan 0 X 1|memory usage k samples X)";
  constexpr std::string_view kNumberLines =
      R"(select X|hello X|incrby k X|decrby k X|incrbyfloat f X|hincrby h g X|setrange k X v
getrange k X 1|getrange k 0 X|scan 0 count X|hscan h 0 count X|memory usage k samples X
client kill id X|client list id X|config set hz X|config set timeout X|config set save X
config set slowlog-max-len X|config set maxmemory X|config get maxmemory
set k v pxat X|pexpiretime k|expiretime k|set k v exat X|expiretime k|getex k pxat X|pexpireat k X
pexpiretime k|expiretime k|expireat k X|expire k X|pexpire k X|setex k X v|psetex k X v|dbsize
del k|config set maxmemory 0|config set timeout 0|config set hz 10|hset h f 1|del f)";
  constexpr std::string_view kMemoryLines =
      "config set maxmemory X|config get maxmemory|config get MAXMEMORY|config set hz X|"
      "config set maxmemory 0";
  const auto run = [&](std::string_view lines, const std::string& text) {
    for (Line line : SplitCommands(lines)) {
      for (std::string& arg : line) arg = arg == "X" ? text : arg;
      ASSERT_TRUE(RunBoth(line));
    }
  };
  for (const std::string& text : texts) run(kTextLines, text);
  for (const std::string& number : numbers) run(kNumberLines, number);
  for (const std::string& value : memory) run(kMemoryLines, value);
}

// Of a row of COMMAND INFO: what the table here has. Subcommands and tips are fewer.
std::vector<std::multiset<std::string>> Row(const RespValue& info) {
  std::vector<std::multiset<std::string>> row;
  for (const size_t column : {0, 1, 2, 3, 4, 5, 6}) {
    const RespValue& cell = info.elements.at(column);
    row.emplace_back();
    row.back().insert(cell.text);
    for (const RespValue& element : cell.elements) row.back().insert(element.text);
  }
  for (const RespValue& spec : info.elements.at(8).elements) {
    // Redis explains itself in some specifications: "notes" and a text come first.
    const bool notes = spec.elements.at(0).text == "notes";
    row.emplace_back();
    for (const RespValue& flag : spec.elements.at(notes ? 3 : 1).elements) {
      row.back().insert(flag.text);
    }
    const std::vector<RespValue> where(spec.elements.end() - 4, spec.elements.end());
    row.back().insert(testing::PrintToString(where.at(1).elements.at(3).elements.at(1).text));
    for (const RespValue& number : where.at(3).elements.at(3).elements) {
      row.back().insert(number.text);
    }
  }
  return row;
}

TEST_F(Differential, TheCommandTableSaysWhatRedisSaysOfEachCommand) {
  const auto compare = [&](const Command& command) {
    const std::vector<std::string_view> args = {"command", "info", command.name};
    const RespValue theirs = ParseReply(theirs_->Run(args)).elements.at(0);
    const RespValue ours = ParseReply(ours_.Run(args)).elements.at(0);
    if (theirs.null) {
      EXPECT_EQ(command.since, "7.2.0") << command.name;
    } else {
      EXPECT_EQ(Row(ours), Row(theirs)) << command.name;
    }
  };
  for (const Command& command : Commands()) {
    compare(command);
    for (const Command& subcommand : command.subcommands) compare(subcommand);
  }
}

}  // namespace
}  // namespace dcs::resp
