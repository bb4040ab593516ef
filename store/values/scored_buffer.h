// A small sorted set in one allocation: pairs of score and member, ordered by score, then by member bytes.
//
//   block      bytes in use, these 8 included (4 bytes); number of elements (4 bytes); the elements
//   element    score, member
//
//   score      tag 0-191    the integer itself
//                  192 + 8k + n, n = 1 to 7: an integer of n bytes, divided by 10^k (k = 0 to 7)
//                  192      the 8 bytes of the double
//   member     tag 0-239    a text of that length follows
//                  240      length (4 bytes) and text follow
//                  240 + n  an integer of n bytes, which stands for its canonical text
//
// Integers are little-endian two's complement. An integer member is stored as an integer if that is shorter,
// so equal members have equal bytes. Scores keep their exact value; those with few decimals take 2 to 8 bytes. -0.0
// becomes 0, as in a listpack of Redis 7.
//
// Size: an element takes 2 bytes beside the bytes of its member if its score is an integer below 192. That
// is 2 bytes less than in a listpack of Redis 7. The block is as long as its contents.
//
// Positions: the place of an element in the block; end() is behind the last one. Every change invalidates
// positions and views.
//
// Failed allocations: members that add throw std::bad_alloc with nothing changed. If the block cannot shrink,
// the old one stays, and bytes() counts what is in use.
//
// Thread safety: none; guarded with its owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "store/values/text_or_integer.h"

namespace dcs::store {

// An element of a sorted set. The member's text is valid until the next change of the set.
struct ScoredElement {
  double score;
  TextOrInteger member;

  // Whether the element precedes `other_member` with `other_score`.
  bool IsBefore(double other_score, std::string_view other_member) const {
    if (score != other_score) return score < other_score;
    TextOrInteger::Digits digits;
    return member.Text(digits) < other_member;
  }
};

// What setting a score did. kNone: the member had an equal score.
enum class ScoreChange : uint8_t { kNone, kAdded, kUpdated };

class ScoredBuffer {
 public:
  using Position = uint32_t;

  // Bytes in use. Owners change to another form before that.
  static constexpr size_t kMaxBytes = size_t{1} << 30;
  // More than an element takes beside the bytes of its member.
  static constexpr size_t kMaxOverhead = 16;

  ScoredBuffer() = default;
  ~ScoredBuffer() { Take(nullptr); }
  ScoredBuffer(ScoredBuffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  ScoredBuffer& operator=(ScoredBuffer&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }

  size_t size() const { return block_ == nullptr ? 0 : ReadHeader().count; }
  // Bytes of the allocation; 0 if empty.
  size_t bytes() const { return block_ == nullptr ? 0 : ReadHeader().used; }

  Position begin() const { return sizeof(Header); }
  Position end() const { return block_ == nullptr ? begin() : ReadHeader().used; }
  // O(1). REQUIRES: `at` is an element.
  Position Next(Position at) const;
  ScoredElement At(Position at) const;
  // O(index).
  Position AtIndex(size_t index) const;

  struct Place {
    Position at;
    size_t index;
  };
  // The member's place; {end(), size()} if it is absent. O(n).
  Place Find(std::string_view member) const;

  // O(n). REQUIRES: the member is absent, and the result has at most kMaxBytes.
  void Insert(double score, std::string_view member);
  // Changes the score of the element at `at`. O(n).
  void SetScore(Position at, double score);
  // Erases `count` elements. O(n). REQUIRES: there are that many at `first`.
  void Erase(Position first, size_t count) noexcept;

 private:
  struct Header {
    uint32_t used;
    uint32_t count;
  };
  struct EncodedScore;
  struct EncodedMember;

  Header ReadHeader() const;
  // Where an element with that score and member belongs.
  Position PlaceOf(double score, std::string_view member) const;
  // Frees the block and takes this one.
  void Take(char* block);

  char* block_ = nullptr;
};

}  // namespace dcs::store
