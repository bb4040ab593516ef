// IAM's operation that gives a user a token for a password.
//
//   POST /v3/auth/tokens
//   {"auth": {"identity": {"methods": ["password"], "password": {"user": {
//      "name": "operator", "password": "secret", "domain": {"name": "any"}}}},
//    "scope": {"project": {"name": "cn-north-4"}}}}
//   -> 201, X-Subject-Token: ...
//
// Choices: the one account stands for every domain that a client may name, the one project for
// every project name (as in the project list); a project ID must be the project's. Without a scope
// the token is good for IAM alone, as its API page says: DCS answers it 401 DCS.1004.
//
// Guesses are limited: see Authenticator::CheckPassword.
//
// Source: IAM's API page "Obtaining a User Token Through Password Authentication". Errors are in
// IAM's form. Thread safety: one thread, the one that serves the API.
#pragma once

#include "api/rest/call.h"

namespace dcs::rest {

Answer CreateToken(const Call& call);

}  // namespace dcs::rest
