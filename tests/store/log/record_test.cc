#include "store/log/record.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr size_t kLengthBorders[] = {0, 1, 2, 126, 127, 128, 129, 16383, 16384, 16385};

// Writes the record, checks that not one byte more is touched, and reads it again.
void ExpectRoundTrip(const RecordSpec& spec) {
  const size_t bytes = RecordBytes(spec);
  std::vector<std::byte> memory(RoundUp(bytes, kRecordUnit) + 8, std::byte{0xEE});
  WriteRecord(memory.data(), spec);
  for (size_t i = bytes; i < memory.size(); ++i) ASSERT_EQ(memory[i], std::byte{0xEE});
  const RecordView view = ReadRecord(memory.data());
  EXPECT_EQ(view.kind, spec.kind);
  EXPECT_EQ(view.out_of_line_deadline, spec.out_of_line_deadline);
  EXPECT_EQ(view.padded_length, spec.padded_length);
  if (spec.out_of_line_deadline) {
    EXPECT_EQ(view.deadline, spec.deadline);
  }
  EXPECT_EQ(view.key, spec.key);
  EXPECT_EQ(view.value, std::string(spec.head) + std::string(spec.tail));
  EXPECT_EQ(view.padded_bytes(memory.data()), RoundUp(bytes, kRecordUnit));
}

TEST(RecordTest, KeepsKeysAndValuesAtEveryBorderOfTheirLengths) {
  for (const size_t key_bytes : kLengthBorders) {
    for (const size_t value_bytes : kLengthBorders) {
      const std::string key(key_bytes, 'k'), value(value_bytes, 'v');
      for (const bool out_of_line : {false, true}) {
        for (const bool padded : {false, true}) {
          RecordSpec spec;
          spec.kind = RecordKind::kRawString;
          spec.out_of_line_deadline = out_of_line;
          spec.padded_length = padded;
          spec.key = key;
          spec.head = value;
          spec.deadline = kNoDeadline - 1;
          ExpectRoundTrip(spec);
        }
      }
    }
  }
}

TEST(RecordTest, AShortKeyAndValueCostThreeBytes) {
  RecordSpec spec;
  const std::string text(127, 'x');
  spec.key = text;
  spec.head = text;
  EXPECT_EQ(RecordBytes(spec), 3u + 2 * 127);
  spec.out_of_line_deadline = true;
  EXPECT_EQ(RecordBytes(spec), 11u + 2 * 127);
  spec.padded_length = true;
  EXPECT_EQ(RecordBytes(spec), 15u + 2 * 127);
}

TEST(RecordTest, RandomRecordsComeBackAsTheyWere) {
  SeededRandom random(TestSeed(3));
  for (int i = 0; i < 20'000; ++i) {
    std::string texts[3];
    for (std::string& text : texts) {
      text.resize(random.OneIn(10) ? random.Below(20'000) : random.Below(140));
      for (char& c : text) c = static_cast<char>(random.Next());
    }
    RecordSpec spec;
    spec.kind = random.OneIn(2) ? RecordKind::kPlainString : RecordKind::kRawString;
    spec.out_of_line_deadline = random.OneIn(3);
    spec.padded_length = random.OneIn(3);
    spec.key = texts[0];
    spec.head = texts[1];
    spec.tail = texts[2];
    spec.deadline = static_cast<TimeMs>(random.Next());
    ExpectRoundTrip(spec);
    if (HasFailure()) return;
  }
}

TEST(RecordTest, APaddedLengthChangesInPlaceAndNothingElseDoes) {
  std::vector<std::byte> memory(300'000, std::byte{'v'});
  const std::string key(200, 'k');
  for (const bool out_of_line : {false, true}) {
    RecordSpec spec;
    spec.padded_length = true;
    spec.out_of_line_deadline = out_of_line;
    spec.deadline = 77;
    spec.key = key;
    spec.head = "vv";
    WriteRecord(memory.data(), spec);
    for (const size_t length :
         {size_t{0}, size_t{127}, size_t{128}, size_t{16384}, size_t{270'000}}) {
      SetPaddedValueLength(memory.data(), length);
      const RecordView view = ReadRecord(memory.data());
      EXPECT_EQ(view.value, std::string(length, 'v'));
      EXPECT_EQ(view.key, key);
      EXPECT_TRUE(view.padded_length);
      if (out_of_line) {
        EXPECT_EQ(view.deadline, 77);
      }
    }
  }
}

TEST(RecordTest, AShortValueIsWrittenOverWhereItTakesAsMuchRoom) {
  const std::string key = "key";
  for (size_t before = 0; before <= kMaxShortLength; ++before) {
    for (size_t after = 0; after <= kMaxShortLength; ++after) {
      const std::string old_value(before, 'o'), value(after, 'n');
      RecordSpec spec;
      spec.kind = RecordKind::kRawString;
      spec.key = key;
      spec.head = old_value;
      const size_t room = RoundUp(RecordBytes(spec), kRecordUnit);
      std::vector<std::byte> memory(room + 32, std::byte{0xEE});
      WriteRecord(memory.data(), spec);
      spec.head = value;
      const bool fits = RoundUp(RecordBytes(spec), kRecordUnit) == room;
      ASSERT_EQ(
          OverwriteShort(memory.data(), ReadRecord(memory.data()), RecordKind::kPlainString, value),
          fits)
          << before << " to " << after;
      const RecordView view = ReadRecord(memory.data());
      ASSERT_EQ(view.kind, fits ? RecordKind::kPlainString : RecordKind::kRawString);
      ASSERT_EQ(view.key, key);
      ASSERT_EQ(view.value, fits ? value : old_value);
      for (size_t i = room; i < memory.size(); ++i) ASSERT_EQ(memory[i], std::byte{0xEE});
    }
  }
}

TEST(RecordTest, APaddedLengthHoldsTheLargestValue) {
  std::vector<std::byte> memory(64);
  RecordSpec spec;
  spec.padded_length = true;
  spec.key = "k";
  WriteRecord(memory.data(), spec);
  SetPaddedValueLength(memory.data(), kMaxLength);
  EXPECT_EQ(ReadRecord(memory.data()).value.size(), kMaxLength);
}

TEST(RecordTest, TheKindOfAStringChangesInPlace) {
  std::vector<std::byte> memory(64);
  RecordSpec spec;
  spec.out_of_line_deadline = true;
  spec.key = "key";
  spec.head = "value";
  spec.deadline = 5;
  WriteRecord(memory.data(), spec);
  SetStringKind(memory.data(), RecordKind::kRawString);
  const RecordView view = ReadRecord(memory.data());
  EXPECT_EQ(view.kind, RecordKind::kRawString);
  EXPECT_EQ(view.deadline, 5);
  EXPECT_EQ(view.key, "key");
  EXPECT_EQ(view.value, "value");
}

TEST(RecordTest, AHeapValueIsItsPointer) {
  auto* const pointer = reinterpret_cast<HeapValue*>(uintptr_t{0x1234'5678'9ABC});
  std::vector<std::byte> memory(64);
  RecordSpec spec;
  spec.kind = RecordKind::kHeap;
  spec.key = "h";
  spec.head = {reinterpret_cast<const char*>(&pointer), sizeof(pointer)};
  EXPECT_EQ(RecordBytes(spec), 12u);
  WriteRecord(memory.data(), spec);
  EXPECT_EQ(ReadRecord(memory.data()).heap(), pointer);
}

}  // namespace
}  // namespace dcs::store
