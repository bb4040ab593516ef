// One client as commands and other threads see it: what it has said about itself, what it has asked
// for, and the way to reach it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "api/resp/server/blocked_command.h"
#include "api/resp/server/connection_state.h"
#include "api/resp/server/deliveries.h"
#include "api/resp/server/output_limits.h"
#include "store/time/clock.h"

namespace dcs::resp {

struct Command;

enum class ReplyMode : uint8_t {
  kOn,
  kOff,       // CLIENT REPLY OFF
  kSkipNext,  // CLIENT REPLY SKIP: the next command's reply
  kSkipThis,
};

// Thread safety: differs by group, as stated below. Deliver may be called from any thread.
struct Client : std::enable_shared_from_this<Client> {
  Client(int64_t client_id, store::TimeMs now) : id(client_id), connected_at(now) {
    last_active.store(now, std::memory_order_relaxed);
  }

  // ---- Set before the client is registered, constant from then on -------------------------------

  const int64_t id;
  const store::TimeMs connected_at;
  std::string address;        // of the client, "host:port"
  std::string local_address;  // of the server
  int descriptor = -1;
  // These have the connection do something soon. They may be called from any thread, do not throw
  // and take no mutex of the connection. Empty if there is no connection.
  std::function<void()> close;
  // Closes it if the client's system has not taken output lately.
  std::function<void()> close_if_idle;
  // Takes what was delivered, and checks the output limit.
  std::function<void()> notify;
  const OutputLimits* output_limits = nullptr;  // nullptr: none

  // ---- Read and written by the thread that executes the client's commands -----------------------

  bool authenticated = true;
  bool close_after_reply = false;
  bool close_at_once = false;
  // DEBUG SLEEP: nothing is executed, for any client, for so many microseconds of real time.
  std::optional<int64_t> hold_us;

  // Called by a handler that writes no reply now (blocked_command.h). The connection blocks after
  // the handler has returned. REQUIRES: it has not blocked yet. Throws std::bad_alloc; then it does
  // not block. If the handler throws later, the executor cancels the wait.
  std::shared_ptr<BlockedCommand> Block(BlockedCommand::Terms terms) {
    auto command = std::make_shared<BlockedCommand>(weak_from_this(), std::move(terms),
                                                    reply_mode != ReplyMode::kOn);
    const std::lock_guard lock(mutex_);
    return blocked_ = std::move(command);
  }
  bool blocks() const { return blocked_ != nullptr; }
  // The command that blocked it; it blocks no more.
  std::shared_ptr<BlockedCommand> Unblock() {
    const std::lock_guard lock(mutex_);
    return std::exchange(blocked_, nullptr);
  }

  // ---- Written by the thread that executes its commands, read by any ----------------------------

  std::atomic<ConnectionState> state{ConnectionState::kReading};
  std::atomic<ClientClass> client_class{ClientClass::kNormal};
  std::atomic<ReplyMode> reply_mode{ReplyMode::kOn};
  std::atomic<int> protocol{2};
  std::atomic<bool> no_evict{false};
  std::atomic<store::TimeMs> last_active;
  std::atomic<const Command*> last_command{nullptr};
  std::atomic<size_t> input_bytes{0};     // received, not yet executed
  std::atomic<size_t> input_capacity{0};  // memory held for input
  std::atomic<size_t> output_bytes{0};    // replies and messages not yet taken by the system
  std::atomic<size_t> output_blocks{0};   // closed blocks of them (output_queue.h)

  // The command that blocks it, or nullptr. Its Claim says whether it still waits.
  std::shared_ptr<BlockedCommand> blocked() const {
    const std::lock_guard lock(mutex_);
    return blocked_;
  }

  // ---- Messages ---------------------------------------------------------------------------------

  // Sends `bytes`, whole RESP values, between two replies, after all that was delivered before.
  // They are sent whatever CLIENT REPLY says, as Redis 7 does with messages of pub/sub and
  // tracking. (It suppresses MONITOR's: there the caller asks `reply_mode`.) Once the connection
  // drains or is closed this does nothing. `bytes` is shared, not copied, if it is large; its whole
  // size counts against the output limit. Does not throw: a client that a message cannot be kept
  // for is disconnected, as is one over its hard limit. O(1). nullptr: for BlockedCommand.
  void Deliver(Deliveries::Item bytes);
  Deliveries deliveries;

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
  // Written under mutex_ by the executing thread, which alone reads it without.
  std::shared_ptr<BlockedCommand> blocked_;
};

}  // namespace dcs::resp
