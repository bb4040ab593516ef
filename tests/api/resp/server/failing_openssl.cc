// Lets realloc and OpenSSL's allocations fail as failing_allocation.h says: the linker sends the calls of
// realloc here (CMakeLists.txt).
#include <openssl/crypto.h>

#include <cstddef>
#include <cstdlib>

#include "tests/failing_allocation.h"

extern "C" void* __real_realloc(void* at, size_t bytes);   // NOLINT(bugprone-reserved-identifier)
extern "C" void* __wrap_realloc(void* at, size_t bytes) {  // NOLINT(bugprone-reserved-identifier)
  return dcs::AllocationFails(bytes) ? nullptr : __real_realloc(at, bytes);
}

namespace dcs {
namespace {

// OpenSSL takes these only before its first allocation.
[[maybe_unused]] const int openssl_fails_too = CRYPTO_set_mem_functions(
    [](size_t bytes, const char*, int) {
      return AllocationFails(bytes) ? nullptr : std::malloc(bytes);
    },
    [](void* at, size_t bytes, const char*, int) {
      if (bytes == 0) {
        std::free(at);
        return static_cast<void*>(nullptr);
      }
      return std::realloc(at, bytes);  // which the linker sends to __wrap_realloc
    },
    [](void* at, const char*, int) { std::free(at); });

}  // namespace
}  // namespace dcs
