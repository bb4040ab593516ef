// Makes allocations of one thread fail, to test what the code does without memory.
//
// A program that is linked with failing_allocation.cc has its operator new, mmap and mremap replaced. They
// fail when they are told to, and call the system otherwise: operator new throws std::bad_alloc or returns
// nullptr, as its form says; mmap and mremap fail with ENOMEM.
// (Under the thread sanitizer operator new only.)
//
//   for (uint64_t n = 1;; ++n) {
//     FailingAllocation failing(n);
//     ... code under test ...
//     if (!failing.failed()) break;   // it made fewer than n allocations
//   }
//
// Nothing but the code under test should allocate meanwhile: gtest's macros do.
//
// RecordedAllocations counts instead what code under test holds:
//
//   RecordedAllocations recorded;
//   recorded.During([&] { value.Add("x"); });
//   EXPECT_EQ(value.bytes(), sizeof(value) + recorded.bytes());
#pragma once

#include <cstddef>
#include <cstdint>

namespace dcs {

struct WhichAllocations {
  uint64_t nth = 0;              // counted from 1; 0: none
  bool from_then_on = false;     // all after the nth too, as in a process whose memory is used up
  size_t over_bytes = SIZE_MAX;  // every one that asks for more
};

// Allocations of the calling thread fail from now on, until it calls StopFailing.
void FailAllocations(const WhichAllocations& which);
// Returns whether one has failed.
bool StopFailing();

// Counts an allocation of the calling thread. Whether it must fail: for a test that replaces other
// allocators.
bool AllocationFails(size_t bytes);

// While it exists, the n-th allocation of the thread that made it fails; those after it succeed, unless they
// fail from then on. One at a time a thread.
class FailingAllocation {
 public:
  explicit FailingAllocation(uint64_t n, bool from_then_on = false) {
    FailAllocations({.nth = n, .from_then_on = from_then_on});
  }
  ~FailingAllocation() { StopFailing(); }
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // Whether an allocation has failed. False: there were fewer than n.
  bool failed() const;
};

// The same for the n-th allocation and all after it.
class ExhaustedMemory : public FailingAllocation {
 public:
  explicit ExhaustedMemory(uint64_t n) : FailingAllocation(n, /*from_then_on=*/true) {}
};

// While it exists, this thread's allocations do not count and do not fail: for the test's own work beside the
// code under test.
class UncountedAllocations {
 public:
  UncountedAllocations();
  ~UncountedAllocations();
  UncountedAllocations(const UncountedAllocations&) = delete;
  UncountedAllocations& operator=(const UncountedAllocations&) = delete;

 private:
  bool counted_before_;
};

// Sums up the bytes that operator new has given to this thread during During, as long as they are not
// deleted. One at a time a thread; deletes must be on this thread.
class RecordedAllocations {
 public:
  RecordedAllocations();
  ~RecordedAllocations();
  RecordedAllocations(const RecordedAllocations&) = delete;
  RecordedAllocations& operator=(const RecordedAllocations&) = delete;

  template <typename Work>
  void During(Work work) {
    Record(true);
    work();
    Record(false);
  }
  size_t bytes() const;

 private:
  static void Record(bool records);
};

}  // namespace dcs
