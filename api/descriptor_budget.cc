#include "api/descriptor_budget.h"

#include <sys/resource.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace dcs::api {
namespace {

constexpr int64_t kAssumedLimit = 1024;
// Standard streams, event loops, a directory and some files of it, and some to spare.
constexpr int64_t kOwn = 64;

}  // namespace

int64_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kAssumedLimit;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, kMostDescriptors);
  if (limit.rlim_cur < wanted) {
    const rlimit raised{wanted, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit.rlim_cur = wanted;
  }
  return static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, kMostDescriptors));
}

absl::StatusOr<DescriptorPlan> PlanDescriptors(int64_t limit, int64_t http_connections,
                                               int64_t instances) {
  DescriptorPlan plan;
  plan.limit = limit;
  plan.http_connections = std::min(http_connections, limit / 4);
  plan.own = kOwn + std::min(instances, limit / 8);
  plan.redis_clients = limit - plan.http_connections - plan.own;
  if (plan.redis_clients < 1) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a limit of ", limit,
                     " open files leaves none for Redis clients: raise "
                     "'ulimit -n'"));
  }
  return plan;
}

}  // namespace dcs::api
