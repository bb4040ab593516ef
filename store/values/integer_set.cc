#include "store/values/integer_set.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>

namespace dcs::store {
namespace {

constexpr size_t kHeader = sizeof(uint32_t);

template <typename T>
bool Fits(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

unsigned LogWidthFor(int64_t value) {
  if (Fits<int16_t>(value)) return 1;
  return Fits<int32_t>(value) ? 2 : 3;
}

template <typename T>
int64_t Load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

int64_t Load(const char* at, unsigned log_width) {
  if (log_width == 1) return Load<int16_t>(at);
  return log_width == 2 ? Load<int32_t>(at) : Load<int64_t>(at);
}

// Little-endian: the low bytes come first.
void Store(char* at, unsigned log_width, int64_t value) {
  std::memcpy(at, &value, size_t{1} << log_width);
}

void WriteHeader(char* block, size_t size, unsigned log_width) {
  const auto header = static_cast<uint32_t>(size << 2 | log_width);
  std::memcpy(block, &header, sizeof(header));
}

template <typename T>
size_t CountBelowOf(const char* values, size_t size, int64_t value) {
  size_t below = 0;
  while (size > 0) {
    const size_t half = size / 2;
    if (Load<T>(values + (below + half) * sizeof(T)) < value) {
      below += half + 1;
      size -= half + 1;
    } else {
      size = half;
    }
  }
  return below;
}

}  // namespace

IntegerSet::~IntegerSet() { ::operator delete(block_); }

uint32_t IntegerSet::header() const {
  uint32_t header;
  std::memcpy(&header, block_, sizeof(header));
  return header;
}

int64_t IntegerSet::At(size_t index) const {
  assert(index < size());
  const unsigned log_width = header() & 3;
  return Load(block_ + kHeader + (index << log_width), log_width);
}

size_t IntegerSet::CountBelow(int64_t value) const {
  if (block_ == nullptr) return 0;
  const char* const values = block_ + kHeader;
  switch (header() & 3) {
    case 1:
      return CountBelowOf<int16_t>(values, size(), value);
    case 2:
      return CountBelowOf<int32_t>(values, size(), value);
    default:
      return CountBelowOf<int64_t>(values, size(), value);
  }
}

bool IntegerSet::IsAt(size_t index, int64_t value) const {
  return index < size() && At(index) == value;
}

bool IntegerSet::Contains(int64_t value) const { return IsAt(CountBelow(value), value); }

void IntegerSet::Replace(char* block) {
  ::operator delete(block_);
  block_ = block;
}

bool IntegerSet::Insert(int64_t value) {
  const size_t index = CountBelow(value);
  if (IsAt(index, value)) return false;
  const size_t count = size();
  assert(count < kMaxSize);
  const unsigned old_log_width = count == 0 ? 1 : header() & 3;
  const unsigned log_width = std::max(LogWidthFor(value), old_log_width);
  char* const block = static_cast<char*>(::operator new(kHeader + ((count + 1) << log_width)));
  WriteHeader(block, count + 1, log_width);
  char* const values = block + kHeader;
  Store(values + (index << log_width), log_width, value);
  if (count > 0 && log_width == old_log_width) {
    const size_t before = index << log_width;
    std::memcpy(values, block_ + kHeader, before);
    std::memcpy(values + before + (size_t{1} << log_width), block_ + kHeader + before,
                (count << log_width) - before);
  } else {
    for (size_t i = 0; i < count; ++i) {
      Store(values + ((i < index ? i : i + 1) << log_width), log_width, At(i));
    }
  }
  Replace(block);
  return true;
}

bool IntegerSet::Erase(int64_t value) noexcept {
  const size_t index = CountBelow(value);
  if (!IsAt(index, value)) return false;
  const size_t left = size() - 1;
  if (left == 0) {
    Replace(nullptr);
    return true;
  }
  const unsigned log_width = header() & 3;
  char* block = static_cast<char*>(::operator new(kHeader + (left << log_width), std::nothrow));
  if (block == nullptr) block = block_;
  char* const values = block + kHeader;
  const size_t before = index << log_width;
  if (block != block_) std::memcpy(values, block_ + kHeader, before);
  std::memmove(values + before, block_ + kHeader + before + (size_t{1} << log_width),
               (left << log_width) - before);
  WriteHeader(block, left, log_width);
  if (block != block_) Replace(block);
  return true;
}

}  // namespace dcs::store
