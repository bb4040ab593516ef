#include "api/resp/protocol/output_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

namespace dcs::resp {
namespace {

constexpr size_t kBlock = OutputQueue::kBlockBytes;

TEST(OutputQueue, SmallReplies_AreOneBlock) {
  OutputQueue queue;
  EXPECT_TRUE(queue.empty());
  queue.open() += "+OK\r\n";
  queue.CloseLarge();
  queue.open() += ":1\r\n";
  queue.CloseLarge();
  EXPECT_EQ(queue.front(), "+OK\r\n:1\r\n");
  queue.Consume(5);
  EXPECT_EQ(queue.front(), ":1\r\n");
  EXPECT_EQ(queue.size(), 4u);
  queue.Consume(4);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.front(), "");
}

TEST(OutputQueue, LargeBlock_StaysInPlaceWhileOthersFollow) {
  OutputQueue queue;
  queue.open().assign(kBlock, 'a');
  queue.CloseLarge();
  const char* bytes = queue.front().data();
  queue.Consume(100);
  for (int i = 0; i < 100; ++i) {
    queue.open().append(kBlock, 'b');
    queue.CloseLarge();
  }
  EXPECT_EQ(queue.front().data(), bytes + 100);
  EXPECT_EQ(queue.size(), 101 * kBlock - 100);
}

TEST(OutputQueue, PartlyWrittenOpenBlock_IsClosedWithWhatIsLeft) {
  OutputQueue queue;
  queue.open().assign(kBlock - 1, 'a');
  queue.CloseLarge();
  queue.Consume(kBlock - 2);
  queue.open() += "bc";
  queue.CloseLarge();
  EXPECT_EQ(queue.front(), "abc");
  queue.open() += "d";
  queue.Consume(3);
  EXPECT_EQ(queue.front(), "d");
  EXPECT_EQ(queue.size(), 1u);
}

TEST(OutputQueue, WrittenBlock_ServesAgain) {
  OutputQueue queue;
  queue.open().assign(kBlock, 'a');
  const char* bytes = queue.open().data();
  queue.CloseLarge();
  queue.Consume(kBlock);
  EXPECT_EQ(queue.open().data(), bytes);
  EXPECT_TRUE(queue.open().empty());
  queue.Release(kBlock / 2);
  EXPECT_LT(queue.open().capacity(), kBlock / 2);
}

TEST(OutputQueue, RandomWritesAndReads_KeepTheBytesInOrder) {
  std::mt19937 random(1);
  OutputQueue queue;
  std::string expected;
  for (int i = 0; i < 2'000; ++i) {
    const size_t added = random() % (i % 50 == 0 ? 3 * kBlock : 20'000);
    const std::string reply(added, static_cast<char>('a' + i % 26));
    queue.open() += reply;
    queue.CloseLarge();
    expected += reply;
    size_t wanted = random() % 40'000;
    while (wanted > 0 && !queue.empty()) {
      const size_t count = std::min(wanted, queue.front().size());
      ASSERT_GT(count, 0u);
      ASSERT_EQ(queue.front().substr(0, count), std::string_view(expected).substr(0, count));
      queue.Consume(count);
      expected.erase(0, count);
      wanted -= count;
    }
    ASSERT_EQ(queue.size(), expected.size());
  }
}

}  // namespace
}  // namespace dcs::resp
