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
#include "reference_redis.h"
#include "resp_value.h"
#include "store/clock.h"

namespace dcs::resp {
namespace {

using Line = std::vector<std::string>;

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

// ---- What counts as the same
// ---------------------------------------------------------------------

enum class Compare {
  kBytes,
  kTime,       // integers may be a little apart; -1 and -2 not
  kUnordered,  // elements in any order
  kPairs,      // keys with their values, in any order
  kScan,       // the cursor, and elements in any order
  kScanPairs,
  kType,  // only the type of the reply
};

Compare ComparisonOf(const Line& line) {
  struct Row {
    std::string_view name;
    Compare compare;
  };
  static constexpr Row kRows[] = {
      {"ttl", Compare::kTime},        {"pttl", Compare::kTime},
      {"expiretime", Compare::kTime}, {"pexpiretime", Compare::kTime},
      {"keys", Compare::kUnordered},  {"hkeys", Compare::kUnordered},
      {"hvals", Compare::kUnordered}, {"hgetall", Compare::kPairs},
      {"scan", Compare::kScan},       {"hscan", Compare::kScanPairs},
      {"hello", Compare::kType},      {"memory", Compare::kType},
  };
  // Cursors other than 0 mean what the one who gave them out says.
  if (IsWord(line[0], "hscan") && line.size() > 2 && line[2] != "0") return Compare::kType;
  for (const Row& row : kRows) {
    if (IsWord(line[0], row.name)) return row.compare;
  }
  return Compare::kBytes;
}

std::vector<RespValue> Sorted(const std::vector<RespValue>& values, size_t unit) {
  std::vector<std::vector<std::string>> units;
  for (size_t i = 0; i + unit <= values.size(); i += unit) {
    units.emplace_back();
    for (size_t j = 0; j < unit; ++j) units.back().push_back(values[i + j].text);
  }
  std::sort(units.begin(), units.end());
  std::vector<RespValue> sorted;
  for (const auto& each : units) {
    for (const std::string& text : each) sorted.push_back({'$', false, text, {}});
  }
  return sorted;
}

bool SameTime(const RespValue& a, const RespValue& b) {
  if (a.type != ':' || b.type != ':') return a == b;
  const long long x = std::stoll(a.text), y = std::stoll(b.text);
  if (x < 0 || y < 0) return x == y;
  return std::llabs(x - y) < 10'000;  // of a slow machine; deadlines here are days apart
}

bool Same(Compare compare, const std::string& ours, const std::string& theirs) {
  if (ours == theirs) return true;
  if (compare == Compare::kBytes || ours.empty() || theirs.empty()) return false;
  const RespValue a = ParseReply(ours), b = ParseReply(theirs);
  if (a.type != b.type || a.null != b.null || a.elements.size() != b.elements.size()) return false;
  if (a.type == '-') return false;
  switch (compare) {
    case Compare::kBytes:
      return false;
    case Compare::kTime:
      return SameTime(a, b);
    case Compare::kUnordered:
      return Sorted(a.elements, 1) == Sorted(b.elements, 1);
    case Compare::kPairs:
      return Sorted(a.elements, 2) == Sorted(b.elements, 2);
    case Compare::kScan:
    case Compare::kScanPairs: {
      const size_t unit = compare == Compare::kScan ? 1 : 2;
      if (a.elements.size() != 2) return false;
      // A walk that is not at its end has seen other elements on either side.
      if (a.elements[0].text != "0" || b.elements[0].text != "0") return true;
      return Sorted(a.elements[1].elements, unit) == Sorted(b.elements[1].elements, unit);
    }
    case Compare::kType:
      return true;
  }
  return false;
}

// ---- Random commands
// -----------------------------------------------------------------------------

// Numbers are chosen so that no deadline falls into the time of the test: 2000000000 is 23 days in
// milliseconds, 63 years in seconds, and longer than any string may be.
const std::vector<std::string> kValues = {"",
                                          "0",
                                          "-1",
                                          "-7",
                                          "2000000000",
                                          "-2000000000",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "9223372036854775808",
                                          "1.5",
                                          "-0",
                                          "01",
                                          " 0",
                                          "+0",
                                          "0x10",
                                          "1e3",
                                          "inf",
                                          "nan",
                                          "abc",
                                          "ABC",
                                          "0 ",
                                          "5000000000000",
                                          "9223372036854775",
                                          std::string("\0\r\n\xff", 4),
                                          std::string(44, 'x'),
                                          std::string(45, 'y'),
                                          std::string(64, 'z'),
                                          std::string(65, 'w'),
                                          std::string(300, 'v')};
const std::vector<std::string> kKeys = {"k0", "k1", "k2", "k3", "k4", "k5", "", "with space"};
const std::vector<std::string> kFloatKeys = {"f0", "f1"};
const std::vector<std::string> kFields = {"a", "b", "c", "d", "", std::string(65, 'q')};
const std::vector<std::string> kPlaces = {"0", "1", "2", "3", "10", "-1", "-2", "-3", "-10", "40"};
const std::vector<std::string> kTimes = {"2000000000",
                                         "2000000001",
                                         "1999999999",
                                         "0",
                                         "-1",
                                         "-2000000000",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "9223372036854775",
                                         "9223372036854776",
                                         "5000000000000",
                                         "abc",
                                         ""};
const std::vector<std::string> kPatterns = {"*",    "k*",    "k?", "[k-z]0", "*0", "k[^0]",
                                            "\\k1", "nokey", "",   "k[",     "**", "?*"};
const std::vector<std::string> kSetWords = {"NX", "XX",   "GET",  "KEEPTTL", "EX",
                                            "PX", "EXAT", "PXAT", "PERSIST", "foo"};
const std::vector<std::string> kExpireWords = {"NX", "XX", "GT", "LT", "foo"};

// A template's upper-case letters stand for a random argument of a kind, everything else for
// itself.
const std::vector<std::string> kTemplates = {
    "set K V",
    "set K V",
    "set K V",
    "set K V S",
    "set K V S S",
    "set K V S T",
    "set K V S T S",
    "get K",
    "get K",
    "getex K",
    "getex K S",
    "getex K S T",
    "getdel K",
    "getset K V",
    "mget K K K",
    "mset K V K V",
    "msetnx K V K V",
    "setnx K V",
    "setex K T V",
    "psetex K T V",
    "incr K",
    "decr K",
    "incrby K V",
    "decrby K V",
    "incrbyfloat F V",
    "append K V",
    "strlen K",
    "setrange K P V",
    "getrange K P P",
    "substr K P P",
    "del K",
    "del K K",
    "unlink K K",
    "exists K K K",
    "type K",
    "rename K K",
    "renamenx K K",
    "keys G",
    "scan 0 count 1000",
    "scan 0 match G count 1000",
    "scan 0 count 1000 type string",
    "scan 0 type hash count 1000",
    "scan V",
    "touch K K",
    "expire K T",
    "pexpire K T",
    "expireat K T",
    "pexpireat K T",
    "expire K T E",
    "pexpire K T E",
    "expireat K T E E",
    "pexpireat K T E E",
    "ttl K",
    "pttl K",
    "expiretime K",
    "pexpiretime K",
    "persist K",
    "hset K H V",
    "hset K H V H V",
    "hmset K H V",
    "hsetnx K H V",
    "hget K H",
    "hmget K H H H",
    "hgetall K",
    "hkeys K",
    "hvals K",
    "hdel K H",
    "hdel K H H H H",
    "hlen K",
    "hexists K H",
    "hstrlen K H",
    "hincrby K H V",
    "hincrbyfloat K H V",
    "hscan K 0",
    "hscan K 0 match G",
    "hscan K 0 count V",
    "hscan K V",
    "object encoding K",
    "object refcount K",
    "object freq K",
    "memory usage K",
    "memory usage K samples V",
    "dbsize",
    "echo V",
    "ping",
    "ping V",
    "select V",
    "config get V",
    "get F",
    "object V K",
    "client getname",
    "client setname V",
    "V",
    "V V V",
    "type F",
    "strlen F",
    "getdel F",
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  Line Next() {
    Line line;
    std::string_view rest = Pick(kTemplates);
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      line.push_back(Argument(std::string(rest.substr(0, end))));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    Mutate(line);
    return line;
  }

 private:
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[random_() % from.size()];
  }

  std::string Argument(const std::string& token) {
    if (token == "K") return Pick(kKeys);
    if (token == "F") return Pick(kFloatKeys);
    if (token == "V") return Pick(kValues);
    if (token == "H") return Pick(kFields);
    if (token == "P") return Pick(kPlaces);
    if (token == "T") return Pick(kTimes);
    if (token == "G") return Pick(kPatterns);
    if (token == "S") return AnyCase(Pick(kSetWords));
    if (token == "E") return AnyCase(Pick(kExpireWords));
    return AnyCase(token);
  }

  std::string AnyCase(std::string word) {
    for (char& c : word) {
      const int byte = static_cast<unsigned char>(c);
      c = static_cast<char>(random_() % 2 == 0 ? std::toupper(byte) : std::tolower(byte));
    }
    return word;
  }

  // One line in eight has an argument too few, too many or of another kind.
  void Mutate(Line& line) {
    switch (random_() % 24) {
      case 0:
        if (line.size() > 1) line.pop_back();
        break;
      case 1:
        line.push_back(Pick(kValues));
        break;
      case 2:
        if (line.size() > 2) line[2 + random_() % (line.size() - 2)] = Pick(kValues);
        break;
      default:
        break;
    }
  }

  std::mt19937_64 random_;
};

// Lines that mean something else here, or nothing that could be compared.
bool Excluded(const Line& line) {
  const std::string_view name = line[0];
  if (IsWord(name, "ping") && line.size() == 1) return false;
  // Other values than these select databases that a node does not have.
  if (IsWord(name, "select")) return line.size() == 2 && line[1] != "0" && line[1] != "abc";
  // Redis has parameters that a node has not.
  if (IsWord(name, "config")) return true;
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
    const bool same = Same(ComparisonOf(line), ours, theirs);
    EXPECT_TRUE(same) << Shown(line) << "\n  ours   " << testing::PrintToString(ours.substr(0, 600))
                      << "\n  theirs " << testing::PrintToString(theirs.substr(0, 600));
    errors_ += ours.starts_with('-') ? 1 : 0;
    return same;
  }

  void RunRandom(uint64_t seed, int lines) {
    Generator generator(seed);
    for (int i = 0; i < lines; ++i) {
      const Line line = generator.Next();
      if (Excluded(line)) continue;
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

Line Split(std::string_view text) {
  Line line;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    line.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return line;
}

TEST_F(Differential, ChosenCommandsGetTheSameReplies) {
  for (const char* line : {"auth",
                           "auth x",
                           "auth default x",
                           "auth someone x",
                           "auth a b c",
                           "hello 4",
                           "hello x",
                           "hello 3 foo",
                           "hello 3 auth default",
                           "hello 2 setname",
                           "hello 3",
                           "client trackinginfo",
                           "client getname",
                           "hello 2",
                           "client trackinginfo",
                           "client",
                           "client foo",
                           "client reply",
                           "client reply foo",
                           "client no-evict",
                           "client no-evict x",
                           "client no-evict on",
                           "client tracking",
                           "client tracking off",
                           "client kill foo",
                           "client kill id x",
                           "client kill id 99999",
                           "client kill id",
                           "client kill type foo",
                           "client kill user foo",
                           "client kill skipme foo",
                           "client kill id 0",
                           "client list id x",
                           "client list foo",
                           "client list type foo",
                           "client list type pubsub",
                           "client getredir",
                           "client setname me",
                           "client getname",
                           "reset",
                           "client getname",
                           "client reply on",
                           "config",
                           "config foo",
                           "config get",
                           "config set hz",
                           "config set hz x",
                           "config set nosuch 1",
                           "config set hz 1 hz 2",
                           "config set hz 10 timeout",
                           "config set maxmemory-policy foo",
                           "config set lazyfree-lazy-expire maybe",
                           "config set maxmemory 1x",
                           "config set databases 3",
                           "config set timeout -1",
                           "config set notify-keyspace-events q",
                           "config set notify-keyspace-events Exg",
                           "config get notify-keyspace-events",
                           "config set notify-keyspace-events AKE",
                           "config get notify-keyspace-events",
                           "config set save 900",
                           "config get save",
                           "config set maxmemory-policy ALLKEYS-LFU",
                           "config get maxmemory-policy",
                           "set k v",
                           "object refcount k",
                           "config set maxmemory-policy allkeys-lru",
                           "set n 5",
                           "object refcount n",
                           "config set maxmemory 1gb",
                           "config get maxmemory",
                           "set n 5",
                           "object refcount n",
                           "config set maxmemory 0",
                           "config set maxmemory-policy noeviction",
                           "config resetstat x",
                           "config resetstat",
                           "command count x",
                           "command foo",
                           "command docs nosuch",
                           "command getkeys",
                           "command getkeys get a",
                           "command getkeys ping a",
                           "command getkeys nosuch x",
                           "command getkeys get x y",
                           "command getkeys mset a 1 b 2",
                           "command getkeys object encoding k",
                           "command getkeys config get x",
                           "command getkeys config foo x",
                           "command list foo",
                           "command list filterby foo bar",
                           "command info nosuch",
                           "debug foo",
                           "debug",
                           "debug sleep",
                           "debug sleep 0",
                           "debug set-active-expire",
                           "debug set-active-expire 0",
                           "debug reload",
                           "exists k",
                           "memory",
                           "memory foo",
                           "memory usage",
                           "memory usage nokey",
                           "object",
                           "object foo",
                           "object help",
                           "object freq k",
                           "config help x",
                           "flushall x",
                           "flushall sync x",
                           "flushdb async",
                           "exists k",
                           "flushall sync",
                           "time x",
                           "dbsize x",
                           "info x",
                           "randomkey",
                           "randomkey x",
                           "quit"}) {
    RunBoth(Split(line));
  }
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
