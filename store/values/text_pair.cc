#include "store/values/text_pair.h"

#include <cstdint>
#include <cstring>
#include <new>

namespace dcs::store {
namespace {

size_t LengthBytes(size_t length) {
  size_t bytes = 1;
  for (; length > 127; length >>= 7) ++bytes;
  return bytes;
}

unsigned char* WriteLength(unsigned char* to, size_t length) {
  for (; length > 127; length >>= 7) *to++ = static_cast<unsigned char>(length | 128);
  *to++ = static_cast<unsigned char>(length);
  return to;
}

size_t ReadLength(const unsigned char*& from) {
  size_t length = *from & 127;
  for (int shift = 7; (*from++ & 128) != 0; shift += 7) length |= size_t{*from & 127u} << shift;
  return length;
}

}  // namespace

TextPair::TextPair(std::string_view first, std::string_view second) {
  const size_t bytes =
      LengthBytes(first.size()) + LengthBytes(second.size()) + first.size() + second.size();
  block_ = static_cast<unsigned char*>(::operator new(bytes));
  unsigned char* to = WriteLength(WriteLength(block_, first.size()), second.size());
  if (!first.empty()) std::memcpy(to, first.data(), first.size());
  if (!second.empty()) std::memcpy(to + first.size(), second.data(), second.size());
}

TextPair::~TextPair() {
  if (block_ != nullptr) ::operator delete(block_, bytes());
}

std::pair<std::string_view, std::string_view> TextPair::Read() const {
  const unsigned char* at = block_;
  const size_t first = ReadLength(at), second = ReadLength(at);
  const auto* const text = reinterpret_cast<const char*>(at);
  return {{text, first}, {text + first, second}};
}

size_t TextPair::bytes() const {
  if (block_ == nullptr) return 0;
  const std::string_view last = second();
  return static_cast<size_t>(reinterpret_cast<const unsigned char*>(last.data()) + last.size() -
                             block_);
}

void TextPair::SetSecond(std::string_view text) {
  const auto [first, second] = Read();
  if (text.size() == second.size()) {
    if (!text.empty()) std::memcpy(const_cast<char*>(second.data()), text.data(), text.size());
    return;
  }
  *this = TextPair(first, text);
}

}  // namespace dcs::store
