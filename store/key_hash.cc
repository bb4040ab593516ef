#include "store/key_hash.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace dcs::store {

namespace {

[[gnu::noinline]] uint64_t HashLong(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace

uint64_t HashBytes(std::string_view bytes, uint64_t seed) {
  // The same twice: where it is known to be short, hardly anything of XXH3 is left.
  if (bytes.size() <= 16) [[likely]]
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
  return HashLong(bytes, seed);
}

}  // namespace dcs::store
