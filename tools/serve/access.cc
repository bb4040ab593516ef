#include "tools/serve/access.h"

#include "api/rest/access_file.h"
#include "tools/serve/bind_check.h"

namespace dcs::tools {

absl::StatusOr<rest::AccessList> AccessFrom(const ServeOptions& options) {
  if (!options.access_file.empty()) return rest::ReadAccessFile(options.access_file);
  const absl::StatusOr<bool> loopback = IsLoopbackBind(options.bind);
  if (!loopback.ok()) return loopback.status();
  const bool own_only = !*loopback && !options.insecure_bind;
  const ServeOptions defaults;
  const auto counts = [&](const std::string& secret, const std::string& published) {
    return !secret.empty() && !(own_only && secret == published);
  };
  rest::AccessList list;
  if (counts(options.secret_key, defaults.secret_key)) {
    list.keys = {{{options.access_key, options.secret_key}, rest::Role::kFull}};
  }
  if (counts(options.user_password, defaults.user_password)) {
    list.users = {{options.user, options.user_password, rest::Role::kFull}};
  }
  if (counts(options.token, defaults.token)) list.tokens = {{options.token, rest::Role::kFull}};
  return list;
}

}  // namespace dcs::tools
