#include "store/index/key_access.h"

#include <algorithm>

namespace dcs::store {
namespace {

// A thread may have read its clock before another one that accessed the key first. So much may the last
// access lie after `now`.
constexpr uint32_t kMostAheadSeconds = 60;

// Seconds from the word's access to `now`; 0 if the access lies after it.
uint32_t SecondsSince(AccessWord word, TimeMs now) {
  const uint32_t since = (AccessSecond(now) - (word >> kAccessCounterBits)) & kAccessSecondMask;
  return since > kAccessSecondMask - kMostAheadSeconds ? 0 : since;
}

uint32_t Counter(AccessWord word, TimeMs now) {
  const uint64_t second = static_cast<uint64_t>(now) / 1000;
  const uint64_t minutes = second / 60 - (second - SecondsSince(word, now)) / 60;
  const uint32_t counter = word & kAccessCounterMask;
  return counter - static_cast<uint32_t>(std::min<uint64_t>(minutes, counter));
}

}  // namespace

AccessWord Renewed(AccessWord word, TimeMs now) {
  if (word == kNoAccess) return NewAccess(now);
  // Keeps the later second if `now` was read before it.
  const uint32_t second = (word >> kAccessCounterBits) + SecondsSince(word, now);
  return (second & kAccessSecondMask) << kAccessCounterBits | Counter(word, now);
}

KeyAccess ReadAccess(AccessWord word, TimeMs now) {
  if (word == kNoAccess) return {};
  return {.idle_seconds = SecondsSince(word, now),
          .frequency = static_cast<int>(Counter(word, now))};
}

}  // namespace dcs::store
