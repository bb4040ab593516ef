// Each command of the table in api/README.md ("What releases a key") on this front and on a real Redis,
// with active expiry off: the same reply, and the same DBSIZE, expired_keys, keyspace_hits and
// keyspace_misses after it.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "api/resp/commands/command_table.h"
#include "tests/api/resp/differential/both_servers.h"

namespace dcs::resp {
namespace {

// s, n, d, h live: a string, a number, a string with a deadline, a hash. xs, xn, xt, xh have expired: a
// string, two numbers, a hash. Other keys are absent.
constexpr std::string_view kLines =
    R"(get xs|get no|get s|get h|get xh|strlen xs|strlen s|strlen no|getrange xs 0 -1|getrange s 0 -1
substr no 0 0|substr xs 0 0|getex xs|getex s|getex no|getex s ex 100|getex s exat 1|getex xs ex 100
getex h ex 0|getex no ex 0|getex xs ex 0|getex s ex 0|getex xs persist|getex d persist|getdel xs|getdel s
getdel no|getdel h|getset xs v|getset s v|getset no v|getset h v|mget xs s no h xh|mget xs xs
set xs v|set s v|set no v|set h v|set xh v|set xs v nx|set s v nx|set xs v xx|set s v xx|set no v xx
set xs v get|set s v get|set no v get|set h v get|set xs v nx get|set s v nx get|set xs v xx get
set s v xx get|set xs v keepttl|set d v keepttl|set xs v pxat 1|set s v pxat 1|set no v pxat 1
set no v exat 1|set s v get pxat 1|set s v nx pxat 1|set no v nx pxat 1|set s v ex 0|set xs v ex 0
set h v pxat 1|set xs v foo|setex xs 100 v|setex s 100 v|setex xs 0 v|psetex xs 100000 v|psetex no 0 v
setnx xs v|setnx s v|setnx no v|setnx h v|mset xs 1 s 2|mset xs 1 xs 2|mset xs 1 xh 2|msetnx xs 1 s 2
msetnx xs 1 no 2|msetnx xs 1 xs 2|msetnx s 1 xs 2|append xs a|append s a|append no a|append h a
setrange xs 0 a|setrange s 0 a|setrange no 0 a|setrange xs -1 a|setrange xs 5000000000 a
setrange no 5000000000 a|setrange h 0 a|incr xn|incr n|incr no|incr s|incr h|incr xh|decr xn|decr n
incrby xn 3|incrby xn x|decrby xn 3|incrbyfloat xn 3|incrbyfloat xn x|incrbyfloat n x|incrbyfloat no x
incrby xn 9223372036854775807|del xs|del xs s no|del s|del xs xs|unlink xs|unlink xs s no|exists xs
exists s|exists no|exists xs xs s s no|touch xs|touch s|touch no|touch xs s no|type xs|type s|type no
ttl xs|ttl s|ttl d|ttl no|pttl xs|pttl d|pttl no|expiretime xs|expiretime d|pexpiretime xs|pexpiretime no
persist xs|persist d|persist s|persist no|expire xs 100|expire s 100|expire no 100|expire s -1
expire xs -1|expire s 0|pexpire s -1|pexpire xs 100000|expireat s 1|pexpireat s 1|pexpireat xs 1
expireat xs 1|expire xs 100 nx|expire d 5 gt|expire d 5 lt|expire d 5 xx|expire s 5 foo|expire xs 5 foo
expire xs x|expire d -1 gt|expire s -1 gt|expire s -1 lt|expire s -1 nx|rename xs y|rename s xs
rename xs s|rename xs xn|rename no xs|rename s s|rename xs xs|rename s y|rename h xs|rename s h
renamenx xs y|renamenx s xs|renamenx s h|renamenx xs xn|renamenx no xs|renamenx s s|renamenx xs xs
renamenx s y|renamenx h xh|keys *|keys x*|keys xs|scan 0 count 100|scan 0 match s* count 100
scan 0 match x* count 100|scan 0 match no* count 100|scan 0 match x[st] count 100
scan 0 count 100 type string|scan 0 count 100 type hash|scan 0 match x* count 100 type hash
scan 0 match s count 100 type string|scan 0 count 100 type none|scan 0 count 100 type foo
scan 0 match xs count 100 type hash|scan 0 type|scan 0 count 0|scan x|dbsize|hset xh a 1|hset h a 1
hset no a 1|hset xs a 1|hset s a 1|hset xh a|hmset xh a 1|hmset s a 1|hsetnx xh f 1|hsetnx h f 1
hsetnx no f 1|hsetnx s f 1|hget xh f|hget h f|hget h no|hget no f|hget s f|hget xs f|hmget xh f
hmget h f no|hmget no f g|hmget s f|hgetall xh|hgetall h|hgetall no|hgetall s|hkeys xh|hkeys h|hkeys no
hvals xh|hvals h|hvals no|hdel xh f|hdel h f|hdel no f|hdel h no|hdel s f|hlen xh|hlen h|hlen no|hlen s
hexists xh f|hexists h f|hexists no f|hexists h no|hstrlen xh f|hstrlen h f|hstrlen no f|hincrby xh n 1
hincrby h n 1|hincrby h f 1|hincrby no n 1|hincrby xh n x|hincrbyfloat xh n 1|hincrbyfloat h n 1
hincrbyfloat h f 1|hincrbyfloat no n x|hincrbyfloat xh n x|hincrbyfloat xh n inf|hscan xh 0|hscan h 0
hscan no 0|hscan s 0|hscan xh x|hscan xh 0 foo|hscan h 0 foo|hscan no 0 foo|object encoding xs
object encoding s|object encoding no|object encoding h|object refcount xs|object refcount no
object refcount s|object idletime xs|object idletime s|object idletime no|object freq xs|object freq s
object freq no|object encoding|object foo s|memory usage xs|memory usage s|memory usage xh
memory usage no|memory usage xs samples 0|memory usage xs samples -1|memory usage no samples x
memory usage xs foo|flushall|flushdb|debug reload|command getkeys get xs|get|get xs s|set xs)";

class ReleaseRuleDifferential : public BothServers {
 protected:
  bool Prepare() {
    for (const CommandLine& line : SplitCommands(
             "flushall|mset s v n 5|set d v ex 1000|hset h f v|mset xs v xn 5 xt 6|hset xh f v")) {
      if (!RunBoth(line)) return false;
    }
    return LetExpire({"xs", "xn", "xt", "xh"});
  }
};

TEST_F(ReleaseRuleDifferential, EachCommandReleasesAndCountsAsRedisDoes) {
  for (const CommandLine& line : SplitCommands(kLines)) {
    ASSERT_TRUE(Prepare());
    EXPECT_TRUE(RunBoth(line));
  }
}

// An empty argument, which SplitCommands cannot express.
TEST_F(ReleaseRuleDifferential, SetRangeOfNothingReleasesAnExpiredKey) {
  ASSERT_TRUE(Prepare());
  EXPECT_TRUE(RunBoth({"setrange", "xs", "0", ""}));
  EXPECT_TRUE(RunBoth({"setrange", "no", "0", ""}));
  EXPECT_TRUE(RunBoth({"append", "xn", ""}));
}

TEST_F(ReleaseRuleDifferential, RandomKeyReleasesAllIfNoneLives) {
  ASSERT_TRUE(RunBoth({"mset", "a", "1", "b", "2", "c", "3"}));
  ASSERT_TRUE(LetExpire({"a", "b", "c"}));
  EXPECT_TRUE(ParseReply(theirs_->Run({"randomkey"})).null);
  EXPECT_TRUE(ParseReply(ours_.Run({"randomkey"})).null);
  EXPECT_TRUE(RunBoth({"dbsize"})) << "and both have counted the same expired keys";
  EXPECT_EQ(ours_.effects().keys, 0);
}

TEST_F(ReleaseRuleDifferential, TheLinesHaveEveryCommandOnKeys) {
  std::set<std::string> tested = {"randomkey"};
  for (const CommandLine& line : SplitCommands(kLines)) {
    tested.insert(line[0]);
    if (line.size() > 1) tested.insert(line[0] + "|" + line[1]);
  }
  const auto check = [&](const Command& command) {
    if (command.keys.first == 0) return;
    EXPECT_TRUE(tested.contains(std::string(command.name))) << command.name;
  };
  for (const Command& command : Commands()) {
    check(command);
    for (const Command& subcommand : command.subcommands) check(subcommand);
  }
}

}  // namespace
}  // namespace dcs::resp
