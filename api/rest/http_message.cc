#include "api/rest/http_message.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/rest/percent_encoding.h"

namespace dcs::rest {
namespace {

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

bool SameName(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(ToAbsl(a), ToAbsl(b));
}

// The target after the authority of the absolute form, or the target itself.
std::string_view WithoutAuthority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(ToAbsl(target), ToAbsl(scheme))) continue;
    const size_t end = target.find_first_of("/?", scheme.size());
    return end == std::string_view::npos ? "/" : target.substr(end);
  }
  return target;
}

absl::Status BadEscape(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", ToAbsl(text), "': every % must be followed by two hex digits"));
}

absl::Status ParsePath(HttpRequest& request) {
  for (const absl::string_view segment : absl::StrSplit(request.raw_path.substr(1), '/')) {
    std::optional<std::string> decoded = PercentDecode(ToStd(segment));
    if (!decoded) return BadEscape(ToStd(segment));
    request.segments.push_back(*std::move(decoded));
  }
  return absl::OkStatus();
}

absl::Status ParseQuery(std::string_view query, HttpRequest& request) {
  for (const absl::string_view part : absl::StrSplit(ToAbsl(query), '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    std::optional<std::string> name = PercentDecode(ToStd(pair.first), Plus::kIsSpace);
    std::optional<std::string> value = PercentDecode(ToStd(pair.second), Plus::kIsSpace);
    if (!name || !value) return BadEscape(ToStd(part));
    request.query.push_back({*std::move(name), *std::move(value)});
  }
  return absl::OkStatus();
}

}  // namespace

const std::string* Headers::Find(std::string_view name) const {
  const auto found = std::find_if(
      all_.begin(), all_.end(), [&](const Header& header) { return SameName(header.name, name); });
  return found == all_.end() ? nullptr : &found->value;
}

size_t Headers::Count(std::string_view name) const {
  return static_cast<size_t>(std::count_if(
      all_.begin(), all_.end(), [&](const Header& header) { return SameName(header.name, name); }));
}

void Headers::Add(std::string_view name, std::string_view value) {
  all_.push_back({std::string(name), std::string(value)});
}

void Headers::Set(std::string_view name, std::string_view value) {
  std::erase_if(all_, [&](const Header& header) { return SameName(header.name, name); });
  Add(name, value);
}

size_t HttpRequest::CountQuery(std::string_view name) const {
  return static_cast<size_t>(
      std::count_if(query.begin(), query.end(),
                    [&](const QueryParameter& parameter) { return parameter.name == name; }));
}

std::optional<std::string_view> HttpRequest::FindQuery(std::string_view name) const {
  for (const QueryParameter& parameter : query) {
    if (parameter.name == name) return parameter.value;
  }
  return std::nullopt;
}

absl::StatusOr<HttpRequest> MakeRequest(std::string_view method, std::string_view target,
                                        Headers headers, std::string body) {
  HttpRequest request{.method = std::string(method),
                      .target = std::string(target),
                      .raw_path = {},
                      .segments = {},
                      .query = {},
                      .headers = std::move(headers),
                      .body = std::move(body)};
  if (target == "*" && method == "OPTIONS") {
    request.raw_path = target;
    return request;
  }
  const std::string_view local = WithoutAuthority(target);
  const size_t question = std::min(local.find('?'), local.size());
  request.raw_path = local.substr(0, question);
  // "http://host?query" has no path, which means "/".
  if (request.raw_path.empty() && local.size() != target.size()) request.raw_path = "/";
  if (!request.raw_path.starts_with('/')) {
    return absl::InvalidArgumentError(
        absl::StrCat("request target '", ToAbsl(target),
                     "': expected a path that begins with / or an http URL"));
  }
  if (absl::Status status = ParsePath(request); !status.ok()) return status;
  if (question < local.size()) {
    if (absl::Status status = ParseQuery(local.substr(question + 1), request); !status.ok()) {
      return status;
    }
  }
  return request;
}

}  // namespace dcs::rest
