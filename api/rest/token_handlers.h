// The IAM operation that issues a token to a user for a password.
//
//   POST /v3/auth/tokens
//   {"auth": {"identity": {"methods": ["password"], "password": {"user": {
//      "name": "operator", "password": "secret", "domain": {"name": "any"}}}},
//    "scope": {"project": {"name": "cn-north-4"}}}}
//   -> 201, X-Subject-Token: ...
//
// Choices: the one account matches every domain name, and the one project matches every project
// name (as in the project list); a project ID must be the project's. A token without scope is valid
// for IAM only, as its API page says: DCS answers it 401 DCS.1004.
//
// Guesses are limited: see Authenticator::CheckPassword.
//
// Source: IAM's API page "Obtaining a User Token Through Password Authentication". Errors have
// IAM's form.
// Thread safety: one thread, the one that serves the API.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

Answer CreateToken(const Call& call);

}  // namespace dcs::rest
