// What one RESP front has counted since it started or since CONFIG RESETSTAT.
#pragma once

#include <atomic>
#include <cstdint>

namespace dcs::resp {

// Thread safety: atomics without order among each other. To add a counter: a member, a line in
// Reset, and where it is shown (info.cc).
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

// What one connection has counted of its commands and not yet added: an atomic addition costs as
// much as parsing a short command. Thread safety: none.
struct CommandCounts {
  uint64_t commands = 0;
  uint64_t error_replies = 0;
  uint64_t hits = 0;
  uint64_t misses = 0;

  void MoveTo(Counters& counters) {
    Counters::Add(counters.commands_processed, commands);
    if (error_replies > 0) Counters::Add(counters.error_replies, error_replies);
    if (hits > 0) Counters::Add(counters.keyspace_hits, hits);
    if (misses > 0) Counters::Add(counters.keyspace_misses, misses);
    *this = {};
  }
};

}  // namespace dcs::resp
