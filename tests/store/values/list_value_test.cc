#include "store/values/list_value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "tests/failing_allocation.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

using End = ListValue::End;
using Side = ListValue::Side;
using Texts = std::vector<std::string>;
using Indices = std::vector<size_t>;

constexpr size_t kAll = std::numeric_limits<size_t>::max();

Texts Range(const ListValue& list, size_t first, size_t count) {
  Texts texts;
  list.ForRange(first, count, [&](std::string_view text) { texts.emplace_back(text); });
  return texts;
}
Texts All(const ListValue& list) { return Range(list, 0, list.size()); }

Indices Find(const ListValue& list, std::string_view text, End from, size_t most = kAll) {
  Indices found;
  list.FindAll(text, from, most, [&](size_t index) {
    found.push_back(index);
    return true;
  });
  return found;
}

ListValue& Fill(ListValue& list, const Texts& texts,
                const EncodingLimits& limits = kDefaultEncodingLimits) {
  for (const std::string& text : texts) list.Push(End::kBack, text, limits);
  return list;
}

EncodingLimits NodesOf(int size) {
  EncodingLimits limits;
  limits.list_max_listpack_size = size;
  return limits;
}

TEST(ListValueTest, PushesAndPopsAtBothEnds) {
  ListValue list;
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.bytes(), sizeof(ListValue));
  list.Push(End::kBack, "b");
  list.Push(End::kFront, "a");
  list.Push(End::kBack, "3");
  EXPECT_EQ(All(list), (Texts{"a", "b", "3"}));
  EXPECT_EQ(list.At(0), "a");
  EXPECT_EQ(list.At(2), "3");
  EXPECT_EQ(list.encoding(), "quicklist");
  list.Pop(End::kFront);
  list.Pop(End::kBack);
  EXPECT_EQ(All(list), (Texts{"b"}));
  list.Pop(End::kBack, 5);
  list.Pop(End::kBack);
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.bytes(), sizeof(ListValue));
}

TEST(ListValueTest, ASmallListIsOneBlock) {
  ListValue list;
  PackedBuffer packed;
  for (int i = 0; i < 100; ++i) {
    list.Push(End::kBack, std::to_string(i));
    packed.Append(std::to_string(i));
  }
  EXPECT_EQ(list.nodes(), 1u);
  EXPECT_EQ(list.bytes(), sizeof(ListValue) + packed.bytes());
}

TEST(ListValueTest, NodesStayWithinTheLimit) {
  const std::string text(98, 'x');  // 101 bytes in a node
  const struct {
    int size;
    size_t in_node;
  } cases[] = {{-1, 40}, {-2, 81}, {-3, 162}, {-4, 324}, {-5, 648},  {-100, 648},
               {1, 1},   {0, 1},   {7, 7},    {80, 80},  {1'000, 81}};
  for (const auto& [size, in_node] : cases) {
    for (const End end : {End::kFront, End::kBack}) {
      ListValue list;
      for (size_t i = 0; i < 10 * in_node; ++i) list.Push(end, text, NodesOf(size));
      EXPECT_EQ(list.nodes(), 10u) << size;
      list.Push(end, text, NodesOf(size));
      EXPECT_EQ(list.nodes(), 11u) << size;
    }
  }
}

TEST(ListValueTest, ATextOverTheLimitHasItsOwnNode) {
  ListValue list;
  const std::string big(100'000, 'x');
  Fill(list, {"a", big, "b", "c"});
  EXPECT_EQ(list.nodes(), 3u);
  EXPECT_TRUE(list.At(1) == big);
  list.Set(2, big);  // "c" must not move into its node
  EXPECT_EQ(list.nodes(), 4u);
  EXPECT_TRUE(list.At(2) == big);
  EXPECT_EQ(list.At(3), "c");
  list.Set(1, "small");
  list.Set(2, "small too");
  EXPECT_EQ(All(list), (Texts{"a", "small", "small too", "c"}));
  EXPECT_LT(list.bytes(), 1'000u);
}

TEST(ListValueTest, InsertsBesideTheFirstPivot) {
  ListValue list;
  Fill(list, {"a", "b", "a"});
  EXPECT_TRUE(list.InsertBeside("a", Side::kBefore, "first"));
  EXPECT_TRUE(list.InsertBeside("a", Side::kAfter, "second"));
  EXPECT_FALSE(list.InsertBeside("absent", Side::kAfter, "x"));
  EXPECT_EQ(All(list), (Texts{"first", "a", "second", "b", "a"}));
}

TEST(ListValueTest, RemovesFromEitherEnd) {
  ListValue list;
  Fill(list, {"x", "a", "x", "x", "b", "x"});
  EXPECT_EQ(list.Remove("x", End::kFront, 2), 2u);
  EXPECT_EQ(All(list), (Texts{"a", "x", "b", "x"}));
  EXPECT_EQ(list.Remove("x", End::kBack, 1), 1u);
  EXPECT_EQ(All(list), (Texts{"a", "x", "b"}));
  EXPECT_EQ(list.Remove("absent", End::kFront, kAll), 0u);
  EXPECT_EQ(list.Remove("x", End::kFront, kAll), 1u);
  EXPECT_EQ(list.Remove("a", End::kBack, kAll), 1u);
  EXPECT_EQ(list.Remove("b", End::kBack, kAll), 1u);
  EXPECT_EQ(list.size(), 0u);
}

TEST(ListValueTest, FindsFromEitherEnd) {
  ListValue list;
  Fill(list, {"7", "b", "7", "c", "7"}, NodesOf(2));
  EXPECT_EQ(Find(list, "7", End::kFront), (Indices{0, 2, 4}));
  EXPECT_EQ(Find(list, "7", End::kBack), (Indices{4, 2, 0}));
  EXPECT_EQ(Find(list, "7", End::kFront, 2), (Indices{0}));
  EXPECT_EQ(Find(list, "7", End::kBack, 3), (Indices{4, 2}));
  EXPECT_EQ(Find(list, "07", End::kFront), Indices{});
  Indices first;
  list.FindAll("7", End::kFront, kAll, [&](size_t index) {
    first.push_back(index);
    return false;
  });
  EXPECT_EQ(first, (Indices{0}));
}

TEST(ListValueTest, ARangePastTheEndIsCutOff) {
  ListValue list;
  Fill(list, {"a", "b", "c"}, NodesOf(1));
  EXPECT_EQ(Range(list, 1, 10), (Texts{"b", "c"}));
  EXPECT_EQ(Range(list, 3, 1), Texts{});
  EXPECT_EQ(Range(list, 0, 0), Texts{});
  list.Trim(1, 1);
  EXPECT_EQ(All(list), (Texts{"b"}));
  list.Trim(5, 1);
  EXPECT_EQ(list.size(), 0u);
}

TEST(ListValueTest, AnEmptiedListWeighsNothing) {
  for (const End end : {End::kFront, End::kBack}) {
    ListValue list;
    for (int i = 0; i < 20'000; ++i) list.Push(end, std::to_string(i));
    EXPECT_GT(list.nodes(), 5u);
    for (int i = 0; i < 20'000; ++i) list.Pop(End::kFront);
    EXPECT_EQ(list.bytes(), sizeof(ListValue));
  }
}

TEST(ListValueTest, AQueueKeepsItsSize) {
  ListValue list;
  for (int i = 0; i < 5'000; ++i) list.Push(End::kBack, std::to_string(i));
  const size_t before = list.bytes();
  for (int i = 5'000; i < 300'000; ++i) {
    list.Push(End::kBack, std::to_string(i));
    ASSERT_EQ(list.At(0), std::to_string(i - 5'000));
    list.Pop(End::kFront);
    ASSERT_LT(list.bytes(), 2 * before);
  }
}

// Random operations on a list and on a deque, each with one allocation failing after the other.
class ListModel {
 public:
  ListModel(uint64_t seed, bool fail) : random_(seed), fail_(fail) {}

  void Run(int operations) {
    for (int i = 0; i < operations; ++i) {
      if (i % 500 == 0) NewShape();
      Step();
      if (fail_ || i % 20 == 0) Check();
      if (::testing::Test::HasFailure()) FAIL() << "at operation " << i;
    }
    list_.Trim(0, 0);
    EXPECT_EQ(list_.bytes(), sizeof(ListValue));
  }

 private:
  void NewShape() {
    constexpr int kSizes[] = {-2, -1, 1, 2, 5, 100};
    limits_ = NodesOf(kSizes[random_.Below(std::size(kSizes))]);
    growing_ = random_.OneIn(2);
    long_texts_ = random_.OneIn(3);
  }

  void Step() {
    const uint64_t dice = random_.Below(100);
    const bool front = random_.OneIn(2);
    const End end = front ? End::kFront : End::kBack;
    const std::string text = SomeText();
    if (dice < (growing_ ? 45u : 25u) || texts_.empty()) {
      Change([&] { list_.Push(end, text, limits_); });
      texts_.insert(front ? texts_.begin() : texts_.end(), text);
    } else if (dice < 55) {
      Pop(end, front);
    } else if (dice < 65) {
      const size_t index = random_.Below(texts_.size());
      Change([&] { list_.Set(index, text, limits_); });
      texts_[index] = text;
    } else if (dice < 80) {
      Insert(text);
    } else if (dice < 90) {
      Remove(end, front);
    } else if (dice < 91) {
      Trim();
    } else {
      Read(end, front);
    }
  }

  void Pop(End end, bool front) {
    const size_t count = random_.OneIn(30) ? random_.Below(50) : 1;
    WithoutMemory([&] { list_.Pop(end, count); });
    for (size_t i = 0; i < count && !texts_.empty(); ++i) {
      front ? texts_.pop_front() : texts_.pop_back();
    }
  }

  void Insert(const std::string& text) {
    const std::string pivot = SomePresent();
    const bool before = random_.OneIn(2);
    Change([&] {
      if (!list_.InsertBeside(pivot, before ? Side::kBefore : Side::kAfter, text, limits_)) abort();
    });
    const auto at = std::find(texts_.begin(), texts_.end(), pivot);
    texts_.insert(before ? at : at + 1, text);
  }

  void Remove(End end, bool front) {
    const std::string text = SomePresent();
    const size_t count = random_.OneIn(2) ? kAll : 1 + random_.Below(3);
    size_t removed = 0;
    WithoutMemory([&] { removed = list_.Remove(text, end, count); });
    size_t expected = 0;
    std::deque<std::string> kept;
    const auto take = [&](std::string& element) {
      const bool equal = element == text && expected < count;
      expected += equal;
      if (!equal) front ? kept.push_back(element) : kept.push_front(element);
    };
    if (front) {
      std::for_each(texts_.begin(), texts_.end(), take);
    } else {
      std::for_each(texts_.rbegin(), texts_.rend(), take);
    }
    texts_ = kept;
    EXPECT_EQ(removed, expected);
  }

  void Trim() {
    const size_t first = random_.Below(texts_.size());
    const size_t count = random_.Below(texts_.size() - first + 1);
    WithoutMemory([&] { list_.Trim(first, count); });
    texts_ = std::deque<std::string>(texts_.begin() + static_cast<ptrdiff_t>(first),
                                     texts_.begin() + static_cast<ptrdiff_t>(first + count));
  }

  void Read(End end, bool front) {
    const size_t index = random_.Below(texts_.size());
    EXPECT_TRUE(list_.At(index) == texts_[index]);
    const size_t count = random_.Below(20);
    const auto at = texts_.begin() + static_cast<ptrdiff_t>(index);
    EXPECT_EQ(Range(list_, index, count),
              Texts(at, at + static_cast<ptrdiff_t>(std::min(count, texts_.size() - index))));
    const std::string text = SomePresent();
    const size_t most = random_.OneIn(2) ? kAll : random_.Below(texts_.size() + 2);
    Indices expected;
    for (size_t i = 0; i < std::min(most, texts_.size()); ++i) {
      const size_t place = front ? i : texts_.size() - 1 - i;
      if (texts_[place] == text) expected.push_back(place);
    }
    EXPECT_EQ(Find(list_, text, end, most), expected);
  }

  template <typename Operation>
  void Change(Operation operation) {
    const uint32_t changes = list_.changes();
    for (uint64_t n = fail_ ? 1 : 1'000;; ++n) {
      bool done = true;
      {
        const FailingAllocation failing(n);
        try {
          operation();
        } catch (const std::bad_alloc&) {
          done = false;
        }
      }
      if (done) break;
      Check();
    }
    EXPECT_NE(list_.changes(), changes);
  }

  template <typename Operation>
  void WithoutMemory(Operation operation) {
    if (!fail_) return operation();
    const ExhaustedMemory exhausted(1);
    operation();
  }

  void Check() {
    ASSERT_EQ(list_.size(), texts_.size());
    ASSERT_EQ(All(list_), Texts(texts_.begin(), texts_.end()));
    ASSERT_GE(list_.bytes(), sizeof(ListValue));
  }

  std::string SomePresent() { return texts_[random_.Below(texts_.size())]; }

  std::string SomeText() {
    if (random_.OneIn(2)) return std::to_string(random_.Below(40));
    size_t length = random_.Below(30);
    if (long_texts_ && random_.OneIn(5)) length = random_.Below(12'000);
    return std::string(length, static_cast<char>('a' + random_.Below(3)));
  }

  SeededRandom random_;
  const bool fail_;
  EncodingLimits limits_;
  bool growing_ = true, long_texts_ = false;
  ListValue list_;
  std::deque<std::string> texts_;
};

TEST(ListValueTest, BehavesAsADequeUnderRandomUse) {
  const uint64_t seed = TestSeed(81);
  for (uint64_t round = 0; round < 6; ++round) {
    ListModel model(seed + round, /*fail=*/false);
    ASSERT_NO_FATAL_FAILURE(model.Run(10'000)) << "round " << round;
  }
}

TEST(ListValueTest, BehavesAsADequeWhileAllocationsFail) {
  const uint64_t seed = TestSeed(82);
  for (uint64_t round = 0; round < 6; ++round) {
    ListModel model(seed + round, /*fail=*/true);
    ASSERT_NO_FATAL_FAILURE(model.Run(3'000)) << "round " << round;
  }
}

// Slots, nodes and the object, added up from the outside.
TEST(ListValueTest, BytesAreNearlyThoseOfTheNodes) {
  ListValue list;
  size_t texts = 0;
  for (size_t i = 0; i < 100'000; ++i) {
    const std::string text = "element " + std::to_string(i);
    texts += PackedBuffer::BytesOf(text);
    list.Push(i % 2 == 0 ? End::kBack : End::kFront, text);
  }
  EXPECT_GE(list.bytes(), texts);
  EXPECT_LT(list.bytes(), texts + texts / 16);
}

}  // namespace
}  // namespace dcs::store
