#include "api/resp/protocol/reply.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "api/resp/protocol/numbers.h"

namespace dcs::resp {

// One addition to the buffer: there is a header in nearly every reply.
void Reply::Header(char type, int64_t value) {
  std::array<char, 1 + 20 + 2> header;  // "-9223372036854775808" has 20 characters
  header[0] = type;
  char* end = std::to_chars(header.data() + 1, header.data() + 21, value).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out_.append(header.data(), static_cast<size_t>(end - header.data()));
}

void Reply::Simple(std::string_view text) {
  out_.push_back('+');
  out_.append(text);
  out_.append("\r\n", 2);
}

void Reply::Error(std::string_view message) {
  out_.push_back('-');
  for (const char c : message) out_.push_back(c == '\r' || c == '\n' ? ' ' : c);
  out_.append("\r\n", 2);
}

void Reply::Integer(int64_t value) { Header(':', value); }

void Reply::Bulk(std::string_view bytes) {
  Header('$', static_cast<int64_t>(bytes.size()));
  out_.append(bytes);
  out_.append("\r\n", 2);
}

void Reply::BulkInteger(int64_t value) { Bulk(IntegerText(value).view()); }

void Reply::Null() { out_.append(protocol_ == 2 ? "$-1\r\n" : "_\r\n"); }

void Reply::NullArray() { out_.append(protocol_ == 2 ? "*-1\r\n" : "_\r\n"); }

void Reply::Double(double value) {
  char text[32];
  const int length = std::isinf(value)
                         ? std::snprintf(text, sizeof(text), value > 0 ? "inf" : "-inf")
                         : std::snprintf(text, sizeof(text), "%.17g", value);
  const std::string_view written(text, static_cast<size_t>(length));
  if (protocol_ == 2) {
    Bulk(written);
    return;
  }
  out_.push_back(',');
  out_.append(written);
  out_.append("\r\n", 2);
}

void Reply::Bool(bool value) {
  if (protocol_ == 2) {
    Integer(value ? 1 : 0);
  } else {
    out_.append(value ? "#t\r\n" : "#f\r\n");
  }
}

void Reply::Verbatim(std::string_view format, std::string_view text) {
  if (protocol_ == 2) {
    Bulk(text);
    return;
  }
  Header('=', static_cast<int64_t>(format.size() + 1 + text.size()));
  out_.append(format);
  out_.push_back(':');
  out_.append(text);
  out_.append("\r\n", 2);
}

void Reply::Map(size_t pairs) {
  if (protocol_ == 2) {
    Array(2 * pairs);
  } else {
    Header('%', static_cast<int64_t>(pairs));
  }
}

void Reply::Set(size_t elements) {
  Header(protocol_ == 2 ? '*' : '~', static_cast<int64_t>(elements));
}

void Reply::EndArray(size_t start, size_t elements) {
  std::string header;
  Reply(header, protocol_).Array(elements);
  Insert(start, header);
}

}  // namespace dcs::resp
