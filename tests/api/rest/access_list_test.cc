#include "api/rest/access_list.h"

#include <gtest/gtest.h>

namespace dcs::rest {
namespace {

TEST(AccessList, FindsRolesByName) {
  for (const RoleRow& row : RoleTable()) EXPECT_EQ(ParseRole(row.name), row.role) << row.name;
  EXPECT_EQ(ParseRole("admin"), std::nullopt);
  EXPECT_EQ(ParseRole("Full"), std::nullopt);
  EXPECT_EQ(ParseRole(""), std::nullopt);
}

TEST(AccessList, RoleWithoutReadHasNoWrite) {
  for (const RoleRow& row : RoleTable()) {
    EXPECT_TRUE(!row.read_refusal || row.write_refusal) << row.name;
  }
}

TEST(AccessList, FindsKeysAndUsersByExactName) {
  AccessList list;
  list.keys = {{{"AK1", "SK1"}, Role::kReadOnly}, {{"AK2", "SK2"}, Role::kFull}};
  list.users = {{"operator", "secret", Role::kReadOnly}};
  ASSERT_NE(list.FindKey("AK2"), nullptr);
  EXPECT_EQ(list.FindKey("AK2")->credential.secret_key, "SK2");
  EXPECT_EQ(list.FindKey("ak2"), nullptr);
  EXPECT_EQ(list.FindKey("AK"), nullptr);
  ASSERT_NE(list.FindUser("operator"), nullptr);
  EXPECT_EQ(list.FindUser("operator")->role, Role::kReadOnly);
  EXPECT_EQ(list.FindUser(""), nullptr);
}

}  // namespace
}  // namespace dcs::rest
