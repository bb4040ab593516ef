#include "scanner/natural_deletion.h"

#include <algorithm>
#include <new>
#include <utility>

namespace dcs::scanner {
namespace {

// expire.c reads the time once per 16 loops, and moves its estimate of the stale share by a
// twentieth of the last cycle's share.
constexpr size_t kSamplesPerLookAtTime = 16;
constexpr double kWeightOfCycle = 0.05;

}  // namespace

NaturalDeletionPolicy RedisNaturalDeletion(const NaturalDeletionTuning& tuning) {
  const int64_t above_default = std::clamp<int64_t>(tuning.effort, 1, 10) - 1;
  const int64_t keys = std::clamp<int64_t>(tuning.keys, 1, 1000);
  // expire.c, for each step of effort above 1: samples of 20 keys grow by a quarter, the CPU share
  // of 25 % by 2 points, and a fast cycle of 1 ms by a quarter; the tolerated share of 10 % falls
  // by 1 point. At most 20 buckets per key requested.
  return {.name = "redis",
          .cycles_per_second = std::clamp<int64_t>(tuning.hz, 1, 500),
          .keys_per_sample = static_cast<size_t>(keys + keys / 4 * above_default),
          .slots_per_key = 20,
          .tolerated_share = static_cast<double>(10 - above_default) / 100.0,
          .cpu_share = static_cast<double>(25 + 2 * above_default) / 100.0,
          .fast_cycle_us = 1000 + 250 * above_default,
          .max_released_per_second = SIZE_MAX};
}

NaturalDeletionPolicy RedisNaturalDeletion(int effort) {
  return RedisNaturalDeletion(NaturalDeletionTuning{.effort = effort});
}

NaturalDeletionPolicy DcsNaturalDeletion(const NaturalDeletionTuning& tuning) {
  NaturalDeletionPolicy policy = RedisNaturalDeletion(tuning);
  policy.name = "dcs";
  policy.fast_cycle_us = 0;  // a fixed rate needs no fast cycles
  constexpr size_t kSamplesPerSecond = 500;
  policy.max_released_per_second = kSamplesPerSecond * policy.keys_per_sample;
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

int64_t NaturalDeletion::NextDelay() {
  const NaturalDeletionPolicy policy = policy_();
  const int64_t interval_ms = cycle_times_.Next(policy.cycles_per_second);
  // Redis also sets its timer after its work.
  if (policy.max_released_per_second == SIZE_MAX) return interval_ms;
  const store::TimeMs now = scheduler_.clock().Now();
  // At most one interval from now, even if the clock was set.
  due_ms_ = std::clamp(due_ms_.value_or(now) + interval_ms, now, now + interval_ms);
  return *due_ms_ - now;
}

void NaturalDeletion::ScheduleNext() {
  timer_ = scheduler_.After(NextDelay(), [this] {
    try {
      if (enabled()) {
        RunCycle();
        RunFastCycle();
      }
    } catch (const std::bad_alloc&) {
      // Ends this cycle early. The next one may find memory, because deleting keys frees some.
    }
    ScheduleNext();
  });
}

NaturalDeletion::CycleResult NaturalDeletion::RunCycle() {
  const NaturalDeletionPolicy policy = policy_();
  return Run(
      policy,
      static_cast<int64_t>(policy.cpu_share * 1e6 / static_cast<double>(policy.cycles_per_second)),
      ShareOfCycle(policy));
}

size_t NaturalDeletion::ShareOfCycle(const NaturalDeletionPolicy& policy) {
  const size_t rate = policy.max_released_per_second;
  if (rate == SIZE_MAX) return SIZE_MAX;
  const auto cycles = static_cast<size_t>(policy.cycles_per_second);
  // After a change of hz the rest may exceed one key.
  const size_t share = (rate + rate_rest_) / cycles;
  rate_rest_ = (rate + rate_rest_) % cycles;
  return std::min(share, released_.Left(rate, scheduler_.clock().Now()));
}

NaturalDeletion::CycleResult NaturalDeletion::RunFastCycle() {
  if (!wants_fast_cycle_) return {};
  const NaturalDeletionPolicy policy = policy_();
  return Run(policy, policy.fast_cycle_us, SIZE_MAX);
}

NaturalDeletion::CycleResult NaturalDeletion::Run(const NaturalDeletionPolicy& policy,
                                                  int64_t limit_us, size_t most_released) {
  CycleResult cycle;
  wants_fast_cycle_ = false;
  if (most_released == 0 || keyspace_.keys_with_deadline() == 0) return cycle;
  const int64_t started_us = meter_(work_);
  const store::TimeMs now = scheduler_.clock().Now();
  bool wrapped = false;
  while (true) {
    const store::SweepResult sample = keyspace_.Sample(
        position_, policy.keys_per_sample, policy.keys_per_sample * policy.slots_per_key, now,
        most_released - cycle.released);
    ++cycle.samples;
    cycle.looked_at += sample.with_deadline;
    cycle.released += sample.released;
    cycle.released_bytes += sample.released_bytes;
    work_.visited += sample.visited;
    work_.looked_at += sample.with_deadline;
    work_.released += sample.released;
    work_.released_bytes += sample.released_bytes;
    // One round over the keyspace is enough for one cycle, whatever the samples contain.
    if (sample.done && std::exchange(wrapped, true)) break;
    const bool many_expired = static_cast<double>(sample.released) >
                              policy.tolerated_share * static_cast<double>(sample.with_deadline);
    // Redis ignores a sample without any key with a deadline and takes the next one.
    if (sample.with_deadline > 0 && !many_expired) break;
    if (cycle.released >= most_released) break;
    if (cycle.samples % kSamplesPerLookAtTime == 0 && meter_(work_) - started_us > limit_us) {
      cycle.ran_out_of_time = true;
      break;
    }
  }
  if (policy.max_released_per_second != SIZE_MAX) released_.Note(cycle.released, now);
  double stale_share = stale_share_.load(std::memory_order_relaxed);
  if (cycle.looked_at > 0) {
    const double stale = static_cast<double>(cycle.released) / static_cast<double>(cycle.looked_at);
    stale_share += (stale - stale_share) * kWeightOfCycle;
    stale_share_.store(stale_share, std::memory_order_relaxed);
  }
  time_cap_hits_.fetch_add(cycle.ran_out_of_time ? 1 : 0, std::memory_order_relaxed);
  busy_us_.fetch_add(meter_(work_) - started_us, std::memory_order_relaxed);
  wants_fast_cycle_ =
      policy.fast_cycle_us > 0 && (cycle.ran_out_of_time || stale_share >= policy.tolerated_share);
  return cycle;
}

}  // namespace dcs::scanner
