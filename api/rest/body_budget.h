// A bound on the total memory of all request bodies of a server.
//
//   BodyBudget budget(64 << 20);
//   BodyBudget::Share share(budget);            // one for each request
//   if (!share.GrowTo(new_capacity)) refuse();  // before the buffer grows
//
// The first kFree bytes of each body are not counted, so ordinary requests pass while large bodies
// use up the budget. All bodies together take at most the limit plus kFree for each connection.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>

namespace dcs::rest {

class BodyBudget {
 public:
  static constexpr size_t kFree = 64 << 10;

  // The share of one body. Must not outlive the budget.
  class Share {
   public:
    explicit Share(BodyBudget& budget) : budget_(budget) {}
    ~Share() { Release(); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // Sets this body's size to `bytes`. Returns false, and changes nothing, if the budget's limit
    // would be exceeded. REQUIRES: `bytes` does not shrink.
    bool GrowTo(size_t bytes);
    void Release();

   private:
    BodyBudget& budget_;
    size_t counted_ = 0;
  };

  explicit BodyBudget(size_t limit) : limit_(limit) {}

  // Bytes counted now.
  size_t used() const { return used_; }

 private:
  const size_t limit_;
  size_t used_ = 0;
};

}  // namespace dcs::rest
