// Request generators of a load: they produce bytes ready to send.
//
// Keys are 16 bytes ("key:" and twelve digits), values 32. A request is copied from a prepared
// text, and its digits are written into it, a few nanoseconds each. So a client of one core can
// saturate a server and still draw every key at random.
//
// Thread safety: none; a source belongs to one load.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace dcs::bench {

inline constexpr size_t kKeyBytes = 16;
inline constexpr size_t kValueBytes = 32;

// Deadlines that pass during a load are this far after each key's write, varying by key.
inline constexpr int kShortestTtlMs = 100;
inline constexpr int kLongestTtlMs = 399;
// A deadline that never passes during a run: an hour and some seconds.
inline constexpr int kFarTtlMs = 3'600'000;

std::string KeyText(uint64_t key);

// `words` as a RESP array of bulk strings.
std::string EncodeRequest(const std::vector<std::string_view>& words);

// One request with places for a key's digits.
class RequestText {
 public:
  // Digits are written to each place at which a word contains the text of key 0.
  explicit RequestText(const std::vector<std::string_view>& words);

  // Appends the request with the i-th place filled by key number `first + i`.
  void AppendTo(std::string& batch, uint64_t first) const;

  size_t size() const { return text_.size(); }

 private:
  std::string text_;
  std::vector<size_t> places_;  // where twelve digits go
};

// A source of requests for a load.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  // Appends up to `requests` requests; returns the number. 0: no more.
  virtual size_t Fill(std::string& batch, size_t requests) = 0;
};

enum class Access { kGet, kSet };

// An endless sequence of GET or SET without deadline, of keys drawn uniformly from [0, keys).
// REQUIRES: 0 < keys < 2^32.
class RandomRequests : public RequestSource {
 public:
  RandomRequests(Access access, uint64_t keys, uint64_t seed);
  size_t Fill(std::string& batch, size_t requests) override;

 private:
  const RequestText text_;
  const uint64_t keys_;
  std::mt19937_64 random_;
};

enum class Others { kNoDeadline, kFarDeadline, kNotWritten };

// The deadlines of a load's keys. The choice looks random and depends on the key only.
struct Mix {
  int expiring_percent = 0;  // share of the keys with a short deadline
  Others others = Others::kNoDeadline;

  bool Expires(uint64_t key) const;
  // The number of keys in [0, keys) that expire. O(keys).
  uint64_t CountExpiring(uint64_t keys) const;
};

// SET of the keys [first, end) in order.
class MixedSets : public RequestSource {
 public:
  MixedSets(const Mix& mix, uint64_t first, uint64_t end);
  size_t Fill(std::string& batch, size_t requests) override;

 private:
  const Mix mix_;
  std::vector<RequestText> expiring_;  // chosen by key: a few different deadlines
  const RequestText other_;
  uint64_t next_;
  const uint64_t end_;
};

// HSET of the fields [0, fields) of one hash, many per request.
class HashFields : public RequestSource {
 public:
  // REQUIRES: `fields` is a multiple of kFieldsPerRequest.
  HashFields(std::string_view hash, uint64_t fields);
  size_t Fill(std::string& batch, size_t requests) override;

  static constexpr uint64_t kFieldsPerRequest = 100;

 private:
  const RequestText text_;
  uint64_t next_ = 0;
  const uint64_t fields_;
};

}  // namespace dcs::bench
