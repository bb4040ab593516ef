#include "store/log/log.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "tests/store/rig.h"
#include "tests/store/seeded.h"

namespace dcs::store {
namespace {

constexpr double kWasteLimit = 0.25;

// A log with the operations of one owner.
class LogTest : public ::testing::Test {
 protected:
  uint32_t Append(Log& log, int deadline_class, size_t bytes) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    const uint32_t offset = log.Append(deadline_class, bytes, deferred);
    EXPECT_NE(offset, Log::kNowhere);
    return offset;
  }
  void Release(Log& log, uint32_t offset, size_t bytes, bool trim = false) {
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    log.Release(offset, RoundUp(bytes, kRecordUnit), trim, deferred);
  }
  static size_t ChunksIn(const Log& log, ChunkState state) {
    size_t chunks = 0;
    for (const Chunk& chunk : log.chunks()) chunks += chunk.state == state;
    return chunks;
  }

  Rig rig_;
};

TEST_F(LogTest, ChunksGrowWithTheLogFrom64KiBToAWholeHugeRegion) {
  Log log(rig_.pages, PageSource::kRegionBytes, kWasteLimit);
  uint32_t offset = Append(log, 0, 1000);
  EXPECT_EQ(log.ChunkOf(offset).capacity, Log::kMinChunkBytes);
  EXPECT_EQ(log.ChunkOf(offset).region.kind, PageKind::kSmall);
  EXPECT_EQ(log.committed_bytes(), kSmallPageBytes);
  uint32_t largest = 0;
  while (log.live_bytes() < (size_t{70} << 20)) {
    offset = Append(log, 0, 1000);
    const Chunk& chunk = log.ChunkOf(offset);
    ASSERT_GE(chunk.capacity, largest) << "chunks grow and never shrink";
    ASSERT_LE(chunk.capacity, std::max(Log::kMinChunkBytes, log.live_bytes() / Log::kOpenShare));
    if (chunk.capacity > largest && log.live_bytes() > 2 * PageSource::kSharedFromBytes) {
      ASSERT_NE(chunk.region.kind, PageKind::kSmall);
    }
    largest = chunk.capacity;
  }
  EXPECT_EQ(largest, PageSource::kRegionBytes);
  EXPECT_EQ(log.ChunkOf(offset).region.kind, PageKind::kHuge);
  EXPECT_EQ(log.ChunkOf(offset).committed, PageSource::kRegionBytes);
}

TEST_F(LogTest, EachClassHasAChunkOfItsOwn) {
  Log log(rig_.pages, PageSource::kRegionBytes, kWasteLimit);
  for (int round = 0; round < 10; ++round) {
    for (int deadline_class = 0; deadline_class < kDeadlineClasses; ++deadline_class) {
      EXPECT_EQ(log.ChunkOf(Append(log, deadline_class, 100)).deadline_class, deadline_class);
    }
  }
  EXPECT_EQ(ChunksIn(log, ChunkState::kOpen), size_t{kDeadlineClasses});
}

TEST_F(LogTest, RecordsNeverOverlapAndStartAtWholeUnits) {
  Log log(rig_.pages, 4096, kWasteLimit);
  SeededRandom random(TestSeed(4));
  std::map<std::byte*, size_t> places;
  for (int i = 0; i < 2'000; ++i) {
    const size_t bytes = 4 + random.Below(500);
    std::byte* const at = log.At(Append(log, static_cast<int>(random.Below(9)), bytes));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % kRecordUnit, 0u);
    const auto next = places.lower_bound(at);
    if (next != places.end()) {
      ASSERT_LE(at + bytes, next->first);
    }
    if (next != places.begin()) {
      const auto before = std::prev(next);
      ASSERT_LE(before->first + before->second, at);
    }
    places.emplace(at, bytes);
  }
}

TEST_F(LogTest, AFullChunkIsClosedAndGivenBackWithItsLastRecord) {
  Log log(rig_.pages, 4096, kWasteLimit);
  std::vector<uint32_t> offsets;
  for (int i = 0; i < 9; ++i) offsets.push_back(Append(log, 3, 512));
  EXPECT_EQ(ChunksIn(log, ChunkState::kClosed), 1u);
  EXPECT_EQ(ChunksIn(log, ChunkState::kOpen), 1u);
  EXPECT_EQ(log.committed_bytes(), 2 * kSmallPageBytes);
  for (int i = 0; i < 7; ++i) Release(log, offsets[static_cast<size_t>(i)], 512);
  EXPECT_EQ(ChunksIn(log, ChunkState::kClosed), 1u);
  EXPECT_EQ(log.committed_bytes(), 2 * kSmallPageBytes);
  Release(log, offsets[7], 512);
  EXPECT_EQ(ChunksIn(log, ChunkState::kClosed), 0u);
  EXPECT_EQ(log.committed_bytes(), kSmallPageBytes);
  EXPECT_EQ(log.live_bytes(), 512u);
}

TEST_F(LogTest, AnOpenChunkLeftEmptyStartsAgainAtItsFront) {
  Log log(rig_.pages, 4096, kWasteLimit);
  const uint32_t first = Append(log, 1, 100);
  const uint32_t second = Append(log, 1, 100);
  Release(log, first, 100);
  Release(log, second, 100);
  EXPECT_EQ(log.live_bytes(), 0u);
  EXPECT_EQ(log.committed_bytes(), kSmallPageBytes) << "kept for the next record";
  EXPECT_EQ(Append(log, 1, 100), first);
}

TEST_F(LogTest, TrimmingGivesAnOpenChunkLeftEmptyBack) {
  Log log(rig_.pages, 4096, kWasteLimit);
  const uint32_t first = Append(log, 1, 100);
  const uint32_t second = Append(log, 1, 100);
  Release(log, first, 100, /*trim=*/true);
  EXPECT_EQ(ChunksIn(log, ChunkState::kOpen), 1u) << "one record is still in it";
  Release(log, second, 100, /*trim=*/true);
  EXPECT_EQ(ChunksIn(log, ChunkState::kOpen), 0u);
  EXPECT_EQ(log.committed_bytes(), 0u);
  Append(log, 1, 100);
  EXPECT_EQ(log.chunks().size(), 1u) << "the chunk's number is used again";
}

TEST_F(LogTest, CountsLifeExactlyUnderRandomUse) {
  Log log(rig_.pages, 16384, kWasteLimit);
  SeededRandom random(TestSeed(5));
  struct Record {
    uint32_t offset;
    size_t bytes;
  };
  std::vector<Record> records;
  for (int i = 0; i < 50'000; ++i) {
    const bool growing = (i / 5'000) % 2 == 0;
    if (records.empty() || random.Below(10) < (growing ? 7u : 3u)) {
      const size_t bytes = random.OneIn(50) ? 2049 + random.Below(9'000) : 4 + random.Below(300);
      records.push_back({Append(log, static_cast<int>(random.Below(9)), bytes), bytes});
    } else {
      std::swap(records[random.Below(records.size())], records.back());
      Release(log, records.back().offset, records.back().bytes, random.OneIn(2));
      records.pop_back();
    }
    if (i % 1'000 != 0) continue;
    std::map<const Chunk*, size_t> live_bytes;
    size_t live = 0, committed = 0;
    for (const Record& record : records) {
      live_bytes[&log.ChunkOf(record.offset)] += RoundUp(record.bytes, kRecordUnit);
    }
    for (const Chunk& chunk : log.chunks()) {
      ASSERT_EQ(chunk.live_bytes, live_bytes[&chunk]);
      ASSERT_LE(chunk.used, chunk.capacity);
      ASSERT_LE(chunk.used, chunk.committed);
      if (chunk.live_bytes == 0) {
        ASSERT_TRUE(chunk.state == ChunkState::kOpen || chunk.state == ChunkState::kFree);
      }
      live += chunk.live_bytes;
      committed += chunk.committed;
    }
    ASSERT_EQ(log.live_bytes(), live);
    ASSERT_EQ(log.committed_bytes(), committed);
  }
  for (const Record& record : records) Release(log, record.offset, record.bytes, true);
  EXPECT_EQ(log.live_bytes(), 0u);
  EXPECT_FALSE(log.OverWasteLimit());
}

TEST_F(LogTest, RecordsOverAnEighthOfAChunkHaveAMappingOfTheirOwn) {
  Log log(rig_.pages, 16384, kWasteLimit);
  EXPECT_FALSE(log.Oversize(2048));
  EXPECT_TRUE(log.Oversize(2049));
  const uint32_t small = Append(log, 2, 2048);
  const uint32_t large = Append(log, 2, 2049);
  EXPECT_EQ(log.ChunkOf(small).state, ChunkState::kOpen);
  EXPECT_EQ(log.ChunkOf(large).state, ChunkState::kOversize);
  EXPECT_EQ(log.ChunkOf(large).live_bytes, 2052u);
  EXPECT_EQ(log.ChunkOf(large).committed, kSmallPageBytes);
  Release(log, large, 2049);
  EXPECT_EQ(log.ChunkOf(large).state, ChunkState::kFree);
  EXPECT_EQ(log.live_bytes(), 2048u);
}

TEST_F(LogTest, AnOversizeRecordGrowsKeepingItsOffsetAndContents) {
  Log log(rig_.pages, 16384, kWasteLimit);
  const uint32_t offset = Append(log, 2, 5'000);
  size_t written = 5'000;
  std::fill_n(log.At(offset), written, std::byte{'a'});
  size_t moves = 0;
  while (written < 2'000'000) {
    const uint32_t capacity_before = log.ChunkOf(offset).capacity;
    ASSERT_TRUE(log.GrowOversize(offset, written + 1'000));
    moves += log.ChunkOf(offset).capacity != capacity_before;
    std::fill_n(log.At(offset) + written, 1'000, std::byte{'a'});
    written += 1'000;
    log.ResizeOversize(offset, written);
    ASSERT_EQ(log.live_bytes(), written);
    ASSERT_EQ(log.committed_bytes(), RoundUp(written, kSmallPageBytes));
  }
  EXPECT_LT(moves, 30u) << "growth is geometric";
  EXPECT_TRUE(std::all_of(log.At(offset), log.At(offset) + written,
                          [](std::byte b) { return b == std::byte{'a'}; }));
  log.SetOversizeClass(offset, 7);
  EXPECT_EQ(log.ChunkOf(offset).deadline_class, 7);
  Release(log, offset, written);
  rig_.lazy_free.Drain();
  EXPECT_EQ(log.committed_bytes(), 0u);
}

TEST_F(LogTest, MarksTheSparsestChunksUntilThreeQuartersOfTheWasteLimitAreLeft) {
  Log log(rig_.pages, 4096, kWasteLimit);
  // Ten closed chunks of eight records; the first i of chunk i die, so that chunk 7 keeps one.
  std::vector<uint32_t> offsets;
  for (int i = 0; i < 8 * 10 + 1; ++i) offsets.push_back(Append(log, 0, 512));
  EXPECT_FALSE(log.OverWasteLimit());
  EXPECT_FALSE(log.Mark()) << "nothing is dead";
  size_t dead = 0;
  for (size_t chunk = 0; chunk < 8; ++chunk) {
    for (size_t record = 0; record < chunk; ++record, ++dead) {
      EXPECT_EQ(log.OverWasteLimit(), dead > 20) << dead << " of 80 records are dead";
      Release(log, offsets[chunk * 8 + record], 512);
    }
  }
  ASSERT_TRUE(log.OverWasteLimit());  // 28 of 80
  ASSERT_TRUE(log.Mark());
  // Chunk 7 buys 7 of 28, 6 six, 5 five: 10 of 62 left are within three quarters of a quarter.
  for (size_t chunk = 0; chunk < 10; ++chunk) {
    EXPECT_EQ(log.Marked(offsets[chunk * 8 + 7]), chunk >= 5 && chunk <= 7) << chunk;
  }
  // Moving what lives in them brings the log below the limit.
  for (size_t chunk = 5; chunk <= 7; ++chunk) {
    for (size_t record = chunk; record < 8; ++record) {
      Append(log, 0, 512);
      Release(log, offsets[chunk * 8 + record], 512);
    }
  }
  EXPECT_EQ(ChunksIn(log, ChunkState::kMarked), 0u);
  EXPECT_FALSE(log.OverWasteLimit());
}

TEST_F(LogTest, UnmarkedChunksAreClosedAgainAndCountedOnce) {
  Log log(rig_.pages, 4096, kWasteLimit);
  std::vector<uint32_t> offsets;
  for (int i = 0; i < 9; ++i) offsets.push_back(Append(log, 0, 512));
  for (size_t i = 0; i < 7; ++i) Release(log, offsets[i], 512);
  ASSERT_TRUE(log.Mark());
  EXPECT_TRUE(log.Marked(offsets[7]));
  log.Unmark();
  EXPECT_FALSE(log.Marked(offsets[7]));
  EXPECT_TRUE(log.OverWasteLimit());
  Release(log, offsets[7], 512);
  EXPECT_FALSE(log.OverWasteLimit());
}

TEST_F(LogTest, ChunksWhollyInThePastAreDueAndGoTogether) {
  Log log(rig_.pages, 4096, kWasteLimit);
  const auto append = [&](int deadline_class, uint32_t coarse) {
    const uint32_t offset = Append(log, deadline_class, 100);
    log.NoteDeadline(offset, {coarse, 7});
    return offset;
  };
  const uint32_t past = append(1, 10);
  append(1, 90);
  const uint32_t mixed = append(2, 50);
  append(2, 150);
  const uint32_t future = append(3, 100);
  const uint32_t without = append(0, kCoarseNone);
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  log.MarkDue({100, 7}, deferred);
  EXPECT_EQ(log.ChunkOf(past).state, ChunkState::kDue);
  for (const uint32_t other : {mixed, future, without}) {
    EXPECT_EQ(log.ChunkOf(other).state, ChunkState::kOpen);
  }
  EXPECT_EQ(log.due_below(), 50u) << "from there on, records of mixed chunks are among the expired";
  append(4, 60);
  EXPECT_EQ(log.due_below(), 50u);
  append(4, 40);
  EXPECT_EQ(log.due_below(), 40u) << "a deadline set in the past is in a chunk that is not due";
  EXPECT_NE(log.ChunkOf(append(1, 70)).state, ChunkState::kDue)
      << "nothing is appended to due chunks";

  log.Release(past, 100, false, deferred);
  const size_t live = log.live_bytes();
  EXPECT_EQ(log.ReleaseDue(deferred), 100u) << "what was not released one by one";
  EXPECT_EQ(log.live_bytes(), live - 100);
  EXPECT_EQ(log.due_below(), 0u);
  EXPECT_EQ(ChunksIn(log, ChunkState::kDue), 0u);
}

TEST_F(LogTest, DueGoesByTheMillisecond) {
  const auto mark = [&](std::vector<SlotDeadline> deadlines, SlotDeadline now) {
    Log log(rig_.pages, 4096, kWasteLimit);
    DeferredWork deferred(rig_.pages, rig_.lazy_free);
    for (size_t i = 0; i < deadlines.size(); ++i) {
      log.NoteDeadline(Append(log, static_cast<int>(i), 100), deadlines[i]);
    }
    log.MarkDue(now, deferred);
    return std::pair(ChunksIn(log, ChunkState::kDue), log.due_below());
  };
  using Due = std::pair<size_t, uint32_t>;
  EXPECT_EQ(mark({{100, 41}}, {100, 42}), Due(1, 101))
      << "all before the next 256 ms is in due chunks";
  EXPECT_EQ(mark({{100, 42}}, {100, 42}), Due(0, 0)) << "the last millisecond is still the key's";
  EXPECT_EQ(mark({{100, 41}, {100, 42}}, {100, 42}), Due(1, 100));
  EXPECT_EQ(mark({{100, 41}, {101, 0}}, {100, 42}), Due(1, 101));
}

TEST_F(LogTest, OversizeRecordsToComeAreNotAmongTheDue) {
  Log log(rig_.pages, 4096, kWasteLimit);
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  log.NoteDeadline(Append(log, 1, 100), {100, 1});
  const uint32_t oversize = Append(log, 1, 100'000);
  log.NoteDeadline(oversize, {100, 9});
  log.MarkDue({100, 5}, deferred);
  EXPECT_EQ(log.due_below(), 100u);
  log.ReleaseDue(deferred);
  log.NoteDeadline(Append(log, 1, 100), {100, 1});
  log.MarkDue({100, 10}, deferred);
  EXPECT_EQ(log.ChunkOf(oversize).state, ChunkState::kOversize) << "it goes with its slot";
  EXPECT_EQ(log.due_below(), 101u);
}

TEST_F(LogTest, NothingIsDueWhereAllChunksAreMixedOrEmpty) {
  Log log(rig_.pages, 4096, kWasteLimit);
  const uint32_t offset = Append(log, 1, 100);
  log.NoteDeadline(offset, {10, 0});
  log.NoteDeadline(offset, {200, 0});
  const uint32_t emptied = Append(log, 2, 100);
  log.NoteDeadline(emptied, {10, 0});
  Release(log, emptied, 100);
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  log.MarkDue({100, 0}, deferred);
  EXPECT_EQ(log.due_below(), 0u);
  EXPECT_EQ(ChunksIn(log, ChunkState::kDue), 0u);
  // The emptied chunk starts again, with what it then holds.
  EXPECT_EQ(log.ChunkOf(emptied).latest, 0U);
  EXPECT_EQ(log.ChunkOf(emptied).earliest, kCoarseNone);
}

TEST_F(LogTest, SaysSoWhenItsAddressSpaceIsUsedUpAndRecovers) {
  Log log(rig_.pages, 4096, kWasteLimit);
  std::vector<uint32_t> offsets;
  DeferredWork deferred(rig_.pages, rig_.lazy_free);
  uint32_t offset;
  while ((offset = log.Append(0, 512, deferred)) != Log::kNowhere) {
    offsets.push_back(offset);
    ASSERT_LE(offsets.size(), ChunkTable::kMost * 8);
  }
  EXPECT_EQ(offsets.size(), ChunkTable::kMost * 8);
  EXPECT_EQ(log.Append(1, 8, deferred), Log::kNowhere);
  EXPECT_EQ(log.Append(0, 600, deferred), Log::kNowhere) << "a mapping needs a number too";
  const size_t live = log.live_bytes(), committed = log.committed_bytes();
  EXPECT_EQ(live, offsets.size() * 512);
  for (size_t i = 800; i < 808; ++i) Release(log, offsets[i], 512);
  EXPECT_EQ(log.committed_bytes(), committed - kSmallPageBytes);
  EXPECT_NE(log.Append(0, 512, deferred), Log::kNowhere);
}

TEST_F(LogTest, MovingALogTakesItsRecordsAlong) {
  Log log(rig_.pages, 4096, kWasteLimit);
  const uint32_t offset = Append(log, 0, 100);
  *log.At(offset) = std::byte{42};
  Log taken(std::move(log));
  EXPECT_EQ(*taken.At(offset), std::byte{42});
  EXPECT_EQ(taken.live_bytes(), 100u);
}

}  // namespace
}  // namespace dcs::store
