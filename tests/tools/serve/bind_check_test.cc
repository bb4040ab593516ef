#include "tools/serve/bind_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tools/serve/access.h"

namespace dcs::tools {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Listens on an address that other machines can reach, with secrets chosen by the user.
ServeOptions Protected() {
  ServeOptions options;
  options.bind = "0.0.0.0";
  options.sim_token = "own-token";
  options.access_key = "own-key";
  options.secret_key = "own-secret";
  options.password = "own-password";
  return options;
}

absl::Status Check(const ServeOptions& options) {
  const auto access = AccessFrom(options);
  return access.ok() ? CheckBind(options, *access) : access.status();
}

std::string WhyNot(const ServeOptions& options) {
  const absl::Status status = Check(options);
  return status.ok() ? "ok" : std::string(status.message());
}

TEST(IsLoopbackBind, RecognizesReachableAddresses) {
  for (const char* bind : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(*IsLoopbackBind(bind), true) << bind;
  }
  for (const char* bind :
       {"0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "fe80::1%lo", "::ffff:0.0.0.0"}) {
    EXPECT_EQ(*IsLoopbackBind(bind), false) << bind;
  }
  for (const char* bind : {"", "nowhere", "localhost", "127.0.0.1:80", "[::1]"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(IsLoopbackBind(bind).status())) << bind;
  }
}

TEST(CheckBind, LoopbackNeedsNothing) {
  ServeOptions options;
  EXPECT_EQ(WhyNot(options), "ok");
  options.no_auth = true;
  EXPECT_EQ(WhyNot(options), "ok");
}

TEST(CheckBind, AllSecretsSet_ReachableAddressIsAllowed) { EXPECT_EQ(WhyNot(Protected()), "ok"); }

TEST(CheckBind, MissingSecret_IsNamed) {
  ServeOptions options = Protected();
  options.sim_token.clear();
  EXPECT_THAT(WhyNot(options), AllOf(HasSubstr("0.0.0.0"), HasSubstr("/_sim is open"),
                                     Not(HasSubstr("Redis is open"))));
  options = Protected();
  options.password.clear();
  EXPECT_THAT(WhyNot(options), AllOf(HasSubstr("Redis is open"), Not(HasSubstr("/_sim is open"))));
  options = Protected();
  options.no_auth = true;
  EXPECT_THAT(WhyNot(options), HasSubstr("the DCS API is open (--no-auth)"));
  options = ServeOptions();
  options.bind = "::";
  EXPECT_THAT(WhyNot(options),
              AllOf(HasSubstr("/_sim is open"), HasSubstr("no keys but the published defaults"),
                    HasSubstr("Redis is open")));
}

TEST(CheckBind, DefaultSecretUnderAnotherName_IsRefused) {
  ServeOptions options = Protected();
  options.secret_key = ServeOptions().secret_key;
  EXPECT_THAT(WhyNot(options), HasSubstr("no keys but the published defaults"));
}

TEST(CheckBind, DefaultSecretInAccessFile_IsRefused) {
  const ServeOptions options = Protected();
  rest::AccessList access;
  access.keys = {{{"own", "own"}, rest::Role::kFull}};
  EXPECT_TRUE(CheckBind(options, access).ok());
  access.users = {{"somebody", ServeOptions().user_password, rest::Role::kReadOnly}};
  EXPECT_THAT(std::string(CheckBind(options, access).message()), HasSubstr("user somebody"));
  access.users.clear();
  access.tokens = {{ServeOptions().token, rest::Role::kFull}};
  EXPECT_FALSE(CheckBind(options, access).ok());
}

TEST(CheckBind, InsecureBind_StartsUnprotected) {
  ServeOptions options;
  options.bind = "0.0.0.0";
  options.insecure_bind = true;
  EXPECT_EQ(WhyNot(options), "ok");
  EXPECT_EQ(OpenFronts(options, *AccessFrom(options)).size(), 3u);
  options.no_auth = true;
  EXPECT_EQ(WhyNot(options), "ok");
}

TEST(AccessFrom, ReachableAddress_DropsPublishedSecrets) {
  const auto access = AccessFrom(Protected());
  ASSERT_EQ(access->keys.size(), 1u);
  EXPECT_EQ(access->keys[0].credential.access_key, "own-key");
  EXPECT_THAT(access->users, IsEmpty());
  EXPECT_THAT(access->tokens, IsEmpty());

  ServeOptions options = Protected();
  options.user_password = "own";
  options.token = "own";
  EXPECT_EQ(AccessFrom(options)->users.size(), 1u);
  EXPECT_EQ(AccessFrom(options)->tokens.size(), 1u);
  options = ServeOptions();
  EXPECT_EQ(AccessFrom(options)->tokens.size(), 1u) << "loopback accepts the defaults";
}

TEST(AccessFrom, EmptySecret_CountsAsNone) {
  ServeOptions options;
  options.secret_key.clear();
  options.user_password.clear();
  options.token.clear();
  const auto access = AccessFrom(options);
  EXPECT_THAT(access->keys, IsEmpty());
  EXPECT_THAT(access->users, IsEmpty());
  EXPECT_THAT(access->tokens, IsEmpty());
}

// ---- Instances of a state directory

class RestoredInstances : public testing::Test {
 protected:
  void Add(const std::string& id, const std::string& password) {
    auto instance = std::make_unique<api::Instance>();
    instance->spec.id = id;
    instance->spec.password = password;
    registry.Add(std::move(instance));
  }
  api::Registry registry;
  ServeOptions options = Protected();
};

TEST_F(RestoredInstances, OwnInstanceWithoutPassword_PreventsTheStart) {
  Add(options.instance_id, "");
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckRestoredInstances(options, registry)));
  options.insecure_bind = true;
  EXPECT_TRUE(CheckRestoredInstances(options, registry).ok());
  options.insecure_bind = false;
  options.bind = "127.0.0.1";
  EXPECT_TRUE(CheckRestoredInstances(options, registry).ok());
}

TEST_F(RestoredInstances, OtherInstanceWithoutPassword_OnlyWarns) {
  Add(options.instance_id, "secret");
  Add("aa735b6f-3d70-44e3-9771-000000000001", "");
  EXPECT_TRUE(CheckRestoredInstances(options, registry).ok());
}

}  // namespace
}  // namespace dcs::tools
