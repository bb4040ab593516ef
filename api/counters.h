// The counters of a node's Redis process that INFO shows. The RESP server adds to them.
#pragma once

#include <atomic>
#include <cstdint>

namespace dcs::api {

// Thread safety: atomics without order among each other. To add a counter: a member, a line in
// Reset, and where it is shown (resp/commands/info_stats.cc).
struct Counters {
  std::atomic<uint64_t> connections_received{0};
  std::atomic<uint64_t> rejected_connections{0};
  std::atomic<uint64_t> commands_processed{0};
  std::atomic<uint64_t> error_replies{0};
  std::atomic<uint64_t> keyspace_hits{0};
  std::atomic<uint64_t> keyspace_misses{0};
  std::atomic<uint64_t> net_input_bytes{0};
  std::atomic<uint64_t> net_output_bytes{0};
  std::atomic<uint64_t> reads_processed{0};
  std::atomic<uint64_t> writes_processed{0};

  static void Add(std::atomic<uint64_t>& counter, uint64_t count = 1) {
    counter.fetch_add(count, std::memory_order_relaxed);
  }

  void Reset() {
    for (std::atomic<uint64_t>* counter :
         {&connections_received, &rejected_connections, &commands_processed, &error_replies,
          &keyspace_hits, &keyspace_misses, &net_input_bytes, &net_output_bytes, &reads_processed,
          &writes_processed}) {
      counter->store(0, std::memory_order_relaxed);
    }
  }
};

}  // namespace dcs::api
