#include "api/resp/protocol/inline_command.h"

#include <cctype>
#include <cstddef>

namespace dcs::resp {
namespace {

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

char Unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Reads one argument from line[at] on and moves `at` behind it.
class ArgumentReader {
 public:
  ArgumentReader(std::string_view line, size_t& at, std::string& out)
      : line_(line), at_(at), out_(out) {}

  bool Read() {
    while (at_ < line_.size()) {
      const char c = line_[at_];
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') return true;
      ++at_;
      if (c == '"') return ReadDoubleQuoted();
      if (c == '\'') return ReadSingleQuoted();
      out_.push_back(c);
    }
    return true;
  }

 private:
  bool ReadDoubleQuoted() {
    while (at_ < line_.size()) {
      const std::string_view rest = line_.substr(at_);
      if (rest.size() >= 4 && rest.starts_with("\\x") && HexDigit(rest[2]) >= 0 &&
          HexDigit(rest[3]) >= 0) {
        out_.push_back(static_cast<char>(HexDigit(rest[2]) * 16 + HexDigit(rest[3])));
        at_ += 4;
      } else if (rest.size() >= 2 && rest[0] == '\\') {
        out_.push_back(Unescape(rest[1]));
        at_ += 2;
      } else if (rest[0] == '"') {
        return CloseQuote();
      } else {
        out_.push_back(rest[0]);
        ++at_;
      }
    }
    return false;
  }

  bool ReadSingleQuoted() {
    while (at_ < line_.size()) {
      if (line_.substr(at_).starts_with("\\'")) {
        out_.push_back('\'');
        at_ += 2;
      } else if (line_[at_] == '\'') {
        return CloseQuote();
      } else {
        out_.push_back(line_[at_++]);
      }
    }
    return false;
  }

  // A quote ends its argument: what follows must be white space or the end.
  bool CloseQuote() {
    ++at_;
    return at_ == line_.size() || IsSpace(line_[at_]);
  }

  const std::string_view line_;
  size_t& at_;
  std::string& out_;
};

}  // namespace

bool SplitInlineCommand(std::string_view line, std::string& bytes, ArgumentList& arguments) {
  bytes.clear();
  // Arguments are never longer than the line, so that the views below stay valid.
  bytes.reserve(line.size());
  size_t at = 0;
  while (true) {
    while (at < line.size() && IsSpace(line[at])) ++at;
    if (at == line.size()) return true;
    const size_t start = bytes.size();
    if (!ArgumentReader(line, at, bytes).Read()) return false;
    arguments.push_back(std::string_view(bytes).substr(start));
  }
}

}  // namespace dcs::resp
