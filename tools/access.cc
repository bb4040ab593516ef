#include "tools/access.h"

#include "api/rest/access_file.h"

namespace dcs::tools {

absl::StatusOr<rest::AccessList> AccessFrom(const ServeOptions& options) {
  if (!options.access_file.empty()) return rest::ReadAccessFile(options.access_file);
  rest::AccessList list;
  list.keys = {{{options.access_key, options.secret_key}, rest::Role::kFull}};
  list.users = {{options.user, options.user_password, rest::Role::kFull}};
  if (!options.token.empty()) list.tokens = {{options.token, rest::Role::kFull}};
  return list;
}

}  // namespace dcs::tools
