// Counts the replies in a stream of RESP2 bytes and keeps none of them.
//
// A load generator must know when the replies to its batch are there, wherever the server's writes
// were cut, at a cost that does not make the client the bound: one search for a line's end a line,
// and payloads are passed unseen.
//
// Thread safety: none; one counter a connection.
// Errors: bytes that no RESP2 reply can hold make the counter `broken()` for good.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcs::bench {

class ReplyCounter {
 public:
  // Takes the next bytes of the stream; returns how many replies end within them. An array is one
  // reply, with all that is in it.
  size_t Feed(std::string_view bytes);

  uint64_t nils() const { return nils_; }      // null bulk strings and arrays so far
  uint64_t errors() const { return errors_; }  // error replies so far
  const std::string& first_error() const { return first_error_; }
  bool broken() const { return broken_; }

 private:
  // A whole line without its CRLF. Returns the number of replies that it ends: 0 or 1.
  size_t TakeLine(std::string_view line);
  size_t TakeLength(char type, int64_t length);
  // An element has ended, and with it every array of which it was the last. Returns 1 where that
  // was the reply.
  size_t EndElement();

  size_t skip_ = 0;              // bytes of a payload, and of its CRLF, that are still to come
  std::string partial_;          // the beginning of a line whose end is still to come
  std::vector<int64_t> arrays_;  // elements still to come, of the arrays around this place
  uint64_t nils_ = 0;
  uint64_t errors_ = 0;
  std::string first_error_;
  bool broken_ = false;
};

}  // namespace dcs::bench
