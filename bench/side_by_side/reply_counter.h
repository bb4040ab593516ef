// Counts the replies in a stream of RESP2 bytes without storing them.
//
// A load generator must know when the replies to its batch have come, for any split of the server's
// writes, at a cost that does not limit the client: one search for the line end per line; payloads
// are skipped.
//
// Thread safety: none; one counter per connection. Errors: bytes that no RESP2 reply can contain
// make the counter `broken()` permanently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcs::bench {

class ReplyCounter {
 public:
  // Consumes the next bytes of the stream; returns the number of replies that end within them. An
  // array counts as one reply, including its elements.
  size_t Feed(std::string_view bytes);

  uint64_t nils() const { return nils_; }      // null bulk strings and arrays so far
  uint64_t errors() const { return errors_; }  // error replies so far
  const std::string& first_error() const { return first_error_; }
  bool broken() const { return broken_; }

 private:
  // Consumes a whole line without its CRLF. Returns the number of replies that it ends: 0 or 1.
  size_t TakeLine(std::string_view line);
  size_t TakeLength(char type, int64_t length);
  // An element has ended, and with it every array of which it was the last. Returns 1 if that ended
  // the reply.
  size_t EndElement();

  size_t skip_ = 0;              // bytes of a payload and its CRLF still to come
  std::string partial_;          // the beginning of an incomplete line
  std::vector<int64_t> arrays_;  // elements still to come in the enclosing arrays
  uint64_t nils_ = 0;
  uint64_t errors_ = 0;
  std::string first_error_;
  bool broken_ = false;
};

}  // namespace dcs::bench
