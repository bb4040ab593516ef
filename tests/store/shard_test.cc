#include "store/shard.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "store/key_hash.h"
#include "store/values/hash_value.h"
#include "tests/store/rig.h"

namespace dcs::store {
namespace {

constexpr TimeMs kEpoch = 1'700'000'000'000;

class ShardTest : public ::testing::Test {
 protected:
  ShardTest() { shard_.mutex.lock(); }
  ~ShardTest() override {
    shard_.CheckInvariants();
    shard_.mutex.unlock();
  }

  HashedKey Key(std::string_view key) const { return {key, HashBytes(key, options_.seed)}; }
  Shard::Found Find(std::string_view key) const { return shard_.Find(Key(key)); }
  void Put(std::string_view key, std::string_view value, TimeMs deadline, TimeMs now = kEpoch) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    ASSERT_TRUE(shard_
                    .Put(Key(key), Find(key), {RecordKind::kPlainString, value, {}, nullptr},
                         deadline, now, FreeMode::kNow, deferred)
                    .ok());
  }
  void SetDeadline(std::string_view key, TimeMs deadline, TimeMs now = kEpoch) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    shard_.SetDeadline(Find(key), deadline, now, deferred);
  }
  std::string Value(std::string_view key) const {
    return std::string(shard_.View(Find(key).slot).string);
  }
  const Chunk& ChunkOf(std::string_view key) const {
    return shard_.log().ChunkOf(Find(key).slot.offset());
  }

  const KeyspaceOptions options_{
      .shards = 1, .seed = 5, .epoch = kEpoch, .max_segment_groups = 2, .max_chunk_bytes = 4096};
  Rig rig_;
  Shard shard_{rig_, options_, /*shard_bits=*/0};
};

TEST_F(ShardTest, AValueOfTheSameSizeAndClassIsWrittenInPlace) {
  Put("k", "12345", kEpoch + 100);
  const uint32_t offset = Find("k").slot.offset();
  Put("k", "abcde", kEpoch + 7'000);
  EXPECT_EQ(Find("k").slot.offset(), offset);
  EXPECT_EQ(Value("k"), "abcde");
  EXPECT_EQ(shard_.DeadlineOf(Find("k").slot), kEpoch + 7'000);
  EXPECT_EQ(shard_.log().live_bytes(), 12u);
}

TEST_F(ShardTest, AnotherSizeOrClassTakesANewPlace) {
  Put("k", "12345", kEpoch + 100);
  Put("other", "keeps the chunk open", kEpoch + 100);
  const uint32_t offset = Find("k").slot.offset();
  Put("k", "a longer value than before", kEpoch + 100);
  EXPECT_NE(Find("k").slot.offset(), offset);
  Put("k", "a longer value than before", kEpoch + 100'000);
  EXPECT_EQ(ChunkOf("k").deadline_class, 3);
  Put("k", "a longer value than before", kNoDeadline);
  EXPECT_EQ(ChunkOf("k").deadline_class, 0);
  EXPECT_EQ(Value("k"), "a longer value than before");
}

TEST_F(ShardTest, ShortRecordsHaveTheirSizeInTheSlotAndLongOnesAreAsked) {
  Put("k", std::string(252 - 4, 'v'), kNoDeadline);  // 1 + 1 + 2 + 1 + 248 = 253 bytes: 64 units
  EXPECT_EQ(Find("k").slot.units(), 64);
  Put("k", std::string(508, 'v'), kNoDeadline);  // 513 bytes: oversize
  EXPECT_EQ(Find("k").slot.units(), 0);
  EXPECT_EQ(ChunkOf("k").state, ChunkState::kOversize);
  EXPECT_EQ(Value("k"), std::string(508, 'v'));
}

TEST_F(ShardTest, ADeadlineOfAnotherClassMovesTheRecord) {
  Put("k", "v", kEpoch + 1'000);
  EXPECT_EQ(ChunkOf("k").deadline_class, 1);
  SetDeadline("k", kEpoch + 3'600'000);
  EXPECT_EQ(ChunkOf("k").deadline_class, 4);
  SetDeadline("k", kNoDeadline);
  EXPECT_EQ(ChunkOf("k").deadline_class, 0);
  EXPECT_EQ(shard_.with_deadline(), 0u);
  EXPECT_EQ(Value("k"), "v");
}

TEST_F(ShardTest, AnOversizeRecordStaysWhenItsDeadlineChanges) {
  const std::string value(3'000, 'v');
  Put("k", value, kNoDeadline);
  const uint32_t offset = Find("k").slot.offset();
  SetDeadline("k", kEpoch + 1'000);
  EXPECT_EQ(Find("k").slot.offset(), offset);
  EXPECT_EQ(ChunkOf("k").deadline_class, 1);
  EXPECT_EQ(Value("k"), value);
}

TEST_F(ShardTest, DeadlinesPastTheWindowStandInTheRecord) {
  for (const size_t length : {size_t{3}, size_t{300}, size_t{3'000}}) {
    const std::string value(length, 'v');
    Put("k", value, kNoDeadline);
    const TimeMs edge = kEpoch + kDeadlineWindowMs;
    for (const TimeMs deadline : {edge - 1, edge, edge - 1, edge + 1, kNoDeadline - 1, edge + 5,
                                  kEpoch + 10, kNoDeadline - 1, kNoDeadline, edge}) {
      SetDeadline("k", deadline);
      EXPECT_EQ(shard_.DeadlineOf(Find("k").slot), deadline);
      EXPECT_EQ(Value("k"), value);
      shard_.CheckInvariants();
    }
  }
}

TEST_F(ShardTest, StringsInAMappingGrowInPlace) {
  Put("k", std::string(600, 'a'), kEpoch + 5'000);
  const uint32_t offset = Find("k").slot.offset();
  EXPECT_EQ(shard_.AppendInPlace(Find("k").slot, std::string(100'000, 'b')), 100'600u);
  EXPECT_EQ(Find("k").slot.offset(), offset);
  EXPECT_EQ(Value("k"), std::string(600, 'a') + std::string(100'000, 'b'));
  EXPECT_EQ(shard_.View(Find("k").slot).form, StringForm::kRaw);
  Put("short", "a", kNoDeadline);
  EXPECT_EQ(shard_.AppendInPlace(Find("short").slot, "b"), std::nullopt);
}

TEST_F(ShardTest, StringsInAMappingAreWrittenInPlace) {
  Put("k", std::string(600, 'a'), kEpoch + 5'000);
  const uint32_t offset = Find("k").slot.offset();
  std::string expected(600, 'a');
  const auto write = [&](size_t at, std::string_view part) {
    if (expected.size() < at + part.size()) expected.resize(at + part.size(), '\0');
    expected.replace(at, part.size(), part);
    EXPECT_EQ(shard_.WriteInPlace(Find("k").slot, at, part), expected.size());
    EXPECT_EQ(Value("k"), expected);
    EXPECT_EQ(Find("k").slot.offset(), offset);
    shard_.CheckInvariants();
  };
  write(0, "front");
  write(300, "middle");
  write(598, "over the end");
  write(700, "behind a gap");
  write(100'000, "behind a long gap");
  EXPECT_EQ(shard_.View(Find("k").slot).form, StringForm::kRaw);
  Put("short", "a", kNoDeadline);
  EXPECT_EQ(shard_.WriteInPlace(Find("short").slot, 0, "b"), std::nullopt);
}

TEST_F(ShardTest, RecordInAMappingMakesRoomForADeadlineOnce) {
  const std::string value(1'000, 'v');
  const TimeMs edge = kEpoch + kDeadlineWindowMs;
  Put("k", value, kNoDeadline);
  SetDeadline("k", edge + 1);
  const uint32_t offset = Find("k").slot.offset();
  for (const TimeMs deadline : {edge + 2, kEpoch + 10, kNoDeadline, edge + 3, kNoDeadline - 1}) {
    SetDeadline("k", deadline);
    EXPECT_EQ(shard_.DeadlineOf(Find("k").slot), deadline);
    EXPECT_EQ(Find("k").slot.offset(), offset);
    EXPECT_EQ(Value("k"), value);
    shard_.CheckInvariants();
  }
}

TEST_F(ShardTest, EvacuationMovesWhatLivesInSparseChunksAndNothingElse) {
  constexpr int kKeys = 400;
  const std::string value(100, 'v');
  for (int i = 0; i < kKeys; ++i) Put(NumberedKey(static_cast<size_t>(i)), value, kNoDeadline);
  {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    for (int i = 0; i < kKeys; ++i) {
      if (i % 4 == 0) continue;
      shard_.Remove(Find(NumberedKey(static_cast<size_t>(i))), FreeMode::kNow, false, deferred);
    }
    ASSERT_TRUE(shard_.OverWasteLimit());
    shard_.BeginEvacuation();
    while (shard_.evacuating()) {
      shard_.EvacuateSome(Shard::kFew, kEpoch, deferred);
      shard_.CheckInvariants();
    }
  }
  EXPECT_FALSE(shard_.OverWasteLimit());
  EXPECT_GT(shard_.counters.evacuated_records, 50u);
  EXPECT_LE(shard_.counters.evacuated_records, 100u);
  for (int i = 0; i < kKeys; i += 4) EXPECT_EQ(Value(NumberedKey(static_cast<size_t>(i))), value);
  EXPECT_LE(shard_.log().committed_bytes(), shard_.log().live_bytes() * 3 / 2 + 4096);
}

TEST_F(ShardTest, KeysPutDuringAnEvacuationDoNotLandInMarkedChunks) {
  const std::string value(100, 'v');
  for (size_t i = 0; i < 400; ++i) Put(NumberedKey(i), value, kNoDeadline);
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  for (size_t i = 0; i < 400; ++i) {
    if (i % 4 != 0) shard_.Remove(Find(NumberedKey(i)), FreeMode::kNow, false, deferred);
  }
  shard_.BeginEvacuation();
  ASSERT_TRUE(shard_.evacuating());
  for (size_t i = 0; i < 400; i += 4) {
    Put(NumberedKey(i), std::string(100, 'w'), kNoDeadline);  // the same size: in place if allowed
    EXPECT_NE(ChunkOf(NumberedKey(i)).state, ChunkState::kMarked);
  }
  while (shard_.evacuating()) shard_.EvacuateSome(Shard::kFew, kEpoch, deferred);
  for (size_t i = 0; i < 400; i += 4) EXPECT_EQ(Value(NumberedKey(i)), std::string(100, 'w'));
}

TEST_F(ShardTest, WritesArePaidForStepByStepAndOnlyWhereThereIsWaste) {
  const std::string value(100, 'v');
  for (size_t i = 0; i < 400; ++i) Put(NumberedKey(i), value, kNoDeadline);
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  shard_.CountWrites(400);
  ASSERT_TRUE(shard_.owes_work());
  EXPECT_FALSE(shard_.BeginPaying()) << "without waste, nothing is owed";
  EXPECT_FALSE(shard_.owes_work());
  for (size_t i = 0; i < 400; ++i) {
    if (i % 4 != 0) shard_.Remove(Find(NumberedKey(i)), FreeMode::kNow, false, deferred);
  }
  ASSERT_TRUE(shard_.OverWasteLimit());
  shard_.CountWrites(15);
  EXPECT_FALSE(shard_.BeginPaying()) << "too few";
  shard_.CountWrites(4000);
  ASSERT_TRUE(shard_.BeginPaying());
  EXPECT_FALSE(shard_.BeginPaying()) << "somebody has";
  ASSERT_TRUE(shard_.PayForWrites(kEpoch, deferred));
  EXPECT_TRUE(shard_.evacuating());
  EXPECT_EQ(shard_.counters.evacuated_records, 0u) << "marking is a step of its own";
  size_t steps = 0;
  for (bool more = true; more; ++steps) {
    const uint64_t before = shard_.counters.evacuated_records;
    more = shard_.PayForWrites(kEpoch, deferred);
    ASSERT_LE(shard_.counters.evacuated_records - before, Shard::kFew);
    shard_.CheckInvariants();
  }
  EXPECT_FALSE(shard_.BeginPaying()) << "nothing is left to be evacuated";
  EXPECT_GT(steps, 2u);
  EXPECT_GT(shard_.counters.evacuated_records, 50u);
  EXPECT_FALSE(shard_.evacuating());
  EXPECT_FALSE(shard_.OverWasteLimit());
}

// One segment of 900 keys, each beside a dead record ten times as large.
class EvacuationStepTest : public ShardTest {
 protected:
  EvacuationStepTest() {
    for (size_t i = 0; i < 900; ++i) {
      PutInOne(NumberedKey(i), 30);
      PutInOne("overwritten", 300 + i % 2 * 50);
    }
    EXPECT_EQ(shard_of_one_.index().segments(), 1u);
    EXPECT_TRUE(shard_of_one_.OverWasteLimit());
    shard_of_one_.BeginEvacuation();
  }

  void PutInOne(std::string_view key, size_t value_bytes) {
    const std::string value(value_bytes, 'v');
    const Shard::NewValue to{RecordKind::kPlainString, value, {}, nullptr};
    ASSERT_TRUE(shard_of_one_
                    .Put(Key(key), shard_of_one_.Find(Key(key)), to, kNoDeadline, kEpoch,
                         FreeMode::kNow, deferred_)
                    .ok());
  }
  KeyspaceOptions LargeSegments() const {
    KeyspaceOptions options = options_;
    options.max_segment_groups = 64;
    return options;
  }

  DeferredWork deferred_{rig_.pages, rig_.lazy_free};
  Shard shard_of_one_{rig_, LargeSegments(), /*shard_bits=*/0};
};

TEST_F(EvacuationStepTest, MovesALimitedNumberOfRecordsAndNoneTwice) {
  uint64_t before = 0;
  for (bool last = false; !last;) {
    ASSERT_TRUE(shard_of_one_.evacuating());
    last = shard_of_one_.EvacuateSome(Shard::kFew, kEpoch, deferred_);
    const uint64_t moved = shard_of_one_.counters.evacuated_records - before;
    if (last) {
      EXPECT_LE(moved, Shard::kFew);
    } else {
      ASSERT_EQ(moved, Shard::kFew);
    }
    before += moved;
    shard_of_one_.CheckInvariants();
  }
  EXPECT_GT(before, 600u);
  EXPECT_LE(before, 901u) << "none is moved twice";
  EXPECT_FALSE(shard_of_one_.evacuating());
  EXPECT_FALSE(shard_of_one_.OverWasteLimit());
}

TEST_F(EvacuationStepTest, LeavesNothingBehindWhereTheSegmentSplitsMeanwhile) {
  EXPECT_FALSE(shard_of_one_.EvacuateSome(Shard::kFew, kEpoch, deferred_));
  for (size_t i = 900; i < 1'000; ++i) PutInOne(NumberedKey(i), 30);
  ASSERT_EQ(shard_of_one_.index().segments(), 2u);
  int segments = 0;
  while (shard_of_one_.evacuating())
    segments += shard_of_one_.EvacuateSome(Shard::kFew, kEpoch, deferred_);
  EXPECT_EQ(segments, 2);
  EXPECT_GT(shard_of_one_.counters.evacuated_records, 600u);
  EXPECT_LE(shard_of_one_.counters.evacuated_records, 901u) << "none is moved twice";
  EXPECT_FALSE(shard_of_one_.OverWasteLimit());
  shard_of_one_.CheckInvariants();
}

// Clients between the stretches of a fast sweep, some of whom have read the clock before it did.
TEST_F(ShardTest, WhatClientsDoDuringAFastSweepIsNotLostWithTheDueChunks) {
  constexpr size_t kKeys = 20'000;
  constexpr TimeMs kDeadline = kEpoch + 5'000, kEarlier = kEpoch + 5'000, kSwept = kEpoch + 6'000;
  for (size_t i = 0; i < kKeys; ++i) Put(NumberedKey(i), "value", kDeadline);
  SweepResult result;
  FastSweepWalk walk;
  {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    walk = shard_.BeginFastSweep(kSwept, deferred);
  }
  ASSERT_NE(walk.ticket, 0u);
  ASSERT_EQ(ChunkOf(NumberedKey(0)).state, ChunkState::kDue);
  size_t stretch = 0, key = 0;
  std::map<std::string, TimeMs> kept;
  const auto some_key = [&] {
    // Behind the sweep or ahead of it.
    while (!Find(NumberedKey(key))) ++key;
    return NumberedKey(key++);
  };
  while (true) {
    bool more = false;
    {
      DeferredWork deferred(rig_.pages, rig_.lazy_free);
      more = shard_.ReleaseStretch(walk, kSwept, result, nullptr, deferred);
    }
    ++stretch;
    shard_.CheckInvariants();
    if (!more) break;
    const std::string longer = some_key();
    SetDeadline(longer, kDeadline + 900, kEarlier);  // of the same class, but not in the same chunk
    kept[longer] = kDeadline + 900;
    const std::string persisted = some_key();
    SetDeadline(persisted, kNoDeadline, kEarlier);
    kept[persisted] = kNoDeadline;
    const std::string overwritten = some_key();
    Put(overwritten, "VALUE", kSwept + 1'000, kEarlier);
    kept[overwritten] = kSwept + 1'000;
    Put("past" + std::to_string(stretch), "value", kEpoch + 1, kEarlier);
    shard_.CheckInvariants();
  }
  ASSERT_GT(stretch, 3u);
  {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    EXPECT_EQ(shard_.BeginFastSweep(kSwept, deferred).ticket, 0u) << "one at a time";
    shard_.EndFastSweep(walk, result, deferred);
    EXPECT_NE(shard_.BeginFastSweep(kSwept, deferred).ticket, 0u);
  }
  for (const auto& [name, deadline] : kept) {
    if (Expired(deadline, kSwept)) continue;  // whether it was passed before or after
    ASSERT_TRUE(Find(name)) << name;
    EXPECT_EQ(shard_.DeadlineOf(Find(name).slot), deadline);
    EXPECT_EQ(Value(name), deadline == kSwept + 1'000 ? "VALUE" : "value");
  }
}

// What a client does with a key that the sweep counts as expired, by an earlier reading of the clock.
TEST_F(ShardTest, SetDeadline_OfADueKey_LeavesTheSweepsBoundAsItWas) {
  for (size_t i = 0; i < 1'000; ++i) Put(NumberedKey(i), "value", kEpoch + 1'000);
  SweepResult result;
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  FastSweepWalk walk = shard_.BeginFastSweep(kEpoch + 2'000, deferred);
  const uint32_t due_below = shard_.log().due_below();
  ASSERT_GT(due_below, 0u);
  SetDeadline(NumberedKey(5), kEpoch + 1'000'000, kEpoch + 500);
  EXPECT_EQ(shard_.log().due_below(), due_below);
  shard_.CheckInvariants();
  while (shard_.ReleaseStretch(walk, kEpoch + 2'000, result, nullptr, deferred)) {
  }
  shard_.EndFastSweep(walk, result, deferred);
  EXPECT_EQ(result.released, 999u);
  EXPECT_EQ(shard_.DeadlineOf(Find(NumberedKey(5)).slot), kEpoch + 1'000'000);
}

TEST_F(ShardTest, BeginPaying_WhileChunksAreDue_PutsItOff) {
  for (size_t i = 0; i < 2'000; ++i) Put(NumberedKey(i), "value", kEpoch + 1'000);
  SweepResult result;
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  // Half of what the closed chunks hold is dead: work would be owed.
  for (size_t i = 0; i < 2'000; i += 2)
    shard_.Remove(Find(NumberedKey(i)), FreeMode::kNow, false, deferred);
  ASSERT_TRUE(shard_.OverWasteLimit());
  shard_.CountWrites(1'000);
  FastSweepWalk walk = shard_.BeginFastSweep(kEpoch + 2'000, deferred);
  EXPECT_FALSE(shard_.BeginPaying()) << "the sweep gives back what is due";
  while (shard_.ReleaseStretch(walk, kEpoch + 2'000, result, nullptr, deferred)) {
  }
  shard_.EndFastSweep(walk, result, deferred);
  EXPECT_TRUE(shard_.owes_work());
  EXPECT_FALSE(shard_.BeginPaying()) << "nothing is left to evacuate";
  EXPECT_FALSE(shard_.owes_work());
}

TEST_F(ShardTest, AFastSweepWhoseContentsWereTakenOutLeavesTheNextOnesChunksAlone) {
  const auto put_expired = [&] {
    for (size_t i = 0; i < 1'000; ++i) Put(NumberedKey(i), "value", kEpoch + 1'000);
  };
  put_expired();
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  const FastSweepWalk first = shard_.BeginFastSweep(kEpoch + 2'000, deferred);
  size_t objects = 0, bytes = 0;
  shard_.TakeContents(objects, bytes);
  put_expired();
  FastSweepWalk second = shard_.BeginFastSweep(kEpoch + 2'000, deferred);
  SweepResult result;
  shard_.EndFastSweep(first, result, deferred);
  EXPECT_EQ(result.released_bytes, 0u);
  EXPECT_EQ(ChunkOf(NumberedKey(0)).state, ChunkState::kDue);
  while (shard_.ReleaseStretch(second, kEpoch + 2'000, result, nullptr, deferred)) {
  }
  shard_.EndFastSweep(second, result, deferred);
  EXPECT_EQ(result.released, 1'000u);
  EXPECT_EQ(shard_.log().committed_bytes(), 0u);
}

TEST_F(ShardTest, TakingItsContentsLeavesAnEmptyShardThatServesOn) {
  for (size_t i = 0; i < 100; ++i) Put(NumberedKey(i), "v", kEpoch + 1'000);
  size_t objects = 0, bytes = 0;
  const auto contents = shard_.TakeContents(objects, bytes);
  EXPECT_EQ(objects, 100u);
  EXPECT_GT(bytes, 100u * 13);
  EXPECT_EQ(shard_.count(), 0u);
  EXPECT_FALSE(Find(NumberedKey(5)));
  shard_.CheckInvariants();
  Put("new", "value", kNoDeadline);
  EXPECT_EQ(Value("new"), "value");
}

}  // namespace
}  // namespace dcs::store
