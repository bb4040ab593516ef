// Records that will be read under the next lock, and are looked at before it.
//
// A hypervisor that keeps the page tables itself forgets pages when others are given back, and the first
// look at each takes 5 to 20 us then. A prefetch does not bring them back: it ends where the page is not
// known. Records lie on a page each; twenty under one lock would keep others waiting for 200 us.
//
// Thread safety: one thread.
#pragma once

#include <array>
#include <cstddef>

namespace dcs::store {

class RecordsAhead {
 public:
  bool empty() const { return count_ == 0; }
  void Clear() { count_ = 0; }
  // Those beyond the first few are left out. REQUIRES: the record lies in a chunk, not in a mapping of its
  // own, which may be gone when it is looked at. Regions stay mapped as long as their PageSource lives.
  void Add(const std::byte* record) {
    if (count_ < records_.size()) records_[count_++] = record;
  }
  // Reads the first byte of each and forgets them: no time to speak of where the pages are known. To be
  // called without the lock: others may be writing there, or have given the page back, which brings a page
  // of zeros. So this is a load of which the language knows nothing, and nobody uses what it brings.
  void LookAt() {
    for (size_t i = 0; i < count_; ++i) Load(records_[i]);
    Clear();
  }

 private:
  static void Load(const std::byte* record) {
#if defined(__x86_64__) || defined(__i386__)
    asm volatile("testb $1, %0" : : "m"(*record) : "cc");
#elif defined(__aarch64__)
    asm volatile("ldrb wzr, %0" : : "Q"(*record));
#else
    __builtin_prefetch(record);
#endif
  }

  std::array<const std::byte*, 16> records_;  // the first count_ of them
  size_t count_ = 0;
};

}  // namespace dcs::store
