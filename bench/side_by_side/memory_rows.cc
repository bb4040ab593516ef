// Memory per key beyond key and value, averaged while the number of keys doubles, so that the
// result does not depend on a table's best or worst size.
#include <algorithm>
#include <string>
#include <utility>

#include "bench/side_by_side/comparison.h"

namespace dcs::bench {
namespace {

constexpr const char* kGroup = "Memory a key beyond key and value";
constexpr uint64_t kPoints = 8;

struct Kind {
  const char* name;
  Mix mix;
};
constexpr Kind kKinds[] = {{"with a deadline", {.others = Others::kFarDeadline}},
                           {"without a deadline", {}}};

struct BytesAKey {
  double resident_mean = 0;
  double resident_worst = 0;
  double own_mean = 0;
};

absl::StatusOr<BytesAKey> MeasureDoubling(Comparison& comparison, const Mix& mix, size_t side) {
  const auto server = comparison.Start(side);
  if (!server.ok()) return server.status();
  const auto own_empty = (*server)->OwnBytes();
  if (!own_empty.ok()) return own_empty.status();

  const uint64_t most = comparison.settings().keys;
  BytesAKey result;
  uint64_t loaded = 0;
  for (uint64_t point = 0; point <= kPoints; ++point) {
    const uint64_t keys = most / 2 + most / 2 * point / kPoints;
    absl::Status status = comparison.LoadKeys(**server, mix, loaded, keys);
    if (!status.ok()) return status;
    loaded = keys;
    if (point == 0) continue;
    const auto own = (*server)->OwnBytes();
    if (!own.ok()) return own.status();
    const auto beyond = [&](double bytes, double empty) {
      return (bytes - empty) / static_cast<double>(keys) - (kKeyBytes + kValueBytes);
    };
    const double resident =
        beyond((*server)->process().ResidentBytes(), (*server)->empty_resident_bytes());
    result.resident_mean += resident / kPoints;
    result.resident_worst = std::max(result.resident_worst, resident);
    result.own_mean += beyond(*own, *own_empty) / kPoints;
  }
  return result;
}

Figure MemoryFigure(std::string name, std::string remark) {
  return {kGroup, std::move(name),  Unit::kBytesPerKey, Better::kLess, "memory",
          {},     std::move(remark)};
}

}  // namespace

absl::Status CompareMemory(Comparison& comparison) {
  comparison.progress().Begin("memory", std::size(kKinds) * kSides);
  std::vector<Figure> figures;
  for (const Kind& kind : kKinds) {
    const std::string name = kind.name;
    Figure mean = MemoryFigure(name + ": resident, mean", "mean of 8 points over a doubling");
    Figure worst = MemoryFigure(name + ": resident, worst", "");
    Figure own = MemoryFigure(name + ": the server's own count, mean", "INFO's used_memory");
    for (size_t side = 0; side < kSides; ++side) {
      comparison.Step(name, side, 0);
      const auto bytes = MeasureDoubling(comparison, kind.mix, side);
      if (!bytes.ok()) return bytes.status();
      mean.sides[side].rounds = {bytes->resident_mean};
      worst.sides[side].rounds = {bytes->resident_worst};
      own.sides[side].rounds = {bytes->own_mean};
    }
    for (Figure* figure : {&mean, &worst, &own}) figures.push_back(std::move(*figure));
  }
  comparison.Add(std::move(figures));
  return absl::OkStatus();
}

}  // namespace dcs::bench
