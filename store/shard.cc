#include "store/shard.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "store/key_hash.h"

namespace dcs::store {

// All that a shard holds, on its way out.
struct Shard::Contents final : Garbage {
  Contents(Index&& old_index, Log&& old_log)
      : index(std::move(old_index)), log(std::move(old_log)) {}
  ~Contents() override {
    uint64_t position = 0;
    do {
      const Segment& segment = index.SegmentAt(position);
      segment.ForEach([&](SlotRef slot) {
        if (slot.units() != 0) return;
        const RecordView record = ReadRecord(log.At(slot.offset()));
        if (record.kind == RecordKind::kHeap) delete record.heap();
      });
      position = Index::EndOf(segment, position);
    } while (position != 0);
  }

  Index index;
  Log log;
};

Shard::Shard(PageSource& pages, const KeyspaceOptions& options, int shard_bits)
    : pages_(pages),
      options_(options),
      shard_bits_(shard_bits),
      index_(pages, options.max_segment_groups),
      log_(pages, options.max_chunk_bytes, options.waste_limit) {}

Shard::~Shard() {
  const std::lock_guard lock(mutex);
  size_t objects = 0, bytes = 0;
  TakeContents(objects, bytes);
}

// ---- One key ------------------------------------------------------------------------------------

Shard::Found Shard::Find(const HashedKey& key) const {
  const uint64_t shard_hash = ShardHash(key.hash);
  Segment& segment = index_.SegmentAt(shard_hash);
  const SlotRef slot = segment.FindSlot(shard_hash, [&](SlotRef candidate) {
    return ReadRecord(log_.At(candidate.offset())).key == key.bytes;
  });
  return {&segment, slot};
}

uint32_t Shard::CoarseNow(TimeMs now) const {
  if (now <= options_.epoch) return 0;
  // Capped below kCoarseNone, which never expires.
  return std::min(ToSlot(now, options_.epoch).coarse, kCoarseOutOfLine);
}

TimeMs Shard::DeadlineOf(SlotRef slot) const {
  const SlotDeadline deadline = slot.deadline();
  if (deadline.coarse == kCoarseNone) return kNoDeadline;
  if (deadline.coarse == kCoarseOutOfLine) return ReadRecord(log_.At(slot.offset())).deadline;
  return FromSlot(deadline, options_.epoch);
}

bool Shard::IsExpired(SlotRef slot, TimeMs now) const {
  const uint32_t coarse_now = CoarseNow(now);
  const uint32_t coarse = slot.deadline().coarse;
  return coarse < coarse_now || (coarse == coarse_now && Expired(DeadlineOf(slot), now));
}

size_t Shard::RecordBytesOf(SlotRef slot) const {
  if (slot.units() != 0) return slot.units() * kRecordUnit;
  const std::byte* record = log_.At(slot.offset());
  return ReadRecord(record).padded_bytes(record);
}

size_t Shard::BytesOf(SlotRef slot) const {
  return slot.units() != 0 ? slot.units() * kRecordUnit : View(slot).bytes();
}

Entry Shard::View(SlotRef slot) const {
  const std::byte* at = log_.At(slot.offset());
  const RecordView record = ReadRecord(at);
  Entry entry;
  entry.key = record.key;
  entry.deadline = DeadlineOf(slot);
  entry.record_bytes = record.padded_bytes(at);
  if (record.kind == RecordKind::kHeap) {
    entry.heap = record.heap();
    entry.type = entry.heap->type();
  } else {
    entry.string = record.value;
    entry.form = record.kind == RecordKind::kRawString ? StringForm::kRaw : StringForm::kPlain;
  }
  return entry;
}

uint8_t Shard::UnitsOf(const RecordSpec& spec, size_t record_bytes) const {
  const size_t units = RoundUp(record_bytes, kRecordUnit) / kRecordUnit;
  if (spec.kind == RecordKind::kHeap || log_.Oversize(record_bytes) || units > UINT8_MAX) return 0;
  return static_cast<uint8_t>(units);
}

bool Shard::FitsInPlace(SlotRef slot, const RecordSpec& spec, int deadline_class) const {
  // A tail means that the head is the old value itself.
  if (slot.units() == 0 || spec.kind == RecordKind::kHeap || !spec.tail.empty()) return false;
  const size_t bytes = RecordBytes(spec);
  const Chunk& chunk = log_.ChunkOf(slot.offset());
  return !log_.Oversize(bytes) && RoundUp(bytes, kRecordUnit) == slot.units() * kRecordUnit &&
         chunk.deadline_class == deadline_class && chunk.state != ChunkState::kMarked;
}

std::optional<uint32_t> Shard::WriteNew(const RecordSpec& spec, int deadline_class,
                                        Retired& retired) {
  const std::optional<uint32_t> offset = log_.Append(deadline_class, RecordBytes(spec), retired);
  if (offset) WriteRecord(log_.At(*offset), spec);
  return offset;
}

absl::Status Shard::Put(const HashedKey& key, Found found, const NewValue& value, TimeMs deadline,
                        TimeMs now, FreeMode mode, Retired& retired) {
  RecordSpec spec;
  spec.kind = value.kind;
  spec.key = key.bytes;
  spec.head = value.head;
  spec.tail = value.tail;
  if (value.kind == RecordKind::kHeap) {
    spec.head = {reinterpret_cast<const char*>(&value.heap), sizeof(value.heap)};
  }
  const SlotDeadline slot_deadline = ToSlot(deadline, options_.epoch);
  const int deadline_class = DeadlineClass(deadline, now);
  spec.deadline = deadline;
  spec.out_of_line_deadline = slot_deadline.coarse == kCoarseOutOfLine;
  spec.padded_length = log_.Oversize(RecordBytes(spec));

  if (found && FitsInPlace(found.slot, spec, deadline_class)) {
    WriteRecord(log_.At(found.slot.offset()), spec);
    index_.SetDeadline(*found.segment, found.slot, slot_deadline);
    return absl::OkStatus();
  }
  const std::optional<uint32_t> offset = WriteNew(spec, deadline_class, retired);
  if (!offset) {
    return absl::ResourceExhaustedError("no memory left for a record of " +
                                        std::to_string(RecordBytes(spec)) + " bytes");
  }
  const uint8_t units = UnitsOf(spec, RecordBytes(spec));
  if (found) {
    ReleaseRecord(found.slot, mode, false, retired);
    found.slot.offset() = *offset;
    found.slot.units() = units;
    index_.SetDeadline(*found.segment, found.slot, slot_deadline);
  } else {
    const uint64_t shard_hash = ShardHash(key.hash);
    if (!index_.MakeRoom(
            shard_hash, [this](uint32_t at) { return HashOfRecord(at); }, retired)) {
      log_.Release(*offset, RoundUp(RecordBytes(spec), kRecordUnit), false, retired);
      return absl::ResourceExhaustedError("no memory left for another slot");
    }
    Segment& segment = index_.SegmentAt(shard_hash);
    index_.Insert(segment,
                  {TagOf(shard_hash), units, segment.PlaceOf(shard_hash), *offset, slot_deadline});
  }
  if (value.heap != nullptr) heap_bytes_ += value.heap->bytes();
  return absl::OkStatus();
}

std::optional<size_t> Shard::AppendInPlace(SlotRef slot, std::string_view tail) {
  const std::byte* record = log_.At(slot.offset());
  const RecordView view = ReadRecord(record);
  if (!view.padded_length) return std::nullopt;
  const auto value_end = static_cast<size_t>(view.value.data() + view.value.size() -
                                             reinterpret_cast<const char*>(record));
  const size_t length = view.value.size() + tail.size();
  if (!log_.GrowOversize(slot.offset(), value_end + tail.size())) return std::nullopt;
  std::byte* grown = log_.At(slot.offset());
  std::memcpy(grown + value_end, tail.data(), tail.size());
  SetPaddedValueLength(grown, length);
  SetStringKind(grown, RecordKind::kRawString);
  log_.ResizeOversize(slot.offset(), value_end + tail.size());
  return length;
}

bool Shard::MoveRecord(SlotRef slot, int deadline_class, Retired& retired) {
  const size_t bytes = RecordBytesOf(slot);
  const std::optional<uint32_t> offset = log_.Append(deadline_class, bytes, retired);
  if (!offset) return false;
  std::memcpy(log_.At(*offset), log_.At(slot.offset()), bytes);
  log_.Release(slot.offset(), bytes, false, retired);
  slot.offset() = *offset;
  return true;
}

bool Shard::WriteOutOfLineDeadline(SlotRef slot, TimeMs deadline, int deadline_class,
                                   Retired& retired) {
  const RecordView old = ReadRecord(log_.At(slot.offset()));
  RecordSpec spec;
  spec.kind = old.kind;
  spec.out_of_line_deadline = true;
  spec.key = old.key;
  spec.head = old.value;
  spec.deadline = deadline;
  spec.padded_length = log_.Oversize(RecordBytes(spec));
  const std::optional<uint32_t> offset = WriteNew(spec, deadline_class, retired);
  if (!offset) return false;
  log_.Release(slot.offset(), RecordBytesOf(slot), false, retired);
  slot.offset() = *offset;
  slot.units() = UnitsOf(spec, RecordBytes(spec));
  return true;
}

void Shard::SetDeadline(Found found, TimeMs deadline, TimeMs now, Retired& retired) {
  SlotDeadline slot_deadline = ToSlot(deadline, options_.epoch);
  const int deadline_class = DeadlineClass(deadline, now);
  if (slot_deadline.coarse == kCoarseOutOfLine) {
    if (!WriteOutOfLineDeadline(found.slot, deadline, deadline_class, retired)) {
      slot_deadline = {kCoarseOutOfLine - 1, UINT8_MAX};
    }
  } else if (log_.ChunkOf(found.slot.offset()).state == ChunkState::kOversize) {
    log_.SetOversizeClass(found.slot.offset(), deadline_class);
  } else if (log_.ChunkOf(found.slot.offset()).deadline_class != deadline_class) {
    // Without memory for the move it stays where it is: in company that dies at another time.
    MoveRecord(found.slot, deadline_class, retired);
  }
  index_.SetDeadline(*found.segment, found.slot, slot_deadline);
}

void Shard::ReleaseRecord(SlotRef slot, FreeMode mode, bool trim, Retired& retired) {
  if (slot.units() == 0) {
    const RecordView record = ReadRecord(log_.At(slot.offset()));
    if (record.kind == RecordKind::kHeap) {
      std::unique_ptr<HeapValue> value(record.heap());
      heap_bytes_ -= value->bytes();
      retired.Add(std::move(value), mode);
    }
  }
  log_.Release(slot.offset(), RecordBytesOf(slot), trim, retired);
}

void Shard::Remove(Found found, FreeMode mode, bool trim, Retired& retired) {
  ReleaseRecord(found.slot, mode, trim, retired);
  ClearSlot(found);
}

void Shard::RemoveLeavingHeap(Found found, Retired& retired) {
  heap_bytes_ -= HeapOf(found.slot)->bytes();
  log_.Release(found.slot.offset(), RecordBytesOf(found.slot), false, retired);
  ClearSlot(found);
}

SlotRef Shard::SlotNear(uint64_t position, uint64_t random) const {
  const Segment& segment = index_.SegmentAt(position);
  if (segment.count() == 0) return {};
  const size_t number = static_cast<size_t>(random % (segment.groups() * kGroupSlots));
  const SlotRef slot = segment.SlotAt(number / kGroupSlots, number % kGroupSlots);
  return slot.tag() == 0 ? SlotRef{} : slot;
}

uint64_t Shard::HashOfRecord(uint32_t offset) const {
  return ShardHash(HashBytes(ReadRecord(log_.At(offset)).key, options_.seed));
}

// ---- Walks --------------------------------------------------------------------------------------

uint64_t Shard::ReleaseExpired(uint64_t position, WalkLimit& limit, TimeMs now, SweepResult& result,
                               Retired& retired) {
  Segment& segment = index_.SegmentAt(position);
  const uint64_t end = Index::EndOf(segment, position);
  const bool any_expired = segment.earliest() <= CoarseNow(now);
  const uint64_t next = WalkSegment(position, limit, [&](Segment& walked, SlotRef slot) {
    ++result.visited;
    result.with_deadline += slot.deadline().coarse != kCoarseNone;
    if (!any_expired || !IsExpired(slot, now)) return;
    ++result.released;
    result.released_bytes += BytesOf(slot);
    Remove({&walked, slot}, FreeMode::kLazy, true, retired);
  });
  // Only behind the last group: what is left in the middle of a walk is all on one side, and a
  // segment fitted to that would be one long overflow.
  if (any_expired && next == end) {
    segment.TightenEarliest();
    index_.ShrinkIfSparse(segment, retired);
  }
  return next;
}

uint64_t Shard::CountSegment(uint64_t position, TimeMs now, Census& census) const {
  const Segment& segment = index_.SegmentAt(position);
  census.keys += segment.count();
  census.keys_with_deadline += segment.with_deadline();
  if (segment.earliest() <= CoarseNow(now)) {
    segment.ForEach([&](SlotRef slot) {
      if (!IsExpired(slot, now)) return;
      ++census.expired_keys;
      census.expired_bytes += BytesOf(slot);
    });
  }
  return Index::EndOf(segment, position);
}

// ---- Evacuation ---------------------------------------------------------------------------------

void Shard::BeginEvacuation() {
  evacuating_ = log_.Mark();
  evacuation_position_ = 0;
}

void Shard::EvacuateSegment(TimeMs now, Retired& retired) {
  assert(evacuating_ && "EvacuateSegment: evacuating()");
  Segment& segment = index_.SegmentAt(evacuation_position_);
  segment.ForEach([&](SlotRef slot) {
    if (!log_.Marked(slot.offset())) return;
    const int deadline_class = DeadlineClass(DeadlineOf(slot), now);
    const size_t bytes = RecordBytesOf(slot);
    // Without memory for the copy the record stays, and its chunk with it.
    if (!MoveRecord(slot, deadline_class, retired)) return;
    ++counters.evacuated_records;
    counters.evacuated_bytes += bytes;
  });
  evacuation_position_ = Index::EndOf(segment, evacuation_position_);
  if (evacuation_position_ != 0) return;
  log_.Unmark();
  evacuating_ = false;
}

void Shard::AfterWrites(TimeMs now, Retired& retired) {
  // One segment in 16 writes empties the marked chunks well before the next ones are due: a cycle
  // begins after an eighth of the log has died, and there are hundreds of keys a segment.
  for (; writes_ >= kWritesPerEvacuatedSegment; writes_ -= kWritesPerEvacuatedSegment) {
    if (!evacuating_ && log_.OverWasteLimit()) BeginEvacuation();
    if (evacuating_) EvacuateSegment(now, retired);
  }
}

// ---- The whole ----------------------------------------------------------------------------------

std::unique_ptr<Garbage> Shard::TakeContents(size_t& objects, size_t& bytes) {
  objects = count();
  bytes = index_.bytes() + log_.committed_bytes() + heap_bytes_;
  auto contents = std::make_unique<Contents>(std::move(index_), std::move(log_));
  std::destroy_at(&index_);
  std::construct_at(&index_, pages_, options_.max_segment_groups);
  std::destroy_at(&log_);
  std::construct_at(&log_, pages_, options_.max_chunk_bytes, options_.waste_limit);
  heap_bytes_ = 0;
  evacuating_ = false;
  return contents;
}

void Shard::AddTo(MemoryUse& use) const {
  use.index_bytes += index_.bytes();
  use.log_bytes += log_.committed_bytes();
  use.live_log_bytes += log_.live_bytes();
  use.heap_bytes += heap_bytes_;
}

}  // namespace dcs::store
