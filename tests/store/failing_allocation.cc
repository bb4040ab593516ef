#include "tests/store/failing_allocation.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <new>

namespace dcs {
namespace {

struct State {
  bool counted = false;
  bool from_then_on = false;
  bool failed = false;
  uint64_t left = 0;  // allocations until one fails; 0: this one does
};
constinit thread_local State state;

// Counts an allocation. Whether it must fail.
bool Fails() {
  if (!state.counted) return false;
  if (state.failed) return state.from_then_on;
  if (--state.left > 0) return false;
  state.failed = true;
  return true;
}

void* AllocateOrNull(std::size_t bytes) noexcept { return Fails() ? nullptr : std::malloc(bytes); }

void* AllocateOrNull(std::size_t bytes, std::align_val_t alignment) noexcept {
  const auto align = static_cast<std::size_t>(alignment);
  return Fails() ? nullptr : std::aligned_alloc(align, (bytes + align - 1) / align * align);
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

FailingAllocation::FailingAllocation(uint64_t n, Mode mode) {
  state = {true, mode == Mode::kFromThenOn, false, n};
}
FailingAllocation::~FailingAllocation() { state = {}; }
bool FailingAllocation::failed() const { return state.failed; }

UncountedAllocations::UncountedAllocations() : counted_before_(state.counted) {
  state.counted = false;
}
UncountedAllocations::~UncountedAllocations() { state.counted = counted_before_; }

}  // namespace dcs

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
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

extern "C" void* mmap(void* at, size_t bytes, int protection, int flags, int fd,
                      off_t offset) noexcept {
  if (dcs::Fails()) {
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
  if (dcs::Fails()) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  static const auto next = dcs::Next<void* (*)(void*, size_t, size_t, int, void*)>("mremap");
  return next(at, old_bytes, bytes, flags, to);
}
