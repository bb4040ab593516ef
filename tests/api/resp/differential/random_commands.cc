#include "tests/api/resp/differential/random_commands.h"

#include <algorithm>
#include <cctype>

namespace dcs::resp {
namespace {

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
                                          "1\n",
                                          "99999999999",
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
// "new" stands for a time never given before (see NewTime).
const std::vector<std::string> kTimes = {"new",
                                         "new",
                                         "new",
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

// Upper-case letters stand for a random argument of a kind, everything else for itself.
constexpr std::string_view kTemplates =
    R"(set K V | set K V | set K V | set K V S | set K V S S | set K V S T | set K V S T S | get K
get K | getex K | getex K S | getex K S T | getdel K | getset K V | mget K K K | mset K V K V
set K V PXAT 1 | set K V PXAT 1 | set K V EXAT 1 S | set K V S PXAT 1 | getex K PXAT 1 | randomkey
scan 0 match G type string count 1000 | scan 0 match G type none count 1000 | scan 0 count 1
msetnx K V K V | setnx K V | setex K T V | psetex K T V | incr K | decr K | incrby K V
decrby K V | incrbyfloat F V | append K V | strlen K | setrange K P V | getrange K P P
substr K P P | del K | del K K | unlink K K | exists K K K | type K | rename K K | renamenx K K
keys G | scan 0 count 1000 | scan 0 match G count 1000 | scan 0 count 1000 type string
scan 0 type hash count 1000 | scan V | touch K K | expire K T | pexpire K T | expireat K T
pexpireat K T | expire K T E | pexpire K T E | expireat K T E E | pexpireat K T E E | ttl K
pttl K | expiretime K | pexpiretime K | persist K | hset K H V | hset K H V H V | hmset K H V
hsetnx K H V | hget K H | hmget K H H H | hgetall K | hkeys K | hvals K | hdel K H
hdel K H H H H | hlen K | hexists K H | hstrlen K H | hincrby K H V | hincrbyfloat K H V
hscan K 0 | hscan K 0 match G | hscan K 0 count V | hscan K V | object encoding K
object refcount K | object freq K | memory usage K | memory usage K samples V | dbsize | echo V
ping | ping V | select V | get F | object V K | client getname | client setname V
V | V V V | type F | strlen F | getdel F | object encoding F | object refcount F | incr F
append F V | set F V)";

}  // namespace

std::vector<CommandLine> SplitCommands(std::string_view text) {
  std::vector<CommandLine> lines(1);
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(" |\n"), text.size());
    if (end > 0) lines.back().emplace_back(text.substr(0, end));
    if (end < text.size() && text[end] != ' ' && !lines.back().empty()) lines.emplace_back();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

CommandLine RandomCommands::Next() {
  static const std::vector<CommandLine> templates = SplitCommands(kTemplates);
  CommandLine line;
  for (const std::string& token : templates[random_() % templates.size()]) {
    line.push_back(Argument(token));
  }
  Mutate(line);
  return line;
}

std::vector<std::string> RandomCommands::SomeKeys() {
  std::vector<std::string> keys;
  while (keys.size() < 4) keys.push_back(Pick(kKeys));
  return keys;
}

std::string RandomCommands::Argument(const std::string& token) {
  if (token == "K") return Pick(kKeys);
  if (token == "F") return Pick(kFloatKeys);
  if (token == "V") return Pick(kValues);
  if (token == "H") return Pick(kFields);
  if (token == "P") return Pick(kPlaces);
  if (token == "T") {
    const std::string& time = Pick(kTimes);
    return time == "new" ? NewTime() : time;
  }
  if (token == "G") return Pick(kPatterns);
  if (token == "S") return AnyCase(Pick(kSetWords));
  if (token == "E") return AnyCase(Pick(kExpireWords));
  return AnyCase(token);
}

std::string RandomCommands::NewTime() {
  constexpr uint64_t kCount = 1'000'003, kStep = 7919, kApart = 100'000;  // coprime
  return std::to_string(2'000'000'000 + ++times_ * kStep % kCount * kApart);
}

std::string RandomCommands::AnyCase(std::string word) {
  for (char& c : word) {
    const int byte = static_cast<unsigned char>(c);
    c = static_cast<char>(random_() % 2 == 0 ? std::toupper(byte) : std::tolower(byte));
  }
  return word;
}

// One line in eight has an argument too few, too many or of another kind.
void RandomCommands::Mutate(CommandLine& line) {
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

}  // namespace dcs::resp
