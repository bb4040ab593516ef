// The certificate and key by which a server speaks TLS.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace dcs::api {

// TLS 1.2 and 1.3. `certificate_file` holds the server's certificate and the chain behind it,
// `key_file` its private key without a passphrase; both PEM. Clients are not asked for certificates.
// Errors: kInvalidArgument, which names the file and says what is wrong with it.
// Thread safety: the context is read only from then on, by any number of connections.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(
    const std::string& certificate_file, const std::string& key_file);

}  // namespace dcs::api
