#include "store/chunk_table.h"

#include <algorithm>
#include <new>
#include <utility>

namespace dcs::store {
namespace {

// The room for all is asked for when only so many of the few entries are left.
constexpr size_t kMapWhenLeft = ChunkTable::kFew / 4;

// Where the three arrays stand in it.
constexpr size_t kRoom = ChunkTable::kMost + 1;
constexpr size_t kBasesAt = kRoom * sizeof(Chunk);
constexpr size_t kScratchAt = kBasesAt + kRoom * sizeof(std::byte*);
constexpr size_t kManyBytes = kScratchAt + kRoom * sizeof(uint64_t);
static_assert(kBasesAt % kSmallPageBytes == 0 && kScratchAt % kSmallPageBytes == 0);

Chunk* ChunksIn(const Mapping& many) { return reinterpret_cast<Chunk*>(many.data()); }
std::byte** BasesIn(const Mapping& many) {
  return reinterpret_cast<std::byte**>(many.data() + kBasesAt);
}
uint64_t* ScratchIn(const Mapping& many) {
  return reinterpret_cast<uint64_t*>(many.data() + kScratchAt);
}

}  // namespace

ChunkTable::ChunkTable()
    : few_(std::make_unique<Few>()),
      chunks_(few_->chunks.data()),
      bases_(few_->bases.data()),
      scratch_(few_->scratch.data()) {}

ChunkTable::ChunkTable(ChunkTable&& other) noexcept
    : few_(std::move(other.few_)),
      many_(std::move(other.many_)),
      chunks_(std::exchange(other.chunks_, nullptr)),
      bases_(std::exchange(other.bases_, nullptr)),
      scratch_(std::exchange(other.scratch_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      first_free_(std::exchange(other.first_free_, kNone)) {}

ChunkTable::~ChunkTable() {
  if (few_ == nullptr) std::destroy_n(chunks_, size_);
}

uint32_t ChunkTable::Take(Retired& retired) {
  if (first_free_ != kNone) {
    const uint32_t number = first_free_;
    first_free_ = chunks_[number].next_free;
    return number;
  }
  if (size_ == kMost) return kNone;
  if (size_ + kMapWhenLeft >= kFew && many_.data() == nullptr) MapMany(retired);
  if (few_ != nullptr && size_ == kFew) {
    if (many_.data() == nullptr) return kNone;
    MoveToMany();
  }
  if (few_ == nullptr) {
    new (&chunks_[size_]) Chunk;
    BringPageOf(chunks_, size_ + 1, retired);
    BringPageOf(bases_, size_ + 1, retired);
    BringPageOf(scratch_, size_ + 1, retired);
  }
  bases_[size_] = nullptr;
  return size_++;
}

void ChunkTable::Return(uint32_t number) {
  assert(number < size_ && "Return: a number that was taken");
  chunks_[number] = {};
  chunks_[number].next_free = first_free_;
  bases_[number] = nullptr;
  first_free_ = number;
}

void ChunkTable::MapMany(Retired& retired) {
  many_ = Mapping(kManyBytes);
  if (many_.data() == nullptr) return;
  BringPageOf(ChunksIn(many_), 0, retired);
  BringPageOf(BasesIn(many_), 0, retired);
  BringPageOf(ScratchIn(many_), 0, retired);
}

void ChunkTable::MoveToMany() {
  std::uninitialized_move_n(chunks_, size_, ChunksIn(many_));
  std::copy_n(bases_, size_, BasesIn(many_));
  chunks_ = ChunksIn(many_);
  bases_ = BasesIn(many_);
  scratch_ = ScratchIn(many_);
  few_.reset();
}

}  // namespace dcs::store
