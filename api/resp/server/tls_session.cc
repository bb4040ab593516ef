#include "api/resp/server/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <limits>
#include <new>
#include <span>

#include "absl/strings/str_cat.h"

namespace dcs::resp {
namespace {

absl::Status Broken() {
  char text[256] = "not TLS";
  const unsigned long error = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's type
  if (error != 0) ERR_error_string_n(error, text, sizeof(text));
  ERR_clear_error();
  return absl::InvalidArgumentError(absl::StrCat("TLS: ", text));
}

}  // namespace

void TlsSession::Free::operator()(SSL* ssl) const { SSL_free(ssl); }

TlsSession::TlsSession(SSL_CTX* context)
    : ssl_(SSL_new(context)), from_peer_(BIO_new(BIO_s_mem())), to_peer_(BIO_new(BIO_s_mem())) {
  if (ssl_ == nullptr || from_peer_ == nullptr || to_peer_ == nullptr) {
    BIO_free(from_peer_);
    BIO_free(to_peer_);
    throw std::bad_alloc();
  }
  SSL_set_bio(ssl_.get(), from_peer_, to_peer_);
  SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

bool TlsSession::input_ended() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool TlsSession::handshake_ended() const { return SSL_is_init_finished(ssl_.get()) == 1; }

absl::Status TlsSession::Receive(std::string_view bytes, InputBuffer& plain) {
  // A memory BIO takes everything, up to an int's worth at a time.
  constexpr size_t kMost = std::numeric_limits<int>::max();
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kMost))) {
    if (BIO_write(from_peer_, bytes.data(), static_cast<int>(std::min(bytes.size(), kMost))) <= 0) {
      throw std::bad_alloc();
    }
  }
  const absl::Status status = ReadPlain(plain);
  TakeOutput();
  return status;
}

absl::Status TlsSession::ReadPlain(InputBuffer& plain) {
  while (!input_ended()) {
    const std::span<char> room = plain.Prepare(kRecordBytes);
    size_t count = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &count);
    if (result == 1) {
      plain.Commit(count);
      continue;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:  // all has been read
      case SSL_ERROR_ZERO_RETURN:
        return absl::OkStatus();
      default:
        return Broken();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> TlsSession::Send(std::string_view bytes) {
  if (!handshake_ended()) return 0;
  size_t taken = 0;
  while (taken < bytes.size() && output().size() < kMostAhead) {
    // A memory BIO never asks to wait: a record is taken whole.
    const size_t record = std::min(bytes.size() - taken, kRecordBytes);
    size_t count = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), bytes.data() + taken, record, &count) != 1) {
      return absl::InternalError(Broken().message());
    }
    taken += count;
    TakeOutput();
  }
  return taken;
}

void TlsSession::End() {
  if (handshake_ended()) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  TakeOutput();
}

void TlsSession::Wrote(size_t bytes) {
  written_ += bytes;
  if (written_ < output_.size()) return;
  output_.clear();
  written_ = 0;
}

void TlsSession::Release(size_t kept) {
  if (output_.empty() && output_.capacity() > kept) std::string().swap(output_);
}

void TlsSession::TakeOutput() {
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(to_peer_, &bytes);  // NOLINT(google-runtime-int)
  if (count > 0) {
    // A slow reader's output is never empty: without this its written front would stay.
    if (written_ > kMostAhead) {
      output_.erase(0, written_);
      written_ = 0;
    }
    output_.append(bytes, static_cast<size_t>(count));
  }
  static_cast<void>(BIO_reset(to_peer_));
}

}  // namespace dcs::resp
