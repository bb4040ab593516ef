// AK/SK signatures: making one, and checking one as the cloud's gateway does.
//
//   Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=<64 hex
//   digits>
//
// canonical_request.h says what text is signed. Here:
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

// How far X-Sdk-Date may be from the server's time, either way; exactly this is still accepted.
inline constexpr store::TimeMs kMaxClockSkewMs = 15 * 60 * 1000;

// Signs `request` at `time`: sets X-Sdk-Date and Authorization, and covers every header that the
// request then has. REQUIRES: no header occurs twice; Host is among them if the receiver wants it.
void Sign(HttpRequest& request, const Credential& credential, store::TimeMs time);

// Whether the request claims to be signed by this scheme at all.
bool HasSignature(const HttpRequest& request);

// The parts of an Authorization header's value.
struct Authorization {
  std::string access_key;
  std::string signed_headers;             // as sent
  std::vector<std::string> header_names;  // its parts, in lower case, each once, at least one
  std::string signature;                  // 32 bytes
};

// Errors: kUnauthenticated, saying which part is wrong.
absl::StatusOr<Authorization> ParseAuthorization(std::string_view value);

// That of the request's only Authorization header. Errors: as ParseAuthorization, or where there
// are two of them.
absl::StatusOr<Authorization> FindAuthorization(const HttpRequest& request);

// What VerifySignature checks without the body: the date, and that each signed header occurs once.
// Errors: as VerifySignature.
absl::Status CheckSignedHead(const HttpRequest& head, const Authorization& authorization,
                             store::TimeMs now);

// Whether the request carries the signature that `secret_key` makes, of within kMaxClockSkewMs of
// `now`. Compares in constant time. Verifies exactly the headers that SignedHeaders lists: Host and
// others may be among them or not. A signed header that occurs twice is refused, since client and
// server could mean different ones; so is a body that X-Sdk-Content-Sha256 does not fit, unless
// that says UNSIGNED-PAYLOAD. The body's hash is request.body_sha256 if that is set.
//
// Errors: kUnauthenticated, in the gateway's words. For a signature that does not fit, the message
// shows the canonical request of `request`, so that clients can compare it with their own; it holds
// nothing that is not in the request.
absl::Status VerifySignature(const HttpRequest& request, const Authorization& authorization,
                             std::string_view secret_key, store::TimeMs now);

}  // namespace dcs::rest
