#include "tools/serve/time_source.h"

#include <algorithm>
#include <utility>

#include "api/asio_scheduler.h"

namespace dcs::tools {

TimeSource::TimeSource(boost::asio::io_context& io, const ServeOptions& options,
                       const std::optional<api::ClockState>& saved)
    : rate_(options.time_scale.value_or(0)),
      real_scheduler_(std::make_unique<api::AsioScheduler>(io, real_)),
      scheduler_(real_scheduler_.get()) {
  if (!options.time_is_steered()) return;
  steered_clock_ = std::make_unique<store::SteeredClock>(
      saved ? std::min(saved->start, store::SteeredClock::kEnd) : real_.Now());
  if (saved) steered_clock_->RaiseGoal(saved->now);
  auto steered = std::make_unique<api::SteeredScheduler>(io, *steered_clock_);
  steered_ = steered.get();
  steered_scheduler_ = std::move(steered);
  scheduler_ = steered_;
  const double rate = saved && !options.time_scale ? saved->rate : rate_;
  steered_->SetRate(rate).IgnoreError();  // the rate has been checked
}

api::ClockState TimeSource::state() const {
  api::ClockState state{.is_virtual = steered_ != nullptr, .now = clock().Now()};
  if (steered_ == nullptr) return state;
  state.start = steered_->start();
  state.rate = rate_at_stop_.value_or(steered_->rate());
  return state;
}

void TimeSource::AddChangeListener(std::function<void()> listener) {
  if (steered_ != nullptr) steered_->change_listeners().Add(std::move(listener));
}

void TimeSource::Restart() {
  if (steered_ == nullptr) return;
  steered_->Restart();
  steered_->SetRate(rate_).IgnoreError();
}

void TimeSource::Stop() {
  if (steered_ == nullptr) return;
  if (!rate_at_stop_) rate_at_stop_ = steered_->rate();
  steered_->Stop();
}

}  // namespace dcs::tools
