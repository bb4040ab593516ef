// One client as the commands see it: what it has said about itself, and what it has asked for.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "store/time/clock.h"

namespace dcs::resp {

struct Command;

enum class ReplyMode : uint8_t {
  kOn,
  kOff,       // CLIENT REPLY OFF
  kSkipNext,  // CLIENT REPLY SKIP: the next command's reply
  kSkipThis,
};

// Thread safety: of three kinds, as grouped below.
struct Client {
  Client(int64_t client_id, store::TimeMs now) : id(client_id), connected_at(now) {
    last_active.store(now, std::memory_order_relaxed);
  }

  // Set before the client is registered, constant from then on.
  const int64_t id;
  const store::TimeMs connected_at;
  std::string address;        // of the client, "host:port"
  std::string local_address;  // of the server
  int descriptor = -1;
  // Closes the connection soon. May be called from any thread; does not throw. Empty if there is no
  // connection.
  std::function<void()> close;
  // The same for a client that has been idle too long, unless its system is still taking replies. What the
  // search for idle clients calls.
  std::function<void()> close_if_idle;

  // Only who executes the client's commands reads and writes these.
  bool authenticated = true;
  ReplyMode reply_mode = ReplyMode::kOn;
  bool close_after_reply = false;
  bool close_at_once = false;
  // DEBUG SLEEP: nothing is executed, for anyone, until so many microseconds have passed.
  std::optional<int64_t> hold_us;

  // Written by who executes its commands, shown to others by CLIENT LIST.
  std::atomic<int> protocol{2};
  std::atomic<bool> no_evict{false};
  std::atomic<store::TimeMs> last_active;
  std::atomic<const Command*> last_command{nullptr};
  std::atomic<size_t> input_bytes{0};     // received, not yet executed
  std::atomic<size_t> input_capacity{0};  // memory held for input
  std::atomic<size_t> output_bytes{0};    // replies not yet taken by the system

  struct Description {
    std::string name;
    std::string library_name;
    std::string library_version;
  };
  Description description() const {
    const std::lock_guard lock(mutex_);
    return description_;
  }
  void set_description(Description description) {
    const std::lock_guard lock(mutex_);
    description_ = std::move(description);
  }

 private:
  mutable std::mutex mutex_;
  Description description_;  // guarded by mutex_
};

}  // namespace dcs::resp
