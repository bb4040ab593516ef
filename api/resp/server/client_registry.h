// The connected clients, for CLIENT LIST, CLIENT KILL and the limit on clients.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "api/resp/server/client.h"

namespace dcs::resp {

// Thread safety: all members may be called from any thread. Only Add and All allocate.
class ClientRegistry {
 public:
  // Never given twice, from 1 on.
  int64_t NextId() { return next_id_.fetch_add(1, std::memory_order_relaxed); }

  void Add(std::shared_ptr<Client> client) {
    const std::lock_guard lock(mutex_);
    const int64_t id = client->id;
    clients_.emplace(id, std::move(client));
  }
  void Remove(int64_t id) {
    const std::lock_guard lock(mutex_);
    clients_.erase(id);
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return clients_.size();
  }
  // Calls visit(const Client&) for every client, oldest first, under the registry's mutex. `visit`
  // must not call the registry. Client::close may be called.
  template <typename Visit>
  void ForEach(Visit visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, client] : clients_) visit(*client);
  }
  // All clients, oldest first, that is by ascending ID. O(clients).
  std::vector<std::shared_ptr<Client>> All() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Client>> all;
    all.reserve(clients_.size());
    for (const auto& [id, client] : clients_) all.push_back(client);
    return all;
  }

 private:
  std::atomic<int64_t> next_id_{1};
  mutable std::mutex mutex_;
  std::map<int64_t, std::shared_ptr<Client>> clients_;  // guarded by mutex_
};

}  // namespace dcs::resp
