// The requests that a load is made of, as bytes ready to send.
//
// Keys are 16 bytes ("key:" and twelve digits), values 32. A request is copied from a text made
// beforehand and its digits written into it, a few nanoseconds each, so that a client of one core
// can saturate a server and still draw every key at random.
//
// Thread safety: none; a source belongs to the load that it feeds.
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

// Deadlines that a load is to see pass lie this far ahead of each key's writing, varying by key.
inline constexpr int kShortestTtlMs = 100;
inline constexpr int kLongestTtlMs = 399;
// A deadline that nothing here lives to see: an hour and some seconds.
inline constexpr int kFarTtlMs = 3'600'000;

std::string KeyText(uint64_t key);

// `words` as a RESP array of bulk strings.
std::string EncodeRequest(const std::vector<std::string_view>& words);

// One request with places for a key's digits.
class RequestText {
 public:
  // The words; digits are written wherever one contains the text of key 0.
  explicit RequestText(const std::vector<std::string_view>& words);

  // Appends the request with the i-th place filled by key number `first + i`.
  void AppendTo(std::string& batch, uint64_t first) const;

  size_t size() const { return text_.size(); }

 private:
  std::string text_;
  std::vector<size_t> places_;  // where twelve digits go
};

// Where a load takes its requests from.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  // Appends up to `requests` of them; returns how many. 0: there are no more.
  virtual size_t Fill(std::string& batch, size_t requests) = 0;
};

enum class Access { kGet, kSet };

// GET or SET without a deadline, of keys drawn evenly from [0, keys), without end.
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

// Which keys of a load get which deadline. The choice looks random and depends on the key alone.
struct Mix {
  int expiring_percent = 0;  // these get a short deadline
  Others others = Others::kNoDeadline;

  bool Expires(uint64_t key) const;
  // How many of [0, keys) expire. O(keys).
  uint64_t CountExpiring(uint64_t keys) const;
};

// SET of the keys [first, end) in order.
class MixedSets : public RequestSource {
 public:
  MixedSets(const Mix& mix, uint64_t first, uint64_t end);
  size_t Fill(std::string& batch, size_t requests) override;

 private:
  const Mix mix_;
  std::vector<RequestText> expiring_;  // by key: a few different deadlines
  const RequestText other_;
  uint64_t next_;
  const uint64_t end_;
};

// HSET of the fields [0, fields) of one hash, many a request.
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
