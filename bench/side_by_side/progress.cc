#include "bench/side_by_side/progress.h"

#include <algorithm>

namespace dcs::bench {

void Progress::Begin(const std::string& part, size_t steps) {
  steps_ = std::max<size_t>(steps, 1);
  begun_ = 0;
  bar_.emplace(out_, part);
}

void Progress::Step(const std::string& what) {
  ++begun_;
  step_ = what;
  Show("");
}

void Progress::Detail(const std::string& detail) { Show("; " + detail); }

void Progress::End() {
  if (bar_) bar_->Finish(Elapsed());
  bar_.reset();
}

void Progress::Show(const std::string& detail) {
  if (!bar_ || begun_ == 0) return;
  const double share = static_cast<double>(begun_ - 1) / static_cast<double>(steps_);
  bar_->Show(share, Elapsed() + " " + step_ + detail);
}

std::string Progress::Elapsed() const {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start_)
          .count();
  char text[32];
  std::snprintf(text, sizeof(text), "%d:%02d", static_cast<int>(seconds / 60),
                static_cast<int>(seconds % 60));
  return text;
}

}  // namespace dcs::bench
