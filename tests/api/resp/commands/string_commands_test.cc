#include <gtest/gtest.h>

#include "tests/api/resp/session.h"
#include "tests/failing_allocation.h"

namespace dcs::resp {
namespace {

std::string ExpireError(std::string_view command) {
  return Err("ERR invalid expire time in '" + std::string(command) + "' command");
}

TEST(Set, StoresAnyBytes) {
  Session s;
  const std::string bytes("\0\r\n\xff", 4);
  EXPECT_EQ(s.Run({"SET", bytes, bytes}), kOk);
  EXPECT_EQ(s.Run({"GET", bytes}), Bulk(bytes));
  EXPECT_EQ(s.Run({"SET", "", ""}), kOk);
  EXPECT_EQ(s.Run({"GET", ""}), Bulk(""));
}

TEST(Set, ReplacesWhateverWasThereAndItsDeadline) {
  Session s;
  s.Do("HSET k f v");
  s.Do("EXPIRE k 100");
  EXPECT_EQ(s.Do("SET k v"), kOk);
  EXPECT_EQ(s.Do("GET k"), Bulk("v"));
  EXPECT_EQ(s.Do("TTL k"), Int(-1));
}

TEST(Set, KeepsTheDeadlineWhereAsked) {
  Session s;
  s.Do("SET k v PX 5000");
  EXPECT_EQ(s.Do("SET k w KEEPTTL"), kOk);
  EXPECT_EQ(s.Do("PTTL k"), Int(5000));
  EXPECT_EQ(s.Do("SET new w KEEPTTL"), kOk);
  EXPECT_EQ(s.Do("PTTL new"), Int(-1));
}

TEST(Set, DoesNotTakeOverTheDeadlineOfAnExpiredKey) {
  Session s(/*release_on_access=*/false);
  s.Do("SET k v PX 10");
  s.Advance(11);
  EXPECT_EQ(s.Do("SET k w KEEPTTL"), kOk);
  EXPECT_EQ(s.Do("PTTL k"), Int(-1));
  EXPECT_EQ(s.Do("GET k"), Bulk("w"));
}

TEST(Set, AcceptsDeadlinesInFourForms) {
  Session s;
  s.Do("SET a v EX 10");
  s.Do("SET b v PX 1500");
  s.Run({"SET", "c", "v", "EXAT", std::to_string(kStartTime / 1000 + 20)});
  s.Run({"SET", "d", "v", "PXAT", std::to_string(kStartTime + 1)});
  EXPECT_EQ(s.Do("PTTL a"), Int(10000));
  EXPECT_EQ(s.Do("PTTL b"), Int(1500));
  EXPECT_EQ(s.Do("PTTL c"), Int(20000));
  EXPECT_EQ(s.Do("PTTL d"), Int(1));
}

TEST(Set, IsVisibleAtItsLastMillisecondAndNotAfter) {
  Session s;
  s.Do("SET k v PX 100");
  s.Advance(100);
  EXPECT_EQ(s.Do("GET k"), Bulk("v"));
  s.Advance(1);
  EXPECT_EQ(s.Do("GET k"), kNil);
}

TEST(Set, WithADeadlineInThePastDeletes) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(s.Do("SET k w PXAT 1"), kOk);
  EXPECT_EQ(s.Do("EXISTS k"), Int(0));
  EXPECT_EQ(s.Do("DBSIZE"), Int(0));
}

TEST(Set, ObeysNxAndXx) {
  Session s;
  EXPECT_EQ(s.Do("SET k v XX"), kNil);
  EXPECT_EQ(s.Do("SET k v NX"), kOk);
  EXPECT_EQ(s.Do("SET k w NX"), kNil);
  EXPECT_EQ(s.Do("SET k w xx"), kOk);
  EXPECT_EQ(s.Do("GET k"), Bulk("w"));
}

TEST(Set, TreatsAnExpiredKeyAsAbsentForNxAndXx) {
  for (const bool release_on_access : {true, false}) {
    Session s(release_on_access);
    s.Do("SET a v PX 10");
    s.Do("SET b v PX 10");
    s.Advance(11);
    EXPECT_EQ(s.Do("SET a w XX"), kNil);
    EXPECT_EQ(s.Do("SET b w NX"), kOk);
    EXPECT_EQ(s.Do("GET b"), Bulk("w"));
    EXPECT_EQ(s.Do("TTL b"), Int(-1));
  }
}

TEST(Set, ReturnsTheOldValueWhereAsked) {
  Session s;
  EXPECT_EQ(s.Do("SET k v GET"), kNil);
  EXPECT_EQ(s.Do("SET k w GET"), Bulk("v"));
  EXPECT_EQ(s.Do("SET k x NX GET"), Bulk("w"));
  EXPECT_EQ(s.Do("GET k"), Bulk("w"));
  s.Do("HSET h f v");
  EXPECT_EQ(s.Do("SET h x GET"), kWrongTypeReply);
  EXPECT_EQ(s.Do("TYPE h"), "+hash\r\n");
}

TEST(Set, RefusesOptionsThatContradictEachOther) {
  Session s;
  for (const char* line :
       {"SET k v NX XX", "SET k v EX 1 PX 1", "SET k v KEEPTTL EX 1", "SET k v EX 1 KEEPTTL",
        "SET k v EX", "SET k v FOO", "SET k v PERSIST", "SET k v EXAT 1 PXAT 1"}) {
    EXPECT_EQ(s.Do(line), kSyntaxReply) << line;
  }
  EXPECT_EQ(s.Do("SET k v EX 5 EX 6"), kOk) << "the same one twice is fine";
  EXPECT_EQ(s.Do("TTL k"), Int(6));
}

TEST(Set, RefusesTimesThatAreNone) {
  Session s;
  EXPECT_EQ(s.Do("SET k v EX x"), kNotIntegerReply);
  for (const char* line : {"SET k v EX 0", "SET k v PX -1", "SET k v EX 9223372036854775807",
                           "SET k v PX 9223372036854775807", "SET k v EXAT 9223372036854776"}) {
    EXPECT_EQ(s.Do(line), ExpireError("set")) << line;
  }
  EXPECT_EQ(s.Do("EXISTS k"), Int(0));
}

TEST(SetEx, SetsValueAndDeadline) {
  Session s;
  EXPECT_EQ(s.Do("SETEX a 10 v"), kOk);
  EXPECT_EQ(s.Do("PSETEX b 10 v"), kOk);
  EXPECT_EQ(s.Do("PTTL a"), Int(10000));
  EXPECT_EQ(s.Do("PTTL b"), Int(10));
  EXPECT_EQ(s.Do("SETEX a 0 v"), ExpireError("setex"));
  EXPECT_EQ(s.Do("PSETEX a -1 v"), ExpireError("psetex"));
}

TEST(SetNx, SetsOnlyWhatIsAbsentOrExpired) {
  Session s;
  EXPECT_EQ(s.Do("SETNX k v"), Int(1));
  EXPECT_EQ(s.Do("SETNX k w"), Int(0));
  s.Do("PEXPIRE k 10");
  s.Advance(11);
  EXPECT_EQ(s.Do("SETNX k x"), Int(1));
  EXPECT_EQ(s.Do("TTL k"), Int(-1));
}

TEST(Get, RefusesOtherTypes) {
  Session s;
  s.Do("HSET h f v");
  for (const char* line : {"GET h", "GETEX h", "GETDEL h", "GETSET h v", "STRLEN h", "APPEND h x",
                           "GETRANGE h 0 1", "SETRANGE h 0 x"}) {
    EXPECT_EQ(s.Do(line), kWrongTypeReply) << line;
  }
  EXPECT_EQ(s.Do("HGET h f"), Bulk("v"));
}

TEST(GetEx, ChangesTheDeadline) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(s.Do("GETEX k PX 50"), Bulk("v"));
  EXPECT_EQ(s.Do("PTTL k"), Int(50));
  EXPECT_EQ(s.Do("GETEX k"), Bulk("v"));
  EXPECT_EQ(s.Do("PTTL k"), Int(50));
  EXPECT_EQ(s.Do("GETEX k PERSIST"), Bulk("v"));
  EXPECT_EQ(s.Do("PTTL k"), Int(-1));
  EXPECT_EQ(s.Do("GETEX k EX 0"), ExpireError("getex"));
  EXPECT_EQ(s.Do("GETEX k NX"), kSyntaxReply);
  EXPECT_EQ(s.Do("GETEX k EX 1 PERSIST"), kSyntaxReply);
  EXPECT_EQ(s.Do("GETEX nokey EX 1"), kNil);
}

TEST(GetEx, WithADeadlineInThePastReturnsTheValueAndDeletes) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(s.Do("GETEX k PXAT 1"), Bulk("v"));
  EXPECT_EQ(s.Do("EXISTS k"), Int(0));
}

TEST(GetDel, TakesTheValueAway) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(s.Do("GETDEL k"), Bulk("v"));
  EXPECT_EQ(s.Do("GETDEL k"), kNil);
}

TEST(GetSet, ReturnsTheOldValueAndClearsTheDeadline) {
  Session s;
  EXPECT_EQ(s.Do("GETSET k v"), kNil);
  s.Do("EXPIRE k 10");
  EXPECT_EQ(s.Do("GETSET k w"), Bulk("v"));
  EXPECT_EQ(s.Do("TTL k"), Int(-1));
}

TEST(MGet, SkipsWhatIsAbsentExpiredOrNoString) {
  Session s;
  s.Do("MSET a 1 b 2 c 3");
  s.Do("HSET h f v");
  s.Do("PEXPIRE b 10");
  s.Advance(11);
  EXPECT_EQ(s.Do("MGET a b h nokey c a"), "*6\r\n" + Bulk("1") + std::string(kNil) +
                                              std::string(kNil) + std::string(kNil) + Bulk("3") +
                                              Bulk("1"));
}

TEST(MSet, AcceptsOnlyPairs) {
  Session s;
  EXPECT_EQ(s.Do("MSET a 1 b"), Err("ERR wrong number of arguments for 'mset' command"));
  EXPECT_EQ(s.Do("MSETNX a 1 b"), Err("ERR wrong number of arguments for 'msetnx' command"));
  EXPECT_EQ(s.Do("EXISTS a"), Int(0));
  EXPECT_EQ(s.Do("MSET a 1 a 2"), kOk);
  EXPECT_EQ(s.Do("GET a"), Bulk("2"));
}

TEST(MSetNx, SetsAllOrNone) {
  Session s;
  EXPECT_EQ(s.Do("MSETNX a 1 b 2"), Int(1));
  EXPECT_EQ(s.Do("MSETNX c 1 b 3"), Int(0));
  EXPECT_EQ(s.Do("EXISTS c"), Int(0));
  s.Do("PEXPIRE a 10");
  s.Do("PEXPIRE b 10");
  s.Advance(11);
  EXPECT_EQ(s.Do("MSETNX c 1 b 3"), Int(1)) << "an expired key is no key";
}

TEST(Append, LengthensAndKeepsTheDeadline) {
  Session s;
  EXPECT_EQ(s.Do("APPEND k ab"), Int(2));
  s.Do("PEXPIRE k 100");
  EXPECT_EQ(s.Do("APPEND k cd"), Int(4));
  EXPECT_EQ(s.Do("GET k"), Bulk("abcd"));
  EXPECT_EQ(s.Do("PTTL k"), Int(100));
  s.Advance(101);
  EXPECT_EQ(s.Do("APPEND k x"), Int(1)) << "an expired string is not continued";
  EXPECT_EQ(s.Do("PTTL k"), Int(-1));
}

TEST(GetRange, CutsAsRedisDoes) {
  Session s;
  s.Run({"SET", "k", "This is a string"});
  EXPECT_EQ(s.Do("GETRANGE k 0 3"), Bulk("This"));
  EXPECT_EQ(s.Do("GETRANGE k -3 -1"), Bulk("ing"));
  EXPECT_EQ(s.Do("GETRANGE k 0 -1"), Bulk("This is a string"));
  EXPECT_EQ(s.Do("GETRANGE k 10 100"), Bulk("string"));
  EXPECT_EQ(s.Do("GETRANGE k 5 3"), Bulk(""));
  EXPECT_EQ(s.Do("GETRANGE k -1 -5"), Bulk(""));
  EXPECT_EQ(s.Do("GETRANGE k -100 0"), Bulk("T"));
  EXPECT_EQ(s.Do("GETRANGE k -9223372036854775808 9223372036854775807"), Bulk("This is a string"));
  EXPECT_EQ(s.Do("GETRANGE nokey 0 -1"), Bulk(""));
  EXPECT_EQ(s.Do("GETRANGE k x 1"), kNotIntegerReply);
  EXPECT_EQ(s.Do("SUBSTR k 0 0"), Bulk("T"));
}

TEST(SetRange, OverwritesAndPadsWithZeros) {
  Session s;
  EXPECT_EQ(s.Do("SETRANGE k 3 xy"), Int(5));
  EXPECT_EQ(s.Do("GET k"), Bulk(std::string("\0\0\0xy", 5)));
  s.Do("PEXPIRE k 100");
  EXPECT_EQ(s.Do("SETRANGE k 0 abc"), Int(5));
  EXPECT_EQ(s.Do("GET k"), Bulk("abcxy"));
  EXPECT_EQ(s.Do("PTTL k"), Int(100));
  EXPECT_EQ(s.Run({"SETRANGE", "none", "5", ""}), Int(0));
  EXPECT_EQ(s.Do("EXISTS none"), Int(0));
}

TEST(SetRange, WritesIntoALongString) {
  Session s;
  std::string value(400'000, 'a');
  s.Run({"SET", "k", value, "EX", "100"});
  const auto set = [&](size_t at, std::string_view part) {
    if (value.size() < at + part.size()) value.resize(at + part.size(), '\0');
    value.replace(at, part.size(), part);
    EXPECT_EQ(s.Run({"SETRANGE", "k", std::to_string(at), part}),
              Int(static_cast<int64_t>(value.size())));
    EXPECT_EQ(s.Do("GET k"), Bulk(value));
  };
  set(0, "first");
  set(200'000, "in the middle");
  set(399'998, "over the end");
  set(500'000, "behind a gap");
  set(3'000'000, "behind a gap that needs another mapping");
  EXPECT_EQ(s.Do("TTL k"), Int(100));
  EXPECT_EQ(s.Do("OBJECT ENCODING k"), Bulk("raw"));
}

// As Redis: its time must not depend on the length of the string.
TEST(SetRange, DoesNotCopyALongString) {
  Session s;
  s.Run({"SET", "k", std::string(1'000'000, 'a')});
  std::string out;
  out.reserve(1000);
  const std::string_view set[] = {"SETRANGE", "k", "500000", "xyz"};
  const std::string_view append[] = {"APPEND", "k", ""};
  s.Do("APPEND k x");  // from now on a raw string
  Reply reply(out);
  {
    const ExhaustedMemory exhausted(1);
    Execute(s.state(), s.client(), set, reply);
    Execute(s.state(), s.client(), append, reply);
  }
  EXPECT_EQ(out, Int(1'000'001) + Int(1'000'001));
  EXPECT_EQ(s.Do("GETRANGE k 499999 500003"), Bulk("axyza"));
}

TEST(SetRange, RefusesWhatDoesNotFit) {
  Session s;
  EXPECT_EQ(s.Do("SETRANGE k -1 x"), Err("ERR offset is out of range"));
  const std::string too_long = Err("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  EXPECT_EQ(s.Do("SETRANGE k 536870912 x"), too_long);
  EXPECT_EQ(s.Do("SETRANGE k 9223372036854775807 x"), too_long);
  s.Do("CONFIG SET proto-max-bulk-len 1048576");
  s.Run({"SET", "k", std::string(1048576, 'a')});
  EXPECT_EQ(s.Do("APPEND k x"), too_long);
  EXPECT_EQ(s.Do("STRLEN k"), Int(1048576));
}

}  // namespace
}  // namespace dcs::resp
