#include "api/rest/http_body.h"

#include <algorithm>
#include <boost/system/errc.hpp>
#include <new>
#include <string_view>

namespace dcs::rest {
namespace {

namespace errc = boost::system::errc;

constexpr size_t kFirstCapacity = 4 << 10;

}  // namespace

void HttpBody::reader::init(const boost::optional<uint64_t>& length,
                            boost::beast::error_code& error) {
  if (length) length_ = *length;
  error = {};
}

void HttpBody::reader::Append(std::string_view piece, boost::beast::error_code& error) try {
  error = {};
  if (body_.hash) body_.hash->Update(piece);
  if (body_.share == nullptr) return;
  std::string& bytes = body_.bytes;
  const size_t needed = bytes.size() + piece.size();
  if (needed > bytes.capacity()) {
    size_t capacity = std::max({needed, 2 * bytes.capacity(), kFirstCapacity});
    // The last growth allocates the exact length.
    if (length_ && *length_ >= needed) capacity = std::min<uint64_t>(capacity, *length_);
    if (!body_.share->GrowTo(capacity)) {
      error = errc::make_error_code(errc::no_buffer_space);
      return;
    }
    bytes.reserve(capacity);
  }
  bytes.append(piece);
} catch (const std::bad_alloc&) {
  error = errc::make_error_code(errc::not_enough_memory);
}

}  // namespace dcs::rest
