#include "bench/side_by_side/reply_counter.h"

#include <algorithm>
#include <charconv>

namespace dcs::bench {

size_t ReplyCounter::Feed(std::string_view bytes) {
  size_t replies = 0;
  while (!bytes.empty() && !broken_) {
    if (skip_ > 0) {
      const size_t passed = std::min(skip_, bytes.size());
      skip_ -= passed;
      bytes.remove_prefix(passed);
      if (skip_ == 0) replies += EndElement();
      continue;
    }
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      partial_ += bytes;
      break;
    }
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (!partial_.empty()) {
      partial_ += line;
      line = partial_;
    }
    if (line.size() < 2 || line.back() != '\r') {
      broken_ = true;
      break;
    }
    line.remove_suffix(1);
    replies += TakeLine(line);
    partial_.clear();
  }
  return replies;
}

size_t ReplyCounter::TakeLine(std::string_view line) {
  switch (line.front()) {
    case '-':
      if (++errors_ == 1) first_error_ = line.substr(1);
      return EndElement();
    case '+':
    case ':':
      return EndElement();
    case '$':
    case '*': {
      int64_t length = 0;
      const char* const end = line.data() + line.size();
      const auto [stopped, error] = std::from_chars(line.data() + 1, end, length);
      if (error == std::errc() && stopped == end && length >= -1) {
        return TakeLength(line.front(), length);
      }
      break;
    }
    default:
      break;
  }
  broken_ = true;
  return 0;
}

size_t ReplyCounter::TakeLength(char type, int64_t length) {
  if (length < 0) {
    ++nils_;
    return EndElement();
  }
  if (type == '$') {
    skip_ = static_cast<size_t>(length) + 2;
    return 0;
  }
  if (length == 0) return EndElement();
  arrays_.push_back(length);
  return 0;
}

size_t ReplyCounter::EndElement() {
  while (!arrays_.empty()) {
    if (--arrays_.back() > 0) return 0;
    arrays_.pop_back();
  }
  return 1;
}

}  // namespace dcs::bench
