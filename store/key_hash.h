// The hash of keys and of hash fields: XXH3, seeded.
#pragma once

#include <cstdint>
#include <string_view>

namespace dcs::store {

uint64_t HashBytes(std::string_view bytes, uint64_t seed);

}  // namespace dcs::store
