#include "store/memory/lazy_free.h"

#include <malloc.h>

#include <new>
#include <system_error>
#include <utility>

namespace dcs::store {

LazyFree::LazyFree(bool with_thread) {
  if (!with_thread) return;
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    in_place_ = true;
  } catch (const std::bad_alloc&) {
    in_place_ = true;
  }
}

LazyFree::~LazyFree() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  Drain();
}

bool LazyFree::MakeItem() {
  if (in_place_ || queue_.size() >= kQueueBound) return false;
  try {
    queue_.emplace_back();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void LazyFree::Queue(std::unique_ptr<Garbage> garbage, size_t objects, size_t bytes) noexcept {
  std::unique_lock lock(mutex_);
  if (!MakeItem()) {
    counters_.freed_objects += objects;
    lock.unlock();
    garbage.reset();
    return;
  }
  counters_.pending_objects += objects;
  counters_.pending_bytes += bytes;
  queue_.back() = {std::move(garbage), objects, bytes};
  lock.unlock();
  changed_.notify_all();
}

void LazyFree::NoteFreed(size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    freed_since_trim_ += bytes;
    if (!WorthTrimming()) return;
  }
  changed_.notify_all();
}

void LazyFree::Drain() {
  std::unique_lock lock(mutex_);
  while (!queue_.empty()) DestroyFirst(lock);
  Trim(lock);
  changed_.wait(lock, [this] { return in_hand_ == 0; });
}

LazyFree::Counters LazyFree::counters() const {
  std::lock_guard lock(mutex_);
  return counters_;
}

void LazyFree::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty() || WorthTrimming(); });
    if (stopping_) return;  // what is left is the destructor's
    if (!queue_.empty()) DestroyFirst(lock);
    if (queue_.empty()) Trim(lock);
  }
}

void LazyFree::Trim(std::unique_lock<std::mutex>& lock) {
  if (!WorthTrimming()) return;
  freed_since_trim_ = 0;
  ++in_hand_;
  lock.unlock();
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  lock.lock();
  --in_hand_;
  changed_.notify_all();
}

void LazyFree::DestroyFirst(std::unique_lock<std::mutex>& lock) {
  Item item = std::move(queue_.front());
  queue_.pop_front();
  ++in_hand_;
  lock.unlock();
  item.garbage.reset();
  lock.lock();
  --in_hand_;
  counters_.pending_objects -= item.objects;
  counters_.pending_bytes -= item.bytes;
  freed_since_trim_ += item.bytes;
  counters_.freed_objects += item.objects;
  changed_.notify_all();
}

}  // namespace dcs::store
