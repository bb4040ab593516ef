#include "bench/side_by_side/reply_counter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dcs::bench {
namespace {

// Six replies: status, error, integer, a bulk string that contains a reply, nil, and an array with
// a nil, an empty array and a nested array.
constexpr std::string_view kStream =
    "+OK\r\n"
    "-ERR no such thing\r\n"
    ":-12\r\n"
    "$9\r\n+a\r\n-b\r\n$\r\n"
    "$-1\r\n"
    "*4\r\n$3\r\nabc\r\n*-1\r\n*0\r\n*2\r\n:1\r\n$0\r\n\r\n";
constexpr size_t kReplies = 6;

TEST(ReplyCounterTest, CountsEachReplyTypeOnce) {
  ReplyCounter counter;
  EXPECT_EQ(counter.Feed(kStream), kReplies);
  EXPECT_EQ(counter.nils(), 2u);
  EXPECT_EQ(counter.errors(), 1u);
  EXPECT_EQ(counter.first_error(), "ERR no such thing");
  EXPECT_FALSE(counter.broken());
}

TEST(ReplyCounterTest, AnySplit_CountsTheSame) {
  for (size_t first = 0; first <= kStream.size(); ++first) {
    for (size_t second = first; second <= kStream.size(); ++second) {
      ReplyCounter counter;
      size_t replies = counter.Feed(kStream.substr(0, first));
      replies += counter.Feed(kStream.substr(first, second - first));
      replies += counter.Feed(kStream.substr(second));
      ASSERT_EQ(replies, kReplies) << first << " " << second;
      ASSERT_EQ(counter.nils(), 2u) << first << " " << second;
      ASSERT_EQ(counter.first_error(), "ERR no such thing") << first << " " << second;
    }
  }
}

TEST(ReplyCounterTest, Reply_CountsAtItsLastByte) {
  ReplyCounter counter;
  EXPECT_EQ(counter.Feed("$2\r\nab\r"), 0u);
  EXPECT_EQ(counter.Feed("\n"), 1u);
  EXPECT_EQ(counter.Feed("*2\r\n+a\r\n"), 0u);
  EXPECT_EQ(counter.Feed("+b\r\n+c\r\n"), 2u);
}

TEST(ReplyCounterTest, InvalidReply_BreaksPermanently) {
  for (const std::string_view bytes :
       {"hello\r\n", "\r\n", "+OK\n", "$x\r\n", "$\r\n", "$-2\r\n", "*1x\r\n", "\n"}) {
    ReplyCounter counter;
    EXPECT_EQ(counter.Feed(bytes), 0u) << bytes;
    EXPECT_TRUE(counter.broken()) << bytes;
    EXPECT_EQ(counter.Feed("+OK\r\n"), 0u) << bytes;
  }
}

}  // namespace
}  // namespace dcs::bench
