#include "api/node.h"

namespace dcs::api {
namespace {

void CopyCounters(const Counters& counters, Stats& stats) {
  const auto load = [](const std::atomic<uint64_t>& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  stats.connections_received = load(counters.connections_received);
  stats.rejected_connections = load(counters.rejected_connections);
  stats.commands_processed = load(counters.commands_processed);
  stats.error_replies = load(counters.error_replies);
  stats.keyspace_hits = load(counters.keyspace_hits);
  stats.keyspace_misses = load(counters.keyspace_misses);
  stats.net_input_bytes = load(counters.net_input_bytes);
  stats.net_output_bytes = load(counters.net_output_bytes);
  stats.reads_processed = load(counters.reads_processed);
  stats.writes_processed = load(counters.writes_processed);
}

}  // namespace

Node::Node(const store::KeyspaceOptions& options, const store::Clock& node_clock)
    : clock(node_clock),
      keyspace(options),
      started_at(node_clock.Now()),
      run_(std::make_shared<RunStats>(keyspace, node_clock.Now())) {}

std::shared_ptr<RunStats> Node::BeginRun() {
  auto run = std::make_shared<RunStats>(keyspace, clock.Now());
  const std::lock_guard lock(mutex_);
  run_ = run;
  return run;
}

Stats Node::TakeStats(const StatsParts& parts, store::TimeMs now) {
  std::shared_ptr<RunStats> run;
  {
    const std::lock_guard lock(mutex_);
    run = run_;
  }
  Stats stats;
  CopyCounters(run->counters, stats);
  if (natural_deletion != nullptr) stats.natural_deletion = natural_deletion->totals();
  if (parts.memory) {
    stats.memory = keyspace.Memory();
    stats.used_bytes = stats.memory.used();
    stats.peak_used_bytes = run->NotePeakUsed(stats.used_bytes);
    stats.lazy_free = keyspace.lazy_free().counters();
  } else if (parts.used) {
    stats.used_bytes = keyspace.UsedBytes();
  }
  if (parts.keys) stats.keys = run->Keys();
  if (parts.expiry) stats.expiry = keyspace.EstimateExpiry(now);
  if (parts.clients) stats.clients = run->Clients();
  if (parts.rates) stats.rates = run->MeasureRates(now);
  return stats;
}

}  // namespace dcs::api
