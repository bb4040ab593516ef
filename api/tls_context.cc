#include "api/tls_context.h"

#include <openssl/ssl.h>

#include <string_view>

#include "absl/strings/str_cat.h"

namespace dcs::api {
namespace {

namespace ssl = boost::asio::ssl;
using Error = boost::system::error_code;

absl::Status Wrong(const std::string& file, std::string_view expected, const Error& error) {
  return absl::InvalidArgumentError(
      absl::StrCat("TLS: ", file, ": expected ",
                   absl::string_view(expected.data(), expected.size()), ": ", error.message()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<ssl::context>> MakeTlsContext(const std::string& certificate_file,
                                                             const std::string& key_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // A client of TLS 1.2 could ask for handshake after handshake.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  // A key with a passphrase must fail, not ask the terminal.
  Error error;
  context->set_password_callback([](size_t, ssl::context::password_purpose) { return ""; }, error);
  context->use_certificate_chain_file(certificate_file, error);
  if (error) return Wrong(certificate_file, "a certificate in PEM", error);
  context->use_private_key_file(key_file, ssl::context::pem, error);
  if (error) return Wrong(key_file, "the certificate's private key in PEM", error);
  return context;
}

}  // namespace dcs::api
