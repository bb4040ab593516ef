#include "api/resp/protocol/reply.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace dcs::resp {
namespace {

std::string Written(int protocol, const std::function<void(Reply&)>& write) {
  std::string out;
  Reply reply(out, protocol);
  write(reply);
  return out;
}

struct Case {
  std::string_view what;
  std::function<void(Reply&)> write;
  std::string_view resp2;
  std::string_view resp3;
};

TEST(Reply, WritesEveryTypeInBothProtocols) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Case cases[] = {
      {"simple", [](Reply& r) { r.Simple("PONG"); }, "+PONG\r\n", "+PONG\r\n"},
      {"error", [](Reply& r) { r.Error("ERR no"); }, "-ERR no\r\n", "-ERR no\r\n"},
      {"integer", [](Reply& r) { r.Integer(-7); }, ":-7\r\n", ":-7\r\n"},
      {"bulk",
       [](Reply& r) {
         r.Bulk({"a\r\n\0b", 5});
       },
       {"$5\r\na\r\n\0b\r\n", 11},
       {"$5\r\na\r\n\0b\r\n", 11}},
      {"empty bulk", [](Reply& r) { r.Bulk(""); }, "$0\r\n\r\n", "$0\r\n\r\n"},
      {"bulk integer", [](Reply& r) { r.BulkInteger(12); }, "$2\r\n12\r\n", "$2\r\n12\r\n"},
      {"null", [](Reply& r) { r.Null(); }, "$-1\r\n", "_\r\n"},
      {"null array", [](Reply& r) { r.NullArray(); }, "*-1\r\n", "_\r\n"},
      {"array", [](Reply& r) { r.Array(2); }, "*2\r\n", "*2\r\n"},
      {"map", [](Reply& r) { r.Map(2); }, "*4\r\n", "%2\r\n"},
      {"set", [](Reply& r) { r.Set(3); }, "*3\r\n", "~3\r\n"},
      {"double", [](Reply& r) { r.Double(1.5); }, "$3\r\n1.5\r\n", ",1.5\r\n"},
      {"infinity", [=](Reply& r) { r.Double(-kInfinity); }, "$4\r\n-inf\r\n", ",-inf\r\n"},
      {"true", [](Reply& r) { r.Bool(true); }, ":1\r\n", "#t\r\n"},
      {"false", [](Reply& r) { r.Bool(false); }, ":0\r\n", "#f\r\n"},
      {"verbatim", [](Reply& r) { r.Verbatim("txt", "hi"); }, "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(Written(2, each.write), each.resp2) << each.what;
    EXPECT_EQ(Written(3, each.write), each.resp3) << each.what;
  }
}

TEST(Reply, ErrorsStayOnOneLine) {
  EXPECT_EQ(Written(2, [](Reply& r) { r.Error("ERR a\r\nb\nc"); }), "-ERR a  b c\r\n");
}

TEST(Reply, AnArraysSizeMayBeKnownLater) {
  std::string out = "+before\r\n";
  Reply reply(out);
  const size_t start = reply.BeginArray();
  for (int i = 0; i < 12; ++i) reply.Integer(i);
  reply.EndArray(start, 12);
  EXPECT_TRUE(out.starts_with("+before\r\n*12\r\n:0\r\n:1\r\n")) << out;
  EXPECT_TRUE(out.ends_with(":11\r\n")) << out;
}

TEST(Reply, WhatWasWrittenCanBeTakenBack) {
  std::string out;
  Reply reply(out);
  reply.Ok();
  const size_t mark = reply.mark();
  reply.Bulk("old value");
  const size_t after = reply.mark();
  reply.Error("ERR failed");
  EXPECT_TRUE(reply.IsErrorAt(after));
  reply.Drop(mark, after);
  EXPECT_EQ(out, "+OK\r\n-ERR failed\r\n");
  reply.Rewind(mark);
  EXPECT_EQ(out, "+OK\r\n");
}

}  // namespace
}  // namespace dcs::resp
