// A list of functions to call when something happens.
//
//   Listeners<const Instance&> listeners;
//   const auto id = listeners.Add([](const Instance& instance) { ... });
//   listeners.Tell(instance);  // calls all listeners in the order of Add
//   listeners.Remove(id);
//
// A listener must not add or remove listeners, nor change the object that tells it.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace dcs::scanner {

template <typename... Arguments>
class Listeners {
 public:
  using Id = uint64_t;  // never 0

  Listeners() = default;
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  Id Add(std::function<void(Arguments...)> listener) {
    listeners_.emplace_back(++last_id_, std::move(listener));
    return last_id_;
  }
  // Does nothing if the ID is not in the list.
  void Remove(Id id) {
    std::erase_if(listeners_, [id](const auto& listener) { return listener.first == id; });
  }
  void Tell(Arguments... arguments) const {
    for (const auto& [id, listener] : listeners_) listener(arguments...);
  }

 private:
  Id last_id_ = 0;
  std::vector<std::pair<Id, std::function<void(Arguments...)>>> listeners_;
};

}  // namespace dcs::scanner
