#include "store/log/chunk_table.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

namespace dcs::store {
namespace {

// So many entries before they are needed, their pages are asked for, and the room for all.
constexpr size_t kAhead = ChunkTable::kSmall / 4;

// Where the three arrays stand in the room for all.
constexpr size_t kRoom = ChunkTable::kMost + 1;
constexpr size_t kBasesAt = kRoom * sizeof(Chunk);
constexpr size_t kScratchAt = kBasesAt + kRoom * sizeof(std::byte*);
constexpr size_t kLargeBytes = kScratchAt + kRoom * sizeof(uint64_t);
static_assert(kBasesAt % kSmallPageBytes == 0 && kScratchAt % kSmallPageBytes == 0);

Chunk* ChunksIn(const Mapping& large) { return reinterpret_cast<Chunk*>(large.data()); }
std::byte** BasesIn(const Mapping& large) {
  return reinterpret_cast<std::byte**>(large.data() + kBasesAt);
}
uint64_t* ScratchIn(const Mapping& large) {
  return reinterpret_cast<uint64_t*>(large.data() + kScratchAt);
}

}  // namespace

ChunkTable::ChunkTable()
    : small_(std::make_unique<Small>()),
      chunks_(small_->chunks.data()),
      bases_(small_->bases.data()),
      scratch_(small_->scratch.data()) {}

ChunkTable::ChunkTable(ChunkTable&& other) noexcept
    : small_(std::move(other.small_)),
      large_(std::move(other.large_)),
      chunks_(std::exchange(other.chunks_, nullptr)),
      bases_(std::exchange(other.bases_, nullptr)),
      scratch_(std::exchange(other.scratch_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      first_free_(std::exchange(other.first_free_, kNone)) {}

ChunkTable::~ChunkTable() {
  if (small_ == nullptr) std::destroy_n(chunks_, size_);
}

uint32_t ChunkTable::Take(DeferredWork& deferred) {
  assert(chunks_ != nullptr && "Take: not moved from");
  if (first_free_ != kNone) {
    const uint32_t number = first_free_;
    first_free_ = chunks_[number].next_free;
    return number;
  }
  if (size_ == kMost) return kNone;
  if (size_ + kAhead >= kSmall && large_.data() == nullptr) {
    large_ = Mapping(kLargeBytes);  // without memory, asked for again
    if (large_.data() != nullptr) BringPagesFrom(0, deferred);
  }
  if (small_ != nullptr && size_ == kSmall) {
    if (large_.data() == nullptr) return kNone;
    MoveToLarge();
  }
  if (small_ == nullptr) {
    new (&chunks_[size_]) Chunk;
    BringPagesFrom(size_ + kAhead, deferred);
  }
  bases_[size_] = nullptr;
  return size_++;
}

void ChunkTable::Return(uint32_t number) {
  assert(number < size_ && chunks_[number].state != ChunkState::kFree && "Return: it was not free");
  chunks_[number] = {};
  chunks_[number].next_free = first_free_;
  bases_[number] = nullptr;
  first_free_ = number;
}

void ChunkTable::BringPagesFrom(size_t number, DeferredWork& deferred) const {
  if (number >= kMost) return;
  const auto bring = [&](const auto* array) {
    constexpr size_t kOnPage = kSmallPageBytes / sizeof(*array);
    if (number % kOnPage == 0) deferred.BringPage(array + number);
  };
  bring(ChunksIn(large_));
  bring(BasesIn(large_));
  bring(ScratchIn(large_));
}

void ChunkTable::MoveToLarge() {
  std::uninitialized_move_n(chunks_, size_, ChunksIn(large_));
  std::copy_n(bases_, size_, BasesIn(large_));
  chunks_ = ChunksIn(large_);
  bases_ = BasesIn(large_);
  scratch_ = ScratchIn(large_);
  small_.reset();
}

}  // namespace dcs::store
