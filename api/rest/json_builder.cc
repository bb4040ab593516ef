#include "api/rest/json_builder.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace dcs::rest {
namespace {

// nlohmann's SAX interface. Each callback returns whether to continue.
class Builder {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() { return Add(nullptr); }
  bool boolean(bool value) { return Add(value); }
  bool number_integer(number_integer_t value) { return Add(value); }
  bool number_unsigned(number_unsigned_t value) { return Add(value); }
  bool number_float(number_float_t value, const string_t&) { return Add(value); }
  bool string(string_t& value) { return Add(std::move(value)); }
  bool binary(binary_t&) { return false; }  // binary values do not occur in text
  bool start_object(size_t) { return Open(/*is_object=*/true); }
  bool start_array(size_t) { return Open(/*is_object=*/false); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }
  bool key(string_t& name) {
    open_.back().name = std::move(name);
    return true;
  }
  template <class Exception>
  bool parse_error(size_t, const std::string&, const Exception&) {
    return false;
  }

  Json& root() { return root_; }
  size_t values() const { return values_; }

 private:
  // An array or object whose end has not been parsed. An object's members are collected here:
  // Json's own member list copies all of them whenever it grows.
  struct Container {
    bool is_object;
    Json::array_t elements;
    std::vector<std::pair<std::string, Json>> members;
    absl::flat_hash_map<std::string, size_t> places;  // index of each name in `members`
    std::string name;                                 // name of the next member
  };

  template <class Value>
  bool Add(Value&& value) {
    if (++values_ > limits_.values) return false;
    Place(Json(std::forward<Value>(value)));
    return true;
  }

  bool Open(bool is_object) {
    if (open_.size() >= limits_.depth || ++values_ > limits_.values) return false;
    open_.emplace_back().is_object = is_object;
    return true;
  }

  bool Close() {
    Container closed = std::move(open_.back());
    open_.pop_back();
    if (!closed.is_object) {
      Place(Json(std::move(closed.elements)));
      return true;
    }
    Json::object_t object;
    object.reserve(closed.members.size());
    for (auto& [name, value] : closed.members) {
      // Uses the vector's function: ordered_map's compares the name with all earlier ones.
      static_cast<Json::object_t::Container&>(object).emplace_back(std::move(name),
                                                                   std::move(value));
    }
    Place(Json(std::move(object)));
    return true;
  }

  void Place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Container& open = open_.back();
    if (!open.is_object) {
      open.elements.push_back(std::move(value));
      return;
    }
    const auto [known, is_new] = open.places.try_emplace(open.name, open.members.size());
    if (is_new) {
      open.members.emplace_back(std::move(open.name), std::move(value));
    } else {
      open.members[known->second].second = std::move(value);
    }
  }

  const JsonLimits limits_;
  size_t values_ = 0;
  Json root_;
  std::vector<Container> open_;
};

}  // namespace

ParsedJson ParseJson(std::string_view text, const JsonLimits& limits) {
  ParsedJson parsed;
  // The parser takes a NUL for the end of the text.
  if (text.find('\0') != std::string_view::npos) return parsed;
  Builder builder(limits);
  const bool whole = Json::sax_parse(text, &builder);
  parsed.values = builder.values();
  if (whole) parsed.json = std::move(builder.root());
  return parsed;
}

}  // namespace dcs::rest
