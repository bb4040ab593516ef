#include "tools/simulate/traffic.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dcs::simulate {
namespace {

constexpr uint64_t kTrafficSeed = ~uint64_t{0};  // differs from the groups' seeds
enum Lane : uint64_t { kArrivalLane = 1, kChoiceLane = 2 };

// Versions of a key's content: 0 is the load's; each stream writes its own.
uint64_t VersionOf(size_t stream, uint64_t command) { return Mix(stream + 1, command); }

}  // namespace

Traffic::Traffic(const Scenario& scenario, scanner::EventQueue& events, store::Keyspace& keyspace,
                 NodeCpu& cpu, ExpiryLedger& ledger)
    : scenario_(scenario), events_(events), keyspace_(keyspace), cpu_(cpu), ledger_(ledger) {
  for (size_t g = 0; g < scenario.groups.size(); ++g) {
    makers_.push_back(std::make_unique<KeyMaker>(scenario.groups[g], GroupSeed(scenario, g)));
    keys_.push_back(scenario.groups[g].keys);
  }
  streams_.reserve(scenario.traffic.size());
  for (const TrafficStream& plan : scenario.traffic) {
    const uint64_t seed = Mix(Mix(scenario.seed, kTrafficSeed), streams_.size());
    Stream& stream = streams_.emplace_back(
        Stream{.plan = plan,
               .place = streams_.size(),
               .maker = *makers_[plan.group],
               .keys = keys_[plan.group],
               .zipf = plan.zipf_exponent ? std::optional<Zipf>(*plan.zipf_exponent) : std::nullopt,
               .arrivals = Arrivals(plan.rate, Mix(seed, kArrivalLane)),
               .random = Random(Mix(seed, kChoiceLane))});
    stream.next_ns = stream.arrivals.NextNs(scenario.duration_ms);
  }
}

Traffic::Stream* Traffic::Earliest() {
  Stream* earliest = nullptr;
  for (Stream& stream : streams_) {
    if (stream.next_ns == kNever) continue;
    if (earliest == nullptr || stream.next_ns < earliest->next_ns) earliest = &stream;
  }
  return earliest;
}

absl::Status Traffic::RunUntil(TimeMs until_ms, Answered answered) {
  const int64_t until_ns = until_ms * kNsPerMs;
  while (true) {
    Stream* const next = Earliest();
    const int64_t command_ns = next != nullptr ? next->next_ns : kNever;
    const int64_t fill_ns = fills_.empty() ? kNever : fills_.top().at_ns;
    const int64_t at_ns = std::min(command_ns, fill_ns);
    if (at_ns >= until_ns) return absl::OkStatus();
    events_.RunUntil(at_ns / kNsPerMs);
    if (fill_ns <= command_ns) {
      const Fill fill = fills_.top();
      fills_.pop();
      Stream& stream = streams_[fill.stream];
      ++stream.counts.fills;
      --stream.waiting;
      if (absl::Status done = Write(stream, fill.number, at_ns); !done.ok()) {
        return done;
      }
    } else {
      ++next->commands;
      next->next_ns = next->arrivals.NextNs(scenario_.duration_ms);
      if (next->random.Unit() < next->plan.read_share) {
        Read(*next, at_ns);
      } else {
        const uint64_t number = next->plan.writes_new_keys ? next->keys++ : PickKey(*next);
        if (absl::Status done = Write(*next, number, at_ns); !done.ok()) return done;
      }
    }
    answered(cpu_.free_at_ns());
  }
}

uint64_t Traffic::PickKey(Stream& stream) {
  if (stream.keys == 0) return 0;
  const uint64_t rank = stream.zipf ? stream.zipf->Draw(stream.keys, stream.random)
                                    : stream.random.Below(stream.keys);
  // If keys are made all the time, clients prefer the newest.
  return stream.plan.writes_new_keys ? stream.keys - 1 - rank : rank;
}

void Traffic::Read(Stream& stream, int64_t at_ns) {
  const uint64_t number = PickKey(stream);
  stream.maker.NameOf(number, name_);
  const store::HashedKey key = keyspace_.Hash(name_);
  const TimeMs now = at_ns / kNsPerMs;
  ++stream.counts.reads;
  ledger_.Advance(now);
  store::Transaction txn(keyspace_, now, key);
  if (const std::optional<store::Entry> found = txn.Find(key)) {
    ++stream.counts.hits;
    if (stream.plan.read_extends_deadline) {
      const uint64_t version = VersionOf(stream.place, stream.commands);
      ledger_.Replace(found->deadline, found->bytes());
      txn.SetDeadline(key, DeadlineOf(stream.maker.ContentOf(number, version), now));
      NoteMade(txn, key, ledger_);
    }
  } else {
    ++stream.counts.misses;
    if (stream.plan.fill_after_ms) {
      fills_.push(
          {at_ns + *stream.plan.fill_after_ms * kNsPerMs, ++fills_asked_, stream.place, number});
      stream.counts.most_waiting = std::max(stream.counts.most_waiting, ++stream.waiting);
    }
  }
  Charge(at_ns, txn.released());
}

absl::Status Traffic::Write(Stream& stream, uint64_t number, int64_t at_ns) {
  stream.maker.NameOf(number, name_);
  const store::HashedKey key = keyspace_.Hash(name_);
  ++stream.counts.writes;
  const TimeMs now = at_ns / kNsPerMs;
  ledger_.Advance(now);
  store::Transaction txn(keyspace_, now, key);
  const Content content = stream.maker.ContentOf(number, VersionOf(stream.place, stream.commands));
  const std::optional<store::Entry> old = txn.Inspect(key);
  // Computed before the write ends the views of `old`.
  const bool expired = old && store::Expired(old->deadline, now);
  const size_t old_bytes = old ? old->bytes() : 0;
  if (old && !expired) ledger_.Replace(old->deadline, old_bytes);
  if (absl::Status written = stream.maker.Write(txn, key, content); !written.ok()) return written;
  if (expired && txn.released().keys == 0) ledger_.Release(Cause::kOverwrite, 1, old_bytes);
  NoteMade(txn, key, ledger_);
  Charge(at_ns, txn.released());
  return absl::OkStatus();
}

void Traffic::Charge(int64_t at_ns, const store::Transaction::ReleasedOnAccess& released) {
  const CostModel& costs = scenario_.cost_model;
  int64_t delay_ns = cpu_.Work(at_ns, ToNs(costs.command_us), Cause::kCommand);
  // Under the ideal policy the key was already gone.
  if (released.keys > 0 && !ledger_.ideal()) {
    delay_ns =
        cpu_.Work(at_ns, ToNs(KeysUs(costs, 0, released.keys, released.bytes)), Cause::kAccess);
    ledger_.Release(Cause::kAccess, released.keys, released.bytes);
  }
  delays_.Add(delay_ns);
  recent_.Add(delay_ns);
}

std::vector<TrafficCounts> Traffic::StreamCounts() const {
  std::vector<TrafficCounts> counts;
  for (const Stream& stream : streams_) counts.push_back(stream.counts);
  return counts;
}

TrafficCounts Traffic::counts() const {
  TrafficCounts all;
  for (const Stream& stream : streams_) {
    all.reads += stream.counts.reads;
    all.writes += stream.counts.writes;
    all.hits += stream.counts.hits;
    all.misses += stream.counts.misses;
    all.fills += stream.counts.fills;
    all.most_waiting += stream.counts.most_waiting;
  }
  return all;
}

Delays Traffic::TakeRecentDelays() {
  Delays recent = recent_;
  recent_.Reset();
  return recent;
}

TrafficEstimate EstimateTraffic(const TrafficStream& stream, TimeMs duration_ms) {
  TrafficEstimate estimate;
  estimate.commands = ExpectedArrivals(stream.rate, duration_ms);
  const double writes = estimate.commands * (1 - stream.read_share);
  if (stream.writes_new_keys) estimate.new_keys = writes;
  if (stream.fill_after_ms) estimate.commands *= 1 + stream.read_share;
  return estimate;
}

}  // namespace dcs::simulate
