#include "api/rest/access_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

namespace dcs::rest {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string Error(std::string_view text) {
  const auto list = ParseAccess(text);
  EXPECT_EQ(list.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(list.status().message());
}

TEST(AccessFile, ReadsKeysUsersAndTokensWithRoles) {
  const auto list = ParseAccess(R"({
    "access_keys": [{"access_key": "AK1", "secret_key": "SK 1", "role": "read-only"},
                    {"secret_key": "SK2", "access_key": "AK2"}],
    "users": [{"name": "operator", "password": "p, q", "role": "none"}],
    "tokens": [{"token": "t.1", "role": "blocked"}]})");
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->keys.size(), 2u);
  EXPECT_EQ(list->keys[0].credential.access_key, "AK1");
  EXPECT_EQ(list->keys[0].credential.secret_key, "SK 1");
  EXPECT_EQ(list->keys[0].role, Role::kReadOnly);
  EXPECT_EQ(list->keys[1].role, Role::kFull) << "where no role stands";
  ASSERT_EQ(list->users.size(), 1u);
  EXPECT_EQ(list->users[0].name, "operator");
  EXPECT_EQ(list->users[0].password, "p, q");
  EXPECT_EQ(list->users[0].role, Role::kNone);
  ASSERT_EQ(list->tokens.size(), 1u);
  EXPECT_EQ(list->tokens[0].token, "t.1");
  EXPECT_EQ(list->tokens[0].role, Role::kBlocked);
}

TEST(AccessFile, OneListIsEnough) {
  EXPECT_TRUE(ParseAccess(R"({"tokens": [{"token": "t"}]})").ok());
  EXPECT_TRUE(ParseAccess(R"({"users": [{"name": "n", "password": "p"}], "tokens": []})").ok());
}

TEST(AccessFile, ErrorsNamePlaceFoundAndExpectedValue) {
  const std::pair<std::string, std::string> cases[] = {
      {"[]", "the file: found a list of 0, expected an object with access_keys, users, tokens"},
      {"{}", "the file: found nobody, expected an entry in access_keys, users or tokens"},
      {R"({"keys": []})",
       R"(the file: found the member "keys", expected an object with access_keys, users, tokens)"},
      {R"({"access_keys": {"AK": "SK"}})", "access_keys: found an object, expected a list"},
      {R"({"access_keys": ["AK"]})",
       R"(access_keys[0]: found "AK", expected an object with access_key, secret_key, role)"},
      {R"({"access_keys": [{"access_key": "A", "secret_key": "S"}, {"access_key": "B", "sk": "S"}]})",
       R"(access_keys[1]: found the member "sk", expected an object with access_key, secret_key, )"
       "role"},
      {R"({"access_keys": [{"access_key": "A", "secret_key": "S", "role": "admin"}]})",
       R"(access_keys[0].role: found "admin", expected full, read-only, none or blocked)"},
      {R"({"access_keys": [{"access_key": "A", "secret_key": "S", "role": 1}]})",
       "access_keys[0].role: found 1, expected full, read-only, none or blocked"},
      {R"({"access_keys": [{"access_key": "A"}]})",
       "access_keys[0].secret_key: found nothing, expected a text that is not empty"},
      {R"({"access_keys": [{"access_key": "A, B", "secret_key": "S"}]})",
       R"(access_keys[0].access_key: found "A, B", expected 1 to 1024 visible ASCII characters )"
       "without comma or space"},
      {R"({"access_keys": [{"access_key": "A", "secret_key": "S"},
                           {"access_key": "A", "secret_key": "T"}]})",
       "access_keys[1].access_key: found the same as in an entry before, expected each only once"},
      {R"({"users": [{"name": "", "password": "p"}]})",
       "users[0].name: found an empty text, expected a text that is not empty"},
      {R"({"users": [{"name": "n", "password": null}]})",
       "users[0].password: found null, expected a text that is not empty"},
      {R"({"tokens": [{"token": 17}]})",
       "tokens[0].token: found number, expected 1 to 1024 visible ASCII characters without comma "
       "or space"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(Error(text), message);
}

TEST(AccessFile, InvalidJson_ErrorNamesLineAndColumn) {
  EXPECT_THAT(Error("{\n \"users\": [,]}"), HasSubstr("line 2, column 12"));
  EXPECT_THAT(Error(""), StartsWith("not JSON: "));
  EXPECT_THAT(Error("{\"users\": \"\xff\"}"), StartsWith("not JSON: "));
}

TEST(AccessFile, ErrorsQuoteNoSecrets) {
  EXPECT_THAT(Error(R"({"tokens": [{"token": "with space"}]})"), Not(HasSubstr("with space")));
  EXPECT_THAT(Error(R"({"users": [{"name": "n", "password": [1234567]}]})"),
              Not(HasSubstr("1234567")));
}

TEST(AccessFile, LongValues_AreTruncated) {
  EXPECT_THAT(Error(R"({"tokens": ")" + std::string(5000, 'x') + "\"}"),
              testing::AllOf(HasSubstr("xxx..."), EndsWith("expected a list")));
}

TEST(AccessFile, ErrorsOfAFileBeginWithItsName) {
  const std::string path = testing::TempDir() + "access_file_test.json";
  std::ofstream(path) << R"({"users": 1})";
  EXPECT_EQ(ReadAccessFile(path).status().message(),
            "access file " + path + ": users: found 1, expected a list");
  std::ofstream(path) << R"({"users": [{"name": "n", "password": "p"}]})";
  EXPECT_TRUE(ReadAccessFile(path).ok());
  std::remove(path.c_str());
  const auto missing = ReadAccessFile(path);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()),
              testing::AllOf(StartsWith("access file " + path), HasSubstr("No such file")));
  EXPECT_FALSE(ReadAccessFile(testing::TempDir()).ok()) << "a directory";
}

}  // namespace
}  // namespace dcs::rest
