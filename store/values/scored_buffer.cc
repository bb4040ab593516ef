#include "store/values/scored_buffer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <new>
#include <optional>

#include "store/values/integer.h"

namespace dcs::store {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

// Tags (see the header).
constexpr uint8_t kScoreCode = 192;
constexpr uint8_t kLongText = 240;

constexpr std::array kPowersOfTen = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
constexpr double kExactIntegers = 9007199254740992.0;  // 2^53: all integers up to it are doubles

uint8_t Tag(const char* at) { return static_cast<uint8_t>(*at); }

// Bytes of an integer in two's complement, from 1 to 8.
uint8_t BytesOfInteger(int64_t value) {
  const auto magnitude = static_cast<uint64_t>(value < 0 ? ~value : value);
  return static_cast<uint8_t>(std::bit_width(magnitude) / 8 + 1);
}

// REQUIRES: 1 to 8 bytes.
int64_t LoadInteger(const char* at, uint32_t bytes) {
  uint64_t bits = 0;
  std::memcpy(&bits, at, bytes);
  const uint32_t unused = 64 - 8 * bytes;
  return static_cast<int64_t>(bits << unused) >> unused;
}

uint32_t ScoreBytes(const char* at) {
  const uint8_t tag = Tag(at);
  if (tag < kScoreCode) return 1;
  return 1 + ((tag & 7) == 0 ? sizeof(double) : tag & 7);
}

double LoadScore(const char* at) {
  const uint8_t tag = Tag(at);
  if (tag < kScoreCode) return tag;
  if ((tag & 7) == 0) {
    double score;
    std::memcpy(&score, at + 1, sizeof(score));
    return score;
  }
  // The quotient of two exact doubles is correctly rounded: the same in both directions.
  return static_cast<double>(LoadInteger(at + 1, tag & 7)) / kPowersOfTen[(tag - kScoreCode) / 8];
}

uint32_t LongTextBytes(const char* at) {
  uint32_t length;
  std::memcpy(&length, at + 1, sizeof(length));
  return length;
}

uint32_t MemberBytes(const char* at) {
  const uint8_t tag = Tag(at);
  if (tag < kLongText) return 1 + tag;
  if (tag > kLongText) return 1 + (tag - kLongText);
  return 1 + sizeof(uint32_t) + LongTextBytes(at);
}

TextOrInteger LoadMember(const char* at) {
  const uint8_t tag = Tag(at);
  if (tag < kLongText) return TextOrInteger(std::string_view(at + 1, tag));
  if (tag > kLongText) return TextOrInteger(LoadInteger(at + 1, tag - kLongText));
  return TextOrInteger(std::string_view(at + 1 + sizeof(uint32_t), LongTextBytes(at)));
}

uint32_t ElementBytes(const char* at) {
  const uint32_t score = ScoreBytes(at);
  return score + MemberBytes(at + score);
}

}  // namespace

struct ScoredBuffer::EncodedScore {
  explicit EncodedScore(double score) {
    assert(!std::isnan(score));
    if (score >= 0 && score < kScoreCode && score == std::floor(score)) {
      head[0] = static_cast<char>(static_cast<uint8_t>(score));
      return;
    }
    for (uint8_t decimals = 0; decimals < kPowersOfTen.size(); ++decimals) {
      const double scaled = std::nearbyint(score * kPowersOfTen[decimals]);
      if (!(std::fabs(scaled) <= kExactIntegers)) break;
      if (scaled / kPowersOfTen[decimals] != score) continue;
      const auto integer = static_cast<int64_t>(scaled);
      const uint8_t n = BytesOfInteger(integer);
      head[0] = static_cast<char>(kScoreCode + 8 * decimals + n);
      std::memcpy(head + 1, &integer, n);
      size = 1 + n;
      return;
    }
    head[0] = static_cast<char>(kScoreCode);
    std::memcpy(head + 1, &score, sizeof(score));
    size = 1 + sizeof(score);
  }

  char* Write(char* to) const {
    std::memcpy(to, head, size);
    return to + size;
  }

  char head[9];
  uint32_t size = 1;
};

struct ScoredBuffer::EncodedMember {
  explicit EncodedMember(std::string_view member) : text(member) {
    if (const std::optional<int64_t> integer = ParseInteger(member)) {
      const uint8_t n = BytesOfInteger(*integer);
      if (n < member.size()) {
        head[0] = static_cast<char>(kLongText + n);
        std::memcpy(head + 1, &*integer, n);
        head_bytes = 1 + n;
        text = {};
        return;
      }
    }
    if (member.size() < kLongText) {
      head[0] = static_cast<char>(static_cast<uint8_t>(member.size()));
      return;
    }
    const auto length = static_cast<uint32_t>(member.size());
    head[0] = static_cast<char>(kLongText);
    std::memcpy(head + 1, &length, sizeof(length));
    head_bytes = 1 + sizeof(length);
  }

  size_t size() const { return head_bytes + text.size(); }
  bool IsAt(const char* at) const {
    return std::memcmp(at, head, head_bytes) == 0 &&
           std::string_view(at + head_bytes, text.size()) == text;
  }
  void Write(char* to) const {
    std::memcpy(to, head, head_bytes);
    if (!text.empty()) std::memcpy(to + head_bytes, text.data(), text.size());
  }

  char head[9];
  uint32_t head_bytes = 1;
  std::string_view text;
};

ScoredBuffer::Header ScoredBuffer::ReadHeader() const {
  Header header;
  std::memcpy(&header, block_, sizeof(header));
  return header;
}

void ScoredBuffer::Take(char* block) {
  ::operator delete(block_);
  block_ = block;
}

ScoredBuffer::Position ScoredBuffer::Next(Position at) const {
  assert(at < end());
  return at + ElementBytes(block_ + at);
}

ScoredElement ScoredBuffer::At(Position at) const {
  assert(at < end());
  const char* const element = block_ + at;
  return {LoadScore(element), LoadMember(element + ScoreBytes(element))};
}

ScoredBuffer::Position ScoredBuffer::AtIndex(size_t index) const {
  Position at = begin();
  for (; index > 0; --index) at = Next(at);
  return at;
}

ScoredBuffer::Place ScoredBuffer::Find(std::string_view member) const {
  const EncodedMember encoded(member);
  const Position last = end();
  Place place{begin(), 0};
  for (; place.at != last; ++place.index) {
    const char* const found = block_ + place.at + ScoreBytes(block_ + place.at);
    const uint32_t member_bytes = MemberBytes(found);
    if (member_bytes == encoded.size() && encoded.IsAt(found)) return place;
    place.at = static_cast<Position>(found - block_) + member_bytes;
  }
  return place;
}

ScoredBuffer::Position ScoredBuffer::PlaceOf(double score, std::string_view member) const {
  const Position last = end();
  Position at = begin();
  while (at != last && At(at).IsBefore(score, member)) at = Next(at);
  return at;
}

void ScoredBuffer::Insert(double score, std::string_view member) {
  const EncodedScore encoded_score(score);
  const EncodedMember encoded_member(member);
  const Position at = PlaceOf(score, member), last = end();
  const size_t added = encoded_score.size + encoded_member.size();
  assert(last + added <= kMaxBytes);
  const Header header{static_cast<uint32_t>(last + added), static_cast<uint32_t>(size() + 1)};
  char* const block = static_cast<char*>(::operator new(header.used));
  if (block_ != nullptr) {
    std::memcpy(block, block_, at);
    std::memcpy(block + at + added, block_ + at, last - at);
  }
  std::memcpy(block, &header, sizeof(header));
  encoded_member.Write(encoded_score.Write(block + at));
  Take(block);
}

void ScoredBuffer::SetScore(Position at, double score) {
  const EncodedScore encoded(score);
  const uint32_t old_score = ScoreBytes(block_ + at);
  const uint32_t member = MemberBytes(block_ + at + old_score);
  const Position after = at + old_score + member, last = end();
  TextOrInteger::Digits digits;
  Position to = PlaceOf(score, At(at).member.Text(digits));
  // The element itself may precede its new place, or be it.
  if (to == at) to = after;
  const Header header{last - old_score + encoded.size, static_cast<uint32_t>(size())};
  char* const block = static_cast<char*>(::operator new(header.used));
  const auto copy = [&](char* place, Position from, Position until) {
    std::memcpy(place, block_ + from, until - from);
    return place + (until - from);
  };
  char* place = copy(block, 0, std::min(at, to));
  if (to > at) place = copy(place, after, to);
  place = encoded.Write(place);
  place = copy(place, at + old_score, after);
  if (to < at) place = copy(place, to, at);
  copy(place, std::max(after, to), last);
  std::memcpy(block, &header, sizeof(header));
  Take(block);
}

void ScoredBuffer::Erase(Position first, size_t count) noexcept {
  if (count == 0) return;
  Position after = first;
  for (size_t i = 0; i < count; ++i) after = Next(after);
  const Position last = end();
  const Header header{last - (after - first), static_cast<uint32_t>(size() - count)};
  if (header.count == 0) return Take(nullptr);
  char* const block = static_cast<char*>(::operator new(header.used, std::nothrow));
  if (block != nullptr) {
    std::memcpy(block, block_, first);
    std::memcpy(block + first, block_ + after, last - after);
    std::memcpy(block, &header, sizeof(header));
    Take(block);
  } else {
    std::memmove(block_ + first, block_ + after, last - after);
    std::memcpy(block_, &header, sizeof(header));
  }
}

}  // namespace dcs::store
