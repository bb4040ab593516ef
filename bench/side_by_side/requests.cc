#include "bench/side_by_side/requests.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace dcs::bench {
namespace {

constexpr size_t kDigits = 12;
constexpr std::string_view kKeyPrefix = "key:";
static_assert(kKeyPrefix.size() + kDigits == kKeyBytes);

// The four digits of 0 to 9,999.
using FourDigits = std::array<char, 4>;
std::array<FourDigits, 10'000> MakeFourDigits() {
  std::array<FourDigits, 10'000> table;
  for (size_t i = 0; i < table.size(); ++i) {
    size_t rest = i;
    for (size_t digit = 4; digit-- > 0; rest /= 10) {
      table[i][digit] = static_cast<char>('0' + rest % 10);
    }
  }
  return table;
}

void WriteDigits(char* at, uint64_t number) {
  static const std::array<FourDigits, 10'000> kTable = MakeFourDigits();
  std::memcpy(at + 8, kTable[number % 10'000].data(), 4);
  number /= 10'000;
  std::memcpy(at + 4, kTable[number % 10'000].data(), 4);
  std::memcpy(at, kTable[number / 10'000 % 10'000].data(), 4);
}

const std::string& Value() {
  static const std::string kValue(kValueBytes, 'v');
  return kValue;
}

RequestText AccessText(Access access) {
  const std::string key = KeyText(0);
  return access == Access::kGet ? RequestText({"GET", key}) : RequestText({"SET", key, Value()});
}

RequestText SetWithTtl(int ttl_ms) {
  return RequestText({"SET", KeyText(0), Value(), "PX", std::to_string(ttl_ms)});
}

RequestText HashText(std::string_view hash) {
  const std::string field = KeyText(0);
  std::vector<std::string_view> words = {"HSET", hash};
  for (uint64_t i = 0; i < HashFields::kFieldsPerRequest; ++i) {
    words.push_back(field);
    words.push_back(Value());
  }
  return RequestText(words);
}

// Mixes the bits so that neighbouring keys are unrelated (SplitMix64's finalizer).
uint64_t Scramble(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace

std::string KeyText(uint64_t key) {
  std::string text(kKeyPrefix);
  text.resize(kKeyBytes);
  WriteDigits(text.data() + kKeyPrefix.size(), key);
  return text;
}

std::string EncodeRequest(const std::vector<std::string_view>& words) {
  std::string text = absl::StrCat("*", words.size(), "\r\n");
  for (const std::string_view word : words) {
    absl::StrAppend(&text, "$", word.size(), "\r\n");
    text.append(word) += "\r\n";
  }
  return text;
}

RequestText::RequestText(const std::vector<std::string_view>& words) : text_(EncodeRequest(words)) {
  const std::string key = KeyText(0);
  for (size_t at = text_.find(key); at != std::string::npos; at = text_.find(key, at + 1)) {
    places_.push_back(at + kKeyPrefix.size());
  }
}

void RequestText::AppendTo(std::string& batch, uint64_t first) const {
  const size_t start = batch.size();
  batch += text_;
  for (const size_t place : places_) WriteDigits(batch.data() + start + place, first++);
}

RandomRequests::RandomRequests(Access access, uint64_t keys, uint64_t seed)
    : text_(AccessText(access)), keys_(keys), random_(seed) {}

size_t RandomRequests::Fill(std::string& batch, size_t requests) {
  for (size_t i = 0; i < requests; ++i) text_.AppendTo(batch, ((random_() >> 32) * keys_) >> 32);
  return requests;
}

bool Mix::Expires(uint64_t key) const {
  return Scramble(key) % 100 < static_cast<uint64_t>(expiring_percent);
}

uint64_t Mix::CountExpiring(uint64_t keys) const {
  uint64_t count = 0;
  for (uint64_t key = 0; key < keys; ++key) count += Expires(key) ? 1 : 0;
  return count;
}

MixedSets::MixedSets(const Mix& mix, uint64_t first, uint64_t end)
    : mix_(mix),
      other_(mix.others == Others::kFarDeadline ? SetWithTtl(kFarTtlMs) : AccessText(Access::kSet)),
      next_(first),
      end_(end) {
  for (int ttl = kShortestTtlMs; ttl <= kLongestTtlMs; ++ttl) expiring_.push_back(SetWithTtl(ttl));
}

size_t MixedSets::Fill(std::string& batch, size_t requests) {
  size_t filled = 0;
  for (; filled < requests && next_ < end_; ++next_) {
    const bool expires = mix_.Expires(next_);
    if (!expires && mix_.others == Others::kNotWritten) continue;
    const RequestText& text = expires ? expiring_[Scramble(~next_) % expiring_.size()] : other_;
    text.AppendTo(batch, next_);
    ++filled;
  }
  return filled;
}

HashFields::HashFields(std::string_view hash, uint64_t fields)
    : text_(HashText(hash)), fields_(fields) {}

size_t HashFields::Fill(std::string& batch, size_t requests) {
  const size_t count = std::min<uint64_t>(requests, (fields_ - next_) / kFieldsPerRequest);
  for (size_t i = 0; i < count; ++i, next_ += kFieldsPerRequest) text_.AppendTo(batch, next_);
  return count;
}

}  // namespace dcs::bench
