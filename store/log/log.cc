#include "store/log/log.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <new>
#include <utility>
#include <vector>

namespace dcs::store {
namespace {

// The order in which closed chunks are marked, and the chunk's number below it. By life as a share of
// capacity, which is what a copied byte buys; in eighths, since what died at random leaves chunks about
// equally full. Among equals those at the lowest addresses: other shards, which have parts of the same
// huge pages, then choose the same ones.
uint64_t RankToMark(const Chunk& chunk, uint32_t number) {
  constexpr int kPageBits = 36;  // of addresses of 48
  static_assert(4 + kPageBits + ChunkTable::kNumberBits <= 64, "0 to 8 eighths take four bits");
  const uint64_t eighths = (uint64_t{chunk.live_bytes} * 8 + chunk.capacity / 2) / chunk.capacity;
  const uint64_t page = reinterpret_cast<uintptr_t>(chunk.region.base) / kSmallPageBytes;
  return (eighths << kPageBits | page) << ChunkTable::kNumberBits | number;
}
uint32_t ChunkOfRank(uint64_t rank) {
  return static_cast<uint32_t>(rank) & ChunkTable::kNumberMask;
}

}  // namespace

Log::Log(PageSource& pages, size_t max_chunk_bytes, double waste_limit)
    : pages_(&pages), max_chunk_bytes_(max_chunk_bytes), waste_limit_(waste_limit) {
  assert(max_chunk_bytes <= PageSource::kRegionBytes && "Log: a chunk lies in one region");
  open_.fill(kNoChunk);
}

Log::~Log() {
  for (const Chunk& chunk : chunks_.chunks()) {
    if (chunk.region.base != nullptr) pages_->GiveBack(chunk.region);
  }
}

uint32_t Log::OpenChunk(int deadline_class, size_t padded_bytes) {
  // Small chunks for a small class: what may lie dead or empty in them stays in proportion.
  size_t capacity = std::bit_floor(std::max(
      class_closed_bytes_[static_cast<size_t>(deadline_class)] / kOpenShare, kMinChunkBytes));
  const size_t least = std::min(
      std::max(std::bit_ceil(padded_bytes * kOversizeShare), kMinChunkBytes), max_chunk_bytes_);
  capacity = std::min(std::max(capacity, least), max_chunk_bytes_);
  const Region region =
      capacity == PageSource::kRegionBytes
          ? pages_->Take(PageKind::kHuge)
          : pages_->TakePart(least, capacity, static_cast<uint8_t>(deadline_class));
  if (region.base == nullptr) return kNoChunk;
  capacity = std::min<size_t>(capacity, region.bytes);
  const uint32_t id = chunks_.Take();
  if (id == kNoChunk) {
    pages_->GiveBack(region);
    return kNoChunk;
  }
  Chunk& chunk = chunks_[id];
  chunk = {};
  chunk.state = ChunkState::kOpen;
  chunk.deadline_class = static_cast<uint8_t>(deadline_class);
  chunk.capacity = static_cast<uint32_t>(capacity);
  chunk.region = region;
  chunks_.base(id) = region.base;
  // The first touch of a huge page brings all of it.
  if (region.kind != PageKind::kSmall) Commit(chunk, capacity);
  open_[deadline_class] = id;
  return id;
}

uint32_t Log::AppendElsewhere(int deadline_class, size_t record_bytes,
                              DeferredWork& deferred) noexcept {
  if (Oversize(record_bytes)) return AppendOversize(deadline_class, record_bytes);
  const auto padded = static_cast<uint32_t>(RoundUp(record_bytes, kRecordUnit));
  const uint32_t full = open_[static_cast<size_t>(deadline_class)];
  if (full != kNoChunk) Close(full, deferred);
  const uint32_t opened = OpenChunk(deadline_class, padded);
  return opened == kNoChunk ? kNowhere : AppendTo(opened, padded);
}

uint32_t Log::AppendOversize(int deadline_class, size_t record_bytes) {
  std::unique_ptr<Mapping> mapping(new (std::nothrow) Mapping(record_bytes));
  if (mapping == nullptr || mapping->data() == nullptr) return kNowhere;
  const uint32_t id = chunks_.Take();
  if (id == kNoChunk) return kNowhere;
  Chunk& chunk = chunks_[id];
  chunk = {};
  chunk.state = ChunkState::kOversize;
  chunk.deadline_class = static_cast<uint8_t>(deadline_class);
  chunk.capacity = static_cast<uint32_t>(mapping->bytes());
  chunks_.base(id) = mapping->data();
  chunk.mapping = std::move(mapping);
  const uint32_t offset = id << kOffsetBitsInChunk;
  ResizeOversize(offset, record_bytes);
  return offset;
}

bool Log::GrowOversize(uint32_t offset, size_t record_bytes) noexcept {
  const uint32_t id = offset >> kOffsetBitsInChunk;
  Chunk& chunk = chunks_[id];
  assert(chunk.state == ChunkState::kOversize && "GrowOversize: the record has its own mapping");
  if (record_bytes <= chunk.capacity) return true;
  // Half as much again at least, so that n appends copy O(n) bytes.
  if (!chunk.mapping->Grow(std::max(record_bytes, size_t{chunk.capacity} / 2 * 3))) return false;
  chunk.capacity = static_cast<uint32_t>(chunk.mapping->bytes());
  chunks_.base(id) = chunk.mapping->data();
  return true;
}

void Log::ResizeOversize(uint32_t offset, size_t record_bytes) {
  Chunk& chunk = chunks_[offset >> kOffsetBitsInChunk];
  const auto padded = static_cast<uint32_t>(RoundUp(record_bytes, kRecordUnit));
  live_bytes_ += padded - size_t{chunk.live_bytes};
  oversize_live_bytes_ += padded - size_t{chunk.live_bytes};
  chunk.live_bytes = padded;
  chunk.used = padded;
  Commit(chunk, RoundUp(padded, kSmallPageBytes));
}

void Log::SetOversizeClass(uint32_t offset, int deadline_class) {
  chunks_[offset >> kOffsetBitsInChunk].deadline_class = static_cast<uint8_t>(deadline_class);
}

void Log::Close(uint32_t id, DeferredWork& deferred) {
  Chunk& chunk = chunks_[id];
  if (chunk.live_bytes == 0) return Free(id, deferred);
  chunk.state = ChunkState::kClosed;
  open_[chunk.deadline_class] = kNoChunk;
  closed_bytes_ += chunk.capacity;
  class_closed_bytes_[chunk.deadline_class] += chunk.used;
}

void Log::ReleaseLast(uint32_t id, bool trim, DeferredWork& deferred) noexcept {
  Chunk& chunk = chunks_[id];
  if (chunk.state == ChunkState::kOpen && !trim && chunk.used < kMinChunkBytes) {
    // All that was in it is dead: start again at its front.
    chunk.used = 0;
    chunk.earliest = kCoarseNone;
    chunk.latest = 0;
    return;
  }
  Free(id, deferred);
}

void Log::TrimOpen(DeferredWork& deferred) noexcept {
  for (const uint32_t id : open_) {
    if (id != kNoChunk && chunks_[id].live_bytes == 0) Free(id, deferred);
  }
}

void Log::Free(uint32_t id, DeferredWork& deferred) noexcept {
  Chunk& chunk = chunks_[id];
  if (chunk.state == ChunkState::kOversize) {
    oversize_live_bytes_ -= chunk.used;
    deferred.Add(std::move(*chunk.mapping));
  } else {
    if (chunk.state == ChunkState::kOpen) {
      open_[chunk.deadline_class] = kNoChunk;
    } else {
      closed_bytes_ -= chunk.capacity;
      class_closed_bytes_[chunk.deadline_class] -= chunk.used;
    }
    deferred.Add(chunk.region);
  }
  committed_bytes_ -= chunk.committed;
  chunks_.Return(id);
}

void Log::MarkDue(SlotDeadline now, DeferredWork& deferred) noexcept {
  assert(due_below_ == 0 && "MarkDue: none are due");
  bool any = false;
  // In chunks with deadlines on both sides of now, keys are released one by one.
  uint32_t mixed_from = now.coarse + 1;
  for (uint32_t id = 0; id < chunks_.chunks().size(); ++id) {
    Chunk& chunk = chunks_[id];
    if (chunk.live_bytes == 0) continue;
    if (chunk.latest >= now.rank()) {
      mixed_from = std::min(mixed_from, chunk.earliest);
      continue;
    }
    if (chunk.state == ChunkState::kOversize) continue;
    if (chunk.state == ChunkState::kOpen) Close(id, deferred);
    chunk.state = ChunkState::kDue;
    any = true;
  }
  if (any) due_below_ = mixed_from;
}

size_t Log::ReleaseDue(DeferredWork& deferred) noexcept {
  size_t bytes = 0;
  for (uint32_t id = 0; id < chunks_.chunks().size(); ++id) {
    if (chunks_[id].state != ChunkState::kDue) continue;
    bytes += chunks_[id].live_bytes;
    Free(id, deferred);
  }
  live_bytes_ -= bytes;
  due_below_ = 0;
  return bytes;
}

size_t Log::closed_live_bytes() const {
  size_t elsewhere = oversize_live_bytes_;
  for (const uint32_t id : open_) elsewhere += id == kNoChunk ? 0 : chunks_[id].live_bytes;
  return live_bytes_ - elsewhere;
}

bool Log::OverWasteLimit() const {
  const size_t dead = closed_bytes_ - closed_live_bytes();
  return static_cast<double>(dead) > waste_limit_ * static_cast<double>(closed_bytes_);
}

bool Log::Mark() noexcept {
  std::vector<uint64_t> closed;
  try {
    for (uint32_t id = 0; id < chunks_.chunks().size(); ++id) {
      const Chunk& chunk = chunks_[id];
      if (chunk.state == ChunkState::kClosed) closed.push_back(RankToMark(chunk, id));
    }
  } catch (const std::bad_alloc&) {
    return false;
  }
  std::sort(closed.begin(), closed.end());
  // The live records of a marked chunk fill another one: only the dead bytes are gained.
  size_t total = closed_bytes_;
  size_t dead = closed_bytes_ - closed_live_bytes();
  bool any = false;
  for (const uint64_t rank : closed) {
    if (static_cast<double>(dead) <= waste_limit_ * kRestShare * static_cast<double>(total)) break;
    Chunk& chunk = chunks_[ChunkOfRank(rank)];
    chunk.state = ChunkState::kMarked;
    any = true;
    total -= chunk.capacity - chunk.live_bytes;
    dead -= chunk.capacity - chunk.live_bytes;
  }
  return any;
}

void Log::Unmark() {
  for (Chunk& chunk : chunks_.chunks()) {
    if (chunk.state == ChunkState::kMarked) chunk.state = ChunkState::kClosed;
  }
}

}  // namespace dcs::store
