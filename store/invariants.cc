// Shard::CheckInvariants, BlockPool::CheckInvariants: recount what those believe, for tests.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/shard.h"

namespace dcs::store {
namespace {

void Require(bool holds, const char* sentence) {
  if (holds) return;
  std::fprintf(stderr, "invariant violated: %s\n", sentence);
  std::abort();
}

void CheckSentOn(const Segment& segment) {
  std::vector<size_t> passed(segment.groups());
  segment.ForEach([&](SlotRef slot) {
    for (size_t group = segment.HomeOf(slot.place()); group != slot.group;
         group = segment.After(group)) {
      ++passed[group];
    }
  });
  for (size_t group = 0; group < segment.groups(); ++group) {
    Require(passed[group] == segment.SentOn(group),
            "a group counts exactly the slots that it sent on");
  }
}

void CheckEmptySlots(const Segment& segment) {
  for (size_t slot = 0; slot < segment.groups() * kGroupSlots; ++slot) {
    const SlotRef ref = segment.SlotAt(slot / kGroupSlots, slot % kGroupSlots);
    Require(ref.tag() != 0 || ref.coarse() == kCoarseNone, "an empty slot has no deadline");
  }
}

void CheckRoute(const Route& route, const Segment& segment) {
  const bool large = segment.groups() > Route::kMostBlocks * kBlockGroups;
  Require(route.asks_segment() == large, "a route asks segments of more than eight blocks only");
  if (large) return;
  Require(route.groups() == segment.groups() && route.base() == segment.base() &&
              route.used() == segment.depth() - segment.base(),
          "a route leads to the same groups as the segment");
  for (size_t i = 0; i < segment.blocks(); ++i) {
    Require(BlockPool::SlabOf(segment.block(i)) == BlockPool::SlabOf(segment.block(0)),
            "a segment's blocks lie in one slab");
    Require(route.block(i) == segment.block(i), "a route leads to the same blocks as the segment");
  }
}

void CheckChunk(const Chunk& chunk, size_t live_bytes) {
  Require(chunk.state == ChunkState::kDue ? live_bytes <= chunk.live_bytes
                                          : live_bytes == chunk.live_bytes,
          "a chunk's live bytes are those of the slots into it; a due chunk's, no less");
  Require(chunk.live_bytes <= chunk.used && chunk.used <= chunk.capacity &&
              chunk.used <= chunk.committed,
          "a chunk's live bytes <= used <= capacity, and committed covers used");
  const bool may_be_empty = chunk.state == ChunkState::kOpen || chunk.state == ChunkState::kFree;
  Require(chunk.live_bytes > 0 || may_be_empty, "only open chunks are without life");
}

}  // namespace

void ChunkTable::CheckInvariants() const {
  size_t chained = 0;
  for (uint32_t free = first_free_; free != kNone; free = chunks_[free].next_free) {
    Require(free < chunks_.size() && chunks_[free].state == ChunkState::kFree &&
                ++chained <= chunks_.size(),
            "the chain of free chunks leads to free ones, and ends");
  }
  const auto is_free = [](const Chunk& chunk) { return chunk.state == ChunkState::kFree; };
  Require(chained == static_cast<size_t>(std::count_if(chunks_.begin(), chunks_.end(), is_free)),
          "every free chunk is in the chain");
}

void Shard::CheckInvariants() const {
  std::unordered_map<uint32_t, size_t> live_bytes;  // by chunk
  std::set<std::string_view> keys;
  size_t count = 0, with_deadline = 0, heap_bytes = 0, segments = 0, blocks = 0;
  uint64_t position = 0;
  do {
    const Segment& segment = index_.SegmentAt(position);
    const uint64_t end = segment.end();
    size_t in_segment = 0, deadlines = 0;
    segment.ForEach([&](SlotRef slot) {
      ++in_segment;
      deadlines += slot.coarse() != kCoarseNone;
      Require(segment.earliest() <= segment.earliest_in(slot.group / kBlockGroups) &&
                  segment.earliest_in(slot.group / kBlockGroups) <= slot.coarse(),
              "earliest is a lower bound of a block's and of the segment's deadlines");
      Require(slot.coarse() == kCoarseNone || slot.coarse() <= segment.latest(),
              "latest is an upper bound of the segment's deadlines");
      Require(slot.units() != 0 || !segment.all_sized(),
              "a segment knows whether all say their size");
      const std::byte* at = log_.At(slot.offset());
      const RecordView record = ReadRecord(at);
      const size_t bytes = record.padded_bytes(at);
      const uint64_t hash = HashOfRecord(slot.offset());
      const uint16_t place = segment.PlaceOf(hash);
      Require(slot.tag() == TagOf(hash) &&
                  segment.LocalPlace(slot.place()) == segment.LocalPlace(place),
              "tag and local place are those of the key's hash");
      Require(slot.place() == place || !segment.HasNewPlace(slot),
              "a new place is that of the key's hash");
      Require(&segment == &index_.SegmentAt(hash), "a key is in the segment of its hash");
      const bool ask = record.kind == RecordKind::kHeap || log_.Oversize(bytes) ||
                       bytes / kRecordUnit > UINT8_MAX;
      Require(slot.units() == (ask ? 0 : bytes / kRecordUnit), "units is the record's size or 0");
      if (record.kind == RecordKind::kHeap) heap_bytes += record.heap()->bytes();
      Require(keys.insert(record.key).second, "no two slots lead to one key");
      live_bytes[slot.offset() >> Log::kOffsetBitsInChunk] += bytes;
      const Chunk& chunk = log_.ChunkOf(slot.offset());
      Require(chunk.earliest <= slot.coarse() && slot.deadline().rank() <= chunk.latest,
              "a chunk knows between which deadlines its records' lie");
      Require(slot.coarse() >= log_.due_below() || chunk.state == ChunkState::kDue ||
                  chunk.state == ChunkState::kOversize,
              "slots below due_below lead into due chunks");
    });
    Require(in_segment == segment.count(), "a segment counts its slots");
    Require(deadlines == segment.with_deadline(), "a segment counts its slots with a deadline");
    Require(segment.count() <= Segment::MaxCount(segment.groups()), "a segment is not overfull");
    CheckSentOn(segment);
    CheckEmptySlots(segment);
    count += in_segment;
    with_deadline += deadlines;
    ++segments;
    blocks += RoundUp(segment.groups(), kBlockGroups) / kBlockGroups;
    position = end;
  } while (position != 0);

  Require(count == index_.count() && with_deadline == index_.with_deadline(),
          "the index counts its slots");
  for (size_t i = 0; i < index_.earliest().size(); ++i) {
    const uint64_t place = index_.depth() == 0 ? 0 : uint64_t{i} << (64 - index_.depth());
    const Segment& segment = index_.SegmentAt(place);
    Require(index_.earliest()[i] == (segment.start() == place ? segment.earliest() : kCoarseNone),
            "the index repeats each segment's earliest deadline at its first place");
    CheckRoute(index_.RouteAt(place), segment);
  }
  Require(segments == index_.segments(), "the directory leads to every segment once");
  Require(blocks == index_.blocks(), "every block taken belongs to a segment");
  Require(heap_bytes == heap_bytes_, "heap bytes are those of the heap values");
  log_.CheckChunkTable();
  // What the keys use, from scratch: each key's slot and record, heap values, segments, directory.
  size_t used = count * sizeof(SlotBlock) / kBlockSlots + heap_bytes + segments * sizeof(Segment) +
                index_.directory().bytes();
  for (const auto& [chunk, bytes] : live_bytes) used += bytes;
  const auto is_due = [](const Chunk& chunk) { return chunk.state == ChunkState::kDue; };
  const bool any_due = std::any_of(log_.chunks().begin(), log_.chunks().end(), is_due);
  Require(any_due ? used <= used_bytes() : used == used_bytes(),
          "used bytes are those of the keys and their index; while chunks are due, no less");
  Require(used_bytes() <= index_.bytes() + index_.blocks() * kBlockSlots * sizeof(AccessWord) +
                              log_.committed_bytes() + heap_bytes_,
          "what is used is held");
  size_t live = 0, committed = 0;
  for (uint32_t id = 0; id < log_.chunks().size(); ++id) {
    CheckChunk(log_.chunks()[id], live_bytes[id]);
    live += log_.chunks()[id].live_bytes;
    committed += log_.chunks()[id].committed;
  }
  size_t closed = 0, closed_live = 0;
  for (const Chunk& chunk : log_.chunks()) {
    if (chunk.state != ChunkState::kClosed && chunk.state != ChunkState::kMarked &&
        chunk.state != ChunkState::kDue) {
      continue;
    }
    closed += chunk.capacity;
    closed_live += chunk.live_bytes;
  }
  Require(closed == log_.closed_bytes() && closed_live == log_.closed_live_bytes(),
          "what may be waste is counted over the closed chunks");
  Require(live == log_.live_bytes() && committed == log_.committed_bytes(),
          "the log's bytes are its chunks' bytes");
}

void Shard::CheckPublished() const {
  Require(used_.bytes() == used_bytes() && used_.keys() == index_.count(),
          "a shard has published what it uses when its lock is released");
}

void UsedTotal::CheckNear(Sum exact) const {
  const auto near = [](int64_t total, int64_t sum, int64_t off) {
    return sum - off <= total && total <= sum + off;
  };
  Require(near(Approximate().bytes, exact.bytes, slack().bytes) &&
              near(Approximate().keys, exact.keys, slack().keys),
          "the running total is within its slack");
}

void BlockPool::CheckInvariants() const {
  const std::lock_guard lock(mutex_);
  Use use;
  size_t slabs = 0;
  for (size_t i = 0; i < slabs_.size(); ++i) {
    const Slab* const slab = slabs_[i];
    const bool with_room = (with_room_[i / kWordBits] >> i % kWordBits & 1) != 0;
    Require(with_room == (slab != nullptr && slab->in_use < kNoRoom),
            "which slabs have room is known");
    if (slab == nullptr) continue;
    size_t free = 0, free_untouched = 0;
    for (uint32_t number = 0; number < slab->free.size() * kWordBits; ++number) {
      const bool is_free = (slab->free[number / kWordBits] >> number % kWordBits & 1) != 0;
      free += is_free;
      free_untouched += is_free && number >= slab->taken_ever;
    }
    Require(free + slab->in_use == kSlabBlocks, "a slab's blocks are free or in use");
    Require(free_untouched == kSlabBlocks - slab->taken_ever, "what is in use has been touched");
    Require(slab->in_use > 0, "a slab without blocks in use is given back");
    Require(slab->number == i, "a slab stands at its number");
    use.blocks += slab->in_use;
    use.committed_bytes += TouchedBytes(*slab);
    ++slabs;
  }
  Require(slabs == slabs_in_use_, "slabs in use are counted");
  Require(use.blocks == use_.blocks && use.committed_bytes == use_.committed_bytes,
          "the pool counts what its slabs hold");
}

}  // namespace dcs::store
