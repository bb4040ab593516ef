// SHA-256, its HMAC, and comparing secrets.
//
// Thread safety: free functions without state; a Sha256Stream as its owner's. Cost: O(length).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace dcs::rest {

// 32 bytes.
std::string Sha256(std::string_view text);
// The same of a text that comes in pieces. The constructor throws std::bad_alloc if it must; nothing
// else fails.
class Sha256Stream {
 public:
  Sha256Stream();
  void Update(std::string_view piece);
  // REQUIRES: called once, last.
  std::string Finish();

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;  // OpenSSL's EVP_MD_CTX
};

// 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view text);

// In a time that depends on the lengths alone: for digests, whose length is no secret.
bool SameBytes(std::string_view a, std::string_view b);

// In a time that depends on neither: compares the texts' digests.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace dcs::rest
