#include "api/rest/signature.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "api/rest/canonical_request.h"
#include "api/rest/digest.h"
#include "api/rest/hex.h"
#include "api/rest/time_format.h"

namespace dcs::rest {
namespace {

constexpr std::string_view kScheme = "SDK-HMAC-SHA256";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
constexpr size_t kSignatureBytes = 32;

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

std::string SignatureOf(std::string_view canonical_request, std::string_view date,
                        std::string_view secret_key) {
  return HmacSha256(secret_key, absl::StrCat(ToAbsl(kScheme), "\n", ToAbsl(date), "\n",
                                             ToHex(Sha256(canonical_request))));
}

// The gateway's words, then the reason. Sources: "API Request Signing Guide", Common Errors Related
// to IAM Authentication Information; gateway answers published by users.
absl::Status Refused(std::string_view reason) {
  return absl::UnauthenticatedError(absl::StrCat("verify aksk signature fail, ", ToAbsl(reason)));
}

absl::StatusOr<std::vector<std::string>> ParseHeaderNames(std::string_view list) {
  std::vector<std::string> names = absl::StrSplit(absl::AsciiStrToLower(ToAbsl(list)), ';');
  for (const std::string& name : names) {
    if (name.empty()) return Refused("SignedHeaders must name at least one header between ;");
  }
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    return Refused("SignedHeaders names a header twice");
  }
  return names;
}

absl::Status CheckDate(const HttpRequest& request, store::TimeMs now) {
  const std::string* date = request.headers.Find("x-sdk-date");
  if (date == nullptr) return Refused("X-Sdk-Date is missing");
  if (request.headers.Count("x-sdk-date") > 1) return Refused("X-Sdk-Date occurs more than once");
  const std::optional<store::TimeMs> time = ParseBasicTime(*date);
  if (!time) return Refused("X-Sdk-Date is not of the form 20060102T150405Z");
  if (*time < now - kMaxClockSkewMs || *time > now + kMaxClockSkewMs) {
    return absl::UnauthenticatedError(
        absl::StrCat("calc aksk signature fail:signature expired, signature time:", *date,
                     ",server time:", FormatBasicTime(now)));
  }
  return absl::OkStatus();
}

absl::Status CheckSignedHeaders(const HttpRequest& request, absl::Span<const std::string> names) {
  for (const std::string& name : names) {
    const size_t count = request.headers.Count(name);
    if (count == 1) continue;
    return Refused(absl::StrCat("signed header ", name.substr(0, 64),
                                count == 0 ? " is missing" : " occurs more than once"));
  }
  return absl::OkStatus();
}

// The hash that represents the body in the canonical request.
absl::StatusOr<std::string> PayloadHash(const HttpRequest& request) {
  const std::string* sent = request.headers.Find("x-sdk-content-sha256");
  const std::string actual = request.body_sha256 ? *request.body_sha256 : Sha256(request.body);
  if (sent == nullptr) return ToHex(actual);
  if (request.headers.Count("x-sdk-content-sha256") > 1) {
    return Refused("X-Sdk-Content-Sha256 occurs more than once");
  }
  if (*sent == kUnsignedPayload) return *sent;
  if (!SameBytes(FromHex(*sent).value_or(""), actual)) {
    return Refused("X-Sdk-Content-Sha256 is not the body's SHA-256");
  }
  return *sent;
}

}  // namespace

void Sign(HttpRequest& request, const Credential& credential, store::TimeMs time) {
  const std::string date = FormatBasicTime(time);
  request.headers.Set("X-Sdk-Date", date);
  std::vector<std::string> names;
  for (const Header& header : request.headers.all()) {
    std::string name = absl::AsciiStrToLower(header.name);
    if (name != "authorization") names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  const std::string signed_headers = absl::StrJoin(names, ";");
  const std::string* payload = request.headers.Find("x-sdk-content-sha256");
  const std::string canonical =
      CanonicalRequest(request, CanonicalPaths(request.raw_path).front(), signed_headers, names,
                       payload != nullptr ? *payload : ToHex(Sha256(request.body)));
  request.headers.Set("Authorization",
                      absl::StrCat(ToAbsl(kScheme), " Access=", credential.access_key,
                                   ", SignedHeaders=", signed_headers, ", Signature=",
                                   ToHex(SignatureOf(canonical, date, credential.secret_key))));
}

bool HasSignature(const HttpRequest& request) {
  const std::string* value = request.headers.Find("authorization");
  return value != nullptr && (*value == kScheme || value->starts_with(std::string(kScheme) + " "));
}

absl::StatusOr<Authorization> ParseAuthorization(std::string_view value) {
  absl::string_view rest = ToAbsl(value);
  if (!absl::ConsumePrefix(&rest, ToAbsl(kScheme)) || !absl::StartsWith(rest, " ")) {
    return Refused("Authorization must begin with SDK-HMAC-SHA256");
  }
  Authorization result;
  std::string signature;
  const std::pair<std::string_view, std::string*> parts[] = {
      {"Access", &result.access_key},
      {"SignedHeaders", &result.signed_headers},
      {"Signature", &signature}};
  for (const absl::string_view part : absl::StrSplit(rest, ',')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(absl::StripAsciiWhitespace(part), absl::MaxSplits('=', 1));
    const auto* known =
        std::find_if(std::begin(parts), std::end(parts),
                     [&](const auto& candidate) { return ToAbsl(candidate.first) == pair.first; });
    if (known == std::end(parts) || pair.second.empty() || !known->second->empty()) {
      return Refused("Authorization must hold Access, SignedHeaders and Signature, each once");
    }
    *known->second = std::string(pair.second);
  }
  if (result.access_key.empty() || result.signed_headers.empty()) {
    return Refused("Authorization must hold Access, SignedHeaders and Signature, each once");
  }
  result.signature = FromHex(signature).value_or("");
  if (result.signature.size() != kSignatureBytes) {
    return Refused("Signature must be 64 hex digits");
  }
  absl::StatusOr<std::vector<std::string>> names = ParseHeaderNames(result.signed_headers);
  if (!names.ok()) return names.status();
  result.header_names = *std::move(names);
  return result;
}

absl::StatusOr<Authorization> FindAuthorization(const HttpRequest& request) {
  const std::string* value = request.headers.Find("authorization");
  if (value == nullptr || request.headers.Count("authorization") > 1) {
    return Refused("exactly one Authorization header is expected");
  }
  return ParseAuthorization(*value);
}

absl::Status CheckSignedHead(const HttpRequest& head, const Authorization& authorization,
                             store::TimeMs now) {
  if (absl::Status status = CheckDate(head, now); !status.ok()) return status;
  return CheckSignedHeaders(head, authorization.header_names);
}

absl::Status VerifySignature(const HttpRequest& request, const Authorization& authorization,
                             std::string_view secret_key, store::TimeMs now) {
  if (absl::Status status = CheckSignedHead(request, authorization, now); !status.ok()) {
    return status;
  }
  const absl::StatusOr<std::string> payload = PayloadHash(request);
  if (!payload.ok()) return payload.status();
  std::string usual;  // the first of the forms that a client may have signed
  for (const std::string& path : CanonicalPaths(request.raw_path)) {
    const std::string canonical = CanonicalRequest(request, path, authorization.signed_headers,
                                                   authorization.header_names, *payload);
    const std::string expected =
        SignatureOf(canonical, *request.headers.Find("x-sdk-date"), secret_key);
    if (SameBytes(expected, authorization.signature)) return absl::OkStatus();
    if (usual.empty()) usual = canonical;
  }
  // On one line, as the gateway shows it. It contains only data of the request.
  return Refused(absl::StrCat("canonicalRequest:", absl::StrReplaceAll(usual, {{"\n", "|"}})));
}

}  // namespace dcs::rest
