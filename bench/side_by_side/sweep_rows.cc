// Releasing all expired keys: speed, cost, and memory returned.
//
// dcs-sim sweeps on an HTTP request; the rival is walked with SCAN, which visits every key. Both
// times are the client's, from the first request to the last answer. Both CPU times are of the
// whole process, so dcs-sim's include its HTTP work; its own figure for the sweep alone has a
// separate row.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "bench/side_by_side/comparison.h"
#include "bench/side_by_side/sweep.h"

namespace dcs::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Share {
  int percent;
  const char* others;  // the kind of keys that have not expired
  Mix mix;
};
constexpr Share kShares[] = {
    {0, "all have a deadline an hour ahead", {0, Others::kFarDeadline}},
    {33, "the others have no deadline", {33}},
    {80, "the others have no deadline", {80}},
    {100, "", {100}},
};

// If nothing expires, a sweep changes nothing and may take microseconds, so it is repeated this
// long.
constexpr double kRepeatSeconds = 0.2;

struct SweepRun {
  double keys = 0;     // per sweep: keys passed if none expired, otherwise keys released
  double seconds = 0;  // of one sweep
  double cpu_seconds = 0;
  std::optional<OwnAccount> own;
  double held_bytes = 0;  // held by expired keys
  double resident_before = 0;
  double resident_after = 0;
  std::optional<double> resident_settled;

  double BackPercent(double resident) const {
    return 100 * (resident_before - resident) / held_bytes;
  }
};

// Sweeps once, or repeatedly if that changes nothing.
absl::Status TimeSweeps(const RunningServer& server, bool repeat, SweepRun& run) {
  int sweeps = 0;
  double total = 0;
  const double cpu_before = server.process().CpuSeconds();
  do {
    const auto sweep = PrepareSweep(server, Blocking::kYes);
    if (!sweep.ok()) return sweep.status();
    const Clock::time_point start = Clock::now();
    if (absl::Status status = (*sweep)->Run(); !status.ok()) return status;
    total += std::chrono::duration<double>(Clock::now() - start).count();
    run.own = (*sweep)->own_account();
    ++sweeps;
  } while (repeat && total < kRepeatSeconds);
  run.seconds = total / sweeps;
  run.cpu_seconds = (server.process().CpuSeconds() - cpu_before) / sweeps;
  return absl::OkStatus();
}

absl::Status CheckReleased(RunningServer& server, uint64_t keys, uint64_t expected,
                           const SweepRun& run) {
  const auto left = server.KeyCount();
  if (!left.ok()) return left.status();
  if (keys - *left != expected || (run.own && run.own->released != expected)) {
    return absl::InternalError(server.contender().name + " released " +
                               std::to_string(keys - *left) + " keys where " +
                               std::to_string(expected) + " were expired");
  }
  return absl::OkStatus();
}

absl::StatusOr<SweepRun> SweepOnce(Comparison& comparison, const Mix& mix, size_t side,
                                   uint64_t expected, bool settle) {
  const uint64_t keys = comparison.settings().keys;
  const auto server = comparison.Start(side);
  if (!server.ok()) return server.status();
  if (absl::Status status = comparison.LoadKeys(**server, mix, 0, keys); !status.ok()) {
    return status;
  }
  if (expected > 0) comparison.WaitForDeadlines();
  const auto loaded = (*server)->KeyCount();
  if (!loaded.ok()) return loaded.status();
  if (*loaded != keys)
    return absl::InternalError(comparison.name(side) +
                               "'s expired keys have gone before the sweep: does it not know "
                               "DEBUG SET-ACTIVE-EXPIRE 0?");

  SweepRun run;
  run.keys = static_cast<double>(expected > 0 ? expected : keys);
  run.resident_before = (*server)->process().ResidentBytes();
  run.held_bytes = (run.resident_before - (*server)->empty_resident_bytes()) *
                   static_cast<double>(expected) / static_cast<double>(keys);
  comparison.progress().Detail("sweeping");
  absl::Status status = TimeSweeps(**server, expected == 0, run);
  if (!status.ok()) return status;
  run.resident_after = (*server)->process().ResidentBytes();
  status = CheckReleased(**server, keys, expected, run);
  if (!status.ok()) return status;
  if (settle) {
    comparison.progress().Detail("looking at memory again later");
    SleepSeconds(comparison.settings().settle_seconds);
    run.resident_settled = (*server)->process().ResidentBytes();
  }
  return run;
}

struct Rows {
  explicit Rows(const Share& share, double settle_seconds);
  void Take(size_t side, const SweepRun& run);
  std::vector<Figure> InOrder(bool something_expired) &&;

  Figure rate, cpu_rate, own_rate, before, back, settled;
};

Rows::Rows(const Share& share, double settle_seconds) {
  const std::string group = "Full sweep, " + std::to_string(share.percent) + " % expired";
  const std::string keys = share.percent > 0 ? "keys released " : "keys passed ";
  const auto figure = [&](std::string name, Unit unit, Better better, std::string noun,
                          std::string remark) {
    return Figure{group, std::move(name), unit, better, std::move(noun), {}, std::move(remark)};
  };
  rate = figure(keys + "a second", Unit::kPerSecond, Better::kMore, "keys", share.others);
  cpu_rate = figure(keys + "a second of server CPU", Unit::kPerSecond, Better::kMore, "keys",
                    "whole process");
  own_rate = figure(keys + "a second of CPU, by dcs-sim's own count", Unit::kPerSecond,
                    Better::kMore, "keys", "without HTTP");
  before = figure("resident before", Unit::kBytes, Better::kLess, "memory", "");
  back = figure("given back at once, of what the released keys held", Unit::kPercent, Better::kMore,
                "memory", "resident");
  settled = figure("given back " + FormatValue(settle_seconds, Unit::kSeconds) + " later",
                   Unit::kPercent, Better::kMore, "memory", "resident");
}

void Rows::Take(size_t side, const SweepRun& run) {
  rate.sides[side].rounds.push_back(run.keys / run.seconds);
  cpu_rate.sides[side].rounds.push_back(run.keys / run.cpu_seconds);
  if (run.own && run.own->cpu_seconds > 0) {
    own_rate.sides[side].rounds.push_back(run.keys / run.own->cpu_seconds);
  }
  before.sides[side].rounds.push_back(run.resident_before);
  back.sides[side].rounds.push_back(run.BackPercent(run.resident_after));
  if (run.resident_settled) {
    settled.sides[side].rounds.push_back(run.BackPercent(*run.resident_settled));
  }
}

std::vector<Figure> Rows::InOrder(bool something_expired) && {
  std::vector<Figure> figures = {std::move(rate), std::move(cpu_rate), std::move(own_rate)};
  if (something_expired) {
    for (Figure* figure : {&before, &back, &settled}) figures.push_back(std::move(*figure));
  }
  return figures;
}

}  // namespace

absl::Status CompareSweeps(Comparison& comparison) {
  const Settings& settings = comparison.settings();
  comparison.progress().Begin(
      "sweeps", std::size(kShares) * kSides * static_cast<size_t>(settings.fresh_rounds));
  for (const Share& share : kShares) {
    const uint64_t expected = share.mix.CountExpiring(settings.keys);
    Rows rows(share, settings.settle_seconds);
    for (int round = 0; round < settings.fresh_rounds; ++round) {
      for (size_t side = 0; side < kSides; ++side) {
        comparison.Step(std::to_string(share.percent) + " % expired", side, round);
        // Only one round waits for memory to settle: it takes long and varies little.
        const bool settle = round == 0 && expected > 0;
        const auto run = SweepOnce(comparison, share.mix, side, expected, settle);
        if (!run.ok()) return run.status();
        rows.Take(side, *run);
      }
    }
    comparison.Add(std::move(rows).InOrder(expected > 0));
  }
  return absl::OkStatus();
}

}  // namespace dcs::bench
