#include "store/log.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace dcs::store {

Log::Log(PageSource& pages, size_t max_chunk_bytes, double waste_limit)
    : pages_(&pages), max_chunk_bytes_(max_chunk_bytes), waste_limit_(waste_limit) {
  assert(max_chunk_bytes <= PageSource::kRegionBytes && "Log: a chunk lies in one region");
  open_.fill(kNoChunk);
}

Log::Log(Log&& other) noexcept
    : pages_(other.pages_),
      max_chunk_bytes_(other.max_chunk_bytes_),
      waste_limit_(other.waste_limit_),
      chunks_(std::exchange(other.chunks_, {})),
      bases_(std::exchange(other.bases_, {})),
      free_ids_(std::exchange(other.free_ids_, {})),
      open_(other.open_),
      committed_bytes_(std::exchange(other.committed_bytes_, 0)),
      live_bytes_(std::exchange(other.live_bytes_, 0)),
      class_live_bytes_(std::exchange(other.class_live_bytes_, {})),
      closed_bytes_(std::exchange(other.closed_bytes_, 0)),
      closed_live_bytes_(std::exchange(other.closed_live_bytes_, 0)) {
  other.open_.fill(kNoChunk);
}

Log::~Log() {
  for (const Chunk& chunk : chunks_) {
    if (chunk.region.base != nullptr) pages_->GiveBack(chunk.region);
  }
}

std::optional<uint32_t> Log::NewChunkId() {
  if (!free_ids_.empty()) {
    const uint32_t id = free_ids_.back();
    free_ids_.pop_back();
    return id;
  }
  if (chunks_.size() >= kMaxChunks) return std::nullopt;
  chunks_.emplace_back();
  bases_.push_back(nullptr);
  return static_cast<uint32_t>(chunks_.size() - 1);
}

void Log::AddLife(Chunk& chunk, size_t bytes) {
  chunk.live_bytes += static_cast<uint32_t>(bytes);
  class_live_bytes_[chunk.deadline_class] += bytes;
  live_bytes_ += bytes;
}

void Log::TakeLife(Chunk& chunk, size_t bytes) {
  chunk.live_bytes -= static_cast<uint32_t>(bytes);
  class_live_bytes_[chunk.deadline_class] -= bytes;
  live_bytes_ -= bytes;
}

void Log::Commit(Chunk& chunk, size_t bytes) {
  if (bytes <= chunk.committed) return;
  committed_bytes_ += bytes - chunk.committed;
  chunk.committed = static_cast<uint32_t>(bytes);
}

std::optional<uint32_t> Log::OpenChunk(int deadline_class, size_t padded_bytes) {
  // Small chunks for a small class: what may lie dead or empty in them stays in proportion.
  size_t capacity = std::bit_floor(
      std::max(class_live_bytes_[static_cast<size_t>(deadline_class)] / 4, kMinChunkBytes));
  capacity =
      std::min(std::max(capacity, std::bit_ceil(padded_bytes * kOversizeShare)), max_chunk_bytes_);
  const PageKind kind = capacity == PageSource::kRegionBytes ? PageKind::kHuge : PageKind::kSmall;
  const Region region = pages_->Take(kind);
  if (region.base == nullptr) return std::nullopt;
  const std::optional<uint32_t> id = NewChunkId();
  if (!id) {
    pages_->GiveBack(region);
    return std::nullopt;
  }
  Chunk& chunk = chunks_[*id];
  chunk = {};
  chunk.state = ChunkState::kOpen;
  chunk.deadline_class = static_cast<uint8_t>(deadline_class);
  chunk.capacity = static_cast<uint32_t>(capacity);
  chunk.region = region;
  bases_[*id] = region.base;
  // The first touch of a huge page brings all of it.
  if (kind == PageKind::kHuge) Commit(chunk, PageSource::kRegionBytes);
  open_[deadline_class] = *id;
  return id;
}

std::optional<uint32_t> Log::Append(int deadline_class, size_t record_bytes, Retired& retired) {
  if (Oversize(record_bytes)) return AppendOversize(deadline_class, record_bytes);
  const auto padded = static_cast<uint32_t>(RoundUp(record_bytes, kRecordUnit));
  uint32_t id = open_[deadline_class];
  if (id != kNoChunk && chunks_[id].used + padded > chunks_[id].capacity) {
    Close(id, retired);
    id = kNoChunk;
  }
  if (id == kNoChunk) {
    const std::optional<uint32_t> opened = OpenChunk(deadline_class, padded);
    if (!opened) return std::nullopt;
    id = *opened;
  }
  Chunk& chunk = chunks_[id];
  const uint32_t at = chunk.used;
  chunk.used += padded;
  AddLife(chunk, padded);
  ++chunk.live_records;
  Commit(chunk, RoundUp(chunk.used, kSmallPageBytes));
  return (id << kOffsetBitsInChunk) | static_cast<uint32_t>(at / kRecordUnit);
}

std::optional<uint32_t> Log::AppendOversize(int deadline_class, size_t record_bytes) {
  Mapping mapping(record_bytes);
  if (mapping.data() == nullptr) return std::nullopt;
  const std::optional<uint32_t> id = NewChunkId();
  if (!id) return std::nullopt;
  Chunk& chunk = chunks_[*id];
  chunk = {};
  chunk.state = ChunkState::kOversize;
  chunk.deadline_class = static_cast<uint8_t>(deadline_class);
  chunk.capacity = static_cast<uint32_t>(mapping.bytes());
  chunk.live_records = 1;
  chunk.mapping = std::move(mapping);
  bases_[*id] = chunk.mapping.data();
  const uint32_t offset = *id << kOffsetBitsInChunk;
  ResizeOversize(offset, record_bytes);
  return offset;
}

bool Log::GrowOversize(uint32_t offset, size_t record_bytes) {
  const uint32_t id = offset >> kOffsetBitsInChunk;
  Chunk& chunk = chunks_[id];
  assert(chunk.state == ChunkState::kOversize && "GrowOversize: the record has its own mapping");
  if (record_bytes <= chunk.capacity) return true;
  // Half as much again at least, so that n appends copy O(n) bytes.
  if (!chunk.mapping.Grow(std::max(record_bytes, size_t{chunk.capacity} / 2 * 3))) return false;
  chunk.capacity = static_cast<uint32_t>(chunk.mapping.bytes());
  bases_[id] = chunk.mapping.data();
  return true;
}

void Log::ResizeOversize(uint32_t offset, size_t record_bytes) {
  Chunk& chunk = chunks_[offset >> kOffsetBitsInChunk];
  const auto padded = static_cast<uint32_t>(RoundUp(record_bytes, kRecordUnit));
  TakeLife(chunk, chunk.live_bytes);
  AddLife(chunk, padded);
  chunk.used = padded;
  Commit(chunk, RoundUp(padded, kSmallPageBytes));
}

void Log::SetOversizeClass(uint32_t offset, int deadline_class) {
  Chunk& chunk = chunks_[offset >> kOffsetBitsInChunk];
  class_live_bytes_[chunk.deadline_class] -= chunk.live_bytes;
  chunk.deadline_class = static_cast<uint8_t>(deadline_class);
  class_live_bytes_[chunk.deadline_class] += chunk.live_bytes;
}

void Log::Close(uint32_t id, Retired& retired) {
  Chunk& chunk = chunks_[id];
  if (chunk.live_records == 0) return Free(id, retired);
  chunk.state = ChunkState::kClosed;
  open_[chunk.deadline_class] = kNoChunk;
  closed_bytes_ += chunk.capacity;
  closed_live_bytes_ += chunk.live_bytes;
}

void Log::Release(uint32_t offset, size_t padded_bytes, bool trim, Retired& retired) {
  const uint32_t id = offset >> kOffsetBitsInChunk;
  Chunk& chunk = chunks_[id];
  assert(chunk.live_records > 0 && chunk.live_bytes >= padded_bytes &&
         "Release: a chunk has at least the life that is taken from it");
  --chunk.live_records;
  TakeLife(chunk, padded_bytes);
  const bool closed = chunk.state == ChunkState::kClosed || chunk.state == ChunkState::kMarked;
  if (closed) closed_live_bytes_ -= padded_bytes;
  if (chunk.live_records > 0) return;
  if (chunk.state == ChunkState::kOpen && !trim && chunk.used < kMinChunkBytes) {
    chunk.used = 0;  // all that was in it is dead: start again at its front
    return;
  }
  Free(id, retired);
}

void Log::TrimOpen(Retired& retired) {
  for (const uint32_t id : open_) {
    if (id != kNoChunk && chunks_[id].live_records == 0) Free(id, retired);
  }
}

void Log::Free(uint32_t id, Retired& retired) {
  Chunk& chunk = chunks_[id];
  if (chunk.state == ChunkState::kOversize) {
    retired.Add(std::move(chunk.mapping));
  } else {
    if (chunk.state == ChunkState::kOpen) {
      open_[chunk.deadline_class] = kNoChunk;
    } else {
      closed_bytes_ -= chunk.capacity;
    }
    retired.Add(chunk.region);
  }
  committed_bytes_ -= chunk.committed;
  chunk = {};
  bases_[id] = nullptr;
  free_ids_.push_back(id);
}

bool Log::OverWasteLimit() const {
  const size_t dead = closed_bytes_ - closed_live_bytes_;
  return static_cast<double>(dead) > waste_limit_ * static_cast<double>(closed_bytes_);
}

bool Log::Mark() {
  std::vector<uint32_t> closed;
  for (uint32_t id = 0; id < chunks_.size(); ++id) {
    if (chunks_[id].state == ChunkState::kClosed) closed.push_back(id);
  }
  // By life as a share of capacity: what one copied byte buys.
  const auto fill = [this](uint32_t id) {
    return static_cast<double>(chunks_[id].live_bytes) / chunks_[id].capacity;
  };
  std::sort(closed.begin(), closed.end(),
            [&](uint32_t a, uint32_t b) { return fill(a) != fill(b) ? fill(a) < fill(b) : a < b; });
  size_t total = closed_bytes_;
  size_t dead = closed_bytes_ - closed_live_bytes_;
  bool any = false;
  for (const uint32_t id : closed) {
    if (static_cast<double>(dead) <= waste_limit_ / 2 * static_cast<double>(total)) break;
    Chunk& chunk = chunks_[id];
    chunk.state = ChunkState::kMarked;
    any = true;
    total -= chunk.capacity - chunk.live_bytes;
    dead -= chunk.capacity - chunk.live_bytes;
  }
  return any;
}

void Log::Unmark() {
  for (Chunk& chunk : chunks_) {
    if (chunk.state == ChunkState::kMarked) chunk.state = ChunkState::kClosed;
  }
}

}  // namespace dcs::store
