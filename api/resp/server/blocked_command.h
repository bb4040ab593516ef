// A command that has no reply yet: it waits for an event (BLPOP for an element, WAIT for replicas),
// for its timeout, or for the end of its connection. The commands behind it in the pipeline wait.
//
//   // The handler: writes no reply.
//   const auto blocked = c.client.Block({.deadline = c.now + timeout_ms,
//                                        .on_timeout = [](Reply& reply) { reply.NullArray(); },
//                                        .on_cancel = [&waiters, key] { waiters.Remove(key); }});
//   waiters.Add(key, blocked);
//
//   // The event, on any thread:
//   if (blocked->Claim()) {               // at most one event, timeout or disconnect wins
//     blocked->Finish([value = Pop(key)](Reply& reply) { reply.Bulk(value); });
//   }
//
// The reply is written by the connection, between messages, in the order of Finish and
// Client::Deliver. CLIENT REPLY OFF and SKIP, given before the command, suppress it.
//
// Thread safety: Claim, Finish and Wake may be called from any thread. They take no connection's
// mutex.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "store/time/clock.h"

namespace dcs::resp {

class Reply;
struct Client;

class BlockedCommand {
 public:
  // Writes exactly one reply. Called once, by the connection's thread, under the connection's
  // mutex. If it throws std::bad_alloc, the reply is an OOM error.
  using WriteReply = std::function<void(Reply&)>;

  struct Terms {
    std::optional<store::TimeMs> deadline = {};  // by the node's clock; none: it waits for ever
    WriteReply on_timeout = {};                  // REQUIRES: set if there is a deadline
    // Called if no reply will be written: the connection has closed, or the handler threw after
    // Block. Must not throw and must not call the connection. May be empty.
    std::function<void()> on_cancel = {};
  };

  // What Client::Block makes. `silent`: its reply is not sent.
  BlockedCommand(std::weak_ptr<Client> client, Terms terms, bool silent)
      : client_(std::move(client)), terms_(std::move(terms)), silent_(silent) {}

  // The first call of all returns true: its caller alone ends the wait, by Finish. The others
  // return false.
  bool Claim() { return !claimed_.exchange(true, std::memory_order_acq_rel); }
  // Has the connection write the reply and go on. Does not throw: without memory the connection is
  // closed. REQUIRES: Claim returned true to the caller; called once.
  void Finish(WriteReply write);
  // Claims and finishes. Returns whether it could claim.
  bool Wake(WriteReply write) {
    if (!Claim()) return false;
    Finish(std::move(write));
    return true;
  }

  // ---- For the connection and its timer ---------------------------------------------------------

  std::optional<store::TimeMs> deadline() const { return terms_.deadline; }
  bool silent() const { return silent_; }
  // The deadline has passed.
  void TimeOut() {
    if (Claim()) Finish(std::move(terms_.on_timeout));
  }
  // No reply can be written any more.
  void Cancel() {
    if (Claim() && terms_.on_cancel) terms_.on_cancel();
  }
  // Whether Finish has been called. The reply can be written then.
  bool finished() const { return finished_.load(std::memory_order_acquire); }
  void Write(Reply& reply) const { write_(reply); }

 private:
  const std::weak_ptr<Client> client_;
  Terms terms_;
  const bool silent_;
  std::atomic<bool> claimed_{false};
  std::atomic<bool> finished_{false};
  WriteReply write_;  // constant once finished
};

}  // namespace dcs::resp
