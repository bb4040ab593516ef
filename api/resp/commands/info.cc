// INFO: one function and one row of a table per section.
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/resp/commands/commands.h"
#include "api/resp/commands/info_sections.h"
#include "api/resp/protocol/to_absl.h"
#include "store/key_hash.h"

namespace dcs::resp::commands {
namespace {

std::string OperatingSystem() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return absl::StrCat(name.sysname, " ", name.release, " ", name.machine);
}

std::string Executable() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
  return length < 0 ? std::string() : std::string(path, static_cast<size_t>(length));
}

// Differs between builds of another version or compiler.
std::string BuildId(const api::Node& node) {
  const std::string built = absl::StrCat(node.engine_version, " ", __VERSION__, " ", __cplusplus);
  return absl::StrCat(absl::Hex(store::HashBytes(built, 0)));
}

void Server(Context& c, const api::Stats&, InfoLines& line) {
  const api::Node& node = c.server.node;
  const store::TimeMs up_ms = std::max<store::TimeMs>(c.now - node.started_at.load(), 0);
  line("redis_version", std::string_view(node.engine_version));
  line("redis_git_sha1", "00000000");
  line("redis_git_dirty", 0);
  line("redis_build_id", BuildId(node));
  line("redis_mode", "standalone");
  line("os", OperatingSystem());
  line("arch_bits", 8 * sizeof(void*));
  line("monotonic_clock", "POSIX clock_gettime");
  line("multiplexing_api", "epoll");
  line("atomicvar_api", "c11-builtin");
  line("gcc_version", absl::StrCat(__GNUC__, ".", __GNUC_MINOR__, ".", __GNUC_PATCHLEVEL__));
  line("process_id", getpid());
  line("process_supervised", "no");
  line("run_id", std::string_view(c.server.run_id));
  line("tcp_port", node.resp_port.load());
  line("server_time_usec", c.now * 1000);
  line("uptime_in_seconds", up_ms / 1000);
  line("uptime_in_days", up_ms / (1000 * 3600 * 24));
  line("hz", c.server.settings.hz.load());
  line("configured_hz", c.server.settings.hz.load());
  line("lru_clock", c.now / 1000 & 0xFFFFFF);
  line("executable", Executable());
  line("config_file", "");
  line("io_threads_active", 0);
}

void Clients(Context& c, const api::Stats& stats, InfoLines& line) {
  line("connected_clients", stats.clients.connected);
  line("cluster_connections", 0);
  line("maxclients", c.server.settings.maxclients.load());
  line("client_recent_max_input_buffer", stats.clients.largest_input);
  line("client_recent_max_output_buffer", stats.clients.largest_output);
  line("blocked_clients", 0);
  line("tracking_clients", 0);
  line("clients_in_timeout_table", 0);
}

// There is no RDB or AOF file. The fields are those that clients check before they continue.
void Persistence(Context& c, const api::Stats&, InfoLines& line) {
  line.Zeros(
      {"loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age"});
  line.Ratio("current_fork_perc", 0);
  line.Zeros({"current_save_keys_processed", "current_save_keys_total",
              "rdb_changes_since_last_save", "rdb_bgsave_in_progress"});
  line("rdb_last_save_time", c.server.node.started_at.load() / 1000);
  line("rdb_last_bgsave_status", "ok");
  line("rdb_last_bgsave_time_sec", -1);
  line("rdb_current_bgsave_time_sec", -1);
  line.Zeros({"rdb_saves", "rdb_last_cow_size", "rdb_last_load_keys_expired",
              "rdb_last_load_keys_loaded", "aof_enabled", "aof_rewrite_in_progress",
              "aof_rewrite_scheduled"});
  line("aof_last_rewrite_time_sec", -1);
  line("aof_current_rewrite_time_sec", -1);
  line("aof_last_bgrewrite_status", "ok");
  line.Zeros({"aof_rewrites", "aof_rewrites_consecutive_failures"});
  line("aof_last_write_status", "ok");
  line.Zeros({"aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size"});
}

void Replication(Context& c, const api::Stats&, InfoLines& line) {
  line("role", "master");
  line("connected_slaves", 0);
  line("master_failover_state", "no-failover");
  line("master_replid", std::string_view(c.server.replication_id));
  line("master_replid2", std::string(c.server.replication_id.size(), '0'));
  line("master_repl_offset", 0);
  line("second_repl_offset", -1);
  line("repl_backlog_active", 0);
  line("repl_backlog_size", 1 << 20);
  line.Zeros({"repl_backlog_first_byte_offset", "repl_backlog_histlen"});
}

void Cpu(Context&, const api::Stats&, InfoLines& line) {
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

void Modules(Context&, const api::Stats&, InfoLines&) {}

void Cluster(Context&, const api::Stats&, InfoLines& line) { line("cluster_enabled", 0); }

// avg_ttl is the mean time to live of the keys that have not expired: exact for up to some thousand
// keys, estimated from a sample above (store::ExpiryEstimate). In Redis it is an average over the active
// expire cycles, 0 while those are off.
void KeyspaceSection(Context&, const api::Stats& stats, InfoLines& line) {
  const store::ExpiryEstimate& estimate = stats.expiry;
  if (estimate.keys == 0) return;
  line.Append(absl::StrCat("db0:keys=", estimate.keys, ",expires=", estimate.keys_with_deadline,
                           ",avg_ttl=", estimate.mean_ttl_ms, "\r\n"));
}

// A section of this program only. The figures of expired keys come from a sample unless
// expired_unreleased_exact is 1.
void Expiry(Context&, const api::Stats& stats, InfoLines& line) {
  const store::ExpiryEstimate& estimate = stats.expiry;
  line("keys_with_deadline", estimate.keys_with_deadline);
  line("keys_without_deadline", estimate.keys - estimate.keys_with_deadline);
  line("expired_unreleased_keys", estimate.expired_keys);
  line("expired_unreleased_bytes", estimate.expired_bytes);
  line("expired_unreleased_exact", estimate.exact ? 1 : 0);
}

struct Section {
  std::string_view name;
  std::string_view title;
  void (*write)(Context&, const api::Stats&, InfoLines&);
  api::StatsParts reads = {};
};
constexpr Section kSections[] = {
    {"server", "Server", &Server},
    {"clients", "Clients", &Clients, {.clients = true}},
    {"memory", "Memory", &MemorySection, {.memory = true, .clients = true}},
    {"persistence", "Persistence", &Persistence},
    {"stats", "Stats", &StatsSection, {.keys = true, .rates = true}},
    {"replication", "Replication", &Replication},
    {"cpu", "CPU", &Cpu},
    {"modules", "Modules", &Modules},
    {"cluster", "Cluster", &Cluster},
    {"keyspace", "Keyspace", &KeyspaceSection, {.expiry = true}},
    {"expiry", "Expiry", &Expiry, {.expiry = true}},
};

bool Wanted(const Section& section, Arguments asked) {
  return asked.empty() || std::any_of(asked.begin(), asked.end(), [&](std::string_view word) {
           return IsWord(word, section.name) || IsWord(word, "default") || IsWord(word, "all") ||
                  IsWord(word, "everything");
         });
}

}  // namespace

void Info(Context& c) {
  std::vector<const Section*> wanted;
  api::StatsParts parts;
  for (const Section& section : kSections) {
    if (!Wanted(section, c.args.subspan(1))) continue;
    wanted.push_back(&section);
    parts = parts | section.reads;
  }
  const api::Stats stats = c.server.node.TakeStats(parts, c.now);
  InfoLines lines;
  for (const Section* section : wanted) {
    if (!lines.text().empty()) lines.Append("\r\n");
    lines.Append(absl::StrCat("# ", ToAbsl(section->title), "\r\n"));
    section->write(c, stats, lines);
  }
  c.reply.Verbatim("txt", lines.text());
}

}  // namespace dcs::resp::commands
