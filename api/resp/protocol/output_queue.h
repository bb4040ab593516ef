// The replies of one connection that its socket has not taken.
//
// Replies are appended to one open block. A block that has become large is closed and waits in a
// list, so what waits is never copied and its memory is freed block by block.
//
// Thread safety: none; one connection's. Cost: O(1), but for the bytes appended.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace dcs::resp {

class OutputQueue {
 public:
  // Blocks of at least this many bytes are closed.
  static constexpr size_t kBlockBytes = size_t{256} << 10;

  // Append replies here. Views of `front` are invalid then.
  std::string& open() { return open_; }
  // Closes the open block if it is large. To be called after each command. Throws std::bad_alloc;
  // nothing is lost.
  void CloseLarge() {
    if (open_.size() < kBlockBytes) return;
    closed_.emplace_back();
    closed_.back().swap(open_);
    closed_bytes_ += closed_.back().size();
  }

  size_t size() const { return closed_bytes_ + open_.size() - taken_; }
  bool empty() const { return size() == 0; }

  // The bytes to write next. Empty only if there are none.
  std::string_view front() const {
    return std::string_view(closed_.empty() ? open_ : closed_.front()).substr(taken_);
  }
  // The first `count` bytes of `front` have been written. Does not throw.
  // REQUIRES: count <= front().size().
  void Consume(size_t count) {
    taken_ += count;
    if (!closed_.empty() && taken_ == closed_.front().size()) {
      closed_bytes_ -= taken_;
      taken_ = 0;
      std::string& done = closed_.front();
      if (open_.empty() && done.capacity() <= 2 * kBlockBytes) {
        open_.swap(done);  // its memory serves again
        open_.clear();
      }
      closed_.pop_front();
    } else if (closed_.empty() && taken_ == open_.size()) {
      open_.clear();
      taken_ = 0;
    }
  }

  // If nothing waits, gives back memory of more than `kept` bytes.
  void Release(size_t kept) {
    if (empty() && open_.capacity() > kept) std::string().swap(open_);
  }

 private:
  std::list<std::string> closed_;  // the oldest first; none is empty
  size_t closed_bytes_ = 0;
  std::string open_;
  size_t taken_ = 0;  // of the first block
};

}  // namespace dcs::resp
