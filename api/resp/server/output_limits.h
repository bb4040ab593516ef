// How many bytes of output may wait for a client before it is disconnected: the parameter
// client-output-buffer-limit, with one limit for each class of clients.
//
// A client over the hard limit is disconnected at once. One that stays over the soft limit for
// longer than `soft_seconds` of the node's clock is disconnected, too.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace dcs::resp {

// The order in which CONFIG GET shows the limits.
enum class ClientClass : uint8_t { kNormal, kReplica, kPubSub };
inline constexpr size_t kClientClasses = 3;

// The class that a word names: normal, slave, replica or pubsub, in any case.
std::optional<ClientClass> FindClientClass(std::string_view word);

struct OutputLimit {
  // The first bytes that wait do not count. Redis keeps them in the client's fixed reply buffer and
  // applies its limits to the list of blocks behind it.
  static constexpr size_t kUncountedBytes = size_t{16} << 10;

  uint64_t hard_bytes = 0;  // 0: no limit
  uint64_t soft_bytes = 0;  // 0: no limit
  int64_t soft_seconds = 0;

  bool OverHard(size_t waiting) const { return Over(hard_bytes, waiting); }
  bool OverSoft(size_t waiting) const { return Over(soft_bytes, waiting); }

 private:
  static bool Over(uint64_t limit, size_t waiting) {
    return limit > 0 && waiting > kUncountedBytes && waiting - kUncountedBytes >= limit;
  }
};

// One limit for each class. A value.
struct ClassLimits {
  std::array<OutputLimit, kClientClasses> of = {};

  // "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"
  std::string Text() const;
};

// Reads any number of "class hard soft seconds" as Redis does: bytes may have units, a single space
// separates the words, an empty number is 0. Classes that `text` does not name keep the limit in
// `current`. Returns nothing if the text is wrong; `problem` then says why, in Redis's words.
std::optional<ClassLimits> ParseClassLimits(std::string_view text, const ClassLimits& current,
                                            std::string& problem);

// The limits in force. Thread safety: all members may be called from any thread. A reader may see
// the hard limit of one setting with the soft limit of the next.
class OutputLimits {
 public:
  OutputLimit Of(ClientClass of) const {
    const Limit& limit = limits_[static_cast<size_t>(of)];
    return {limit.hard_bytes.load(std::memory_order_relaxed),
            limit.soft_bytes.load(std::memory_order_relaxed),
            limit.soft_seconds.load(std::memory_order_relaxed)};
  }
  // No client of the class is over a limit with fewer bytes. SIZE_MAX: the class has no limits.
  size_t LeastBytes(ClientClass of) const {
    return limits_[static_cast<size_t>(of)].least_bytes.load(std::memory_order_relaxed);
  }
  void Set(const ClassLimits& limits) {
    for (size_t i = 0; i < kClientClasses; ++i) {
      const OutputLimit& from = limits.of[i];
      limits_[i].hard_bytes.store(from.hard_bytes, std::memory_order_relaxed);
      limits_[i].soft_bytes.store(from.soft_bytes, std::memory_order_relaxed);
      limits_[i].soft_seconds.store(from.soft_seconds, std::memory_order_relaxed);
      limits_[i].least_bytes.store(LeastOf(from), std::memory_order_relaxed);
    }
  }

 private:
  struct Limit {
    std::atomic<uint64_t> hard_bytes{0};
    std::atomic<uint64_t> soft_bytes{0};
    std::atomic<int64_t> soft_seconds{0};
    std::atomic<size_t> least_bytes{std::numeric_limits<size_t>::max()};
  };

  static size_t LeastOf(const OutputLimit& limit) {
    constexpr size_t kNone = std::numeric_limits<size_t>::max();
    const size_t hard = limit.hard_bytes > 0 ? limit.hard_bytes : kNone;
    const size_t soft = limit.soft_bytes > 0 ? limit.soft_bytes : kNone;
    const size_t least = std::min(hard, soft);
    return least > kNone - OutputLimit::kUncountedBytes ? kNone
                                                        : least + OutputLimit::kUncountedBytes;
  }

  std::array<Limit, kClientClasses> limits_;
};

}  // namespace dcs::resp
