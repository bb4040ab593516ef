#include "api/rest/access_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/rest/json.h"

namespace dcs::rest {
namespace {

// Allowed characters: a key stands in a header between commas, and a token is a header's whole
// value; names and passwords are JSON texts.
enum class Form { kAnyText, kHeaderWord };
enum class Secrecy { kMayBeShown, kSecret };

constexpr size_t kMaxWord = 1024;

absl::Status Wrong(const std::string& where, const std::string& found,
                   const std::string& expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(where, ": found ", found, ", expected ", expected));
}

// The value itself if it is short and not secret.
std::string Describe(const Json& json, Secrecy secrecy = Secrecy::kMayBeShown) {
  if (json.is_array()) return absl::StrCat("a list of ", json.size());
  if (json.is_object()) return "an object";
  if (json.is_string() && json.get_ref<const std::string&>().empty()) return "an empty text";
  if (secrecy == Secrecy::kSecret) return json.is_string() ? "a text" : json.type_name();
  const std::string text = Serialize(json);
  return text.size() <= 80 ? text : absl::StrCat(text.substr(0, 77), "...");
}

bool IsHeaderWord(std::string_view text) {
  return text.size() <= kMaxWord && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < '\x7f' && c != ',';
         });
}

std::string RoleNames() {
  std::string names;
  for (const RoleRow& row : RoleTable()) {
    const bool last = &row == &RoleTable().back();
    absl::StrAppend(&names,
                    names.empty() ? ""
                    : last        ? " or "
                                  : ", ",
                    absl::string_view(row.name.data(), row.name.size()));
  }
  return names;
}

absl::Status CheckMembers(const Json& json, const std::string& where,
                          std::initializer_list<const char*> known) {
  const std::string expected = absl::StrCat("an object with ", absl::StrJoin(known, ", "));
  if (!json.is_object()) return Wrong(where, Describe(json), expected);
  for (const auto& member : json.items()) {
    if (std::find(known.begin(), known.end(), member.key()) == known.end()) {
      return Wrong(where, absl::StrCat("the member ", Serialize(member.key())), expected);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadText(const Json& entry, const std::string& where, const char* name,
                                     Form form, Secrecy secrecy) {
  const std::string expected =
      form == Form::kHeaderWord
          ? absl::StrCat("1 to ", kMaxWord, " visible ASCII characters without comma or space")
          : std::string("a text that is not empty");
  const std::string path = absl::StrCat(where, ".", name);
  const auto found = entry.find(name);
  if (found == entry.end()) return Wrong(path, "nothing", expected);
  const bool text = found->is_string() && !found->get_ref<const std::string&>().empty();
  if (!text || (form == Form::kHeaderWord && !IsHeaderWord(found->get_ref<const std::string&>()))) {
    return Wrong(path, Describe(*found, secrecy), expected);
  }
  return found->get<std::string>();
}

absl::StatusOr<Role> ReadRole(const Json& entry, const std::string& where) {
  const auto found = entry.find("role");
  if (found == entry.end()) return Role::kFull;
  const std::optional<Role> role =
      found->is_string() ? ParseRole(found->get_ref<const std::string&>()) : std::nullopt;
  if (!role) return Wrong(absl::StrCat(where, ".role"), Describe(*found), RoleNames());
  return *role;
}

absl::StatusOr<AccessKey> ReadKey(const Json& entry, const std::string& where) {
  if (auto status = CheckMembers(entry, where, {"access_key", "secret_key", "role"});
      !status.ok()) {
    return status;
  }
  auto name = ReadText(entry, where, "access_key", Form::kHeaderWord, Secrecy::kMayBeShown);
  if (!name.ok()) return name.status();
  auto secret = ReadText(entry, where, "secret_key", Form::kAnyText, Secrecy::kSecret);
  if (!secret.ok()) return secret.status();
  const auto role = ReadRole(entry, where);
  if (!role.ok()) return role.status();
  return AccessKey{{*std::move(name), *std::move(secret)}, *role};
}

absl::StatusOr<User> ReadUser(const Json& entry, const std::string& where) {
  if (auto status = CheckMembers(entry, where, {"name", "password", "role"}); !status.ok()) {
    return status;
  }
  auto name = ReadText(entry, where, "name", Form::kAnyText, Secrecy::kMayBeShown);
  if (!name.ok()) return name.status();
  auto password = ReadText(entry, where, "password", Form::kAnyText, Secrecy::kSecret);
  if (!password.ok()) return password.status();
  const auto role = ReadRole(entry, where);
  if (!role.ok()) return role.status();
  return User{*std::move(name), *std::move(password), *role};
}

absl::StatusOr<FixedToken> ReadToken(const Json& entry, const std::string& where) {
  if (auto status = CheckMembers(entry, where, {"token", "role"}); !status.ok()) return status;
  auto token = ReadText(entry, where, "token", Form::kHeaderWord, Secrecy::kSecret);
  if (!token.ok()) return token.status();
  const auto role = ReadRole(entry, where);
  if (!role.ok()) return role.status();
  return FixedToken{*std::move(token), *role};
}

// Reads each entry of the list `name`, if it exists. `key` returns the member that must be unique.
template <class Entry, class Key>
absl::Status ReadList(const Json& file, const std::string& name, const char* key_name,
                      absl::StatusOr<Entry> (*read)(const Json&, const std::string&), Key key,
                      std::vector<Entry>& out) {
  const auto list = file.find(name);
  if (list == file.end()) return absl::OkStatus();
  if (!list->is_array()) return Wrong(name, Describe(*list), "a list");
  std::set<std::string> seen;
  for (size_t i = 0; i < list->size(); ++i) {
    const std::string where = absl::StrCat(name, "[", i, "]");
    absl::StatusOr<Entry> entry = read((*list)[i], where);
    if (!entry.ok()) return entry.status();
    if (!seen.insert(key(*entry)).second) {
      return Wrong(absl::StrCat(where, ".", key_name), "the same as in an entry before",
                   "each only once");
    }
    out.push_back(*std::move(entry));
  }
  return absl::OkStatus();
}

// nlohmann's message contains the line and column.
absl::StatusOr<Json> ParseJson(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat("not JSON: ", error.what()));
  }
}

}  // namespace

absl::StatusOr<AccessList> ParseAccess(std::string_view text) {
  const absl::StatusOr<Json> file = ParseJson(text);
  if (!file.ok()) return file.status();
  absl::Status status = CheckMembers(*file, "the file", {"access_keys", "users", "tokens"});
  if (!status.ok()) return status;
  AccessList list;
  status = ReadList<AccessKey>(
      *file, "access_keys", "access_key", ReadKey,
      [](const AccessKey& key) { return key.credential.access_key; }, list.keys);
  if (!status.ok()) return status;
  status = ReadList<User>(
      *file, "users", "name", ReadUser, [](const User& user) { return user.name; }, list.users);
  if (!status.ok()) return status;
  status = ReadList<FixedToken>(
      *file, "tokens", "token", ReadToken, [](const FixedToken& token) { return token.token; },
      list.tokens);
  if (!status.ok()) return status;
  if (list.keys.empty() && list.users.empty() && list.tokens.empty()) {
    return Wrong("the file", "nobody", "an entry in access_keys, users or tokens");
  }
  return list;
}

absl::StatusOr<AccessList> ReadAccessFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char piece[4096];
  while (file.read(piece, sizeof(piece)), file.gcount() > 0) {
    text.append(piece, static_cast<size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(
        absl::StrCat("access file ", path, ": cannot be read: ", std::strerror(errno)));
  }
  absl::StatusOr<AccessList> list = ParseAccess(text);
  if (list.ok()) return list;
  return absl::Status(list.status().code(),
                      absl::StrCat("access file ", path, ": ", list.status().message()));
}

}  // namespace dcs::rest
