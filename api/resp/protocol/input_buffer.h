// The bytes of one connection that have been received and not yet consumed.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>

namespace dcs::resp {

// A read may be under way into the room that Prepare gave while earlier bytes are consumed: only
// Prepare and Release move or free anything.
//
// Thread safety: none; one connection's. Views stay valid until the next Prepare or Release.
// Grows by doubling, as bytes arrive; pages that were never written cost no memory.
class InputBuffer {
 public:
  std::string_view unread() const { return {bytes_.get() + begin_, end_ - begin_}; }
  size_t capacity() const { return capacity_; }

  // Returns room for at least `least` more bytes. Moves the unread bytes to the front if that
  // suffices.
  std::span<char> Prepare(size_t least) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ - end_ < least && begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (capacity_ - end_ < least) Grow(end_ + least);
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void Commit(size_t received) { end_ += received; }
  void Consume(size_t count) { begin_ += count; }

  // Gives the memory back if nothing is unread and it is more than `kept`. REQUIRES: no read is
  // under way.
  void Release(size_t kept) {
    if (begin_ != end_ || capacity_ <= kept) return;
    bytes_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  // realloc moves large buffers by remapping their pages instead of copying.
  void Grow(size_t least) {
    const size_t wanted = least > 2 * capacity_ ? least : 2 * capacity_;
    char* grown = static_cast<char*>(std::realloc(bytes_.get(), wanted));
    if (grown == nullptr) throw std::bad_alloc();
    static_cast<void>(bytes_.release());
    bytes_.reset(grown);
    capacity_ = wanted;
  }

  std::unique_ptr<char, Free> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace dcs::resp
