// The section "stats" of INFO.
#include "absl/strings/str_format.h"
#include "api/resp/commands/info_sections.h"

namespace dcs::resp {
namespace {

void NaturalDeletion(const scanner::NaturalDeletion::Totals& totals, InfoLines& line) {
  line.Ratio("expired_stale_perc", totals.stale_share * 100);
  line("expired_time_cap_reached_count", totals.time_cap_hits);
  line("expire_cycle_cpu_milliseconds", totals.busy_us / 1000);
}

}  // namespace

void StatsSection(Context&, const api::Stats& stats, InfoLines& line) {
  const store::KeyspaceCounters& keys = stats.keys;
  line("total_connections_received", stats.connections_received);
  line("total_commands_processed", stats.commands_processed);
  line("instantaneous_ops_per_sec", stats.rates.commands);
  line("total_net_input_bytes", stats.net_input_bytes);
  line("total_net_output_bytes", stats.net_output_bytes);
  line.Zeros({"total_net_repl_input_bytes", "total_net_repl_output_bytes"});
  line.Ratio("instantaneous_input_kbps", stats.rates.input_kb);
  line.Ratio("instantaneous_output_kbps", stats.rates.output_kb);
  line.Ratio("instantaneous_input_repl_kbps", 0);
  line.Ratio("instantaneous_output_repl_kbps", 0);
  line("rejected_connections", stats.rejected_connections);
  line.Zeros({"sync_full", "sync_partial_ok", "sync_partial_err"});
  line("expired_keys", keys.expired_keys());
  line("expired_keys_on_access", keys.released_on_access);
  line("expired_keys_by_scan", keys.released_by_sweep);
  line("expired_keys_by_natural_deletion", keys.released_by_sample);
  NaturalDeletion(stats.natural_deletion, line);
  line.Zeros({"evicted_keys", "evicted_clients", "total_eviction_exceeded_time",
              "current_eviction_exceeded_time"});
  line("keyspace_hits", stats.keyspace_hits);
  line("keyspace_misses", stats.keyspace_misses);
  line.Zeros({"pubsub_channels", "pubsub_patterns", "pubsubshard_channels", "latest_fork_usec",
              "total_forks", "migrate_cached_sockets", "slave_expires_tracked_keys",
              "active_defrag_hits", "active_defrag_misses", "active_defrag_key_hits",
              "active_defrag_key_misses", "total_active_defrag_time", "current_active_defrag_time",
              "tracking_total_keys", "tracking_total_items", "tracking_total_prefixes"});
  line("evacuated_records", keys.evacuated_records);
  line("evacuated_bytes", keys.evacuated_bytes);
  line("unexpected_error_replies", 0);
  line("total_error_replies", stats.error_replies);
  line("dump_payload_sanitizations", 0);
  line("total_reads_processed", stats.reads_processed);
  line("total_writes_processed", stats.writes_processed);
  line.Zeros({"io_threaded_reads_processed", "io_threaded_writes_processed", "reply_buffer_shrinks",
              "reply_buffer_expands"});
}

}  // namespace dcs::resp
