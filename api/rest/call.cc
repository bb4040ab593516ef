#include "api/rest/call.h"

namespace dcs::rest {

Success JsonSuccess(const Json& json) {
  return {.status = 200, .content_type = std::string(kJsonContentType), .body = Serialize(json)};
}

}  // namespace dcs::rest
