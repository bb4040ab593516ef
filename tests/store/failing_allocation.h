// Makes allocations fail, to test what the code does without memory.
//
// A program that is linked with failing_allocation.cc has its operator new, mmap and mremap replaced. They
// fail while a FailingAllocation says so, on its thread only, and call the system otherwise.
#pragma once

#include <cstdint>

namespace dcs {

// While it exists, the n-th allocation of this thread fails: operator new throws std::bad_alloc (or returns
// nullptr, as its form says), mmap and mremap fail with ENOMEM. One at a time a thread.
class FailingAllocation {
 public:
  enum class Mode {
    kOnce,        // the n-th only
    kFromThenOn,  // the n-th and all that follow
  };

  // `n` counts from 1.
  explicit FailingAllocation(uint64_t n, Mode mode = Mode::kOnce);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // Whether an allocation has failed. False: there were fewer than n.
  bool failed() const;
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

}  // namespace dcs
