// The access list: the keys, tokens and users of the API with their secrets and roles.
//
//   keys    sign requests                X-Sdk-Date, Authorization
//   tokens  are sent, never expire       X-Auth-Token
//   users   fetch tokens that expire     POST /v3/auth/tokens, then X-Auth-Token
//
// Thread safety: plain structs, a constant table and free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "api/rest/errors.h"

namespace dcs::rest {

enum class Role : uint8_t { kFull, kReadOnly, kNone, kBlocked, kCount };

// A role: the refusals that its bearer gets. A new role is one enumerator and one row.
struct RoleRow {
  Role role;
  std::string_view name;      // in the access file
  std::string_view iam_name;  // in a token's roles; empty: none
  std::optional<ErrorId> read_refusal;
  std::optional<ErrorId> write_refusal;
};

// In the order of Role, one row per role.
absl::Span<const RoleRow> RoleTable();
const RoleRow& Row(Role role);
std::optional<Role> ParseRole(std::string_view name);

// A key pair: AK and SK.
struct Credential {
  std::string access_key;
  std::string secret_key;
};

struct AccessKey {
  Credential credential;
  Role role = Role::kFull;
};

struct User {
  std::string name;
  std::string password;
  Role role = Role::kFull;
};

struct FixedToken {
  std::string token;
  Role role = Role::kFull;
};

// Keys, users and tokens are unique, and no secret is empty.
struct AccessList {
  std::vector<AccessKey> keys;
  std::vector<User> users;
  std::vector<FixedToken> tokens;

  // nullptr if no key has that name.
  const AccessKey* FindKey(std::string_view access_key) const;
  const User* FindUser(std::string_view name) const;
};

}  // namespace dcs::rest
