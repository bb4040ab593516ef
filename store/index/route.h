// The way from a place in an index's directory to its segment's slots, without the segment itself:
// a lookup reads this, which stays in the cache, and then the key's group.
//
//   bits   what
//   88     8 block numbers of 11 bits in the segment's slab (block_pool.h)
//   27     the slab's address / 2 MiB
//   6      base: where in the hash the segment's places begin
//   3      used: how many bits of a place the directory has used up: depth - base
//   4      groups: 0 to 8 for so many whole blocks, 9, 10, 11 for 1, 2, 4 groups, 15 for more than
//          64, of which there is nothing here: ask the segment
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "store/index/block_pool.h"
#include "store/index/segment.h"
#include "store/index/slot_block.h"

namespace dcs::store {

class alignas(16) Route {
 public:
  static constexpr size_t kMostBlocks = BlockPool::kMostTogether;

  // To a segment without slots.
  Route() = default;
  explicit Route(const Segment& segment);

  // Whether there are whole blocks, as in all but the smallest and the largest segments.
  bool has_whole_blocks() const { return groups_code() - 1 < kMostBlocks; }
  bool asks_segment() const { return groups_code() == kAskSegment; }
  // REQUIRE: !asks_segment().
  size_t groups() const {
    const size_t code = groups_code();
    return code <= kMostBlocks ? code * kBlockGroups : size_t{1} << (code - kOneGroup);
  }
  SlotBlock* block(size_t i) const {
    const size_t bit = i * kNumberBits;
    uint32_t bits = 0;
    std::memcpy(&bits, reinterpret_cast<const std::byte*>(this) + bit / 8, sizeof(bits));
    const uint32_t number = bits >> bit % 8 & ((uint32_t{1} << kNumberBits) - 1);
    return BlockPool::BlockAt(slab(), number);
  }

  // As the segment says.
  int base() const { return static_cast<int>(high_ >> kBaseAt & 63); }
  int used() const { return static_cast<int>(high_ >> kUsedAt & 7); }
  uint16_t LocalPlace(uint16_t place) const { return static_cast<uint16_t>(place << used()); }
  uint16_t LocalPlaceOf(uint64_t shard_hash) const {
    return LocalPlace(static_cast<uint16_t>(shard_hash << base() >> 48));
  }
  // The home group among `groups`.
  static size_t HomeOf(uint16_t local_place, size_t groups) { return local_place * groups >> 16; }

 private:
  static constexpr size_t kNumberBits = 11;
  static_assert(BlockPool::kSlabBlocks <= size_t{1} << kNumberBits);
  // Read by bytes; and the last four that are read hold the last number to its end.
  static_assert(std::endian::native == std::endian::little);
  static_assert((kMostBlocks - 1) * kNumberBits / 8 + 4 <= 16);

  // In the upper of the two words, whose lowest bits are the last block numbers'.
  static constexpr int kSlabAt = static_cast<int>(kMostBlocks * kNumberBits) - 64;
  static constexpr int kBaseAt = kSlabAt + 27;
  static constexpr int kUsedAt = kBaseAt + 6;
  static constexpr int kGroupsAt = kUsedAt + 3;
  static_assert(kGroupsAt + 4 == 64);
  // A slab's address is a multiple of 2^21 below 2^48.
  static constexpr int kSlabShift = std::countr_zero(PageSource::kRegionBytes);
  static constexpr uint64_t kSlabMask = ((uint64_t{1} << 27) - 1) << kSlabShift;

  static constexpr size_t kOneGroup = 9;
  static constexpr size_t kAskSegment = 15;

  static size_t CodeOf(size_t groups);
  size_t groups_code() const { return high_ >> kGroupsAt; }
  uintptr_t slab() const { return high_ >> (kSlabAt - kSlabShift) & kSlabMask; }

  uint64_t low_ = 0;
  uint64_t high_ = 0;
};
static_assert(sizeof(Route) == 16);

inline size_t Route::CodeOf(size_t groups) {
  if (groups % kBlockGroups == 0 && groups / kBlockGroups <= kMostBlocks) {
    return groups / kBlockGroups;
  }
  if (groups < kBlockGroups && std::has_single_bit(groups)) {
    return kOneGroup + static_cast<size_t>(std::countr_zero(groups));
  }
  return kAskSegment;
}

inline Route::Route(const Segment& segment) {
  const size_t code = CodeOf(segment.groups());
  high_ = uint64_t{code} << kGroupsAt | static_cast<uint64_t>(segment.base()) << kBaseAt |
          static_cast<uint64_t>(segment.depth() - segment.base()) << kUsedAt;
  if (code == 0 || code == kAskSegment) return;
  const uintptr_t slab = BlockPool::SlabOf(segment.block(0));
  assert((slab & ~kSlabMask) == 0 && "Route: addresses have 48 bits");
  high_ |= uint64_t{slab} << (kSlabAt - kSlabShift);
  for (size_t i = 0; i < segment.blocks(); ++i) {
    assert(BlockPool::SlabOf(segment.block(i)) == slab && "Route: a segment's blocks lie together");
    const uint64_t number = BlockPool::NumberOf(segment.block(i));
    const size_t bit = i * kNumberBits;
    if (bit < 64) low_ |= number << bit;
    if (bit + kNumberBits > 64) high_ |= bit < 64 ? number >> (64 - bit) : number << (bit - 64);
  }
}

}  // namespace dcs::store
