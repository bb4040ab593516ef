// Authentication: checks an AK/SK signature, a token or a password, and returns the role.
//
// Choice where the sources are silent: errors that the gateway detects (signatures, access keys)
// have its form, 401 APIGW.0301. A missing, wrong or expired token gets the service's 401 DCS.1003,
// DCS.1001 or DCS.1002. If a request has a signature, the signature alone decides; a token is
// ignored.
//
// Limits on guesses (guess_limit.h), per client network and by the simulator's clock:
//   signatures  five failures in a row lock the access key for 5 minutes (API Gateway's FAQ)
//   passwords   five failures in a row lock the user for 15 minutes (IAM's FAQ, "What Should I Do
//               If My Account Is Locked?")
//
// Thread safety: one thread, the one that serves the API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "api/rest/api_options.h"
#include "api/rest/errors.h"
#include "api/rest/guess_limit.h"
#include "api/rest/http_message.h"
#include "api/rest/signature.h"
#include "api/rest/token_signer.h"
#include "store/time/clock.h"

namespace dcs::rest {

struct Caller {
  Role role = Role::kFull;
  TokenScope scope = TokenScope::kProject;
};

class Authenticator {
 public:
  static constexpr store::TimeMs kKeyLockMs = 5 * 60 * 1000;
  static constexpr store::TimeMs kUserLockMs = 15 * 60 * 1000;

  // `options` must outlive the object.
  explicit Authenticator(const ApiOptions& options) : options_(options) {}

  // `now` applies to tokens and locks; `signing_time` to a signature's time.
  std::variant<Caller, ApiError> Authenticate(const HttpRequest& request, store::TimeMs now,
                                              store::TimeMs signing_time);
  std::variant<Caller, ApiError> Authenticate(const HttpRequest& request, store::TimeMs now) {
    return Authenticate(request, now, now);
  }

  // Whether a signature, which covers the body, decides. Otherwise Authenticate needs the head
  // only.
  bool IsSigned(const HttpRequest& head) const;
  // Checks a signed request by its head alone; finds an unknown access key or an old signature, for
  // instance. A failure counts toward the lock. nullopt: Authenticate decides with the body.
  // REQUIRES: IsSigned(head).
  std::optional<ApiError> CheckSignedHead(const HttpRequest& head, store::TimeMs now,
                                          store::TimeMs signing_time);
  // Finds the user that a client at `peer` logs in as. Errors: kIamWrongPassword, with the same
  // message for an unknown name; kIamLocked, also for unknown names. The result is valid as long as
  // the options.
  std::variant<const User*, ApiError> CheckPassword(std::string_view user,
                                                    std::string_view password,
                                                    std::string_view peer, store::TimeMs now);

  // Issues a token for `user`, valid until `expires_at`. REQUIRES: the access list in the options
  // holds the user.
  std::string IssueToken(std::string_view user, TokenScope scope, store::TimeMs expires_at) const;

  // Returns to the initial state: no key is locked, no issued token is valid.
  void Reset();

 private:
  // A signature whose key is known and not locked, and whose headers are valid.
  struct Claim {
    Authorization authorization;
    const AccessKey* key;
  };

  std::variant<Claim, ApiError> CheckClaim(const HttpRequest& head, store::TimeMs now,
                                           store::TimeMs signing_time);
  std::variant<Caller, ApiError> CheckSignature(const HttpRequest& request, store::TimeMs now,
                                                store::TimeMs signing_time);
  std::variant<Caller, ApiError> CheckToken(std::string_view token, store::TimeMs now) const;

  const ApiOptions& options_;
  TokenSigner tokens_;
  GuessLimit signatures_{kKeyLockMs};
  GuessLimit passwords_{kUserLockMs};
};

}  // namespace dcs::rest
