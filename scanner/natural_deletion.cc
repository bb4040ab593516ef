#include "scanner/natural_deletion.h"

#include <algorithm>
#include <utility>

namespace dcs::scanner {

NaturalDeletionPolicy RedisNaturalDeletion(int effort) {
  const int above_default = std::clamp(effort, 1, 10) - 1;
  // expire.c: 20 keys a loop and a quarter of that more for each step of effort, 25 % of the CPU
  // and 2 more for each, 10 % tolerated and 1 less for each; at most 20 buckets for each key asked
  // for.
  return {.name = "redis",
          .cycles_per_second = 10,
          .keys_per_sample = static_cast<size_t>(20 + 20 / 4 * above_default),
          .slots_per_key = 20,
          .tolerated_share = (10 - above_default) / 100.0,
          .cpu_share = (25 + 2 * above_default) / 100.0,
          .max_released_per_cycle = SIZE_MAX};
}

NaturalDeletionPolicy DcsNaturalDeletion() {
  NaturalDeletionPolicy policy = RedisNaturalDeletion(1);
  policy.name = "dcs";
  policy.max_released_per_cycle = 1000;
  return policy;
}

NaturalDeletion::NaturalDeletion(Scheduler& scheduler, store::Keyspace& keyspace,
                                 const NaturalDeletionPolicy& policy, WorkMeter meter)
    : scheduler_(scheduler), keyspace_(keyspace), policy_(policy), meter_(std::move(meter)) {}

NaturalDeletion::~NaturalDeletion() { Stop(); }

void NaturalDeletion::Start() {
  if (timer_ == 0) ScheduleNext();
}

void NaturalDeletion::Stop() {
  if (timer_ != 0) scheduler_.Cancel(std::exchange(timer_, 0));
}

void NaturalDeletion::ScheduleNext() {
  timer_ = scheduler_.After(1000 / policy_.cycles_per_second, [this] {
    if (enabled()) RunCycle();
    ScheduleNext();
  });
}

NaturalDeletion::CycleResult NaturalDeletion::RunCycle() {
  CycleResult cycle;
  if (keyspace_.keys_with_deadline() == 0) return cycle;
  const auto limit_us = static_cast<int64_t>(policy_.cpu_share * 1e6 /
                                             static_cast<double>(policy_.cycles_per_second));
  const int64_t started_us = meter_(looked_at_);
  const store::TimeMs now = scheduler_.clock().Now();
  bool wrapped = false;
  while (true) {
    const store::SweepResult sample = keyspace_.Sample(
        position_, policy_.keys_per_sample, policy_.keys_per_sample * policy_.slots_per_key, now);
    ++cycle.samples;
    cycle.looked_at += sample.with_deadline;
    cycle.released += sample.released;
    looked_at_ += sample.visited;
    // Once around is enough for one cycle, whatever the samples say.
    if (sample.done && std::exchange(wrapped, true)) break;
    const bool many_expired = static_cast<double>(sample.released) >
                              policy_.tolerated_share * static_cast<double>(sample.with_deadline);
    // As in Redis, a sample without any key with a deadline says nothing: look further.
    if (sample.with_deadline > 0 && !many_expired) break;
    if (cycle.released >= policy_.max_released_per_cycle) break;
    if (meter_(looked_at_) - started_us > limit_us) {
      cycle.ran_out_of_time = true;
      break;
    }
  }
  return cycle;
}

}  // namespace dcs::scanner
