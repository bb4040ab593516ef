// The section "memory" of INFO.
//
// used_memory counts keys, values and index, as maxmemory does (store::MemoryUse). The allocator's
// figures count the memory that the keyspace holds from the system. Redis includes its program,
// clients and scripts in used_memory. Here only used_memory_rss includes them: it is the resident
// size of the whole process.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "api/resp/commands/info_sections.h"

namespace dcs::resp {
namespace {

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

uint64_t SystemBytes() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

double Share(size_t part, size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// How much more memory is held than used: Redis's used_memory_rss / used_memory, whose used_memory has the
// program itself in it. So what the process holds beside this keyspace counts as used here. 1.00 means that
// all is used.
double FragmentationRatio(const store::MemoryUse& use, uint64_t rss) {
  const size_t resident = use.resident();
  const uint64_t beside = rss > resident ? rss - resident : 0;
  return Share(beside + resident, beside + use.used());
}

}  // namespace

void MemorySection(Context& c, const api::Stats& stats, InfoLines& line) {
  const store::MemoryUse& use = stats.memory;
  const store::LazyFree::Counters& lazy = stats.lazy_free;
  const Settings& settings = c.server.settings;
  const std::string_view policy_name = "maxmemory-policy";
  const std::string policy = settings.Matching({&policy_name, 1}).front().second;
  const uint64_t rss = ResidentBytes();
  const size_t used = use.used(), allocated = use.allocated(), active = use.active(),
               resident = use.resident();
  const size_t peak = stats.peak_used_bytes;
  line.Bytes("used_memory", used);
  line.Bytes("used_memory_rss", rss);
  line.Bytes("used_memory_peak", peak);
  line.Percent("used_memory_peak_perc", Share(used, peak));
  line("used_memory_overhead", use.used_index_bytes);
  line("used_memory_startup", 0);
  line("used_memory_dataset", used - use.used_index_bytes);
  line.Percent("used_memory_dataset_perc", Share(used - use.used_index_bytes, used));
  line("used_memory_index", use.used_index_bytes);
  line("used_memory_log", use.log_bytes);
  line("used_memory_log_live", use.live_log_bytes);
  line("used_memory_heap", use.heap_bytes);
  line("used_memory_lazyfree", use.lazy_free_bytes);
  line("allocator_allocated", allocated);
  line("allocator_active", active);
  line("allocator_resident", resident);
  line.Bytes("total_system_memory", SystemBytes());
  line.Bytes("used_memory_lua", 0);
  line.Bytes("used_memory_vm_total", 0);
  line.Bytes("used_memory_scripts", 0);
  line.Zeros({"used_memory_vm_eval", "used_memory_scripts_eval", "number_of_cached_scripts",
              "number_of_functions", "number_of_libraries", "used_memory_vm_functions",
              "used_memory_functions"});
  line.Bytes("maxmemory", static_cast<uint64_t>(settings.maxmemory.load()));
  line("maxmemory_policy", std::string_view(policy));
  line.Ratio("allocator_frag_ratio", Share(active, allocated));
  line("allocator_frag_bytes", active - allocated);
  line.Ratio("allocator_rss_ratio", Share(resident, active));
  line("allocator_rss_bytes", resident - active);
  line("rss_overhead_bytes", rss - std::min<uint64_t>(rss, resident));
  line.Ratio("mem_fragmentation_ratio", FragmentationRatio(use, rss));
  line("mem_fragmentation_bytes", resident - used);
  line.Zeros({"mem_not_counted_for_evict", "mem_replication_backlog",
              "mem_total_replication_buffers", "mem_clients_slaves"});
  line("mem_clients_normal", stats.clients.buffers);
  line.Zeros({"mem_cluster_links", "mem_aof_buffer"});
  line("mem_allocator", "libc");
  line("active_defrag_running", 0);
  line("lazyfree_pending_objects", lazy.pending_objects);
  line("lazyfree_pending_bytes", lazy.pending_bytes);
  line("lazyfreed_objects", lazy.freed_objects);
}

}  // namespace dcs::resp
