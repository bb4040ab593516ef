#include "scanner/natural_deletion.h"

#include <algorithm>
#include <new>
#include <utility>

namespace dcs::scanner {
namespace {

// expire.c looks at the time once in so many loops, and moves its estimate of the stale share by a
// twentieth of what a cycle saw.
constexpr size_t kSamplesPerLookAtTime = 16;
constexpr double kWeightOfCycle = 0.05;

}  // namespace

NaturalDeletionPolicy RedisNaturalDeletion(const NaturalDeletionTuning& tuning) {
  const int64_t above_default = std::clamp<int64_t>(tuning.effort, 1, 10) - 1;
  const int64_t keys = std::clamp<int64_t>(tuning.keys, 1, 1000);
  // expire.c: 20 keys a loop and a quarter of that more for each step of effort, 25 % of the CPU
  // and 2 more for each, 10 % tolerated and 1 less for each, 1 ms in a fast cycle and a quarter more
  // for each; at most 20 buckets for each key asked for.
  return {.name = "redis",
          .cycles_per_second = std::clamp<int64_t>(tuning.hz, 1, 500),
          .keys_per_sample = static_cast<size_t>(keys + keys / 4 * above_default),
          .slots_per_key = 20,
          .tolerated_share = static_cast<double>(10 - above_default) / 100.0,
          .cpu_share = static_cast<double>(25 + 2 * above_default) / 100.0,
          .fast_cycle_us = 1000 + 250 * above_default,
          .max_released_per_cycle = SIZE_MAX};
}

NaturalDeletionPolicy RedisNaturalDeletion(int effort) {
  return RedisNaturalDeletion(NaturalDeletionTuning{.effort = effort});
}

NaturalDeletionPolicy DcsNaturalDeletion(const NaturalDeletionTuning& tuning) {
  NaturalDeletionPolicy policy = RedisNaturalDeletion(tuning);
  policy.name = "dcs";
  policy.fast_cycle_us = 0;  // a rate is a rate
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
    try {
      if (enabled()) {
        RunCycle();
        RunFastCycle();
      }
    } catch (const std::bad_alloc&) {
      // This cycle ends early. The next one may find memory: deleting keys gives some back.
    }
    ScheduleNext();
  });
}

NaturalDeletion::CycleResult NaturalDeletion::RunCycle() {
  const NaturalDeletionPolicy policy = policy_();
  return Run(policy, static_cast<int64_t>(policy.cpu_share * 1e6 /
                                          static_cast<double>(policy.cycles_per_second)));
}

NaturalDeletion::CycleResult NaturalDeletion::RunFastCycle() {
  if (!wants_fast_cycle_) return {};
  const NaturalDeletionPolicy policy = policy_();
  return Run(policy, policy.fast_cycle_us);
}

NaturalDeletion::CycleResult NaturalDeletion::Run(const NaturalDeletionPolicy& policy,
                                                  int64_t limit_us) {
  CycleResult cycle;
  wants_fast_cycle_ = false;
  if (keyspace_.keys_with_deadline() == 0) return cycle;
  const int64_t started_us = meter_(looked_at_);
  const store::TimeMs now = scheduler_.clock().Now();
  bool wrapped = false;
  while (true) {
    const store::SweepResult sample = keyspace_.Sample(
        position_, policy.keys_per_sample, policy.keys_per_sample * policy.slots_per_key, now);
    ++cycle.samples;
    cycle.looked_at += sample.with_deadline;
    cycle.released += sample.released;
    cycle.released_bytes += sample.released_bytes;
    looked_at_ += sample.visited;
    // Once around is enough for one cycle, whatever the samples say.
    if (sample.done && std::exchange(wrapped, true)) break;
    const bool many_expired = static_cast<double>(sample.released) >
                              policy.tolerated_share * static_cast<double>(sample.with_deadline);
    // As in Redis, a sample without any key with a deadline says nothing: look further.
    if (sample.with_deadline > 0 && !many_expired) break;
    if (cycle.released >= policy.max_released_per_cycle) break;
    if (cycle.samples % kSamplesPerLookAtTime == 0 && meter_(looked_at_) - started_us > limit_us) {
      cycle.ran_out_of_time = true;
      break;
    }
  }
  if (cycle.looked_at > 0) {
    const double stale = static_cast<double>(cycle.released) / static_cast<double>(cycle.looked_at);
    stale_share_ += (stale - stale_share_) * kWeightOfCycle;
  }
  wants_fast_cycle_ =
      policy.fast_cycle_us > 0 && (cycle.ran_out_of_time || stale_share_ >= policy.tolerated_share);
  return cycle;
}

}  // namespace dcs::scanner
