// SHA-256, HMAC-SHA-256, and comparison of secrets.
//
// Thread safety: free functions without state; a Sha256Stream belongs to one thread. Cost:
// O(length).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace dcs::rest {

// 32 bytes.
std::string Sha256(std::string_view text);
// SHA-256 of a text that arrives in pieces. The constructor may throw std::bad_alloc; nothing else
// fails.
class Sha256Stream {
 public:
  Sha256Stream();
  void Update(std::string_view piece);
  // REQUIRES: called once, as the last call.
  std::string Finish();

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;  // OpenSSL's EVP_MD_CTX
};

// 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view text);

// Takes a time that depends on the lengths only. For digests, whose length is not secret.
bool SameBytes(std::string_view a, std::string_view b);

// Takes a time that depends on neither contents nor lengths of the texts: compares their digests.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace dcs::rest
