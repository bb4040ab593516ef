#include "tests/api/rest/failing_new.h"

#include <cstdlib>
#include <new>

namespace dcs::rest {
namespace {

thread_local uint64_t left = 0;  // until the nth
thread_local size_t over_bytes = SIZE_MAX;
thread_local bool failed = false;

bool Fails(size_t bytes) {
  const bool fails = bytes > over_bytes || (left > 0 && --left == 0);
  failed = failed || fails;
  return fails;
}

}  // namespace

void FailAllocations(const FailingAllocations& which) {
  failed = false;
  left = which.nth;
  over_bytes = which.over_bytes;
}

bool StopFailing() {
  left = 0;
  over_bytes = SIZE_MAX;
  return failed;
}

}  // namespace dcs::rest

// All other forms but those with an alignment call these.
void* operator new(size_t bytes) {
  void* at = dcs::rest::Fails(bytes) ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
  if (at == nullptr) throw std::bad_alloc();
  return at;
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, size_t) noexcept { std::free(at); }
