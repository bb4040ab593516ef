// The process's file descriptors, and the share of them that Redis clients may use.
//
//   const DescriptorPlan plan = PlanDescriptors(RaiseDescriptorLimit(), http_connections, instances);
//   auto budget = std::make_shared<DescriptorBudget>(plan.redis_clients);
//   std::optional<DescriptorBudget::Place> place = budget->Take();   // nullopt: refuse the client
//
// The rest of the descriptors stays free for the API, the listening sockets and the files of the
// state directory, so idle Redis clients cannot block them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"

namespace dcs::api {

// Raises the soft limit of open files to the hard limit, at most kMostDescriptors. Returns the limit
// in force: 1,024 if the system does not tell it. Thread safety: call it before threads start.
inline constexpr int64_t kMostDescriptors = int64_t{1} << 20;
int64_t RaiseDescriptorLimit();

// How `limit` descriptors are shared. All counts are descriptors.
struct DescriptorPlan {
  int64_t limit = 0;
  int64_t http_connections = 0;
  int64_t own = 0;  // listening sockets, event loops, logs, files of the state directory
  int64_t redis_clients = 0;
};

// Shares `limit` descriptors. HTTP gets `http_connections`, but at most a quarter; `instances` is how
// many listening sockets there may be, for which at most an eighth is kept. Errors:
// kResourceExhausted if nothing is left for Redis clients.
absl::StatusOr<DescriptorPlan> PlanDescriptors(int64_t limit, int64_t http_connections,
                                               int64_t instances);

// Counts the descriptors that the Redis clients of all nodes use.
//
// Thread safety: all members may be called from any thread. No member allocates or throws.
class DescriptorBudget : public std::enable_shared_from_this<DescriptorBudget> {
 public:
  // One client's descriptor, returned to the budget when the place is destroyed.
  class Place {
   public:
    explicit Place(std::shared_ptr<DescriptorBudget> budget) : budget_(std::move(budget)) {}
    ~Place() { Return(); }
    Place(Place&& other) noexcept : budget_(std::move(other.budget_)) {}
    Place& operator=(Place&& other) noexcept {
      if (this != &other) {
        Return();
        budget_ = std::move(other.budget_);
      }
      return *this;
    }
    void Return() {
      if (const auto budget = std::exchange(budget_, nullptr)) {
        budget->used_.fetch_sub(1, std::memory_order_relaxed);
      }
    }

   private:
    std::shared_ptr<DescriptorBudget> budget_;
  };

  // `clients`: most Redis clients at the same time.
  explicit DescriptorBudget(int64_t clients) : clients_(clients) {}

  int64_t clients() const { return clients_; }
  int64_t used() const { return used_.load(std::memory_order_relaxed); }

  // nullopt if all descriptors are in use. REQUIRES: the budget is owned by a shared_ptr.
  std::optional<Place> Take() {
    if (used_.fetch_add(1, std::memory_order_relaxed) < clients_) return Place(shared_from_this());
    used_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }

 private:
  const int64_t clients_;
  std::atomic<int64_t> used_{0};
};

}  // namespace dcs::api
