// The configuration parameters of a node: what CONFIG GET shows and CONFIG SET changes.
//
// One table (settings.cc) says of each what it takes and which number, if any, the rest of the
// front reads. To add one: a row there; where it has an effect, a member here.
//
// Thread safety: all members may be called from any thread; the numbers are atomics.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "api/resp/server/output_limits.h"

namespace dcs::resp {

// In the order of the words in settings.cc.
enum class MaxmemoryPolicy : int64_t {
  kVolatileLru,
  kVolatileLfu,
  kVolatileRandom,
  kVolatileTtl,
  kAllkeysLru,
  kAllkeysLfu,
  kAllkeysRandom,
  kNoEviction,
};

class Settings {
 public:
  using Number = std::atomic<int64_t>;

  Settings();

  Number
      maxmemory;  // bytes; 0: no limit. Nothing is evicted: past it, commands that write get OOM.
  Number maxmemory_policy;
  Number maxclients;
  Number timeout_s;  // of idle clients; 0: none
  Number proto_max_bulk_bytes;
  Number query_buffer_limit_bytes;
  Number lazy_user_del;
  Number lazy_user_flush;
  Number lazy_server_del;
  Number lazy_expire;
  Number hz;
  Number active_expire_effort;
  Number active_expire_num;
  Number debug_command;  // 0 no, 1 yes, 2 local
  OutputLimits output_limits;

  MaxmemoryPolicy policy() const { return static_cast<MaxmemoryPolicy>(maxmemory_policy.load()); }
  bool UsesLfu() const;
  bool UsesLru() const;

  // "" where none is needed.
  bool password_needed() const { return password_needed_.load(std::memory_order_relaxed); }
  // Takes the same time whatever is wrong with `given`.
  bool IsPassword(std::string_view given) const;

  // Name and value of each parameter that a pattern matches, each once. A pattern without wildcards
  // is a name in any case, and shown as it was given. O(parameters * patterns), outside the mutex.
  std::vector<std::pair<std::string, std::string>> Matching(
      std::span<const std::string_view> patterns) const;

  // Sets all of the names and values that alternate in `pairs`, or none. Errors are worded as
  // Redis's, without "ERR ". REQUIRES: an even number.
  // Set refuses a maxclients for which the process has no descriptors. SetLowered takes as many as
  // there are instead, as a Redis does that starts with too low a limit.
  absl::Status Set(std::span<const std::string_view> pairs) { return SetAll(pairs, false); }
  absl::Status SetLowered(std::span<const std::string_view> pairs) { return SetAll(pairs, true); }

  // The process has descriptors for `most` clients. Lowers maxclients to that.
  void LimitClients(int64_t most);

  // Sets what is known only when the server runs (port, bind, requirepass), without checks.
  void Publish(std::string_view name, std::string_view value);

 private:
  absl::Status SetAll(std::span<const std::string_view> pairs, bool lowers_maxclients);
  // Does not allocate, so that SetAll sets all or none.
  void Apply(size_t row, std::string text, int64_t number,
             const ClassLimits* limits = nullptr) noexcept;
  std::string Text(size_t row) const;

  std::atomic<bool> password_needed_{false};
  std::atomic<int64_t> most_clients_{std::numeric_limits<int64_t>::max()};
  std::mutex setting_;  // held by SetAll; taken before mutex_
  mutable std::mutex mutex_;
  std::vector<std::string> values_;  // guarded by mutex_, one for each row of the table
};

}  // namespace dcs::resp
