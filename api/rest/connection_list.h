// The connections of a server, in the order in which they are closed to make room for new clients.
//
// A connection that waits for its client's next request is closed first, then one that waits for
// its client to close, then one that is reading a head, then one that is reading a body. Among
// equals, the one longest in its state is closed first. A connection that is being answered is
// never closed.
//
// Thread safety: one thread. Cost: O(1) for each function; only Add allocates.
#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <list>

namespace dcs::rest {

template <class Connection>
class ConnectionList {
 public:
  enum class Use { kIdle, kLingering, kReadingHead, kReadingBody, kAnswering, kCount };
  class Place {
   public:
    Use use() const { return use_; }

   private:
    friend class ConnectionList;
    typename std::list<Connection*>::iterator at_;
    Use use_ = Use::kIdle;
    bool listed_ = false;
  };

  void Add(Connection* connection, Place& place) {
    std::list<Connection*>& idle = Of(Use::kIdle);
    idle.push_back(connection);
    place.at_ = std::prev(idle.end());
    place.use_ = Use::kIdle;
    place.listed_ = true;
    ++size_;
  }
  // Begins a state: the connection is the youngest in it.
  void Move(Place& place, Use use) noexcept {
    if (place.listed_) Of(use).splice(Of(use).end(), Of(place.use_), place.at_);
    place.use_ = use;
  }
  // Does nothing if the connection is not listed.
  void Remove(Place& place) noexcept {
    if (!place.listed_) return;
    Of(place.use_).erase(place.at_);
    place.listed_ = false;
    --size_;
  }

  size_t size() const { return size_; }
  // The connection to close first; nullptr if all are being answered.
  Connection* First() const {
    for (size_t use = 0; use < static_cast<size_t>(Use::kAnswering); ++use) {
      if (!lists_[use].empty()) return lists_[use].front();
    }
    return nullptr;
  }
  template <class Function>
  void ForEach(Function function) {
    for (const auto& list : lists_) {
      for (Connection* connection : list) function(*connection);
    }
  }

 private:
  std::list<Connection*>& Of(Use use) { return lists_[static_cast<size_t>(use)]; }

  std::array<std::list<Connection*>, static_cast<size_t>(Use::kCount)> lists_;
  size_t size_ = 0;
};

}  // namespace dcs::rest
