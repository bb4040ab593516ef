// Where every key of a shard is: a directory over segments, by the leading bits of the hash
// (extendible hashing).
//
// A full segment grows inside itself; at full size it splits in two; nothing else moves. Where
// hashes cluster so that splitting would not help, the depth of the directory is bounded by the
// number of keys and the segment grows beyond its size instead.
//
// A shard hash is a key's hash with the shard's bits shifted out at the top. A position is a shard
// hash as a place in the order of all of them: [position, end of its segment) is a range of hashes.
//
// Thread safety: guarded by the shard's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "store/block_pool.h"
#include "store/segment.h"

namespace dcs::store {

class Index {
 public:
  // Reads the key of the record at an offset and hashes it.
  using ShardHashOf = absl::FunctionRef<uint64_t(uint32_t offset)>;

  // Places lose a bit with each split; with fewer than ten left, they are taken anew from the keys:
  // 2^10 local places over 64 groups are still 16 a group.
  static constexpr int kMaxUsedPlaceBits = 6;
  // Keeps every position that a walk stops at (depth + 16 bits, behind up to 6 shard bits) within
  // the 63 bits of a client's cursor.
  static constexpr int kMaxDepth = 40;
  static_assert(kMaxDepth + 16 + 6 <= 63);
  // How far a segment that cannot split may grow, in groups: 59,392 keys.
  static constexpr size_t kMostGroups = size_t{1} << 12;

  Index(PageSource& pages, size_t max_segment_groups);
  ~Index();
  Index(Index&& other) noexcept;
  Index& operator=(Index&&) = delete;

  Segment& SegmentAt(uint64_t position) const { return *directory_[DirectoryIndex(position)]; }
  // The first position of the segment at `position`, and the first behind it (0: the end).
  static uint64_t StartOf(const Segment& segment, uint64_t position);
  static uint64_t EndOf(const Segment& segment, uint64_t position);

  // Makes the segment of `shard_hash` able to take one more slot. Moves one segment's slots, and those
  // again for each further split where all of them go to one side. False where there is no memory, or
  // where 59,392 keys share as many leading hash bits as the number of keys has.
  bool MakeRoom(uint64_t shard_hash, ShardHashOf hash_of, Retired& retired);
  SlotRef Insert(Segment& segment, const SlotFields& fields);
  void Clear(Segment& segment, SlotRef slot);
  void SetDeadline(Segment& segment, SlotRef slot, SlotDeadline deadline);
  // Rebuilds the segment smaller where it has become sparse. SlotRefs into it are void then.
  void ShrinkIfSparse(Segment& segment, Retired& retired);

  size_t count() const { return count_; }
  size_t with_deadline() const { return with_deadline_; }
  size_t segments() const { return segments_; }
  int depth() const { return depth_; }
  const BlockPool& blocks() const { return pool_; }
  // Slots, segments and directory.
  size_t bytes() const {
    return pool_.committed_bytes() + segments_ * sizeof(Segment) +
           directory_.capacity() * sizeof(Segment*);
  }

 private:
  size_t DirectoryIndex(uint64_t position) const {
    return depth_ == 0 ? 0 : static_cast<size_t>(position >> (64 - depth_));
  }
  int DepthLimit() const;
  bool Split(uint64_t shard_hash, ShardHashOf hash_of, Retired& retired);

  size_t max_segment_groups_;
  BlockPool pool_;
  std::vector<Segment*> directory_;  // 2^depth_; a segment stands 2^(depth_ - its depth) times
  int depth_ = 0;
  size_t segments_ = 0;
  size_t count_ = 0;
  size_t with_deadline_ = 0;
};

}  // namespace dcs::store
