#include "api/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/api/self_signed.h"

namespace dcs::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Error(const std::string& certificate_file, const std::string& key_file) {
  const auto context = MakeTlsContext(certificate_file, key_file);
  EXPECT_EQ(context.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(context.status().message());
}

TEST(TlsContext, TakesACertificateAndItsKey) {
  const SelfSigned own("tls_context_good");
  const auto context = MakeTlsContext(own.certificate_file, own.key_file);
  ASSERT_TRUE(context.ok()) << context.status();
  EXPECT_EQ(SSL_CTX_get_min_proto_version((*context)->native_handle()), TLS1_2_VERSION);
}

TEST(TlsContext, ErrorsNameTheFile) {
  const SelfSigned own("tls_context_own");
  const SelfSigned other("tls_context_other");
  const std::string nowhere = testing::TempDir() + "tls_context_nowhere";
  EXPECT_THAT(Error(nowhere, own.key_file),
              AllOf(HasSubstr(nowhere), HasSubstr("a certificate in PEM")));
  EXPECT_THAT(Error(own.certificate_file, nowhere),
              AllOf(HasSubstr(nowhere), HasSubstr("private key in PEM")));
  EXPECT_THAT(Error(own.key_file, own.key_file), HasSubstr(own.key_file));
  EXPECT_THAT(Error(own.certificate_file, other.key_file),
              AllOf(HasSubstr(other.key_file), HasSubstr("the certificate's private key")));
}

TEST(TlsContext, AFileOfAnythingElseIsRefused) {
  const SelfSigned own("tls_context_text");
  const std::string text = testing::TempDir() + "tls_context_text.txt";
  std::ofstream(text) << "-----BEGIN CERTIFICATE-----\nnonsense\n";
  EXPECT_THAT(Error(text, own.key_file), HasSubstr(text));
  std::remove(text.c_str());
}

}  // namespace
}  // namespace dcs::api
