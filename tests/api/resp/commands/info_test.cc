#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/api/resp/resp_value.h"
#include "tests/api/resp/session.h"

namespace dcs::resp {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::map<std::string, std::string> Fields(const std::string& text) {
  std::map<std::string, std::string> fields;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = text.find("\r\n", at);
    const std::string line = text.substr(at, end - at);
    if (const size_t colon = line.find(':'); colon != line.npos) {
      fields[line.substr(0, colon)] = line.substr(colon + 1);
    }
    at = end + 2;
  }
  return fields;
}

TEST(Info, ShowsTheDefaultSectionsInRedisForm) {
  Session s;
  const std::string text = ParseReply(s.Do("INFO")).text;
  EXPECT_THAT(text, StartsWith("# Server\r\nredis_version:7.0.15\r\n"));
  for (const char* title : {"# Clients", "# Memory", "# Persistence", "# Stats", "# Replication",
                            "# CPU", "# Modules", "# Cluster", "# Keyspace", "# Expiry"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\r\n\r\n") + title + "\r\n"));
  }
  EXPECT_EQ(Fields(text)["redis_mode"], "standalone");
  EXPECT_EQ(Fields(text)["role"], "master");
}

TEST(Info, ShowsOnlyTheSectionsAskedFor) {
  Session s;
  s.Do("SET k v");
  EXPECT_EQ(ParseReply(s.Do("INFO keyspace")).text,
            "# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n");
  EXPECT_EQ(ParseReply(s.Do("INFO nosuch")).text, "");
  const std::string two = ParseReply(s.Do("INFO KEYSPACE cluster")).text;
  EXPECT_THAT(two, StartsWith("# Cluster\r\n"));
  EXPECT_THAT(two, HasSubstr("# Keyspace\r\n"));
  EXPECT_THAT(ParseReply(s.Do("INFO everything")).text, HasSubstr("# Expiry\r\n"));
  s.Do("HELLO 3");
  EXPECT_EQ(ParseReply(s.Do("INFO cluster")).type, '=');
}

TEST(Info, CountsExpiredKeysThatNothingHasReleased) {
  Session s(/*release_on_access=*/false);
  s.Do("SET a v PX 10");
  s.Do("SET b v PX 10");
  s.Do("SET c v PX 1000");
  s.Do("SET d v");
  s.Advance(11);
  const auto fields = Fields(ParseReply(s.Do("INFO expiry")).text);
  EXPECT_EQ(fields.at("expired_unreleased_keys"), "2");
  EXPECT_GT(std::stoll(fields.at("expired_unreleased_bytes")), 0);
  EXPECT_EQ(fields.at("expired_unreleased_exact"), "1");
  EXPECT_EQ(fields.at("keys_with_deadline"), "3");
  EXPECT_EQ(fields.at("keys_without_deadline"), "1");
}

TEST(Info, CountsReleasedKeysByCause) {
  Session s;
  s.Do("SET a v PX 10");
  s.Do("SET b v PX 10");
  s.Advance(11);
  s.Do("GET a");
  store::SweepCursor cursor;
  while (!s.node().keyspace.Sweep(cursor, 100, s.now()).done) {
  }
  const auto fields = Fields(ParseReply(s.Do("INFO stats")).text);
  EXPECT_EQ(fields.at("expired_keys"), "2");
  EXPECT_EQ(fields.at("expired_keys_on_access"), "1");
  EXPECT_EQ(fields.at("expired_keys_by_scan"), "1");
  EXPECT_EQ(fields.at("keyspace_misses"), "1");
}

// Every field of redis-server 7.0.15 but those of sections that this server does not have, of its main thread
// and of the share of its allocator.
TEST(Info, HasTheFieldsOfRedis) {
  Session s;
  s.Do("SET k v EX 100");
  const auto fields = Fields(ParseReply(s.Do("INFO everything")).text);
  for (const char* field : {"redis_version",
                            "redis_git_sha1",
                            "redis_git_dirty",
                            "redis_build_id",
                            "redis_mode",
                            "os",
                            "arch_bits",
                            "monotonic_clock",
                            "multiplexing_api",
                            "atomicvar_api",
                            "gcc_version",
                            "process_id",
                            "process_supervised",
                            "run_id",
                            "tcp_port",
                            "server_time_usec",
                            "uptime_in_seconds",
                            "uptime_in_days",
                            "hz",
                            "configured_hz",
                            "lru_clock",
                            "executable",
                            "config_file",
                            "io_threads_active",
                            "connected_clients",
                            "cluster_connections",
                            "maxclients",
                            "client_recent_max_input_buffer",
                            "client_recent_max_output_buffer",
                            "blocked_clients",
                            "tracking_clients",
                            "clients_in_timeout_table",
                            "used_memory",
                            "used_memory_human",
                            "used_memory_rss",
                            "used_memory_rss_human",
                            "used_memory_peak",
                            "used_memory_peak_human",
                            "used_memory_peak_perc",
                            "used_memory_overhead",
                            "used_memory_startup",
                            "used_memory_dataset",
                            "used_memory_dataset_perc",
                            "allocator_allocated",
                            "allocator_active",
                            "allocator_resident",
                            "total_system_memory",
                            "total_system_memory_human",
                            "used_memory_lua",
                            "used_memory_vm_eval",
                            "used_memory_lua_human",
                            "used_memory_scripts_eval",
                            "number_of_cached_scripts",
                            "number_of_functions",
                            "number_of_libraries",
                            "used_memory_vm_functions",
                            "used_memory_vm_total",
                            "used_memory_vm_total_human",
                            "used_memory_functions",
                            "used_memory_scripts",
                            "used_memory_scripts_human",
                            "maxmemory",
                            "maxmemory_human",
                            "maxmemory_policy",
                            "allocator_frag_ratio",
                            "allocator_frag_bytes",
                            "allocator_rss_ratio",
                            "allocator_rss_bytes",
                            "rss_overhead_bytes",
                            "mem_fragmentation_ratio",
                            "mem_fragmentation_bytes",
                            "mem_not_counted_for_evict",
                            "mem_replication_backlog",
                            "mem_total_replication_buffers",
                            "mem_clients_slaves",
                            "mem_clients_normal",
                            "mem_cluster_links",
                            "mem_aof_buffer",
                            "mem_allocator",
                            "active_defrag_running",
                            "lazyfree_pending_objects",
                            "lazyfreed_objects",
                            "loading",
                            "async_loading",
                            "current_cow_peak",
                            "current_cow_size",
                            "current_cow_size_age",
                            "current_fork_perc",
                            "current_save_keys_processed",
                            "current_save_keys_total",
                            "rdb_changes_since_last_save",
                            "rdb_bgsave_in_progress",
                            "rdb_last_save_time",
                            "rdb_last_bgsave_status",
                            "rdb_last_bgsave_time_sec",
                            "rdb_current_bgsave_time_sec",
                            "rdb_saves",
                            "rdb_last_cow_size",
                            "rdb_last_load_keys_expired",
                            "rdb_last_load_keys_loaded",
                            "aof_enabled",
                            "aof_rewrite_in_progress",
                            "aof_rewrite_scheduled",
                            "aof_last_rewrite_time_sec",
                            "aof_current_rewrite_time_sec",
                            "aof_last_bgrewrite_status",
                            "aof_rewrites",
                            "aof_rewrites_consecutive_failures",
                            "aof_last_write_status",
                            "aof_last_cow_size",
                            "module_fork_in_progress",
                            "module_fork_last_cow_size",
                            "total_connections_received",
                            "total_commands_processed",
                            "instantaneous_ops_per_sec",
                            "total_net_input_bytes",
                            "total_net_output_bytes",
                            "total_net_repl_input_bytes",
                            "total_net_repl_output_bytes",
                            "instantaneous_input_kbps",
                            "instantaneous_output_kbps",
                            "instantaneous_input_repl_kbps",
                            "instantaneous_output_repl_kbps",
                            "rejected_connections",
                            "sync_full",
                            "sync_partial_ok",
                            "sync_partial_err",
                            "expired_keys",
                            "expired_stale_perc",
                            "expired_time_cap_reached_count",
                            "expire_cycle_cpu_milliseconds",
                            "evicted_keys",
                            "evicted_clients",
                            "total_eviction_exceeded_time",
                            "current_eviction_exceeded_time",
                            "keyspace_hits",
                            "keyspace_misses",
                            "pubsub_channels",
                            "pubsub_patterns",
                            "pubsubshard_channels",
                            "latest_fork_usec",
                            "total_forks",
                            "migrate_cached_sockets",
                            "slave_expires_tracked_keys",
                            "active_defrag_hits",
                            "active_defrag_misses",
                            "active_defrag_key_hits",
                            "active_defrag_key_misses",
                            "total_active_defrag_time",
                            "current_active_defrag_time",
                            "tracking_total_keys",
                            "tracking_total_items",
                            "tracking_total_prefixes",
                            "unexpected_error_replies",
                            "total_error_replies",
                            "dump_payload_sanitizations",
                            "total_reads_processed",
                            "total_writes_processed",
                            "io_threaded_reads_processed",
                            "io_threaded_writes_processed",
                            "reply_buffer_shrinks",
                            "reply_buffer_expands",
                            "role",
                            "connected_slaves",
                            "master_failover_state",
                            "master_replid",
                            "master_replid2",
                            "master_repl_offset",
                            "second_repl_offset",
                            "repl_backlog_active",
                            "repl_backlog_size",
                            "repl_backlog_first_byte_offset",
                            "repl_backlog_histlen",
                            "used_cpu_sys",
                            "used_cpu_user",
                            "used_cpu_sys_children",
                            "used_cpu_user_children",
                            "cluster_enabled",
                            "db0"}) {
    EXPECT_TRUE(fields.contains(field)) << field;
  }
}

TEST(Info, ServerSaysWhoItIs) {
  Session s, other;
  const auto fields = Fields(ParseReply(s.Do("INFO server")).text);
  EXPECT_THAT(fields.at("os"), StartsWith("Linux "));
  EXPECT_THAT(fields.at("run_id"), testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(fields.at("run_id").size(), 40u);
  EXPECT_EQ(fields.at("executable").front(), '/');
  EXPECT_THAT(fields.at("gcc_version"), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_EQ(fields.at("config_file"), "");
  EXPECT_EQ(fields.at("run_id"), Fields(ParseReply(s.Do("INFO server")).text).at("run_id"));
  const auto replication = Fields(ParseReply(s.Do("INFO replication")).text);
  EXPECT_EQ(replication.at("master_replid").size(), 40u);
  EXPECT_NE(replication.at("master_replid"), fields.at("run_id"));
}

TEST(Info, AvgTtl_IsTheMeanTimeToLive) {
  Session s;
  s.Do("SET a v EX 1000");
  s.Advance(3'000);
  EXPECT_EQ(ParseReply(s.Do("INFO keyspace")).text,
            "# Keyspace\r\ndb0:keys=1,expires=1,avg_ttl=997000\r\n");
  s.Do("SET b v EX 1");
  s.Do("SET c v");
  s.Advance(1'001);
  EXPECT_EQ(ParseReply(s.Do("INFO keyspace")).text,
            "# Keyspace\r\ndb0:keys=3,expires=2,avg_ttl=995999\r\n");
}

TEST(Info, MemoryRatios_EmptyAndFullStore_AreSane) {
  Session s;
  const auto ratio = [&](const char* field) {
    return std::stod(Fields(ParseReply(s.Do("INFO memory")).text).at(field));
  };
  for (const char* field :
       {"mem_fragmentation_ratio", "allocator_frag_ratio", "allocator_rss_ratio"}) {
    EXPECT_GE(ratio(field), 1) << field;
    EXPECT_LT(ratio(field), 10) << field;
  }
  for (int i = 0; i < 20'000; ++i) {
    s.Run({"SET", "key:" + std::to_string(i), std::string(100, 'v')});
  }
  for (const char* field :
       {"mem_fragmentation_ratio", "allocator_frag_ratio", "allocator_rss_ratio"}) {
    EXPECT_GE(ratio(field), 1) << field;
    EXPECT_LT(ratio(field), 2) << field;
  }
}

TEST(Info, UsedMemory_FallsWithTheKeys_AndItsPeakStays) {
  Session s;
  for (int i = 0; i < 1'000; ++i) {
    s.Run({"SET", "key:" + std::to_string(i), std::string(100, 'v'), "PX", "10"});
  }
  s.Run({"SET", "live", "v"});
  const auto before = Fields(ParseReply(s.Do("INFO memory")).text);
  s.Advance(11);
  s.Do("GET key:1");
  auto after = Fields(ParseReply(s.Do("INFO memory")).text);
  EXPECT_GE(std::stoll(before.at("used_memory")) - std::stoll(after.at("used_memory")), 100);
  EXPECT_EQ(after.at("used_memory_peak"), before.at("used_memory"));
  EXPECT_GE(std::stoll(after.at("allocator_active")), std::stoll(after.at("used_memory")));
  EXPECT_GE(std::stoll(after.at("allocator_resident")), std::stoll(after.at("allocator_active")));
}

TEST(Info, Rates_AreMeansSinceTheInfoBefore) {
  Session s;
  s.Do("INFO stats");
  for (int i = 0; i < 200; ++i) s.Do("PING");
  s.Advance(2'000);
  const auto fields = Fields(ParseReply(s.Do("INFO stats")).text);
  EXPECT_NEAR(std::stod(fields.at("instantaneous_ops_per_sec")), 100, 2);
  EXPECT_EQ(Fields(ParseReply(s.Do("INFO stats")).text).at("instantaneous_ops_per_sec"),
            fields.at("instantaneous_ops_per_sec"));
}

TEST(Info, AccountsForMemory) {
  Session s;
  s.Run({"SET", "k", std::string(300000, 'v')});
  const auto fields = Fields(ParseReply(s.Do("INFO memory")).text);
  EXPECT_EQ(fields.at("used_memory"), std::to_string(s.node().keyspace.UsedBytes()));
  EXPECT_GT(std::stoll(fields.at("used_memory_rss")), 1 << 20);
  EXPECT_GT(std::stoll(fields.at("used_memory_log_live")), 300000);
  EXPECT_THAT(fields.at("used_memory_human"), testing::MatchesRegex("[0-9.]+[KM]"));
  EXPECT_EQ(fields.at("maxmemory_policy"), "noeviction");
  EXPECT_EQ(fields.at("lazyfree_pending_objects"), "0");
}

}  // namespace
}  // namespace dcs::resp
