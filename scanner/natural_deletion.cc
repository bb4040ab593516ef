#include "scanner/natural_deletion.h"

#include <algorithm>
#include <utility>

namespace dcs::scanner {

NaturalDeletionPolicy RedisNaturalDeletion(const NaturalDeletionTuning& tuning) {
  const int64_t above_default = std::clamp<int64_t>(tuning.effort, 1, 10) - 1;
  const int64_t keys = std::clamp<int64_t>(tuning.keys, 1, 1000);
  // expire.c: 20 keys a loop and a quarter of that more for each step of effort, 25 % of the CPU
  // and 2 more for each, 10 % tolerated and 1 less for each; at most 20 buckets for each key asked
  // for.
  return {.name = "redis",
          .cycles_per_second = std::clamp<int64_t>(tuning.hz, 1, 500),
          .keys_per_sample = static_cast<size_t>(keys + keys / 4 * above_default),
          .slots_per_key = 20,
          .tolerated_share = static_cast<double>(10 - above_default) / 100.0,
          .cpu_share = static_cast<double>(25 + 2 * above_default) / 100.0,
          .max_released_per_cycle = SIZE_MAX};
}

NaturalDeletionPolicy RedisNaturalDeletion(int effort) {
  return RedisNaturalDeletion(NaturalDeletionTuning{.effort = effort});
}

NaturalDeletionPolicy DcsNaturalDeletion(const NaturalDeletionTuning& tuning) {
  NaturalDeletionPolicy policy = RedisNaturalDeletion(tuning);
  policy.name = "dcs";
  constexpr size_t kSamplesPerSecond = 500;
  policy.max_released_per_cycle = std::max<size_t>(
      kSamplesPerSecond * policy.keys_per_sample / static_cast<size_t>(policy.cycles_per_second),
      1);
  return policy;
}

NaturalDeletion::NaturalDeletion(Scheduler& scheduler, store::Keyspace& keyspace,
                                 PolicySource policy, WorkMeter meter)
    : scheduler_(scheduler),
      keyspace_(keyspace),
      policy_(std::move(policy)),
      meter_(std::move(meter)) {}

NaturalDeletion::NaturalDeletion(Scheduler& scheduler, store::Keyspace& keyspace,
                                 const NaturalDeletionPolicy& policy, WorkMeter meter)
    : NaturalDeletion(
          scheduler, keyspace, [policy] { return policy; }, std::move(meter)) {}

NaturalDeletion::~NaturalDeletion() { Stop(); }

void NaturalDeletion::Start() {
  if (timer_ == 0) ScheduleNext();
}

void NaturalDeletion::Stop() {
  if (timer_ != 0) scheduler_.Cancel(std::exchange(timer_, 0));
}

void NaturalDeletion::ScheduleNext() {
  timer_ = scheduler_.After(1000 / policy_().cycles_per_second, [this] {
    if (enabled()) RunCycle();
    ScheduleNext();
  });
}

NaturalDeletion::CycleResult NaturalDeletion::RunCycle() {
  CycleResult cycle;
  if (keyspace_.keys_with_deadline() == 0) return cycle;
  const NaturalDeletionPolicy policy = policy_();
  const auto limit_us =
      static_cast<int64_t>(policy.cpu_share * 1e6 / static_cast<double>(policy.cycles_per_second));
  const int64_t started_us = meter_(looked_at_);
  const store::TimeMs now = scheduler_.clock().Now();
  bool wrapped = false;
  while (true) {
    const store::SweepResult sample = keyspace_.Sample(
        position_, policy.keys_per_sample, policy.keys_per_sample * policy.slots_per_key, now);
    ++cycle.samples;
    cycle.looked_at += sample.with_deadline;
    cycle.released += sample.released;
    looked_at_ += sample.visited;
    // Once around is enough for one cycle, whatever the samples say.
    if (sample.done && std::exchange(wrapped, true)) break;
    const bool many_expired = static_cast<double>(sample.released) >
                              policy.tolerated_share * static_cast<double>(sample.with_deadline);
    // As in Redis, a sample without any key with a deadline says nothing: look further.
    if (sample.with_deadline > 0 && !many_expired) break;
    if (cycle.released >= policy.max_released_per_cycle) break;
    if (meter_(looked_at_) - started_us > limit_us) {
      cycle.ran_out_of_time = true;
      break;
    }
  }
  return cycle;
}

}  // namespace dcs::scanner
