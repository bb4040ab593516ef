// The walks over a whole keyspace: sweep, sample, scan, census. Each step takes one shard's lock, for one
// segment at most.
#include <algorithm>
#include <cassert>

#include "store/keyspace.h"
#include "store/shard.h"
#include "store/shard_lock.h"
#include "store/shard_walks.h"

namespace dcs::store {
namespace {

// A place in a keyspace: the shard's number above, the shard's own position below.
struct WalkPlace {
  size_t shard;
  uint64_t position;
};

WalkPlace ToPlace(uint64_t global, int shard_bits) {
  if (shard_bits == 0) return {0, global};
  return {static_cast<size_t>(global >> (64 - shard_bits)), global << shard_bits};
}

// Where to go on: in the same shard, in the next (`position` 0), or 0 behind the last.
uint64_t ToGlobal(WalkPlace place, int shard_bits) {
  if (shard_bits == 0) return place.position;
  if (place.position != 0) {
    return (uint64_t{place.shard} << (64 - shard_bits)) | (place.position >> shard_bits);
  }
  return uint64_t{place.shard + 1} << (64 - shard_bits);  // wraps to 0 behind the last
}

// Segments that a step evacuates in the shards it has left: at 200 steps a second, a million keys' worth.
constexpr int kEvacuatedSegmentsPerStep = 8;

const ExpiryReport* OrNull(const std::optional<ExpiryReport>& report) {
  return report ? &*report : nullptr;
}

}  // namespace

std::optional<ExpiryReport> Keyspace::ReportOf(ReleasedBy by) const {
  KeyEventSink* const sink = key_event_sink();
  if (sink == nullptr || (by != ReleasedBy::kAccess && !sink->wants_expired())) return std::nullopt;
  return ExpiryReport{*sink, by};
}

SweepResult Keyspace::Sweep(SweepCursor& cursor, size_t keys, TimeMs now) noexcept {
  SweepResult result;
  WalkLimit limit;
  limit.slots = std::max<size_t>(keys, 1);
  while (!cursor.walked && !limit.reached()) {
    const WalkPlace place = ToPlace(cursor.position, shard_bits_);
    Shard& shard = *shards_[place.shard];
    WalkStep step(shard, *memory_, held_by_this_thread());
    const std::optional<ExpiryReport> report = ReportOf(ReleasedBy::kSweep);
    const size_t released_before = result.released;
    const uint64_t next =
        shard.ReleaseExpired(place.position, limit, now, result, OrNull(report), step.deferred());
    shard.counters.released_by_sweep += result.released - released_before;
    cursor.position = ToGlobal({place.shard, next}, shard_bits_);
    cursor.walked = cursor.position == 0;
  }
  EvacuateLeftShards(cursor, now);
  if (cursor.walked && cursor.evacuating_shard == shards_.size()) {
    result.done = true;
    cursor = {};
  }
  return result;
}

SweepResult Keyspace::FastSweep(TimeMs now, size_t part, size_t parts) noexcept {
  assert(part < parts && "FastSweep: part < parts");
  SweepResult result;
  result.done = true;
  // What one shard's evacuation frees, the next one's fills.
  const PageSource::Reuse reuse(memory_->pages);
  for (size_t i = shards_.size() * part / parts; i < shards_.size() * (part + 1) / parts; ++i) {
    FastSweepShard(*shards_[i], now, result);
  }
  return result;
}

void Keyspace::FastSweepShard(Shard& shard, TimeMs now, SweepResult& result) noexcept {
  const size_t released_before = result.released;
  FastSweepWalk walk;
  {
    WalkStep step(shard, *memory_, held_by_this_thread());
    result.visited += shard.count();
    result.with_deadline += shard.with_deadline();
    walk = shard.BeginFastSweep(now, step.deferred());
  }
  for (bool more = true; more;) {
    WalkStep step(shard, *memory_, held_by_this_thread());
    const std::optional<ExpiryReport> report = ReportOf(ReleasedBy::kSweep);
    more = shard.ReleaseStretch(walk, now, result, OrNull(report), step.deferred());
    if (!more) shard.EndFastSweep(walk, result, step.deferred());
  }
  // One evacuation: writers that keep making waste evacuate it themselves.
  bool begun = false, settled = false;
  while (!settled) {
    WalkStep step(shard, *memory_, held_by_this_thread());
    if (!shard.evacuating() && !begun && shard.OverWasteLimit()) {
      shard.BeginEvacuation();
      begun = true;
    }
    if (shard.evacuating()) {
      shard.EvacuateSome(Shard::kMany, now, step.deferred());
    } else {
      shard.TrimLog(step.deferred());
      shard.counters.released_by_sweep += result.released - released_before;
      settled = true;
    }
  }
}

void Keyspace::EvacuateLeftShards(SweepCursor& cursor, TimeMs now) noexcept {
  const size_t left = cursor.walked ? shards_.size() : ToPlace(cursor.position, shard_bits_).shard;
  for (int segments = 0; segments < kEvacuatedSegmentsPerStep;) {
    if (cursor.evacuating_shard >= left) return;
    Shard& shard = *shards_[cursor.evacuating_shard];
    WalkStep step(shard, *memory_, held_by_this_thread());
    // One evacuation a shard: writers that keep making waste evacuate it themselves.
    if (!shard.evacuating() && !cursor.evacuation_begun && shard.OverWasteLimit()) {
      shard.BeginEvacuation();
      cursor.evacuation_begun = true;
    }
    if (shard.evacuating()) {
      segments += shard.EvacuateSome(Shard::kFew, now, step.deferred());
    } else {
      shard.TrimLog(step.deferred());
      ++cursor.evacuating_shard;
      cursor.evacuation_begun = false;
    }
  }
}

void Keyspace::PayForWrites(Shard& shard, TimeMs now) noexcept {
  for (bool more = true; more;) {
    WalkStep step(shard, *memory_, held_by_this_thread());
    more = shard.PayForWrites(now, step.deferred());
  }
}

SweepResult Keyspace::Sample(uint64_t& position, size_t keys, size_t max_slots, TimeMs now,
                             size_t max_released) noexcept {
  SweepResult result;
  WalkLimit limit{.slots = std::max<size_t>(max_slots, 1),
                  .with_deadline = std::max<size_t>(keys, 1),
                  .released = max_released,
                  .deadlines_only = true};
  while (!result.done && !limit.reached()) {
    const WalkPlace place = ToPlace(position, shard_bits_);
    Shard& shard = *shards_[place.shard];
    const size_t released_before = result.released;
    bool owes = false;
    {
      WalkStep step(shard, *memory_, held_by_this_thread());
      const std::optional<ExpiryReport> report = ReportOf(ReleasedBy::kSample);
      const uint64_t next =
          shard.ReleaseExpired(place.position, limit, now, result, OrNull(report), step.deferred());
      shard.counters.released_by_sample += result.released - released_before;
      shard.CountWrites(result.released - released_before);
      owes = result.released > released_before && shard.BeginPaying();
      position = ToGlobal({place.shard, next}, shard_bits_);
    }
    if (owes) PayForWrites(shard, now);
    result.done = position == 0;
  }
  return result;
}

uint64_t Keyspace::Scan(uint64_t cursor, size_t count, TimeMs now,
                        absl::FunctionRef<void(const Entry&)> visit) {
  return ScanAll(cursor, count, now, [&](const Entry& entry, bool expired) {
    if (!expired) visit(entry);
    return true;
  });
}

uint64_t Keyspace::ScanAll(uint64_t cursor, size_t count, TimeMs now,
                           absl::FunctionRef<bool(const Entry&, bool expired)> visit) {
  // A cursor is a position without its lowest bit, which is 0 wherever a walk stops. It stays below 2^63,
  // so clients may parse it as a signed number.
  uint64_t position = cursor << 1;
  const bool release = release_on_access();
  size_t left = std::max<size_t>(count, 1);
  WalkLimit group;
  do {
    const WalkPlace place = ToPlace(position, shard_bits_);
    Shard& shard = *shards_[place.shard];
    group.slots = 1;  // one home group with keys at a time
    group.prefetch_records = left > kGroupSlots;
    size_t seen = 0, released = 0;
    bool owes = false;
    {
      WalkStep step(shard, *memory_, held_by_this_thread());
      const std::optional<ExpiryReport> report = ReportOf(ReleasedBy::kAccess);
      const uint64_t next =
          shard.WalkSegment(place.position, group, [&](Segment& segment, SlotRef slot) {
            ++seen;
            const bool expired = shard.IsExpired(slot, now);
            if (!visit(shard.View(slot), expired) || !expired || !release) return;
            if (report) shard.ReportExpired(slot, *report, now);
            shard.Remove({&segment, slot}, FreeMode::kLazy, false, step.deferred());
            // Counted here, because the visit of a later key may throw.
            ++shard.counters.released_on_access;
            shard.CountWrites(1);
            ++released;
          });
      owes = released > 0 && shard.BeginPaying();
      if (release && shard.AtSegmentStart(next)) shard.ShrinkAt(place.position, step.deferred());
      position = ToGlobal({place.shard, next}, shard_bits_);
    }
    left -= std::min(left, seen);
    if (owes) PayForWrites(shard, now);
  } while (position != 0 && left > 0 && group.empty_segments > 0);
  return position >> 1;
}

uint64_t Keyspace::Visit(uint64_t position, absl::FunctionRef<void(const Entry&)> visit) const {
  const WalkPlace place = ToPlace(position, shard_bits_);
  Shard& shard = *shards_[place.shard];
  WalkLimit group{.slots = 1};
  shard.mutex.Yield();
  const ShardLock lock(shard, held_by_this_thread());
  const uint64_t next = shard.WalkSegment(place.position, group,
                                          [&](Segment&, SlotRef slot) { visit(shard.View(slot)); });
  return ToGlobal({place.shard, next}, shard_bits_);
}

Census Keyspace::TakeCensus(TimeMs now) const noexcept {
  Census census;
  for (const auto& shard : shards_) {
    uint64_t position = 0;
    do {
      shard->mutex.Yield();
      const ShardLock lock(*shard, held_by_this_thread());
      position = shard->CountStretch(position, now, census);
    } while (position != 0);
  }
  const MemoryUse memory = Memory();
  census.used_bytes = memory.used();
  census.held_bytes = memory.resident();
  return census;
}

ExpiryEstimate Keyspace::EstimateExpiry(TimeMs now) const noexcept {
  ExpiryEstimate estimate;
  double expired = 0, expired_bytes = 0, alive = 0, ttl_ms = 0;
  for (const auto& shard : shards_) {
    shard->mutex.Yield();
    const ShardLock lock(*shard, held_by_this_thread());
    const size_t with_deadline = shard->with_deadline();
    estimate.keys += shard->count();
    estimate.keys_with_deadline += with_deadline;
    if (with_deadline == 0) continue;
    const Shard::DeadlineSample sample = shard->SampleDeadlines(now);
    estimate.exact &= sample.all;
    if (sample.keys == 0) continue;
    const double each = static_cast<double>(with_deadline) / static_cast<double>(sample.keys);
    expired += each * static_cast<double>(sample.expired);
    expired_bytes += each * static_cast<double>(sample.expired_bytes);
    alive += each * static_cast<double>(sample.keys - sample.expired);
    ttl_ms += each * sample.ttl_ms;
  }
  estimate.expired_keys = static_cast<size_t>(expired + 0.5);
  estimate.expired_bytes = static_cast<size_t>(expired_bytes + 0.5);
  // Below 2^63 as each of them is, but for rounding.
  constexpr double kMost = 9.2e18;
  if (alive > 0) estimate.mean_ttl_ms = static_cast<TimeMs>(std::min(ttl_ms / alive, kMost));
  return estimate;
}

std::optional<std::string> Keyspace::RandomKey(uint64_t random, TimeMs now) {
  // Draws that meet an empty slot, or an expired key that stays. One that releases a key costs none of them.
  constexpr int kDraws = 100;
  const bool release = release_on_access();
  for (int draw = 0; draw < kDraws;) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const uint64_t mixed = random ^ (random >> 29);
    const WalkPlace place = ToPlace(mixed * 0x9E3779B97F4A7C15u, shard_bits_);
    Shard& shard = *shards_[place.shard];
    bool owes = false;
    {
      WalkStep step(shard, *memory_, held_by_this_thread());
      const std::optional<ExpiryReport> report = ReportOf(ReleasedBy::kAccess);
      const Shard::Found drawn = shard.DrawNear(place.position, mixed);
      if (drawn && !shard.IsExpired(drawn.slot, now)) {
        return std::string(shard.View(drawn.slot).key);
      }
      if (drawn && release) {
        if (report) shard.ReportExpired(drawn.slot, *report, now);
        shard.ReleaseOnAccess(drawn, step.deferred());
        owes = shard.BeginPaying();
      } else {
        ++draw;
      }
    }
    if (owes) PayForWrites(shard, now);
  }
  // Few keys among many empty slots: the first live one from a random place on.
  std::optional<std::string> found;
  uint64_t cursor = random >> 1;
  for (int pass = 0; pass < 2 && !found; ++pass) {
    do {
      cursor = ScanAll(cursor, 1, now, [&](const Entry& entry, bool expired) {
        if (found) return false;
        if (!expired) found = std::string(entry.key);
        return expired;
      });
    } while (cursor != 0 && !found);
  }
  return found;
}

}  // namespace dcs::store
