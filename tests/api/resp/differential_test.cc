// The same commands on this front and on a real Redis 7.0: the same bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/resp/command_table.h"
#include "api/resp/executor.h"
#include "api/resp/to_absl.h"
#include "random_commands.h"
#include "reference_redis.h"
#include "reply_comparison.h"
#include "resp_value.h"
#include "store/clock.h"

namespace dcs::resp {
namespace {

using Line = CommandLine;

std::string Shown(const Line& line) {
  std::string text;
  for (const std::string& arg : line) text += testing::PrintToString(arg.substr(0, 80)) + " ";
  return text;
}

// This front, without sockets, in real time as its rival.
class Ours {
 public:
  Ours() : node_({.seed = 5, .epoch = clock_.Now(), .lazy_free_thread = false}, clock_) {}
  std::string Run(const std::vector<std::string_view>& args) {
    std::string out;
    Reply reply(out, client_.protocol.load());
    Execute(state_, client_, args, reply);
    return out;
  }
  void CheckInvariants() { node_.keyspace.CheckInvariants(); }

 private:
  store::WallClock clock_;
  api::Node node_;
  ServerState state_{node_, /*seed=*/1};
  Client client_{1, clock_.Now()};
};

// Lines that mean something else here, or nothing that could be compared.
bool Excluded(const Line& line) {
  const std::string_view name = line[0];
  // Other values than these select databases that a node does not have.
  if (IsWord(name, "select")) return line.size() == 2 && line[1] != "0" && line[1] != "abc";
  // Cursors that were not given out; ours end, Redis's are taken modulo its table.
  if (IsWord(name, "scan") && line.size() > 1 && line[1] != "0" && line[1] != "-0") {
    char* end;
    static_cast<void>(std::strtoul(line[1].c_str(), &end, 10));
    return *end == '\0';
  }
  return false;
}

class Differential : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    theirs_ = ReferenceRedis::Start(why);
    if (theirs_ == nullptr) GTEST_SKIP() << "not compared with Redis: " << why;
  }

  // Whether both gave the same answer.
  bool RunBoth(const Line& line) {
    const std::vector<std::string_view> args(line.begin(), line.end());
    const std::string theirs = theirs_->Run(args);
    const std::string ours = ours_.Run(args);
    const bool same = SameReply(line, ours, theirs);
    EXPECT_TRUE(same) << Shown(line) << "\n  ours   " << testing::PrintToString(ours.substr(0, 600))
                      << "\n  theirs " << testing::PrintToString(theirs.substr(0, 600));
    errors_ += ours.starts_with('-') ? 1 : 0;
    return same;
  }

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
      const Line line = commands.Next();
      if (Excluded(line) || DependsOnClocks(line)) continue;
      if (!RunBoth(line)) {
        FAIL() << "line " << i;
      }
      // Redis keeps a key that SET gave a deadline in the past until somebody looks; here it is
      // gone.
      if (IsWord(line[0], "set") && line.size() > 4) RunBoth({"exists", line[1]});
    }
    ours_.CheckInvariants();
    EXPECT_GT(errors_, lines / 20) << "the lines are too well behaved";
    EXPECT_LT(errors_, lines / 2) << "the lines are too badly behaved";
  }

  std::unique_ptr<ReferenceRedis> theirs_;
  Ours ours_;
  int errors_ = 0;
  std::set<std::string> given_;  // all arguments so far, as times
};

uint64_t Seed() {
  const char* given = std::getenv("DCS_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

TEST_F(Differential, RandomCommandsGetTheSameRepliesInResp2) {
  const uint64_t seed = Seed();
  SCOPED_TRACE("DCS_TEST_SEED=" + std::to_string(seed));
  RunRandom(seed, 60'000);
}

TEST_F(Differential, RandomCommandsGetTheSameRepliesInResp3) {
  const uint64_t seed = Seed();
  SCOPED_TRACE("DCS_TEST_SEED=" + std::to_string(seed));
  RunBoth({"hello", "3"});
  RunRandom(seed, 40'000);
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
config help x|flushall x|flushall sync x|flushdb async|exists k|flushall sync|time x|dbsize x
info x|randomkey|randomkey x|quit)";

TEST_F(Differential, ChosenCommandsGetTheSameReplies) {
  for (const Line& line : SplitCommands(kChosen)) RunBoth(line);
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
