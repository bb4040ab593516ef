// A histogram of command delays, accurate to 1/64 of each value.
//
// Buckets: 64 per octave; below 64 ns one per nanosecond. The highest bits of a value select its
// bucket, and the middle of the bucket represents it. 64 * 58 buckets cover 63 bits in 30 KiB.
// Thread safety: one thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace dcs::simulate {

class Delays {
 public:
  void Add(int64_t ns) {
    const auto value = static_cast<uint64_t>(std::max<int64_t>(ns, 0));
    ++counts_[BucketOf(value)];
    ++count_;
    sum_ns_ += static_cast<double>(value);
    longest_ns_ = std::max(longest_ns_, value);
  }
  uint64_t count() const { return count_; }
  double MeanUs() const { return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_) / 1000; }
  double LongestUs() const { return static_cast<double>(longest_ns_) / 1000; }
  // The delay that `share` (0 to 1) of the commands did not exceed; 0 if there were none.
  double QuantileUs(double share) const {
    const double wanted = share * static_cast<double>(count_);
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (counts_[bucket] > 0 && static_cast<double>(seen) >= wanted) {
        return std::min(MiddleOf(bucket), static_cast<double>(longest_ns_)) / 1000;
      }
    }
    return 0;
  }
  void Reset() { *this = Delays(); }

 private:
  static constexpr int kBits = 6;
  static constexpr size_t kToAnOctave = size_t{1} << kBits;

  static size_t BucketOf(uint64_t value) {
    if (value < kToAnOctave) return static_cast<size_t>(value);
    const int shift = std::bit_width(value) - 1 - kBits;
    return static_cast<size_t>(shift) * kToAnOctave + static_cast<size_t>(value >> shift);
  }
  static double MiddleOf(size_t bucket) {
    if (bucket < 2 * kToAnOctave) return static_cast<double>(bucket);
    const size_t shift = bucket / kToAnOctave - 1;
    const double width = static_cast<double>(uint64_t{1} << shift);
    return static_cast<double>(bucket - shift * kToAnOctave) * width + width / 2;
  }

  std::array<uint64_t, kToAnOctave * 58> counts_{};
  uint64_t count_ = 0;
  double sum_ns_ = 0;
  uint64_t longest_ns_ = 0;
};

}  // namespace dcs::simulate
