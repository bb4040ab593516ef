#include "tools/simulate/memory_estimate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "store/values/encoding_limits.h"
#include "tools/simulate/mechanism.h"
#include "tools/simulate/policy_run.h"
#include "tools/simulate/traffic.h"

namespace dcs::simulate {
namespace {

// The chance that a draw exceeds its bound: one in a million, e^-13.8.
constexpr double kRisk = 1e-6;
constexpr double kMiB = 1 << 20;

// A sum of independent draws between 0 and `most`, with its bounds.
struct Size {
  double mean = 0, variance = 0;
  double likely = 0;  // all draws stay below it, except with chance kRisk
  double most = 0;    // no draw exceeds it
};

// The sum of `count` sizes, of which traffic redraws `redraws`: its largest value, except with
// chance kRisk. Bernstein's inequality for draws up to `likely`; no sum exceeds count * most.
double SumBound(const Size& size, double count, double redraws) {
  const double log_risk = std::log((1 + redraws) / kRisk);
  const double sum = count * size.mean + std::sqrt(2 * count * size.variance * log_risk) +
                     std::max(size.likely - size.mean, 0.0) * log_risk / 3;
  return std::min(sum, count * size.most);
}

// `draws`: the total number of draws.
Size SizeOf(const Distribution& distribution, double draws) {
  const double deviation = Deviation(distribution);
  const double chance = std::clamp(kRisk / std::max(draws, 1.0), 1e-300, 0.5);
  return {Mean(distribution), deviation * deviation, ExceededBy(distribution, chance),
          Most(distribution)};
}

Size Sum(const Size& a, const Size& b) {
  return {a.mean + b.mean, a.variance + b.variance, a.likely + b.likely, a.most + b.most};
}
Size Sum(const Size& size, double bytes) {
  return {size.mean + bytes, size.variance, size.likely + bytes, size.most + bytes};
}
// The product of independent factors.
Size Product(const Size& a, const Size& b) {
  const double squares = (a.variance + a.mean * a.mean) * (b.variance + b.mean * b.mean);
  const double mean = a.mean * b.mean;
  return {mean, std::max(squares - mean * mean, 0.0), a.likely * b.likely, a.most * b.most};
}

// ---- Keys ---------------------------------------------------------------------------------------

// store/table.md: slot 16.3, access word 4.8, record 3 to 11 plus padding, segment and directory
// 0.3; slot blocks also grow in steps.
constexpr double kSlotAndRecord = 38;
// The largest share of dead records in the log before evacuation (KeyspaceOptions::waste_limit).
constexpr double kWithDead = 1 / (1 - 0.18);
// Memory of an empty keyspace: a touched page for each shard and class, and stocked slot blocks.
constexpr double kEmptyKeyspace = 256.0 * 1024;

// A hash (store/README.md, "Bytes per element"). `field` includes the 6 bytes of KeyMaker's "field:", but not
// the digits and the value.
struct HashCosts {
  double object, field;
};
// One block: 5 bytes for the lengths of field and value, and up to 1/16 of unused bytes.
constexpr HashCosts kPacked{39, 16};
// A tree: slots in nodes that are not full, and one allocation per field. `object` covers the nodes of a
// tree of few fields.
constexpr HashCosts kTree{500, 45};

// The parts of a group's keys: the log holds `record`, the heap holds `heap`.
struct KeySize {
  Size record, heap;
};

double Digits(double number) { return number < 10 ? 1 : std::floor(std::log10(number)) + 1; }

// One of `keys` keys whose sizes are drawn `draws` times.
KeySize SizeOfKey(const KeyGroup& group, double keys, double draws) {
  // KeyMaker::NameOf: the group's name, a colon and the number are never cut.
  const double shortest = static_cast<double>(group.name.size()) + 1 + Digits(keys);
  const Size name = SizeOf(AtLeast(group.key_bytes, shortest), draws);
  const Size value = SizeOf(group.value_bytes, draws);
  if (group.type == store::ValueType::kString) return {Sum(name, value), {}};
  // KeyMaker::ContentOf: a whole number of fields, at least one. Rounding moves the mean only if
  // all draws lie close together.
  Size fields = SizeOf(AtLeast(group.fields, 1), draws);
  if (fields.variance < 1 && fields.mean != std::round(fields.mean)) fields = Sum(fields, 0.5);
  const store::EncodingLimits limits;
  const bool packed = fields.most <= static_cast<double>(limits.hash_max_listpack_entries) &&
                      value.most <= static_cast<double>(limits.hash_max_listpack_value);
  const HashCosts& costs = packed ? kPacked : kTree;
  constexpr double kMostDigits = 7;
  const Size field = Sum(value, costs.field + std::min(Digits(fields.most), kMostDigits));
  return {name, Sum(Product(fields, field), costs.object)};
}

// The overhead of chunks for `bytes` of records of up to `largest` bytes and `keys` keys: the ends
// of closed chunks, open chunks, partly filled huge pages (store/table.md). Measured.
double ChunkSlack(double bytes, double largest, double keys, bool expire) {
  constexpr double kOnHugePages = 16 * kMiB;
  constexpr double kOversize = kMiB / 4;  // a larger record has a mapping of its own
  constexpr double kShards = 16, kClasses = 9;
  if (largest > kOversize) return 0.03 * bytes + ChunkSlack(bytes, kOversize, keys, expire);
  double slack = 0.03 * bytes;
  // Such a record takes a whole region if its class is small. One more region is kept in stock.
  if (largest > kOversize / 2) {
    slack += 2 * kMiB * (1 + std::min(keys, kShards * (expire ? kClasses : 1)));
  }
  if (bytes < kOnHugePages) return slack;
  slack += 0.05 * bytes + 4 * kMiB;
  if (largest > kOversize / 16) slack += 0.1 * bytes + 5 * kMiB;
  return slack;
}

// `keys` keys, of which traffic redraws the sizes of `redraws`.
double KeysBytes(const KeyGroup& group, double keys, double redraws) {
  if (keys == 0) return 0;
  const KeySize size = SizeOfKey(group, keys, keys + redraws);
  double records = SumBound(size.record, keys, redraws);
  if (redraws > 0) records *= kWithDead;
  return keys * kSlotAndRecord + records +
         ChunkSlack(records, size.record.likely, keys, group.expires_in_s.has_value()) +
         SumBound(size.heap, keys, redraws);
}

// ---- Traffic ------------------------------------------------------------------------------------

// An upper bound of the number of arrivals for an expected number; arrivals are independent
// (arrivals.h).
double AtMostOf(double expected) {
  const double log_risk = std::log(1 / kRisk);
  return expected + std::sqrt(2 * expected * log_risk) + log_risk;
}

// The highest rate at any time, in commands per second.
double HighestRate(const RatePlan& rate) {
  double highest = rate.per_second;
  if (!rate.hourly.empty()) highest *= *std::max_element(rate.hourly.begin(), rate.hourly.end());
  if (rate.bursts) highest *= std::max(rate.bursts->times, 1.0);
  return highest;
}

double LongestSampleGapSeconds(const Scenario& scenario) {
  TimeMs longest = 0, last = 0;
  for (const TimeMs at : SampleTimes(scenario)) {
    longest = std::max(longest, at - last);
    last = at;
  }
  return static_cast<double>(longest) / 1000;
}

// Writes over existing keys, including fills.
double Overwrites(const TrafficStream& stream, const TrafficEstimate& estimate) {
  double overwrites = 0;
  const double asked =
      stream.fill_after_ms ? estimate.commands / (1 + stream.read_share) : estimate.commands;
  if (!stream.writes_new_keys) overwrites += asked * (1 - stream.read_share);
  if (stream.fill_after_ms) overwrites += asked * stream.read_share;
  return overwrites;
}

// The number of times that values of the group's keys are redrawn.
double RedrawsOf(const Scenario& scenario, size_t group) {
  double redraws = 0;
  for (const TrafficStream& stream : scenario.traffic) {
    if (stream.group != group) continue;
    redraws += Overwrites(stream, EstimateTraffic(stream, scenario.duration_ms));
  }
  return redraws;
}

// ---- The report ---------------------------------------------------------------------------------

constexpr double kSeries = 12;          // of Timeline, maximum
constexpr double kBytesOfSample = 8;    // one value of a series
constexpr double kBytesOfJson = 16;     // one value in JSON
constexpr double kBytesOfText = 3 * 9;  // in report.json, report.html and timeline.csv

// The scenario's samples, plus three for each fast sweep and two for each scan.
double SamplesOf(const Scenario& scenario, const Policy& policy) {
  const auto times = [&](double every_ms) {
    const double most = kMostMarkedTimes;
    return every_ms <= 0 ? 1
                         : std::min(most, 1 + static_cast<double>(scenario.duration_ms) / every_ms);
  };
  double samples = static_cast<double>(scenario.samples) + 3;
  if (policy.fast_sweep) samples += 3 * times(static_cast<double>(policy.fast_sweep->every_ms));
  if (policy.manual_scan) samples += 2;
  if (policy.auto_scan)
    samples += 2 * times(1000 * static_cast<double>(policy.auto_scan->interval_s));
  return samples;
}

}  // namespace

double LargestKeyBytes(const KeyGroup& group) {
  const KeySize size = SizeOfKey(group, static_cast<double>(group.keys), 1);
  return kSlotAndRecord + size.record.most + size.heap.most;
}

double LoadBytes(const KeyGroup& group) {
  return KeysBytes(group, static_cast<double>(group.keys), 0);
}

double TrafficBytes(const Scenario& scenario, const TrafficStream& stream) {
  const KeyGroup& group = scenario.groups[stream.group];
  const TrafficEstimate estimate = EstimateTraffic(stream, scenario.duration_ms);
  const double redraws = RedrawsOf(scenario, stream.group);
  const auto keys = static_cast<double>(group.keys);
  double bytes = 0;
  const double new_keys = estimate.new_keys > 0 ? AtMostOf(estimate.new_keys) : 0;
  bytes += KeysBytes(group, new_keys, redraws);
  const double overwrites = Overwrites(stream, estimate);
  if (overwrites == 0) return bytes;
  // The memory that later, larger values and dead records add to the loaded keys.
  bytes += KeysBytes(group, keys, redraws) - KeysBytes(group, keys, 0);
  if (group.type == store::ValueType::kHash) {
    // Replaced hashes are destroyed at the next sample (policy_run.cc).
    const double unfreed =
        std::min(overwrites, HighestRate(stream.rate) * LongestSampleGapSeconds(scenario));
    bytes += KeysBytes(group, AtMostOf(unfreed), redraws);
  }
  if (stream.fill_after_ms) {
    constexpr double kFill = 64;  // a Fill, in a queue that doubles
    const double waiting =
        HighestRate(stream.rate) * static_cast<double>(*stream.fill_after_ms) / 1000;
    bytes += kFill * AtMostOf(std::min(waiting, estimate.commands));
  }
  return bytes;
}

double RunBytes(const Scenario& scenario) {
  double bytes = kEmptyKeyspace;
  for (const KeyGroup& group : scenario.groups) bytes += LoadBytes(group);
  for (const TrafficStream& stream : scenario.traffic) bytes += TrafficBytes(scenario, stream);
  // While there is traffic, KeyMaker keeps one text per group from which values are cut.
  double longest = 0, all = 0;
  for (const KeyGroup& group : scenario.groups) {
    const double value = Most(group.value_bytes);
    longest = std::max(longest, value);
    all += value;
  }
  return bytes + longest + (scenario.traffic.empty() ? 0 : all);
}

double ReportBytes(const Scenario& scenario) {
  double samples = 0;
  for (const Policy& policy : scenario.policies) samples += SamplesOf(scenario, policy);
  return samples * kSeries * (kBytesOfSample + kBytesOfJson + kBytesOfText);
}

}  // namespace dcs::simulate
