#include "api/rest/access_list.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace dcs::rest {
namespace {

constexpr std::array kTable = {
    RoleRow{Role::kFull, "full", "te_admin", std::nullopt, std::nullopt},
    RoleRow{Role::kReadOnly, "read-only", "readonly", std::nullopt, ErrorId::kReadOnlyTenant},
    // Known to the cloud but without rights to this service: refused by the service, or by the
    // gateway in front of it.
    RoleRow{Role::kNone, "none", "", ErrorId::kRoleForbidden, ErrorId::kRoleForbidden},
    RoleRow{Role::kBlocked, "blocked", "", ErrorId::kGatewayNotAuthorized,
            ErrorId::kGatewayNotAuthorized},
};

constexpr bool RowsFollowTheEnum() {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<size_t>(kTable[i].role) != i) return false;
  }
  return kTable.size() == static_cast<size_t>(Role::kCount);
}
static_assert(RowsFollowTheEnum());

}  // namespace

absl::Span<const RoleRow> RoleTable() { return kTable; }

const RoleRow& Row(Role role) { return kTable[static_cast<size_t>(role)]; }

std::optional<Role> ParseRole(std::string_view name) {
  const auto* row = std::find_if(kTable.begin(), kTable.end(),
                                 [&](const RoleRow& candidate) { return candidate.name == name; });
  return row == kTable.end() ? std::nullopt : std::optional(row->role);
}

const AccessKey* AccessList::FindKey(std::string_view access_key) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const AccessKey& candidate) {
    return candidate.credential.access_key == access_key;
  });
  return found == keys.end() ? nullptr : &*found;
}

const User* AccessList::FindUser(std::string_view name) const {
  const auto found = std::find_if(users.begin(), users.end(),
                                  [&](const User& candidate) { return candidate.name == name; });
  return found == users.end() ? nullptr : &*found;
}

}  // namespace dcs::rest
