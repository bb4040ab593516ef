// Writes replies in the client's protocol version, one after another, into one output buffer.
//
//   Reply reply(out, client.protocol);
//   reply.Map(1);
//   reply.Bulk("mode");
//   reply.Bulk("standalone");     // RESP2: *2..., RESP3: %1...
//
// Types that RESP2 does not know are written as its nearest: maps and sets as arrays, doubles and
// verbatim strings as bulk strings, booleans as 0 and 1, null as an empty bulk string.
//
// Thread safety: none. Cost: the bytes appended; no allocation beyond the buffer's growth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dcs::resp {

class Reply {
 public:
  // `out` must outlive it. `protocol` is 2 or 3.
  explicit Reply(std::string& out, int protocol = 2) : out_(out), protocol_(protocol) {}

  int protocol() const { return protocol_; }
  void set_protocol(int protocol) { protocol_ = protocol; }

  // REQUIRES: `text` has no line break.
  void Simple(std::string_view text);
  void Ok() { out_.append("+OK\r\n", 5); }
  // `message` starts with its code: "ERR ...", "WRONGTYPE ...". Line breaks become spaces.
  void Error(std::string_view message);
  void Integer(int64_t value);
  void Bulk(std::string_view bytes);
  void BulkInteger(int64_t value);
  void Null();
  // Where RESP2 clients expect "*-1".
  void NullArray();
  void Double(double value);
  void Bool(bool value);
  // `format` is three letters: "txt".
  void Verbatim(std::string_view format, std::string_view text);

  // Headers; the elements follow as replies of their own (2 * `pairs` of them for a map).
  void Array(size_t elements) { Header('*', static_cast<int64_t>(elements)); }
  void Map(size_t pairs);
  void Set(size_t elements);

  // An array whose size is known only when its elements are written:
  //   const size_t start = reply.BeginArray(); ... reply.EndArray(start, written);
  // O(bytes of the elements) for EndArray.
  size_t BeginArray() const { return out_.size(); }
  void EndArray(size_t start, size_t elements);
  // Bytes that belong before what was written since `at`. O(what moves).
  void Insert(size_t at, std::string_view bytes) { out_.insert(at, bytes); }

  // Makes room for `bytes` more, so that writing them cannot fail. Amortised.
  void Reserve(size_t bytes) {
    if (out_.capacity() - out_.size() < bytes) out_.reserve(out_.size() + bytes);
  }

  // Where the buffer ends now, and taking back what came after.
  size_t mark() const { return out_.size(); }
  void Rewind(size_t to_mark) { out_.resize(to_mark); }
  // Takes back only what was written between two marks.
  void Drop(size_t from_mark, size_t to_mark) { out_.erase(from_mark, to_mark - from_mark); }
  bool IsErrorAt(size_t at) const { return at < out_.size() && out_[at] == '-'; }

 private:
  void Header(char type, int64_t value);

  std::string& out_;
  int protocol_;
};

}  // namespace dcs::resp
