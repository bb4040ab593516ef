#include "api/resp/protocol/output_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
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

std::shared_ptr<const std::string> Message(size_t bytes, char of = 'm') {
  return std::make_shared<const std::string>(bytes, of);
}

TEST(OutputQueue, Append_LargeMessage_SharesItsBytes) {
  OutputQueue one, other;
  const auto message = Message(OutputQueue::kSharedBytes);
  for (OutputQueue* queue : {&one, &other}) {
    queue->open() += "+OK\r\n";
    queue->Append(message);
    queue->open() += ":1\r\n";
    EXPECT_EQ(queue->size(), 9 + message->size());
    EXPECT_EQ(queue->closed_blocks(), 2u);
    EXPECT_EQ(queue->front(), "+OK\r\n");
    queue->Consume(5);
    EXPECT_EQ(queue->front().data(), message->data());
  }
  EXPECT_EQ(message.use_count(), 3);
  one.Consume(1);
  EXPECT_EQ(one.front().data(), message->data() + 1);
  one.Consume(message->size() - 1);
  EXPECT_EQ(one.front(), ":1\r\n");
  EXPECT_EQ(message.use_count(), 2) << "a written message is released";
}

TEST(OutputQueue, Append_SmallMessage_JoinsTheOpenBlock) {
  OutputQueue queue;
  queue.open() += "+OK\r\n";
  queue.Append(Message(3));
  EXPECT_EQ(queue.front(), "+OK\r\nmmm");
  EXPECT_EQ(queue.closed_blocks(), 0u);
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
    if (i % 3 == 0) {
      const auto message = Message(1 + random() % (2 * OutputQueue::kSharedBytes), '#');
      queue.Append(message);
      expected += *message;
    }
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
