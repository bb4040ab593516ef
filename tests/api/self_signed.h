// A certificate for 127.0.0.1 that is made anew for each test, in files.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

namespace dcs::api {

class SelfSigned {
 public:
  // `name` tells the files of one test from another's that runs at the same time.
  explicit SelfSigned(const std::string& name)
      : certificate_file(testing::TempDir() + name + ".crt"),
        key_file(testing::TempDir() + name + ".key") {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> address(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"),
        X509_EXTENSION_free);
    X509_add_ext(certificate.get(), address.get(), -1);
    EXPECT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
    Write(certificate_file,
          [&](FILE* file) { return PEM_write_X509(file, certificate.get()) == 1; });
    Write(key_file, [&](FILE* file) {
      return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    });
  }
  ~SelfSigned() {
    std::remove(certificate_file.c_str());
    std::remove(key_file.c_str());
  }
  SelfSigned(const SelfSigned&) = delete;
  SelfSigned& operator=(const SelfSigned&) = delete;

  const std::string certificate_file;
  const std::string key_file;

 private:
  template <class Print>
  static void Write(const std::string& path, Print print) {
    FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr) << path;
    EXPECT_TRUE(print(file)) << path;
    std::fclose(file);
  }
};

}  // namespace dcs::api
