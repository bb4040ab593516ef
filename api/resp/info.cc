// INFO: one function a section, one row each in a table.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/resp/commands.h"
#include "api/resp/to_absl.h"

namespace dcs::resp::commands {
namespace {

// Writes "name:value" lines.
class Lines {
 public:
  template <typename T>
  void operator()(std::string_view name, const T& value) {
    absl::StrAppend(&text_, ToAbsl(name), ":", value, "\r\n");
  }
  void operator()(std::string_view name, std::string_view value) {
    absl::StrAppend(&text_, ToAbsl(name), ":", ToAbsl(value), "\r\n");
  }
  // The value, and the same for people under "name_human".
  void Bytes(std::string_view name, uint64_t bytes) {
    (*this)(name, bytes);
    absl::StrAppend(&text_, ToAbsl(name), "_human:", Human(bytes), "\r\n");
  }
  void Append(std::string_view text) { text_ += text; }
  std::string& text() { return text_; }

 private:
  static std::string Human(uint64_t bytes) {
    if (bytes < 1024) return absl::StrCat(bytes, "B");
    constexpr std::string_view kUnits = "KMGTP";
    double value = static_cast<double>(bytes) / 1024;
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
    return absl::StrFormat("%.2f%c", value, kUnits[unit]);
  }

  std::string text_;
};

// Of the whole process: nodes that share it share this figure. 0 if the system does not tell. Does not
// allocate: a stream would take a failed allocation for an empty file.
uint64_t ResidentBytes() {
  char text[128] = "";
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t length = read(file, text, sizeof(text) - 1);
  close(file);
  unsigned long long resident_pages = 0;  // NOLINT(google-runtime-int): sscanf's type
  if (length <= 0 || std::sscanf(text, "%*u %llu", &resident_pages) != 1) return 0;
  return resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void Server(Context& c, Lines& line) {
  const api::Node& node = c.server.node;
  const store::TimeMs up_ms = std::max<store::TimeMs>(c.now - node.started_at.load(), 0);
  line("redis_version", std::string_view(node.engine_version));
  line("redis_mode", std::string_view("standalone"));
  line("arch_bits", 8 * sizeof(void*));
  line("multiplexing_api", std::string_view("epoll"));
  line("gcc_version", std::string_view(__VERSION__));
  line("process_id", getpid());
  line("tcp_port", node.resp_port.load());
  line("server_time_usec", c.now * 1000);
  line("uptime_in_seconds", up_ms / 1000);
  line("uptime_in_days", up_ms / (1000 * 3600 * 24));
  line("hz", c.server.settings.hz.load());
  line("configured_hz", c.server.settings.hz.load());
  line("lru_clock", c.now / 1000 & 0xFFFFFF);
}

void Clients(Context& c, Lines& line) {
  size_t connected = 0, most_input = 0, most_output = 0;
  c.server.clients.ForEach([&](const Client& client) {
    ++connected;
    most_input = std::max(most_input, client.input_capacity.load(std::memory_order_relaxed));
    most_output = std::max(most_output, client.output_bytes.load(std::memory_order_relaxed));
  });
  line("connected_clients", connected);
  line("maxclients", c.server.settings.maxclients.load());
  line("client_recent_max_input_buffer", most_input);
  line("client_recent_max_output_buffer", most_output);
  line("blocked_clients", 0);
  line("tracking_clients", 0);
}

void Memory(Context& c, Lines& line) {
  const store::MemoryUse use = c.keyspace().Memory();
  const store::LazyFree::Counters lazy = c.keyspace().lazy_free().counters();
  const Settings& settings = c.server.settings;
  const std::string_view policy_name = "maxmemory-policy";
  const std::string policy = settings.Matching({&policy_name, 1}).front().second;
  const uint64_t resident = ResidentBytes();
  line.Bytes("used_memory", use.used());
  line.Bytes("used_memory_rss", resident);
  line("used_memory_overhead", use.used_index_bytes);
  line("used_memory_dataset", use.used() - use.used_index_bytes);
  line("used_memory_index", use.index_bytes);
  line("used_memory_log", use.log_bytes);
  line("used_memory_log_live", use.live_log_bytes);
  line("used_memory_heap", use.heap_bytes);
  line("used_memory_lazyfree", use.lazy_free_bytes);
  line.Bytes("maxmemory", static_cast<uint64_t>(settings.maxmemory.load()));
  line("maxmemory_policy", std::string_view(policy));
  line("mem_fragmentation_ratio",
       absl::StrFormat("%.2f", use.used() == 0 ? 0.0
                                                : static_cast<double>(resident) /
                                                      static_cast<double>(use.used())));
  line("lazyfree_pending_objects", lazy.pending_objects);
  line("lazyfree_pending_bytes", lazy.pending_bytes);
  line("lazyfreed_objects", lazy.freed_objects);
}

// There is no persistence: said in the words that clients look for before they go on.
void Persistence(Context&, Lines& line) {
  line("loading", 0);
  line("async_loading", 0);
  line("rdb_bgsave_in_progress", 0);
  line("rdb_last_bgsave_status", std::string_view("ok"));
  line("aof_enabled", 0);
  line("aof_rewrite_in_progress", 0);
  line("aof_last_write_status", std::string_view("ok"));
}

void Stats(Context& c, Lines& line) {
  const Counters& counters = c.server.counters;
  const store::KeyspaceCounters keys = c.server.CountersSinceReset();
  line("total_connections_received", counters.connections_received.load());
  line("total_commands_processed", counters.commands_processed.load());
  line("total_net_input_bytes", counters.net_input_bytes.load());
  line("total_net_output_bytes", counters.net_output_bytes.load());
  line("rejected_connections", counters.rejected_connections.load());
  line("expired_keys", keys.expired_keys());
  line("expired_keys_on_access", keys.released_on_access);
  line("expired_keys_by_scan", keys.released_by_sweep);
  line("expired_keys_by_natural_deletion", keys.released_by_sample);
  line("evicted_keys", 0);
  line("keyspace_hits", counters.keyspace_hits.load());
  line("keyspace_misses", counters.keyspace_misses.load());
  line("pubsub_channels", 0);
  line("pubsub_patterns", 0);
  line("evacuated_records", keys.evacuated_records);
  line("evacuated_bytes", keys.evacuated_bytes);
  line("total_error_replies", counters.error_replies.load());
  line("total_reads_processed", counters.reads_processed.load());
  line("total_writes_processed", counters.writes_processed.load());
}

void Replication(Context&, Lines& line) {
  line("role", std::string_view("master"));
  line("connected_slaves", 0);
  line("master_failover_state", std::string_view("no-failover"));
  line("master_repl_offset", 0);
}

void Cpu(Context&, Lines& line) {
  const auto seconds = [](const timeval& time) {
    return absl::StrFormat("%d.%06d", time.tv_sec, time.tv_usec);
  };
  rusage self{}, children{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  line("used_cpu_sys", seconds(self.ru_stime));
  line("used_cpu_user", seconds(self.ru_utime));
  line("used_cpu_sys_children", seconds(children.ru_stime));
  line("used_cpu_user_children", seconds(children.ru_utime));
}

void Modules(Context&, Lines&) {}

void Cluster(Context&, Lines& line) { line("cluster_enabled", 0); }

// avg_ttl is an estimate of Redis's that takes a walk: 0, as Redis says before it has one.
void KeyspaceSection(Context& c, Lines& line) {
  const size_t keys = c.keyspace().size();
  if (keys == 0) return;
  line.Append(absl::StrCat("db0:keys=", keys, ",expires=", c.keyspace().keys_with_deadline(),
                           ",avg_ttl=0\r\n"));
}

// Looks at the keys of those segments in which something has expired.
void Expiry(Context& c, Lines& line) {
  const store::Census census = c.keyspace().TakeCensus(c.now);
  line("keys_with_deadline", census.keys_with_deadline);
  line("keys_without_deadline", census.keys - census.keys_with_deadline);
  line("expired_unreleased_keys", census.expired_keys);
  line("expired_unreleased_bytes", census.expired_bytes);
}

struct Section {
  std::string_view name;
  std::string_view title;
  void (*write)(Context&, Lines&);
};
constexpr Section kSections[] = {
    {"server", "Server", &Server},
    {"clients", "Clients", &Clients},
    {"memory", "Memory", &Memory},
    {"persistence", "Persistence", &Persistence},
    {"stats", "Stats", &Stats},
    {"replication", "Replication", &Replication},
    {"cpu", "CPU", &Cpu},
    {"modules", "Modules", &Modules},
    {"cluster", "Cluster", &Cluster},
    {"keyspace", "Keyspace", &KeyspaceSection},
    {"expiry", "Expiry", &Expiry},
};

bool Wanted(const Section& section, Arguments asked) {
  return asked.empty() || std::any_of(asked.begin(), asked.end(), [&](std::string_view word) {
           return IsWord(word, section.name) || IsWord(word, "default") || IsWord(word, "all") ||
                  IsWord(word, "everything");
         });
}

}  // namespace

void Info(Context& c) {
  Lines lines;
  for (const Section& section : kSections) {
    if (!Wanted(section, c.args.subspan(1))) continue;
    if (!lines.text().empty()) lines.Append("\r\n");
    lines.Append(absl::StrCat("# ", ToAbsl(section.title), "\r\n"));
    section.write(c, lines);
  }
  c.reply.Verbatim("txt", lines.text());
}

}  // namespace dcs::resp::commands
