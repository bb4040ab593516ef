#include "api/instance_spec.h"

#include <algorithm>
#include <iterator>

namespace dcs::api {

std::string_view ToString(CacheMode mode) { return mode == CacheMode::kSingle ? "single" : "ha"; }

bool IsEngineVersion(std::string_view version) {
  return std::find(std::begin(kEngineVersions), std::end(kEngineVersions), version) !=
         std::end(kEngineVersions);
}

}  // namespace dcs::api
