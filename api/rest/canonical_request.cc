#include "api/rest/canonical_request.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "api/rest/percent_encoding.h"

namespace dcs::rest {
namespace {

std::string EncodeSegments(std::string_view path) {
  return absl::StrJoin(absl::StrSplit(absl::string_view(path.data(), path.size()), '/'), "/",
                       [](std::string* out, absl::string_view segment) {
                         out->append(PercentEncode({segment.data(), segment.size()}));
                       });
}

// Like EncodeSegments, but decodes each segment first, so that an encoded '/' is kept.
std::string ReencodeSegments(std::string_view path) {
  return absl::StrJoin(
      absl::StrSplit(absl::string_view(path.data(), path.size()), '/'), "/",
      [](std::string* out, absl::string_view segment) {
        const std::string_view text(segment.data(), segment.size());
        out->append(PercentEncode(PercentDecode(text).value_or(std::string(text))));
      });
}

}  // namespace

std::vector<std::string> CanonicalPaths(std::string_view raw_path) {
  std::vector<std::string> paths = {ReencodeSegments(raw_path)};
  if (raw_path.find('%') != std::string_view::npos) {
    paths.push_back(EncodeSegments(PercentDecode(raw_path).value_or(std::string(raw_path))));
    paths.push_back(EncodeSegments(raw_path));
  }
  paths.emplace_back(raw_path);
  for (std::string& path : paths) {
    if (!path.ends_with('/')) path += '/';
  }
  std::vector<std::string> distinct;
  for (std::string& path : paths) {
    if (std::find(distinct.begin(), distinct.end(), path) == distinct.end()) {
      distinct.push_back(std::move(path));
    }
  }
  return distinct;
}

std::string CanonicalQuery(absl::Span<const QueryParameter> query) {
  std::vector<const QueryParameter*> sorted;
  for (const QueryParameter& parameter : query) sorted.push_back(&parameter);
  std::sort(sorted.begin(), sorted.end(), [](const QueryParameter* a, const QueryParameter* b) {
    return std::tie(a->name, a->value) < std::tie(b->name, b->value);
  });
  return absl::StrJoin(sorted, "&", [](std::string* out, const QueryParameter* parameter) {
    absl::StrAppend(out, PercentEncode(parameter->name), "=", PercentEncode(parameter->value));
  });
}

std::string CanonicalRequest(const HttpRequest& request, std::string_view canonical_path,
                             std::string_view signed_headers, absl::Span<const std::string> names,
                             std::string_view payload_hash) {
  std::string text = absl::StrCat(request.method, "\n",
                                  absl::string_view(canonical_path.data(), canonical_path.size()),
                                  "\n", CanonicalQuery(request.query), "\n");
  for (const std::string& name : names) {
    absl::StrAppend(&text, name, ":", absl::StripAsciiWhitespace(*request.headers.Find(name)),
                    "\n");
  }
  text += '\n';
  text.append(signed_headers).append("\n").append(payload_hash);
  return text;
}

}  // namespace dcs::rest
