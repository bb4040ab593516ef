#include "api/rest/http_rules.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace dcs::rest {
namespace {

// Far more than clients send, and few enough for linear lookups.
constexpr size_t kMaxHeaders = 100;

// Whether the list header `name`, which may occur several times, has a member other than `known`.
bool HasOther(const Headers& headers, absl::string_view name, absl::string_view known) {
  for (const Header& header : headers.all()) {
    if (!absl::EqualsIgnoreCase(header.name, name)) continue;
    for (const absl::string_view part : absl::StrSplit(header.value, ',')) {
      const absl::string_view member = absl::StripAsciiWhitespace(part);
      if (!member.empty() && !absl::EqualsIgnoreCase(member, known)) return true;
    }
  }
  return false;
}

}  // namespace

const char* WhyMalformed(const Headers& headers, unsigned version) {
  static_assert(kMaxHeaders == 100);
  if (headers.all().size() > kMaxHeaders) return "it has more than 100 headers";
  const size_t hosts = headers.Count("host");
  if (hosts > 1) return "it has more than one Host header";
  if (hosts == 0 && version >= 11) return "it has no Host header";
  const std::string* coding = headers.Find("transfer-encoding");
  const bool known = coding == nullptr || (headers.Count("transfer-encoding") == 1 &&
                                           absl::EqualsIgnoreCase(*coding, "chunked"));
  return known ? nullptr : "its Transfer-Encoding is not chunked";
}

bool HasUnknownExpectation(const Headers& headers) {
  return HasOther(headers, "expect", "100-continue");
}

bool HasContentCoding(const Headers& headers) {
  return HasOther(headers, "content-encoding", "identity");
}

}  // namespace dcs::rest
