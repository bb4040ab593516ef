// Who calls: checks an AK/SK signature, a token or a password, and gives the role.
//
// Choice where the sources are silent: what the gateway checks (signatures, access keys) is
// answered in its form, 401 APIGW.0301; a missing, wrong or expired token in the service's, 401
// DCS.1003, DCS.1001 and DCS.1002. A signature is checked before a token, and decides alone where
// there is one.
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

  // `options` must outlive it.
  explicit Authenticator(const ApiOptions& options) : options_(options) {}

  // `now` decides about tokens and locks; a signature's time is compared with `signing_time`.
  std::variant<Caller, ApiError> Authenticate(const HttpRequest& request, store::TimeMs now,
                                              store::TimeMs signing_time);
  std::variant<Caller, ApiError> Authenticate(const HttpRequest& request, store::TimeMs now) {
    return Authenticate(request, now, now);
  }

  // Whether a signature decides, which covers the body. Otherwise Authenticate needs the head only.
  bool IsSigned(const HttpRequest& head) const;
  // What is wrong with a signed request by its head alone, such as an unknown access key or an old
  // signature. A failure counts for the lock. nullopt: Authenticate decides once the body is there.
  // REQUIRES: IsSigned(head).
  std::optional<ApiError> CheckSignedHead(const HttpRequest& head, store::TimeMs now,
                                          store::TimeMs signing_time);
  // Finds the user that a client at `peer` logs in as. Errors: kIamWrongPassword, in the same
  // words for an unknown name; kIamLocked, for unknown names too. The result is valid as long as
  // the options.
  std::variant<const User*, ApiError> CheckPassword(std::string_view user,
                                                    std::string_view password,
                                                    std::string_view peer, store::TimeMs now);

  // A token by which `user` is known from now on, until `expires_at`.
  // REQUIRES: options' access list holds the user.
  std::string IssueToken(std::string_view user, TokenScope scope, store::TimeMs expires_at) const;

  // As it was made: no key is locked, no issued token valid.
  void Reset();

 private:
  // A signature whose key is known and not locked, and whose headers are in order.
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
