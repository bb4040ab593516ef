#include "api/resp/protocol/input_buffer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace dcs::resp {
namespace {

void Receive(InputBuffer& buffer, std::string_view bytes) {
  const std::span<char> room = buffer.Prepare(bytes.size());
  ASSERT_GE(room.size(), bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  buffer.Commit(bytes.size());
}

TEST(InputBuffer, GivesBackWhatWasReceivedInOrder) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  InputBuffer buffer;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    std::string bytes(random() % 200, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    Receive(buffer, bytes);
    expected += bytes;
    const size_t consumed = random() % (expected.size() + 1);
    buffer.Consume(consumed);
    expected.erase(0, consumed);
    ASSERT_EQ(buffer.unread(), expected);
  }
}

TEST(InputBuffer, UsesConsumedRoomAgainInsteadOfGrowing) {
  InputBuffer buffer;
  Receive(buffer, std::string(1000, 'a'));
  const size_t capacity = buffer.capacity();
  for (int i = 0; i < 100; ++i) {
    buffer.Consume(990);
    Receive(buffer, std::string(990, 'b'));
  }
  EXPECT_EQ(buffer.capacity(), capacity);
}

TEST(InputBuffer, Consume_DuringARead_KeepsTheRoomOfTheRead) {
  InputBuffer buffer;
  Receive(buffer, "first");
  const std::span<char> room = buffer.Prepare(100);
  buffer.Consume(5);
  std::memcpy(room.data(), "second", 6);
  buffer.Commit(6);
  EXPECT_EQ(buffer.unread(), "second");
  EXPECT_EQ(buffer.unread().data(), room.data());
}

TEST(InputBuffer, ReleasesLargeMemoryOnlyWhenEmpty) {
  InputBuffer buffer;
  Receive(buffer, std::string(100000, 'a'));
  buffer.Release(1000);
  EXPECT_EQ(buffer.unread().size(), 100000u);
  buffer.Consume(100000);
  buffer.Release(1 << 20);
  EXPECT_GE(buffer.capacity(), 100000u);
  buffer.Release(1000);
  EXPECT_EQ(buffer.capacity(), 0u);
  Receive(buffer, "again");
  EXPECT_EQ(buffer.unread(), "again");
}

}  // namespace
}  // namespace dcs::resp
