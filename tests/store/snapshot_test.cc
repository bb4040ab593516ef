#include "store/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "store/key_hash.h"
#include "store/transaction.h"
#include "store/values/hash_value.h"
#include "store/values/list_value.h"
#include "store/values/set_value.h"
#include "store/values/sorted_set_value.h"
#include "store/values/type_table.h"
#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;

KeyspaceOptions Options(size_t shards = 2, uint64_t seed = 1) {
  return {.shards = shards,
          .seed = seed,
          .epoch = kNow - 1'000'000,
          .release_on_access = false,
          .lazy_free_thread = false,
          .max_segment_groups = 2,
          .max_chunk_bytes = 4096};
}

std::string Written(const Keyspace& keyspace) {
  std::stringbuf to;
  SnapshotSize size;
  EXPECT_TRUE(WriteSnapshot(keyspace, to, size).ok());
  EXPECT_EQ(size.bytes, to.str().size());
  return to.str();
}

absl::Status Read(const std::string& file, Keyspace& keyspace) {
  std::stringbuf from(file);
  return ReadSnapshot(from, keyspace, kNow);
}

// Every key with all that there is to know of it, expired ones too; each must be shown once.
std::map<std::string, std::string> Contents(const Keyspace& keyspace) {
  std::map<std::string, std::string> contents;
  uint64_t position = 0;
  do {
    position = keyspace.Visit(position, [&](const Entry& entry) {
      std::string text = std::to_string(entry.deadline) + " ";
      if (entry.type == ValueType::kString) {
        text += std::to_string(static_cast<int>(entry.form)) + " " + std::string(entry.string);
      } else {
        const TypeRow& row = RowOf(entry.type);
        std::vector<std::string> elements;  // of a large hash in no order
        size_t part_of_element = 0;
        row.walk(*entry.heap, [&](std::string_view part) {
          if (part_of_element++ % row.parts_of_element == 0) elements.emplace_back();
          elements.back() += std::string(part) + ";";
        });
        const std::string_view encoding = row.encoding(entry);
        if (encoding == "hashtable") std::sort(elements.begin(), elements.end());
        text += std::string(row.name) + " " + std::string(encoding) + " ";
        for (const std::string& element : elements) text += element;
      }
      EXPECT_TRUE(contents.emplace(entry.key, text).second) << entry.key;
    });
  } while (position != 0);
  return contents;
}

void SetHash(Keyspace& keyspace, const std::string& key, size_t fields, TimeMs deadline) {
  const HashedKey hashed = keyspace.Hash(key);
  Transaction txn(keyspace, kNow, hashed);
  HashValue* hash = *txn.FindOrMake<HashValue>(hashed);
  for (size_t i = 0; i < fields; ++i) hash->Set(NumberedKey(i), std::string(i % 100, 'f'));
  txn.SetDeadline(hashed, deadline);
}

void SetList(Keyspace& keyspace, const std::string& key, size_t elements, TimeMs deadline) {
  const HashedKey hashed = keyspace.Hash(key);
  Transaction txn(keyspace, kNow, hashed);
  ListValue* list = *txn.FindOrMake<ListValue>(hashed);
  for (size_t i = 0; i < elements; ++i) {
    const std::string text = i % 2 == 0 ? std::to_string(i) : std::string(i % 100, 'e');
    list->Push(i % 3 == 0 ? ListValue::End::kFront : ListValue::End::kBack, text);
  }
  txn.SetDeadline(hashed, deadline);
}

// Integers, texts, or long texts.
std::string ElementOf(size_t key, size_t number) {
  const std::string digits = std::to_string(number * 37);
  return key % 3 == 0 ? digits : std::string(key % 3 == 1 ? 1 : 70, 'e') + digits;
}

void SetSet(Keyspace& keyspace, size_t key, size_t members, TimeMs deadline) {
  const std::string name = NumberedKey(key);
  const HashedKey hashed = keyspace.Hash(name);
  Transaction txn(keyspace, kNow, hashed);
  SetValue* set = *txn.FindOrMake<SetValue>(hashed);
  for (size_t i = 0; i < members; ++i) set->Add(ElementOf(key, i));
  txn.SetDeadline(hashed, deadline);
}

void SetSortedSet(Keyspace& keyspace, size_t key, size_t members, TimeMs deadline) {
  const std::string name = NumberedKey(key);
  const HashedKey hashed = keyspace.Hash(name);
  Transaction txn(keyspace, kNow, hashed);
  SortedSetValue* set = *txn.FindOrMake<SortedSetValue>(hashed);
  for (size_t i = 0; i < members; ++i) set->Set(ElementOf(key, i), static_cast<double>(i) / 3);
  txn.SetDeadline(hashed, deadline);
}

void Fill(Keyspace& keyspace, size_t keys) {
  SeededRandom random(7);
  for (size_t i = 0; i < keys; ++i) {
    const std::string value(random.OneIn(40) ? random.Below(9'000) : random.Below(60), 'v');
    const TimeMs deadlines[] = {kNoDeadline, kNow - 500'000, kNow + 7'000,
                                kNow + TimeMs{40} * 365 * 86'400'000};
    const TimeMs deadline = deadlines[i % 4];
    if (i % 10 == 0) {
      SetHash(keyspace, NumberedKey(i), 1 + i % 50, deadline);
    } else if (i % 10 == 5) {
      SetList(keyspace, NumberedKey(i), 1 + i % 50, deadline);
    } else if (i % 10 == 3) {
      SetSet(keyspace, i, 1 + i % 90, deadline);
    } else if (i % 10 == 7) {
      SetSortedSet(keyspace, i, 1 + i % 150, deadline);
    } else {
      ASSERT_TRUE(keyspace.Set(NumberedKey(i), value, deadline, kNow).ok());
    }
  }
  const auto set = [&](std::string_view key, std::string_view value, TimeMs deadline,
                       StringForm form) {
    const HashedKey hashed = keyspace.Hash(key);
    return Transaction(keyspace, kNow, hashed).SetString(hashed, value, deadline, form).ok();
  };
  ASSERT_TRUE(set({"binary\0\r\n\xff", 10}, {"\0\xff", 2}, kNow + 1, StringForm::kRaw));
  ASSERT_TRUE(set("text", "2", kNoDeadline, StringForm::kText));
}

TEST(Snapshot, EverythingComesBackInAKeyspaceOfAnotherShapeToo) {
  Keyspace keyspace(Options());
  Fill(keyspace, 5'000);
  const auto contents = Contents(keyspace);
  ASSERT_EQ(contents.size(), 5'002u);
  const std::string file = Written(keyspace);
  for (const size_t shards : {1, 2, 16}) {
    Keyspace back(Options(shards, /*seed=*/shards * 99));
    ASSERT_TRUE(Read(file, back).ok());
    EXPECT_EQ(Contents(back), contents);
    EXPECT_EQ(back.TakeCensus(kNow).expired_keys, keyspace.TakeCensus(kNow).expired_keys);
    back.CheckInvariants();
  }
}

TEST(Snapshot, AnEmptyKeyspaceIsASnapshotToo) {
  Keyspace keyspace(Options());
  Keyspace back(Options());
  EXPECT_TRUE(Read(Written(keyspace), back).ok());
  EXPECT_EQ(back.size(), 0u);
}

TEST(Snapshot, LargeValuesAndManyBlocks) {
  Keyspace keyspace(Options());
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(
        keyspace.Set(NumberedKey(i), std::string(300'000 + i, 'L'), kNoDeadline, kNow).ok());
  }
  SetHash(keyspace, "hash", 20'000, kNow + 5);
  SetList(keyspace, "list", 20'000, kNow + 5);
  Keyspace back(Options());
  ASSERT_TRUE(Read(Written(keyspace), back).ok());
  EXPECT_EQ(Contents(back), Contents(keyspace));
}

TEST(Snapshot, WritingChangesNothing) {
  Keyspace keyspace(Options());
  Fill(keyspace, 1'000);
  const KeyspaceCounters before = keyspace.Counters();
  const size_t bytes = keyspace.Memory().resident();
  EXPECT_EQ(Written(keyspace), Written(keyspace));
  EXPECT_EQ(keyspace.Counters().expired_keys(), before.expired_keys());
  EXPECT_EQ(keyspace.Memory().resident(), bytes);
}

// ---- Damage -------------------------------------------------------------------------------------

std::string Small() {
  Keyspace keyspace(Options(1));
  EXPECT_TRUE(keyspace.Set("a", "1", kNow + 5, kNow).ok());
  EXPECT_TRUE(keyspace.Set("b", "", kNoDeadline, kNow).ok());
  SetHash(keyspace, "h", 2, kNoDeadline);
  return Written(keyspace);
}

TEST(Snapshot, EveryChangedBitIsRefused) {
  const std::string file = Small();
  for (size_t i = 0; i < file.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      Keyspace back(Options(1));
      const absl::Status status = Read(damaged, back);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << i << " " << bit << " " << status;
    }
  }
}

TEST(Snapshot, EveryLengthButTheWholeIsRefused) {
  const std::string file = Small();
  for (size_t length = 0; length < file.size(); ++length) {
    Keyspace back(Options(1));
    EXPECT_TRUE(absl::IsDataLoss(Read(file.substr(0, length), back))) << length;
  }
  Keyspace back(Options(1));
  EXPECT_TRUE(absl::IsDataLoss(Read(file + "x", back)));
  Keyspace again(Options(1));
  EXPECT_TRUE(absl::IsDataLoss(Read(file + file, again)));
}

// A file of one block with that payload, every checksum right.
std::string FileOf(const std::string& payload, uint64_t keys) {
  std::string file;
  uint64_t chain = 0;
  const auto number = [](auto value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  const auto add = [&](const std::string& part) {
    chain = HashBytes(part, chain);
    file += part + number(chain);
  };
  add("dcs-keys" + number(kSnapshotVersion));
  add("\1" + number(uint64_t{payload.size()}) + payload);
  add("\2" + number(keys));
  return file;
}

TEST(Snapshot, KeyThatIsThereAlready_IsRefused) {
  const auto text = [](const std::string& bytes) {
    const auto length = static_cast<uint32_t>(bytes.size());
    return std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + bytes;
  };
  const std::string string = std::string(1, '\0') + text("key") + text("0123456789abcdef");
  const std::string expired =
      std::string(1, '\x80') + std::string(8, '\0') + text("key") + text("v");
  const std::string one_field("\1\0\0\0\0\0\0\0", 8);
  const std::string hash = "\2" + text("key") + one_field + text("f") + text("v");
  for (const std::string& first : {string, expired, hash}) {
    Keyspace alone(Options(1));
    EXPECT_TRUE(Read(FileOf(first, 1), alone).ok());
    for (const std::string& second : {string, expired, hash}) {
      Keyspace back(Options(1));
      EXPECT_TRUE(absl::IsDataLoss(Read(FileOf(first + second, 2), back)));
      back.CheckInvariants();
    }
    // In a keyspace that is not empty, likewise.
    Keyspace filled(Options(1));
    ASSERT_TRUE(filled.Set("key", "here", kNoDeadline, kNow).ok());
    EXPECT_TRUE(absl::IsDataLoss(Read(FileOf(first, 1), filled)));
    EXPECT_EQ(filled.Get("key", kNow), "here");
  }
}

TEST(Snapshot, ASinkThatTakesNoMoreIsSaid) {
  class Full final : public std::streambuf {
  } full;
  Keyspace keyspace(Options());
  SnapshotSize size;
  EXPECT_TRUE(absl::IsUnavailable(WriteSnapshot(keyspace, full, size)));
}

// ---- While clients go on ------------------------------------------------------------------------

// A sink in which an adversary changes the keyspace: between blocks, so between visits.
class Disturbed final : public std::stringbuf {
 public:
  explicit Disturbed(Keyspace& keyspace) : keyspace_(keyspace) {}

 protected:
  std::streamsize xsputn(const char* from, std::streamsize size) override {
    for (int i = 0; i < 3'000; ++i) {
      const std::string own = "adversary:" + std::to_string(random_.Below(20'000));
      if (random_.OneIn(3)) {
        keyspace_.Erase(own, kNow);
      } else {
        EXPECT_TRUE(keyspace_.Set(own, std::string(100, 'a'), kNoDeadline, kNow).ok());
      }
    }
    return std::stringbuf::xsputn(from, size);
  }

 private:
  Keyspace& keyspace_;
  SeededRandom random_{TestSeed(5)};
};

TEST(Snapshot, WhatIsThereThroughoutIsInItExactlyOnceWhateverGoesOn) {
  constexpr size_t kKeys = 20'000;
  Keyspace keyspace(Options());
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), std::string(200, 'v'), kNoDeadline, kNow).ok());
  }
  Disturbed to(keyspace);
  SnapshotSize size;
  ASSERT_TRUE(WriteSnapshot(keyspace, to, size).ok());
  Keyspace back(Options());
  ASSERT_TRUE(Read(to.str(), back).ok());
  EXPECT_EQ(back.size(), size.keys) << "no key twice";
  for (size_t i = 0; i < kKeys; ++i) {
    ASSERT_EQ(back.Get(NumberedKey(i), kNow), std::string(200, 'v')) << i;
  }
}

// Sets strings and hashes, the same ones each time.
void SetMany(Keyspace& keyspace, size_t keys) {
  for (size_t i = 0; i < keys; ++i) {
    if (i % 100 == 0) {
      SetHash(keyspace, NumberedKey(i), 3, kNoDeadline);
    } else {
      EXPECT_TRUE(keyspace.Set(NumberedKey(i), std::string(30, 'v'), kNoDeadline, kNow).ok());
    }
  }
}

// So many keys that their places lie close together, and so many that they lie further apart.
constexpr size_t kMany = 90'000, kFewer = 24'000;

// A sink that flushes the keyspace and sets half of the keys again, after the first block and after each
// further one.
class Flushing final : public std::stringbuf {
 public:
  explicit Flushing(Keyspace& keyspace) : keyspace_(keyspace) {}

 protected:
  std::streamsize xsputn(const char* from, std::streamsize size) override {
    if (!str().empty()) {
      keyspace_.Clear(FreeMode::kNow);
      SetMany(keyspace_, kFewer);
    }
    return std::stringbuf::xsputn(from, size);
  }

 private:
  Keyspace& keyspace_;
};

KeyspaceOptions RealSegments(uint64_t seed) {
  return {.shards = 1, .seed = seed, .epoch = kNow, .lazy_free_thread = false};
}

TEST(Snapshot, FlushAndRefillBetweenBlocks_HoldsNoKeyTwice) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Keyspace keyspace(RealSegments(seed));
    SetMany(keyspace, kMany);
    Flushing to(keyspace);
    SnapshotSize size;
    ASSERT_TRUE(WriteSnapshot(keyspace, to, size).ok());
    Keyspace back(RealSegments(seed));
    const absl::Status status = Read(to.str(), back);
    ASSERT_TRUE(status.ok()) << status << ", seed " << seed;
    EXPECT_EQ(back.size(), size.keys);
  }
}

TEST(Snapshot, FlushAndRefillOnAnotherThread_HoldsNoKeyTwice) {
  Keyspace keyspace(Options(2));
  SetMany(keyspace, 10'000);
  std::atomic<bool> ended{false};
  std::thread client([&] {
    for (size_t keys = 500; !ended; keys = keys * 7 % 19'997) {
      keyspace.Clear(FreeMode::kNow);
      SetMany(keyspace, keys);
    }
  });
  for (int i = 0; i < 8; ++i) {
    Keyspace back(Options());
    const absl::Status status = Read(Written(keyspace), back);
    EXPECT_TRUE(status.ok()) << status;
  }
  ended = true;
  client.join();
}

TEST(Snapshot, ClientsOnOtherThreadsGoOn) {
  const size_t keys = Scaled(50'000);
  Keyspace keyspace(Options());
  for (size_t i = 0; i < keys; ++i) {
    ASSERT_TRUE(keyspace.Set(NumberedKey(i), "stays", kNoDeadline, kNow).ok());
  }
  std::atomic<bool> ended{false};
  std::thread client([&] {
    SeededRandom random(3);
    while (!ended) {
      const std::string own = "own:" + std::to_string(random.Below(keys));
      if (random.OneIn(2)) {
        keyspace.Erase(own, kNow);
      } else {
        keyspace.Set(own, "comes and goes", kNow + 1'000, kNow).IgnoreError();
      }
    }
  });
  std::string file;
  for (int i = 0; i < 5; ++i) file = Written(keyspace);
  ended = true;
  client.join();
  Keyspace back(Options());
  ASSERT_TRUE(Read(file, back).ok());
  for (size_t i = 0; i < keys; ++i) ASSERT_EQ(back.Get(NumberedKey(i), kNow), "stays") << i;
}

}  // namespace
}  // namespace dcs::store
