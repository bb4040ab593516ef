#include "store/values/packed_buffer.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "store/values/encoding_limits.h"
#include "tests/failing_allocation.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

using Texts = std::vector<std::string>;

std::string TextAt(const PackedBuffer& buffer, PackedBuffer::Position at) {
  TextOrInteger::Digits digits;
  return std::string(buffer.At(at).Text(digits));
}

Texts Forward(const PackedBuffer& buffer) {
  Texts texts;
  for (auto at = buffer.begin(); at != buffer.end(); at = buffer.Next(at)) {
    texts.push_back(TextAt(buffer, at));
  }
  return texts;
}

Texts Backward(const PackedBuffer& buffer) {
  Texts texts;
  for (auto at = buffer.end(); at != buffer.begin();) {
    at = buffer.Previous(at);
    texts.push_back(TextAt(buffer, at));
  }
  return texts;
}

PackedBuffer Of(const Texts& texts) {
  PackedBuffer buffer;
  for (const std::string& text : texts) buffer.Append(text);
  return buffer;
}

// What an element takes in a Redis 7 listpack: encoding, contents, back length.
size_t ListpackBytes(const std::string& text) {
  size_t bytes;
  if (const auto value = ParseInteger(text)) {
    const auto fits = [&](int bits) {
      return *value >= -(int64_t{1} << (bits - 1)) && *value < int64_t{1} << (bits - 1);
    };
    bytes = *value >= 0 && *value <= 127 ? 1
            : fits(13)                   ? 2
            : fits(16)                   ? 3
            : fits(24)                   ? 4
            : fits(32)                   ? 5
                                         : 9;
  } else {
    bytes = text.size() + (text.size() < 64 ? 1 : text.size() < 4096 ? 2 : 5);
  }
  return bytes + (bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : 4);
}

// The size class in which jemalloc allocates, up to some megabytes.
size_t JemallocBytes(size_t bytes) {
  if (bytes <= 8) return 8;
  size_t step = 16;
  while (bytes > 8 * step) step *= 2;
  return (bytes + step - 1) / step * step;
}

TEST(PackedBufferTest, AnEmptyBufferHasNoBlock) {
  PackedBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.bytes(), 0u);
  EXPECT_EQ(buffer.begin(), buffer.end());
  EXPECT_EQ(buffer.AtIndex(0), buffer.end());
  EXPECT_EQ(buffer.Find(Needle("a"), buffer.begin()), buffer.end());
  buffer.Append("a");
  EXPECT_FALSE(buffer.empty());
  const auto after = buffer.Erase(buffer.begin());
  EXPECT_EQ(after, buffer.end());
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.bytes(), 0u);
}

TEST(PackedBufferTest, KeepsOrderAndEveryByte) {
  PackedBuffer buffer = Of({"b", std::string("\0x\xFF", 3), ""});
  buffer.Prepend("a");
  EXPECT_EQ(buffer.size(), 4u);
  const Texts expected = {"a", "b", std::string("\0x\xFF", 3), ""};
  EXPECT_EQ(Forward(buffer), expected);
  EXPECT_EQ(Backward(buffer), Texts(expected.rbegin(), expected.rend()));
}

TEST(PackedBufferTest, KeepsTextsOfEveryLengthClass) {
  Texts texts;
  for (const size_t length :
       {0,      1,      62,     63,     64,        65,        124,       125,
        126,    127,    128,    4094,   4095,      4096,      4097,      16'376,
        16'377, 16'378, 16'379, 16'380, 2'097'144, 2'097'146, 2'097'148, 3'000'000}) {
    texts.emplace_back(length, static_cast<char>('a' + length % 26));
  }
  const PackedBuffer buffer = Of(texts);
  EXPECT_EQ(Forward(buffer), texts);
  EXPECT_EQ(Backward(buffer), Texts(texts.rbegin(), texts.rend()));
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(TextAt(buffer, buffer.AtIndex(i)), texts[i]);
    EXPECT_EQ(buffer.Find(Needle(texts[i]), buffer.begin()), buffer.AtIndex(i));
  }
}

TEST(PackedBufferTest, KeepsIntegersOfEverySize) {
  Texts texts = {"0", "127", "128", "-1", "4095", "4096", "-4096", "-4097"};
  for (int bit = 6; bit < 63; ++bit) {
    for (const int64_t offset : {-1, 0, 1}) {
      texts.push_back(std::to_string((int64_t{1} << bit) + offset));
      texts.push_back(std::to_string(-(int64_t{1} << bit) + offset));
    }
  }
  texts.push_back(std::to_string(std::numeric_limits<int64_t>::max()));
  texts.push_back(std::to_string(std::numeric_limits<int64_t>::min()));
  const PackedBuffer buffer = Of(texts);
  EXPECT_EQ(Forward(buffer), texts);
  EXPECT_EQ(Backward(buffer), Texts(texts.rbegin(), texts.rend()));
  for (auto at = buffer.begin(); at != buffer.end(); at = buffer.Next(at)) {
    ASSERT_TRUE(buffer.At(at).is_integer());
    EXPECT_EQ(std::to_string(buffer.At(at).integer()), TextAt(buffer, at));
    EXPECT_EQ(buffer.At(at).size(), TextAt(buffer, at).size());
  }
}

TEST(PackedBufferTest, TextsThatAreNotCanonicalIntegersStayTexts) {
  const Texts texts = {"00",
                       "-0",
                       "+1",
                       "01",
                       " 1",
                       "1 ",
                       "1.0",
                       "-",
                       "9223372036854775808",
                       "-9223372036854775809",
                       "1e3",
                       std::string("1\0", 2)};
  const PackedBuffer buffer = Of(texts);
  EXPECT_EQ(Forward(buffer), texts);
  for (auto at = buffer.begin(); at != buffer.end(); at = buffer.Next(at)) {
    EXPECT_FALSE(buffer.At(at).is_integer());
  }
}

TEST(PackedBufferTest, IsNeverLargerThanAListpack) {
  SeededRandom random(TestSeed(71));
  PackedBuffer buffer;
  size_t listpack = 7;
  for (int i = 0; i < 5'000; ++i) {
    const uint64_t kind = random.Below(3);
    const std::string text =
        kind == 0   ? std::to_string(static_cast<int64_t>(random.Next() >> random.Below(64)))
        : kind == 1 ? std::string(random.Below(30), 'x')
                    : std::string(random.OneIn(50) ? random.Below(20'000) : random.Below(200), 'y');
    EXPECT_LE(PackedBuffer::BytesOf(text), ListpackBytes(text)) << text;
    listpack += ListpackBytes(text);
    buffer.Append(text);
    ASSERT_LE(buffer.used_bytes(), listpack);
    ASSERT_LE(buffer.bytes(), JemallocBytes(listpack));
    ASSERT_LE(buffer.bytes(), buffer.used_bytes() + std::max<size_t>(8, buffer.used_bytes() / 16));
  }
}

TEST(PackedBufferTest, AtIndexCountsFromBothEnds) {
  const PackedBuffer buffer = Of({"0", "1", "2", "3", "4"});
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(TextAt(buffer, buffer.AtIndex(i)), std::to_string(i));
  }
  EXPECT_EQ(buffer.AtIndex(5), buffer.end());
}

TEST(PackedBufferTest, FindSkipsValues) {
  const PackedBuffer buffer = Of({"a", "b", "b", "7", "7", "a"});
  const auto find = [&](std::string_view text, size_t from, size_t skip) {
    const auto at = buffer.Find(Needle(text), buffer.AtIndex(from), skip);
    size_t index = 0;
    for (auto before = buffer.begin(); before != at; before = buffer.Next(before)) ++index;
    return index;
  };
  EXPECT_EQ(find("b", 0, 1), 2u);
  EXPECT_EQ(find("b", 0, 0), 1u);
  EXPECT_EQ(find("7", 0, 1), 4u);
  EXPECT_EQ(find("7", 0, 0), 3u);
  EXPECT_EQ(find("07", 0, 0), 6u);
  EXPECT_EQ(find("a", 1, 0), 5u);
  EXPECT_EQ(find("a", 2, 1), 6u);
}

TEST(PackedBufferTest, AnElementEqualsItsText) {
  const PackedBuffer buffer = Of({"12", "twelve", "012"});
  EXPECT_TRUE(buffer.At(buffer.AtIndex(0)) == "12");
  EXPECT_FALSE(buffer.At(buffer.AtIndex(0)) == "012");
  EXPECT_TRUE(buffer.At(buffer.AtIndex(1)) == "twelve");
  EXPECT_TRUE(buffer.At(buffer.AtIndex(2)) == "012");
  EXPECT_FALSE(buffer.At(buffer.AtIndex(2)) == "12");
  EXPECT_TRUE(TextOrInteger(std::string_view("12")) == "12");
  EXPECT_TRUE(TextOrInteger(std::string_view()) == "");
}

TEST(PackedBufferTest, SplitAndAppendMoveElements) {
  PackedBuffer buffer = Of({"a", "1", "b", "2"});
  PackedBuffer tail = buffer.Split(buffer.AtIndex(1));
  EXPECT_EQ(Forward(buffer), (Texts{"a"}));
  EXPECT_EQ(Forward(tail), (Texts{"1", "b", "2"}));
  buffer.Append(tail);
  EXPECT_EQ(Forward(buffer), (Texts{"a", "1", "b", "2"}));
  EXPECT_TRUE(buffer.Split(buffer.end()).empty());
  PackedBuffer all = buffer.Split(buffer.begin());
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(all.size(), 4u);
  buffer.Append(PackedBuffer());
  EXPECT_TRUE(buffer.empty());
}

TEST(PackedBufferTest, MovesLeaveTheSourceEmpty) {
  PackedBuffer buffer = Of({"a", "b"});
  PackedBuffer moved(std::move(buffer));
  EXPECT_TRUE(buffer.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(Forward(moved), (Texts{"a", "b"}));
  buffer.Append("c");
  buffer = std::move(moved);
  EXPECT_EQ(Forward(buffer), (Texts{"a", "b"}));
}

TEST(PackedBufferTest, RefusesToGrowBeyondItsLimit) {
  PackedBuffer buffer = Of({"a"});
  // Never touched, so it takes no memory.
  constexpr size_t kBytes = PackedBuffer::kMaxBytes;
  void* const mapped = mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  EXPECT_THROW(buffer.Append(std::string_view(static_cast<const char*>(mapped), kBytes)),
               std::bad_alloc);
  EXPECT_EQ(Forward(buffer), (Texts{"a"}));
  munmap(mapped, kBytes);
}

// Random operations on a buffer and on a vector. Each runs with failing allocations as well.
class PackedBufferModel {
 public:
  explicit PackedBufferModel(uint64_t seed) : random_(seed) {}

  void Run(int operations) {
    for (int i = 0; i < operations; ++i) {
      Step();
      Check();
      if (::testing::Test::HasFailure()) FAIL() << "at operation " << i;
    }
  }

 private:
  void Step() {
    const size_t index = random_.Below(texts_.size() + 1);
    const auto at = texts_.begin() + static_cast<ptrdiff_t>(index);
    const uint64_t dice = random_.Below(100);
    if (dice < 45 || texts_.empty()) {
      Texts added(1 + (random_.OneIn(3) ? random_.Below(4) : 0));
      for (std::string& text : added) text = SomeText();
      const std::vector<std::string_view> views(added.begin(), added.end());
      Change([&] { buffer_.Insert(buffer_.AtIndex(index), views); });
      texts_.insert(at, added.begin(), added.end());
    } else if (dice < 60 && at != texts_.end()) {
      const std::string text = SomeText();
      Change([&] { buffer_.Replace(buffer_.AtIndex(index), text); });
      *at = text;
    } else if (dice < 97) {
      const size_t left = texts_.size() - index;
      const size_t count = random_.OneIn(50) ? left : std::min(left, random_.Below(4));
      const auto after = EraseWithoutMemory(index, count);
      texts_.erase(at, at + static_cast<ptrdiff_t>(count));
      EXPECT_EQ(after, buffer_.AtIndex(index));
    } else {
      PackedBuffer tail;
      Change([&] { tail = buffer_.Split(buffer_.AtIndex(index)); });
      const Texts moved(at, texts_.end());
      EXPECT_EQ(Forward(tail), moved);
      texts_.erase(at, texts_.end());
      Check();
      Change([&] { buffer_.Append(tail); });
      texts_.insert(texts_.end(), moved.begin(), moved.end());
    }
  }

  // The change fails with its first allocation, then with its second, and so on, and leaves all as it was.
  template <typename Operation>
  void Change(Operation operation) {
    for (uint64_t n = random_.OneIn(2) ? 1 : 100;; ++n) {
      bool done = true;
      {
        const FailingAllocation failing(n);
        try {
          operation();
        } catch (const std::bad_alloc&) {
          done = false;
        }
      }
      if (done) return;
      Check();
    }
  }

  PackedBuffer::Position EraseWithoutMemory(size_t index, size_t count) {
    const auto first = buffer_.AtIndex(index);
    if (!random_.OneIn(3)) return buffer_.Erase(first, count);
    const ExhaustedMemory exhausted(1);
    return buffer_.Erase(first, count);
  }

  void Check() {
    ASSERT_EQ(buffer_.size(), texts_.size());
    ASSERT_EQ(Forward(buffer_), texts_);
    ASSERT_EQ(Backward(buffer_), Texts(texts_.rbegin(), texts_.rend()));
    ASSERT_GE(buffer_.bytes(), texts_.empty() ? 0 : buffer_.used_bytes());
    if (texts_.empty()) return;
    const std::string& wanted = texts_[random_.Below(texts_.size())];
    const auto found = std::find(texts_.begin(), texts_.end(), wanted) - texts_.begin();
    ASSERT_EQ(buffer_.Find(Needle(wanted), buffer_.begin()),
              buffer_.AtIndex(static_cast<size_t>(found)));
  }

  std::string SomeText() {
    const uint64_t kind = random_.Below(10);
    if (kind < 5) return std::to_string(static_cast<int64_t>(random_.Next() >> random_.Below(64)));
    if (kind == 5) return std::to_string(random_.Below(300)) + " ";
    const size_t length = random_.OneIn(20) ? random_.Below(5'000) : random_.Below(80);
    return std::string(length, static_cast<char>('a' + random_.Below(3)));
  }

  SeededRandom random_;
  PackedBuffer buffer_;
  Texts texts_;
};

TEST(PackedBufferTest, BehavesAsAVectorUnderRandomUse) {
  const uint64_t seed = TestSeed(72);
  for (uint64_t round = 0; round < 20; ++round) {
    PackedBufferModel model(seed + round);
    ASSERT_NO_FATAL_FAILURE(model.Run(1'000)) << "round " << round;
  }
}

TEST(PackedBufferTest, ABlockThatCannotShrinkStays) {
  PackedBuffer buffer = Of({"a", std::string(1'000, 'x'), "b"});
  const size_t before = buffer.bytes();
  {
    const ExhaustedMemory exhausted(1);
    buffer.Erase(buffer.AtIndex(1));
  }
  EXPECT_EQ(buffer.bytes(), before);
  EXPECT_EQ(Forward(buffer), (Texts{"a", "b"}));
  buffer.Append("c");  // with memory again, the block fits its contents again
  EXPECT_LT(buffer.bytes(), 32u);
  EXPECT_EQ(Forward(buffer), (Texts{"a", "b", "c"}));
}

TEST(PackedBufferTest, BytesAreThoseAskedOfTheAllocator) {
  // A growth that asks for one byte more than allowed fails; with that byte it succeeds.
  SeededRandom random(TestSeed(73));
  for (int i = 0; i < 300; ++i) {
    const std::string text(random.Below(3'000), 'x');
    const size_t bytes = Of({"a", text}).bytes();
    PackedBuffer buffer = Of({"a"});
    if (bytes == buffer.bytes()) continue;
    FailAllocations({.over_bytes = bytes - 1});
    EXPECT_THROW(buffer.Append(text), std::bad_alloc);
    FailAllocations({.over_bytes = bytes});
    buffer.Append(text);
    StopFailing();
    EXPECT_EQ(buffer.bytes(), bytes);
  }
}

TEST(EncodingLimitsTest, DefaultsAreThoseOfRedis) {
  const EncodingLimits limits;
  EXPECT_EQ(limits.hash_max_listpack_entries, 512u);
  EXPECT_EQ(limits.hash_max_listpack_value, 64u);
  EXPECT_EQ(limits.list_max_listpack_size, -2);
  EXPECT_EQ(limits.set_max_intset_entries, 512u);
  EXPECT_EQ(limits.zset_max_listpack_entries, 128u);
  EXPECT_EQ(limits.zset_max_listpack_value, 64u);
}

}  // namespace
}  // namespace dcs::store
