#include "store/shard.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "store/key_hash.h"
#include "store/shard_overwrite.h"

namespace dcs::store {

namespace {

// Destroys the heap values that an index's slots lead to, before the index and its log are destroyed.
void DestroyHeapValues(const Index& index, const Log& log) noexcept {
  uint64_t position = 0;
  do {
    const Segment& segment = index.SegmentAt(position);
    segment.ForEach([&](SlotRef slot) {
      if (slot.units() != 0) return;
      const RecordView record = ReadRecord(log.At(slot.offset()));
      if (record.kind == RecordKind::kHeap) delete record.heap();
    });
    position = segment.end();
  } while (position != 0);
}

}  // namespace

// All that a shard held, to be destroyed.
struct Shard::Contents final : Garbage {
  Contents(Index&& old_index, Log&& old_log) noexcept
      : index(std::move(old_index)), log(std::move(old_log)) {}
  ~Contents() override { DestroyHeapValues(index, log); }

  Index index;
  Log log;
};

Shard::Shard(KeyspaceMemory& memory, const KeyspaceOptions& options, int shard_bits)
    : ShardGate(options.lock_observer),
      memory_(memory),
      options_(options),
      shard_bits_(shard_bits),
      index_(memory.blocks, options.max_segment_groups),
      log_(memory.pages, options.max_chunk_bytes, options.waste_limit),
      used_(memory.used_total) {
  Publish();
}

Shard::~Shard() {
  const std::lock_guard lock(mutex);
  DestroyHeapValues(index_, log_);
}

// ---- One key ------------------------------------------------------------------------------------

SlotRef Shard::FindAnywhere(const HashedKey& key) const {
  return index_.FindSlot(ShardHash(key.hash), [&](SlotRef candidate) {
    // Its second line too: where the value begins is only known once the first is there.
    PrefetchRecordAt(candidate.offset());
    return SameBytes(ReadRecord(RecordOf(candidate)).key, key.bytes);
  });
}

void Shard::PrefetchRecord(const HashedKey& key) const {
  index_.FindSlot(ShardHash(key.hash), [&](SlotRef candidate) {
    PrefetchRecordAt(candidate.offset());
    return true;
  });
}

SlotDeadline Shard::SlotNow(TimeMs now) const {
  return now <= options_.epoch ? SlotDeadline{0, 0} : ToSlot(now, options_.epoch);
}

size_t Shard::RecordBytesOf(SlotRef slot) const {
  if (slot.units() != 0) return slot.units() * kRecordUnit;
  const std::byte* record = log_.At(slot.offset());
  return ReadRecord(record).padded_bytes(record);
}

size_t Shard::BytesOf(SlotRef slot) const {
  return slot.units() != 0 ? slot.units() * kRecordUnit : View(slot).bytes();
}

uint8_t Shard::UnitsOf(const RecordSpec& spec, size_t record_bytes) const {
  const size_t units = RoundUp(record_bytes, kRecordUnit) / kRecordUnit;
  if (spec.kind == RecordKind::kHeap || log_.Oversize(record_bytes) || units > UINT8_MAX) return 0;
  return static_cast<uint8_t>(units);
}

bool Shard::OverwriteLong(const HashedKey& key, std::byte* record, RecordKind kind,
                          std::string_view value) {
  const RecordView old = ReadRecord(record);
  RecordSpec spec;
  spec.kind = kind;
  spec.key = key.bytes;
  spec.head = value;
  if (old.kind == RecordKind::kHeap ||
      old.padded_bytes(record) != RoundUp(RecordBytes(spec), kRecordUnit)) {
    return false;
  }
  WriteRecord(record, spec);
  return true;
}

uint32_t Shard::WriteNew(const RecordSpec& spec, int deadline_class, DeferredWork& deferred) {
  const uint32_t offset = log_.Append(deadline_class, RecordBytes(spec), deferred);
  if (offset != Log::kNowhere) WriteRecord(log_.At(offset), spec);
  return offset;
}

absl::Status Shard::Put(const HashedKey& key, Found found, const NewValue& value, TimeMs deadline,
                        TimeMs now, FreeMode mode, DeferredWork& deferred) {
  // A tail means that the head is the old value itself.
  if (found && value.heap == nullptr && value.tail.empty()) {
    const std::byte* const record = RecordOf(found.slot);
    if (Overwrite(key, found, record, ReadRecord(record), value.kind, value.head,
                  BeginOverwriting(found, deadline, now))) {
      return absl::OkStatus();
    }
  }
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

  const uint32_t offset = WriteNew(spec, deadline_class, deferred);
  if (offset == Log::kNowhere) {
    return absl::ResourceExhaustedError("no memory left for a record of " +
                                        std::to_string(RecordBytes(spec)) + " bytes");
  }
  const uint8_t units = UnitsOf(spec, RecordBytes(spec));
  if (found) {
    ReleaseRecord(found.slot, mode, false, deferred);
    found.segment->SetRecord(found.slot, offset, units);
    SetSlotDeadline(found, slot_deadline);
  } else {
    const uint64_t shard_hash = ShardHash(key.hash);
    const auto hash_of = [this](uint32_t at) { return HashOfRecord(at); };
    const auto fetch = [this](uint32_t at) { PrefetchRecordAt(at); };
    if (!index_.MakeRoom(shard_hash, {hash_of, fetch}, deferred)) {
      log_.Release(offset, RoundUp(RecordBytes(spec), kRecordUnit), false, deferred);
      return absl::ResourceExhaustedError("no memory left for another slot");
    }
    Segment& segment = index_.SegmentAt(shard_hash);
    const SlotRef slot = index_.Insert(
        segment, {TagOf(shard_hash), units, segment.PlaceOf(shard_hash), offset, slot_deadline});
    if (tracks_access()) slot.set_access(NewAccess(now));
    log_.NoteDeadline(offset, slot_deadline);
  }
  if (value.heap != nullptr) heap_bytes_ += value.heap->bytes();
  return absl::OkStatus();
}

std::optional<size_t> Shard::WriteInPlace(SlotRef slot, size_t at, std::string_view part) {
  const std::byte* record = log_.At(slot.offset());
  const RecordView view = ReadRecord(record);
  if (!view.padded_length) return std::nullopt;
  const auto value_start =
      static_cast<size_t>(view.value.data() - reinterpret_cast<const char*>(record));
  const size_t before = view.value.size();
  const size_t length = std::max(before, at + part.size());
  if (!log_.GrowOversize(slot.offset(), value_start + length)) return std::nullopt;
  std::byte* const written = log_.At(slot.offset());
  std::byte* const value = written + value_start;
  if (at > before) std::memset(value + before, 0, at - before);
  std::memcpy(value + at, part.data(), part.size());
  SetStringKind(written, RecordKind::kRawString);
  if (length > before) {
    SetPaddedValueLength(written, length);
    log_.ResizeOversize(slot.offset(), value_start + length);
  }
  return length;
}

inline bool Shard::MoveRecord(SlotRef slot, size_t bytes, int deadline_class, SlotDeadline deadline,
                              DeferredWork& deferred) noexcept {
  const uint32_t from = slot.offset();
  const uint32_t to = log_.Append(deadline_class, bytes, deferred);
  if (to == Log::kNowhere) return false;
  if (slot.units() != 0) [[likely]] {
    CopyShort(log_.At(to), log_.At(from), bytes);
  } else {
    std::memcpy(log_.At(to), log_.At(from), bytes);
  }
  slot.offset() = to;
  log_.Release(from, bytes, false, deferred);
  log_.NoteDeadline(to, deadline);
  return true;
}

bool Shard::WriteOutOfLineDeadline(Found found, TimeMs deadline, int deadline_class,
                                   DeferredWork& deferred) {
  const SlotRef slot = found.slot;
  const RecordView old = ReadRecord(log_.At(slot.offset()));
  // A record in its own mapping may be long: it is copied once, to make room for the deadline.
  if (old.out_of_line_deadline && old.padded_length) {
    SetOutOfLineDeadline(log_.At(slot.offset()), deadline);
    log_.SetOversizeClass(slot.offset(), deadline_class);
    return true;
  }
  RecordSpec spec;
  spec.kind = old.kind;
  spec.out_of_line_deadline = true;
  spec.key = old.key;
  spec.head = old.value;
  spec.deadline = deadline;
  spec.padded_length = log_.Oversize(RecordBytes(spec));
  const uint32_t offset = WriteNew(spec, deadline_class, deferred);
  if (offset == Log::kNowhere) return false;
  log_.Release(slot.offset(), RecordBytesOf(slot), false, deferred);
  found.segment->SetRecord(slot, offset, UnitsOf(spec, RecordBytes(spec)));
  return true;
}

void Shard::SetDeadline(Found found, TimeMs deadline, TimeMs now, DeferredWork& deferred) noexcept {
  SlotDeadline slot_deadline = ToSlot(deadline, options_.epoch);
  const int deadline_class = DeadlineClass(deadline, now);
  const Chunk& chunk = log_.ChunkOf(found.slot.offset());
  // True if a sweep has begun at a later `now` than this one, by which the key had expired. Without
  // memory to take the record out, it has expired for all.
  const bool due = chunk.state == ChunkState::kDue;
  if (slot_deadline.coarse == kCoarseOutOfLine) {
    if (!WriteOutOfLineDeadline(found, deadline, deadline_class, deferred)) {
      if (due) return;
      slot_deadline = {kCoarseOutOfLine - 1, UINT8_MAX};
    }
  } else if (chunk.state == ChunkState::kOversize) {
    log_.SetOversizeClass(found.slot.offset(), deadline_class);
  } else if (due || chunk.deadline_class != deadline_class) {
    // Without memory for the move it stays where it is: in company that dies at another time.
    // The log is told of the new deadline only: a due key's old one would lower due_below().
    if (!MoveRecord(found.slot, RecordBytesOf(found.slot), deadline_class, slot_deadline,
                    deferred) &&
        due) {
      return;
    }
  }
  SetSlotDeadline(found, slot_deadline);
}

size_t Shard::ReleaseHeap(SlotRef slot, FreeMode mode, DeferredWork& deferred) noexcept {
  const RecordView record = ReadRecord(log_.At(slot.offset()));
  if (record.kind != RecordKind::kHeap) return 0;
  std::unique_ptr<HeapValue> value(record.heap());
  const size_t bytes = value->bytes();
  heap_bytes_ -= bytes;
  deferred.Add(std::move(value), mode);
  return bytes;
}

void Shard::ReleaseRecord(SlotRef slot, FreeMode mode, bool trim, DeferredWork& deferred) noexcept {
  if (slot.units() == 0) ReleaseHeap(slot, mode, deferred);
  log_.Release(slot.offset(), RecordBytesOf(slot), trim, deferred);
}

void Shard::Remove(Found found, FreeMode mode, bool trim, DeferredWork& deferred) noexcept {
  ReleaseRecord(found.slot, mode, trim, deferred);
  ClearSlot(found);
}

void Shard::RemoveLeavingHeap(Found found, DeferredWork& deferred) noexcept {
  heap_bytes_ -= HeapOf(found.slot)->bytes();
  log_.Release(found.slot.offset(), RecordBytesOf(found.slot), false, deferred);
  ClearSlot(found);
}

Shard::Found Shard::DrawNear(uint64_t position, uint64_t random) const {
  Segment& segment = index_.SegmentAt(position);
  if (segment.count() == 0) return {};
  const size_t number = static_cast<size_t>(random % (segment.groups() * kGroupSlots));
  const SlotRef slot = segment.SlotAt(number / kGroupSlots, number % kGroupSlots);
  return slot.tag() == 0 ? Found{} : Found{&segment, slot};
}

void Shard::ReleaseOnAccess(Found found, DeferredWork& deferred) noexcept {
  Remove(found, FreeMode::kLazy, false, deferred);
  ShrinkIfSparse(*found.segment, deferred);
  CountWrites(1);
  ++counters.released_on_access;
}

uint64_t Shard::HashOfRecord(uint32_t offset) const {
  return ShardHash(HashBytes(ReadRecord(log_.At(offset)).key, options_.seed));
}

// ---- Evacuation ---------------------------------------------------------------------------------

void Shard::BeginEvacuation() {
  evacuating_ = log_.Mark();
  evacuation_position_ = 0;
  evacuation_slot_ = 0;
}

template <size_t kSize>
size_t Shard::FindMarked(size_t enough, std::array<MarkedSlot, kSize>& marked) const {
  assert(enough + kGroupSlots <= kSize && "FindMarked: room for a group more than enough");
  const Segment& segment = index_.SegmentAt(evacuation_position_);
  // Rebuilt or split since the last step: what was moved is not marked any more.
  const size_t from = segment.groups() == evacuation_groups_ ? evacuation_slot_ : 0;
  size_t found = 0;
  for (size_t group = from / kGroupSlots; group < segment.groups() && found < enough; ++group) {
    segment.ForEachStandingIn(group, [&](SlotRef slot) {
      const uint32_t offset = slot.offset();
      const uint32_t number = slot.group * static_cast<uint32_t>(kGroupSlots) + slot.in_group;
      if (!log_.Marked(offset) || number < from) return;
      marked[found++] = {offset, number};
    });
  }
  return found;
}

bool Shard::EvacuateSome(size_t most, TimeMs now, DeferredWork& deferred) {
  assert(evacuating_ && "EvacuateSome: evacuating()");
  assert((most == kFew || most == kMany) && "EvacuateSome: most is kFew or kMany");
  Segment& segment = index_.SegmentAt(evacuation_position_);
  // Those that the next step will begin with, too: they are being fetched meanwhile.
  const size_t batch = std::min(most, kFetchAhead);
  std::array<MarkedSlot, kMany + kFetchAhead + kGroupSlots> marked;
  const size_t found = FindMarked(most + batch, marked);
  const size_t count = std::min(found, most);
  const bool more = found > count;
  // The next segment's slots are being fetched, too, a block for so many records.
  const Segment& next = index_.SegmentAt(segment.end());
  size_t next_block = 0;
  // Records lie anywhere in the log: a batch is being fetched, all at once, while the one before it is
  // copied.
  const auto fetch = [&](size_t from) __attribute__((always_inline)) {
    for (size_t i = from; i < std::min(from + batch, found); ++i) {
      PrefetchRecordAt(marked[i].offset);
    }
  };
  size_t moved = 0, moved_bytes = 0;
  fetch(0);
  for (size_t from = 0; from < count; from += batch) {
    fetch(from + batch);
    if (!more) next.PrefetchBlock(next_block++);
    for (size_t i = from; i < std::min(from + batch, count); ++i) {
      const uint32_t number = marked[i].slot;
      const SlotRef slot = segment.SlotAt(number / kGroupSlots, number % kGroupSlots);
      const size_t bytes = RecordBytesOf(slot);
      // Without memory for the copy the record stays, and its chunk with it.
      if (!MoveRecord(slot, bytes, DeadlineClass(DeadlineOf(slot), now), slot.deadline(),
                      deferred)) {
        continue;
      }
      ++moved;
      moved_bytes += bytes;
    }
  }
  counters.evacuated_records += moved;
  counters.evacuated_bytes += moved_bytes;
  if (more) {
    evacuation_slot_ = marked[count].slot;
    evacuation_groups_ = segment.groups();
    return false;
  }
  while (next_block < next.blocks()) next.PrefetchBlock(next_block++);
  evacuation_slot_ = 0;
  evacuation_position_ = segment.end();
  if (evacuation_position_ == 0) {
    log_.Unmark();
    evacuating_ = false;
  }
  return true;
}

bool Shard::BeginPaying() {
  if (!owes_work() || payments_ > 0) return false;
  // Due chunks are waste that the sweep under way gives back. What is owed is paid after it.
  if (!evacuating_ && log_.due_below() > 0) return false;
  if (evacuating_ || log_.OverWasteLimit()) {
    payments_ = writes_ / kWritesPerEvacuatedSegment;
  } else {
    writes_ %= kWritesPerEvacuatedSegment;
  }
  return payments_ > 0;
}

bool Shard::PayForWrites(TimeMs now, DeferredWork& deferred) {
  assert(payments_ > 0 && "PayForWrites: the caller has begun to pay");
  // One segment in 16 writes empties the marked chunks well before the next ones are due: a cycle
  // begins after an eighth of the log has died, and there are hundreds of keys a segment.
  if (evacuating_) {
    if (!EvacuateSome(kFew, now, deferred)) return true;
  } else if (log_.due_below() == 0 && log_.OverWasteLimit()) {
    BeginEvacuation();
  } else {
    payments_ = 0;
    return false;
  }
  writes_ -= kWritesPerEvacuatedSegment;
  --payments_;
  return payments_ > 0;
}

// ---- The whole ----------------------------------------------------------------------------------

std::unique_ptr<Garbage> Shard::TakeContents(size_t& objects, size_t& bytes) {
  objects = count();
  bytes = index_.bytes() + log_.committed_bytes() + heap_bytes_;
  // All that allocates comes first; moving does not throw.
  Index index(memory_.blocks, options_.max_segment_groups);
  Log log(memory_.pages, options_.max_chunk_bytes, options_.waste_limit);
  auto contents = std::make_unique<Contents>(std::move(index_), std::move(log_));
  std::destroy_at(&index_);
  std::construct_at(&index_, std::move(index));
  std::destroy_at(&log_);
  std::construct_at(&log_, std::move(log));
  heap_bytes_ = 0;
  evacuating_ = false;
  sweeping_ = 0;
  return contents;
}

void Shard::AddTo(MemoryUse& use) const {
  use.used_index_bytes +=
      index_.used_bytes() + (tracks_access() ? index_.count() * sizeof(AccessWord) : 0);
  use.index_bytes += index_.bytes();
  use.log_bytes += log_.committed_bytes();
  use.live_log_bytes += log_.live_bytes();
  use.heap_bytes += heap_bytes_;
}

}  // namespace dcs::store
