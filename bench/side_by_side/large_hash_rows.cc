// DEL against UNLINK of one large hash: how long the client waits, and when the memory is returned.
#include <array>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "bench/side_by_side/comparison.h"
#include "bench/side_by_side/load.h"
#include "tools/terminal.h"

namespace dcs::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kHash = "large-hash";
constexpr const char* kCommands[] = {"DEL", "UNLINK"};
constexpr double kBackShare = 0.9;  // of the memory added by the hash; then it counts as returned
constexpr double kLookEverySeconds = 1e-3;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

absl::Status LoadHash(const RunningServer& server, uint64_t fields) {
  constexpr size_t kPipeline = 4;
  const auto load = LoadGenerator::Connect(server.resp_port(), 1);
  if (!load.ok()) return load.status();
  HashFields source(kHash, fields);
  return (*load)->Run(source, kPipeline, std::numeric_limits<double>::infinity()).status();
}

// A memory level that should fall from `full` to near `empty`.
struct Falling {
  double empty = 0;
  double full = 0;
  double back_seconds = 0;
  bool back = false;

  void Look(double bytes, double seconds) {
    if (back) return;
    back_seconds = seconds;
    back = full - bytes >= kBackShare * (full - empty);
  }
};

struct Removal {
  double reply_seconds = 0;
  double next_reply_seconds = 0;  // of another command, sent after the reply came
  Falling own, resident;
  double resident_back_percent = 0;  // at the end of the wait
};

struct Patience {
  double seconds = 0;
  bool for_resident = true;  // otherwise waits for the server's own count only
};

absl::Status WaitForMemory(RunningServer& server, Clock::time_point start, Patience patience,
                           Removal& removal) {
  while (true) {
    const double resident = server.process().ResidentBytes();
    removal.resident.Look(resident, SecondsSince(start));
    removal.resident_back_percent =
        100 * (removal.resident.full - resident) / (removal.resident.full - removal.resident.empty);
    const auto own = server.OwnBytes();
    if (!own.ok()) return own.status();
    removal.own.Look(*own, SecondsSince(start));
    const bool enough = removal.resident.back || !patience.for_resident;
    if ((removal.own.back && enough) || SecondsSince(start) > patience.seconds) {
      return absl::OkStatus();
    }
    SleepSeconds(kLookEverySeconds);
  }
}

absl::StatusOr<Removal> RemoveOnce(Comparison& comparison, const char* command, size_t side,
                                   bool for_resident) {
  const auto started = comparison.Start(side);
  if (!started.ok()) return started.status();
  RunningServer& server = **started;
  Removal removal;
  auto own = server.OwnBytes();
  if (!own.ok()) return own.status();
  removal.own.empty = *own;
  removal.resident.empty = server.empty_resident_bytes();
  absl::Status status = LoadHash(server, comparison.settings().fields);
  if (!status.ok()) return status;
  if (own = server.OwnBytes(); !own.ok()) return own.status();
  removal.own.full = *own;
  removal.resident.full = server.process().ResidentBytes();

  const Clock::time_point start = Clock::now();
  const auto removed = server.Ask({command, kHash});
  if (!removed.ok()) return removed.status();
  removal.reply_seconds = SecondsSince(start);
  if (*removed != "1") return absl::InternalError("the large hash was not there");
  if (const auto next = server.Ask({"PING"}); !next.ok()) return next.status();
  removal.next_reply_seconds = SecondsSince(start);
  const Patience patience{comparison.settings().settle_seconds, for_resident};
  status = WaitForMemory(server, start, patience, removal);
  if (!status.ok()) return status;
  return removal;
}

void Take(const Falling& level, Measured& measured) {
  measured.rounds.push_back(level.back_seconds);
  measured.at_least |= !level.back;
}

absl::Status CompareCommand(Comparison& comparison, const char* command) {
  const std::string fields = tools::WithCommas(comparison.settings().fields);
  const auto figure = [&](const std::string& name, std::string noun, std::string remark) {
    return Figure{"Removing a hash of " + fields + " fields",
                  command + name,
                  Unit::kSeconds,
                  Better::kLess,
                  std::move(noun),
                  {},
                  std::move(remark)};
  };
  Figure reply = figure(": reply", "time", "");
  Figure next = figure(": until the next command's reply", "time", "");
  Figure own = figure(": 90 % back by the server's own count", "time", "");
  Figure resident = figure(": 90 % of resident memory back", "time", "");
  std::array<double, kSides> percents{};
  for (int round = 0; round < comparison.settings().fresh_rounds; ++round) {
    const bool for_resident = round == 0;  // once is enough: it takes seconds and varies little
    for (size_t side = 0; side < kSides; ++side) {
      comparison.Step(command, side, round);
      const auto removal = RemoveOnce(comparison, command, side, for_resident);
      if (!removal.ok()) return removal.status();
      reply.sides[side].rounds.push_back(removal->reply_seconds);
      next.sides[side].rounds.push_back(removal->next_reply_seconds);
      Take(removal->own, own.sides[side]);
      if (!for_resident) continue;
      Take(removal->resident, resident.sides[side]);
      percents[side] = removal->resident_back_percent;
    }
  }
  resident.remark = "in the end " + FormatValue(percents[kDcsSim], Unit::kPercent) + " : " +
                    FormatValue(percents[kRival], Unit::kPercent);
  comparison.Add({std::move(reply), std::move(next), std::move(own), std::move(resident)});
  return absl::OkStatus();
}

}  // namespace

absl::Status CompareLargeHash(Comparison& comparison) {
  comparison.progress().Begin("hash", std::size(kCommands) * kSides *
                                          static_cast<size_t>(comparison.settings().fresh_rounds));
  for (const char* command : kCommands) {
    if (absl::Status status = CompareCommand(comparison, command); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace dcs::bench
