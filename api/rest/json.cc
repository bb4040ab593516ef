#include "api/rest/json.h"

#include <nlohmann/json.hpp>

namespace dcs::rest {

std::string Serialize(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace dcs::rest
