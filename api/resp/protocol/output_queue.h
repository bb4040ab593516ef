// The output of one connection that its socket has not taken: replies and delivered messages, in
// order.
//
// Replies are appended to one open block. A block that has become large is closed and waits in a
// list, so what waits is never copied and its memory is freed block by block. A large message is a
// block of its own that other connections share.
//
// Thread safety: none; one connection's. Cost: O(1), except for the bytes appended.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace dcs::resp {

class OutputQueue {
 public:
  // Blocks of at least this many bytes are closed.
  static constexpr size_t kBlockBytes = size_t{256} << 10;
  // A message of fewer bytes is copied: a block of its own would cost a list node and a write.
  static constexpr size_t kSharedBytes = size_t{4} << 10;

  // Append replies here. Invalidates views of `front`.
  std::string& open() { return open_; }
  // Closes the open block if it is large. Call it after each command. Throws std::bad_alloc;
  // nothing is lost.
  void CloseLarge() {
    if (open_.size() >= kBlockBytes) CloseOpen();
  }
  // Appends a message. REQUIRES: it is not empty. Throws std::bad_alloc; nothing is appended then.
  void Append(std::shared_ptr<const std::string> message) {
    if (message->size() < kSharedBytes) {
      open_.append(*message);
      return CloseLarge();
    }
    if (!open_.empty()) CloseOpen();
    closed_.emplace_back();
    closed_bytes_ += message->size();
    closed_.back().shared = std::move(message);
  }

  size_t size() const { return closed_bytes_ + open_.size() - taken_; }
  bool empty() const { return size() == 0; }
  size_t closed_blocks() const { return closed_.size(); }

  // The bytes to write next. Empty only if there are none.
  std::string_view front() const {
    return (closed_.empty() ? std::string_view(open_) : closed_.front().bytes()).substr(taken_);
  }
  // The first `count` bytes of `front` have been written. Does not throw.
  // REQUIRES: count <= front().size().
  void Consume(size_t count) {
    taken_ += count;
    if (!closed_.empty() && taken_ == closed_.front().bytes().size()) {
      closed_bytes_ -= taken_;
      taken_ = 0;
      std::string& done = closed_.front().own;
      if (open_.empty() && done.capacity() > open_.capacity() &&
          done.capacity() <= 2 * kBlockBytes) {
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
  struct Block {
    std::string own;
    std::shared_ptr<const std::string> shared;  // nullptr: `own` holds the bytes
    std::string_view bytes() const { return shared == nullptr ? own : *shared; }
  };

  void CloseOpen() {
    closed_.emplace_back();
    closed_.back().own.swap(open_);
    closed_bytes_ += closed_.back().own.size();
  }

  std::list<Block> closed_;  // the oldest first; none is empty
  size_t closed_bytes_ = 0;
  std::string open_;
  size_t taken_ = 0;  // of the first block
};

}  // namespace dcs::resp
