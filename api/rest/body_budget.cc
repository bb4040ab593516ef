#include "api/rest/body_budget.h"

#include <algorithm>
#include <cassert>

namespace dcs::rest {

bool BodyBudget::Share::GrowTo(size_t bytes) {
  const size_t counted = std::max(bytes, kFree) - kFree;
  assert(counted >= counted_ && "GrowTo: a body does not shrink");
  const size_t more = counted - counted_;
  if (more > budget_.limit_ - budget_.used_) return false;
  budget_.used_ += more;
  counted_ = counted;
  return true;
}

void BodyBudget::Share::Release() {
  budget_.used_ -= counted_;
  counted_ = 0;
}

}  // namespace dcs::rest
