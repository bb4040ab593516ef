// AK/SK signatures: signs requests, and verifies them as the cloud's gateway does.
//
//   Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=<64 hex
//   digits>
//
// canonical_request.h defines the signed text. Here:
//   string to sign = "SDK-HMAC-SHA256\n" date "\n" hex(SHA-256(canonical request))
//   signature      = hex(HMAC-SHA-256(secret key, string to sign))
//
// Thread safety: free functions without state. Cost: O(request), a few HMACs at most.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/rest/access_list.h"
#include "api/rest/http_message.h"
#include "store/time/clock.h"

namespace dcs::rest {

// The largest difference between X-Sdk-Date and the server's time, in either direction; inclusive.
inline constexpr store::TimeMs kMaxClockSkewMs = 15 * 60 * 1000;

// Signs `request` at `time`: sets X-Sdk-Date and Authorization, and covers all its headers.
// REQUIRES: no header occurs twice; Host is among them if the receiver requires it.
void Sign(HttpRequest& request, const Credential& credential, store::TimeMs time);

// Whether the request claims to be signed by this scheme.
bool HasSignature(const HttpRequest& request);

// The parts of an Authorization header's value.
struct Authorization {
  std::string access_key;
  std::string signed_headers;             // as sent
  std::vector<std::string> header_names;  // its parts in lower case, unique, at least one
  std::string signature;                  // 32 bytes
};

// Errors: kUnauthenticated, which names the wrong part.
absl::StatusOr<Authorization> ParseAuthorization(std::string_view value);

// Parses the request's only Authorization header. Errors: those of ParseAuthorization, or two such
// headers.
absl::StatusOr<Authorization> FindAuthorization(const HttpRequest& request);

// The part of VerifySignature that needs no body: the date, and that each signed header occurs
// once. Errors: those of VerifySignature.
absl::Status CheckSignedHead(const HttpRequest& head, const Authorization& authorization,
                             store::TimeMs now);

// Verifies that the request carries the signature made with `secret_key`, dated within
// kMaxClockSkewMs of `now`. Compares in constant time. Covers exactly the headers listed in
// SignedHeaders, with or without Host. A signed header that occurs twice is refused, because client
// and server could use different ones. A body that does not match X-Sdk-Content-Sha256 is refused,
// unless its value is UNSIGNED-PAYLOAD. The body's hash is request.body_sha256 if it is set.
//
// Errors: kUnauthenticated, in the gateway's words. If the signature does not match, the message
// shows the canonical request of `request`, so that clients can compare it with their own; it holds
// only data of the request.
absl::Status VerifySignature(const HttpRequest& request, const Authorization& authorization,
                             std::string_view secret_key, store::TimeMs now);

}  // namespace dcs::rest
