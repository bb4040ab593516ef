// Converts plain structs to and from JSON objects, by a list of members: one line per member serves
// both directions.
//
//   constexpr auto kFields = std::tuple{Field{"id", &ScanTask::id}, Field{"steps", &ScanTask::steps}};
//   Json json = ToJson(task, kFields);
//   FromJson(json, kFields, task);   // exactly these members must exist
//
// Thread safety: free functions without state. Errors: FromJson and Decode throw nlohmann_json's
// exceptions and std::invalid_argument; state_json.cc catches both.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace dcs::state {

using Json = nlohmann::ordered_json;

template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::*member;
};
template <class Struct, class Member>
Field(const char*, Member Struct::*) -> Field<Struct, Member>;

// ---- Values: absent ones are null, enums their numbers -------------------------------------------

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
Json Encode(const T& value) {
  if constexpr (IsOptional<T>::value) {
    return value ? Encode(*value) : Json(nullptr);
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<std::underlying_type_t<T>>(value);
  } else {
    return value;
  }
}

template <class T>
void Decode(const Json& json, T& value) {
  if constexpr (IsOptional<T>::value) {
    if (json.is_null()) {
      value.reset();
    } else {
      Decode(json, value.emplace());
    }
  } else if constexpr (std::is_enum_v<T>) {
    value = static_cast<T>(json.get<std::underlying_type_t<T>>());
  } else {
    value = json.get<T>();
  }
}

// ---- Objects ------------------------------------------------------------------------------------

template <class Struct, class... Fields>
Json ToJson(const Struct& value, const std::tuple<Fields...>& fields) {
  Json json = Json::object();
  std::apply(
      [&](const auto&... field) {
        ((json[std::string(field.name)] = Encode(value.*field.member)), ...);
      },
      fields);
  return json;
}

template <class Struct, class... Fields>
void FromJson(const Json& json, const std::tuple<Fields...>& fields, Struct& value) {
  if (!json.is_object() || json.size() != sizeof...(Fields)) {
    throw std::invalid_argument("an object of " + std::to_string(sizeof...(Fields)) +
                                " members is expected");
  }
  std::apply(
      [&](const auto&... field) {
        (Decode(json.at(std::string(field.name)), value.*field.member), ...);
      },
      fields);
}

}  // namespace dcs::state
