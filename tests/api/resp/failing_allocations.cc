#include "failing_allocations.h"

#include <openssl/crypto.h>

#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace dcs {
namespace {

struct Failure {
  uint64_t left = 0;  // the allocation that fails, counted from here; 0: none
  bool for_good = false;
  bool failed = false;
};
thread_local constinit Failure failure;

bool Fails() {
  if (failure.failed && failure.for_good) return true;
  if (failure.left == 0 || --failure.left > 0) return false;
  failure.failed = true;
  return true;
}

void* Allocate(size_t bytes) { return Fails() ? nullptr : std::malloc(bytes); }

void* AllocateAligned(size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<size_t>(alignment);
  return Fails() ? nullptr : std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
}

void* OrThrow(void* at) {
  if (at == nullptr) throw std::bad_alloc();
  return at;
}

void Arm(uint64_t n, bool for_good) {
  assert(failure.left == 0 && !failure.failed && "one failure at a time");
  failure = {n, for_good, false};
}

// OpenSSL takes these only before its first allocation.
[[maybe_unused]] const int openssl_fails_too = CRYPTO_set_mem_functions(
    [](size_t bytes, const char*, int) { return Allocate(bytes); },
    [](void* at, size_t bytes, const char*, int) {
      if (bytes == 0) {
        std::free(at);
        return static_cast<void*>(nullptr);
      }
      return std::realloc(at, bytes);  // which the linker sends to __wrap_realloc
    },
    [](void* at, const char*, int) { std::free(at); });

}  // namespace

FailingAllocation::FailingAllocation(uint64_t n) { Arm(n, false); }
FailingAllocation::~FailingAllocation() { failure = {}; }
bool FailingAllocation::failed() const { return failure.failed; }

ExhaustedMemory::ExhaustedMemory(uint64_t n) { Arm(n, true); }
ExhaustedMemory::~ExhaustedMemory() { failure = {}; }
bool ExhaustedMemory::failed() const { return failure.failed; }

}  // namespace dcs

// The linker sends the calls of realloc here (CMakeLists.txt).
extern "C" void* __real_realloc(void* at, size_t bytes);   // NOLINT(bugprone-reserved-identifier)
extern "C" void* __wrap_realloc(void* at, size_t bytes) {  // NOLINT(bugprone-reserved-identifier)
  return dcs::Fails() ? nullptr : __real_realloc(at, bytes);
}

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
void* operator new(size_t bytes) { return dcs::OrThrow(dcs::Allocate(bytes)); }
void* operator new[](size_t bytes) { return dcs::OrThrow(dcs::Allocate(bytes)); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return dcs::Allocate(bytes); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return dcs::Allocate(bytes); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return dcs::OrThrow(dcs::AllocateAligned(bytes, alignment));
}
void* operator new[](size_t bytes, std::align_val_t alignment) {
  return dcs::OrThrow(dcs::AllocateAligned(bytes, alignment));
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete[](void* at) noexcept { std::free(at); }
void operator delete(void* at, size_t) noexcept { std::free(at); }
void operator delete[](void* at, size_t) noexcept { std::free(at); }
void operator delete(void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete[](void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete(void* at, size_t, std::align_val_t) noexcept { std::free(at); }
void operator delete[](void* at, size_t, std::align_val_t) noexcept { std::free(at); }
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
