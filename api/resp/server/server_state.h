// The state that all connections of one RESP server share: the node, the settings, the clients and
// the counters.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/node.h"
#include "api/resp/server/client_registry.h"
#include "api/resp/server/counters.h"
#include "api/resp/server/hold.h"
#include "api/resp/server/settings.h"
#include "api/resp/server/timeouts.h"
#include "api/run_stats.h"

namespace dcs::resp {

// Thread safety: every member is thread-safe. `node` must outlive it, or be owned through it.
struct ServerState {
  // `seed` is of RANDOMKEY's choices and of the IDs. Begins a run of the node.
  ServerState(api::Node& served, uint64_t seed)
      : node(served),
        run(served.BeginRun()),
        counters(run->counters),
        timeouts(served.scheduler),
        run_id(RandomId(seed)),
        replication_id(RandomId(~seed)),
        random_(seed) {
    settings.Publish("requirepass", node.password);
    run->set_client_source([this] { return CountClients(); });
  }
  ServerState(std::shared_ptr<api::Node> served, uint64_t seed) : ServerState(*served, seed) {
    owned_ = std::move(served);
  }
  ~ServerState() { run->set_client_source(nullptr); }
  ServerState(const ServerState&) = delete;
  ServerState& operator=(const ServerState&) = delete;

  api::Node& node;
  const std::shared_ptr<api::RunStats> run;  // what the node's statistics come from
  Counters& counters;                        // those of `run`
  Settings settings;
  ClientRegistry clients;
  Hold hold;
  Timeouts timeouts;                 // of blocked commands
  const std::string run_id;          // 40 hexadecimal digits, others at each start
  const std::string replication_id;  // likewise

  // Settings::Set or SetLowered, and what they change of the node: its natural deletion, and
  // whether its keys have access words (an LRU or LFU policy needs them).
  absl::Status SetParameters(std::span<const std::string_view> pairs) {
    return TuneAfter(settings.Set(pairs));
  }
  absl::Status SetParametersLowered(std::span<const std::string_view> pairs) {
    return TuneAfter(settings.SetLowered(pairs));
  }

  // 64 bits that look random (splitmix64).
  uint64_t NextRandom() { return Mixed(random_.fetch_add(kRandomStep, std::memory_order_relaxed)); }

 private:
  static constexpr uint64_t kRandomStep = 0x9E3779B97F4A7C15;

  static uint64_t Mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  static std::string RandomId(uint64_t seed) {
    constexpr size_t kDigits = 40;
    std::string id;
    for (uint64_t at = Mixed(seed ^ kRandomStep); id.size() < kDigits; at += kRandomStep) {
      absl::StrAppend(&id, absl::Hex(Mixed(at), absl::kZeroPad16));
    }
    return id.substr(0, kDigits);
  }

  api::ClientStats CountClients() const {
    api::ClientStats count;
    clients.ForEach([&](const Client& client) {
      const size_t input = client.input_capacity.load(std::memory_order_relaxed);
      const size_t output = client.output_bytes.load(std::memory_order_relaxed);
      ++count.connected;
      count.largest_input = std::max(count.largest_input, input);
      count.largest_output = std::max(count.largest_output, output);
      count.buffers += input + output;
    });
    return count;
  }

  absl::Status TuneAfter(absl::Status status) {
    if (status.ok()) {
      node.tuning.hz = settings.hz.load();
      node.tuning.active_expire_effort = settings.active_expire_effort.load();
      node.tuning.active_expire_num = settings.active_expire_num.load();
      // Only if the policy has changed: OBJECT may have asked for the words.
      const bool needs_access = settings.UsesLru() || settings.UsesLfu();
      if (policy_needs_access_.exchange(needs_access) != needs_access) {
        node.keyspace.TrackAccess(needs_access);
      }
    }
    return status;
  }

  std::atomic<uint64_t> random_;
  std::atomic<bool> policy_needs_access_{false};
  std::shared_ptr<api::Node> owned_;  // if `node` is shared
};

}  // namespace dcs::resp
