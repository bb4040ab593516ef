#include "tools/time_source.h"

#include "api/asio_scheduler.h"

namespace dcs::tools {

TimeSource::TimeSource(boost::asio::io_context& io, const ServeOptions& options)
    : rate_(options.time_scale.value_or(0)) {
  if (!options.time_is_steered()) {
    scheduler_ = std::make_unique<api::AsioScheduler>(io, real_);
    return;
  }
  steered_clock_ = std::make_unique<store::SteeredClock>(real_.Now());
  auto steered = std::make_unique<api::SteeredScheduler>(io, *steered_clock_);
  steered_ = steered.get();
  scheduler_ = std::move(steered);
  steered_->SetRate(rate_).IgnoreError();  // the option is checked
}

void TimeSource::Restart() {
  if (steered_ == nullptr) return;
  steered_->Restart();
  steered_->SetRate(rate_).IgnoreError();
}

void TimeSource::Stop() {
  if (steered_ != nullptr) steered_->Stop();
}

}  // namespace dcs::tools
