#include "tests/failing_allocation.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <new>
#include <unordered_map>

namespace dcs {
namespace {

struct State {
  bool counted = false;
  bool failed = false;
  uint64_t made = 0;
  WhichAllocations which;
};
constinit thread_local State state;

// What a RecordedAllocations knows.
struct Recorded {
  bool records = false;
  size_t bytes = 0;
  std::unordered_map<void*, std::size_t> sizes;
};
constinit thread_local Recorded* recorded = nullptr;

// The record's own allocations are not recorded and do not fail.
template <typename Change>
void ChangeRecord(Change change) {
  const UncountedAllocations own;
  Recorded* const record = recorded;
  recorded = nullptr;
  change(*record);
  recorded = record;
}

void* Note(void* allocated, std::size_t bytes) {
  if (recorded != nullptr && recorded->records && allocated != nullptr) {
    ChangeRecord([&](Recorded& record) {
      record.sizes.emplace(allocated, bytes);
      record.bytes += bytes;
    });
  }
  return allocated;
}

void Free(void* allocated) {
  if (recorded != nullptr) {
    ChangeRecord([&](Recorded& record) {
      const auto at = record.sizes.find(allocated);
      if (at == record.sizes.end()) return;
      record.bytes -= at->second;
      record.sizes.erase(at);
    });
  }
  std::free(allocated);
}

void* AllocateOrNull(std::size_t bytes) noexcept {
  return AllocationFails(bytes) ? nullptr : Note(std::malloc(bytes), bytes);
}

void* AllocateOrNull(std::size_t bytes, std::align_val_t alignment) noexcept {
  const auto align = static_cast<std::size_t>(alignment);
  const std::size_t rounded = (bytes + align - 1) / align * align;
  return AllocationFails(bytes) ? nullptr : Note(std::aligned_alloc(align, rounded), bytes);
}

template <typename... Alignment>
void* Allocate(std::size_t bytes, Alignment... alignment) {
  void* const allocated = AllocateOrNull(bytes, alignment...);
  if (allocated == nullptr) throw std::bad_alloc();
  return allocated;
}

// The function that this program's own one stands before: the sanitizer's or the C library's.
template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

void FailAllocations(const WhichAllocations& which) { state = {true, false, 0, which}; }
bool StopFailing() {
  state.counted = false;
  return state.failed;
}

bool AllocationFails(size_t bytes) {
  if (!state.counted) return false;
  const uint64_t number = ++state.made;
  const WhichAllocations& which = state.which;
  const bool fails = number == which.nth || bytes > which.over_bytes ||
                     (which.from_then_on && which.nth > 0 && number > which.nth);
  state.failed |= fails;
  return fails;
}

bool FailingAllocation::failed() const { return state.failed; }

UncountedAllocations::UncountedAllocations() : counted_before_(state.counted) {
  state.counted = false;
}
UncountedAllocations::~UncountedAllocations() { state.counted = counted_before_; }

RecordedAllocations::RecordedAllocations() { recorded = new Recorded; }
RecordedAllocations::~RecordedAllocations() {
  Recorded* const record = recorded;
  recorded = nullptr;
  delete record;
}
void RecordedAllocations::Record(bool records) { recorded->records = records; }
size_t RecordedAllocations::bytes() const { return recorded->bytes; }

}  // namespace dcs

// Under a sanitizer, malloc returns nullptr for more than there is, as the C library's does.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
// NOLINTEND(bugprone-reserved-identifier)

void* operator new(std::size_t bytes) { return dcs::Allocate(bytes); }
void* operator new[](std::size_t bytes) { return dcs::Allocate(bytes); }
void* operator new(std::size_t bytes, std::align_val_t a) { return dcs::Allocate(bytes, a); }
void* operator new[](std::size_t bytes, std::align_val_t a) { return dcs::Allocate(bytes, a); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return dcs::AllocateOrNull(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return dcs::AllocateOrNull(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t a, const std::nothrow_t&) noexcept {
  return dcs::AllocateOrNull(bytes, a);
}
void* operator new[](std::size_t bytes, std::align_val_t a, const std::nothrow_t&) noexcept {
  return dcs::AllocateOrNull(bytes, a);
}
void operator delete(void* p) noexcept { dcs::Free(p); }
void operator delete[](void* p) noexcept { dcs::Free(p); }
void operator delete(void* p, std::size_t) noexcept { dcs::Free(p); }
void operator delete[](void* p, std::size_t) noexcept { dcs::Free(p); }
void operator delete(void* p, std::align_val_t) noexcept { dcs::Free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { dcs::Free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { dcs::Free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { dcs::Free(p); }

// The thread sanitizer maps memory before a program's own mmap can be called.
#ifndef __SANITIZE_THREAD__
extern "C" void* mmap(void* at, size_t bytes, int protection, int flags, int fd,
                      off_t offset) noexcept {
  if (dcs::AllocationFails(bytes)) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  static const auto next = dcs::Next<void* (*)(void*, size_t, int, int, int, off_t)>("mmap");
  return next(at, bytes, protection, flags, fd, offset);
}

extern "C" void* mremap(void* at, size_t old_bytes, size_t bytes, int flags, ...) noexcept {
  va_list arguments;
  va_start(arguments, flags);
  void* const to = (flags & MREMAP_FIXED) != 0 ? va_arg(arguments, void*) : nullptr;
  va_end(arguments);
  if (dcs::AllocationFails(bytes)) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  static const auto next = dcs::Next<void* (*)(void*, size_t, size_t, int, void*)>("mremap");
  return next(at, old_bytes, bytes, flags, to);
}
#endif
