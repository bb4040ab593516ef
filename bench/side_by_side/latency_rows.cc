// Latency of a client's GET: while the server is idle, while a thread of lowest priority uses the
// server's processor, and while all expired keys are being released. The difference between the
// first two is the machine's: how soon it returns a processor to the server.
//
// One connection runs a closed loop, another drives the sweep. One thread polls both sockets
// without sleeping, so that the client's wake-ups are not in the figures. Sweeps of fresh expired
// keys are repeated until there are enough samples.
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/side_by_side/comparison.h"
#include "bench/side_by_side/reply_counter.h"
#include "bench/side_by_side/statistics.h"
#include "bench/side_by_side/sweep.h"
#include "tools/terminal.h"

namespace dcs::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Mix kMix = {.expiring_percent = 90};  // GETs use the other keys
constexpr Mix kRefill = {.expiring_percent = 90, .others = Others::kNotWritten};

constexpr double kSeconds = 0.3;  // idle, and the same beside a busy thread, before each sweep

struct Level {
  const char* name;
  double percent;
};
constexpr Level kLevels[] = {{"p50", 50}, {"p99", 99}, {"p99.9", 99.9}};

class ClosedLoop {
 public:
  ClosedLoop(Socket socket, uint64_t keys, bool may_spin)
      : socket_(std::move(socket)), keys_(keys), may_spin_(may_spin), received_(4096) {}

  // One GET of an existing key; returns the seconds until its reply. Meanwhile advances `sweep`, if
  // any, and sets `sweep_ended` when it has ended.
  absl::StatusOr<double> Get(Sweep* sweep, bool& sweep_ended) {
    request_.clear();
    text_.AppendTo(request_, PresentKey());
    const Clock::time_point start = Clock::now();
    if (const auto sent = socket_.Send(request_); !sent.ok()) return sent.status();
    while (true) {
      const auto bytes = socket_.Receive(received_.data(), received_.size());
      if (!bytes.ok()) return bytes.status();
      if (replies_.Feed(*bytes) > 0) break;
      if (sweep != nullptr && !sweep_ended) {
        const auto ended = sweep->Advance();
        if (!ended.ok()) return ended.status();
        sweep_ended = *ended;
      }
      if (!may_spin_) Wait(sweep);
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (replies_.nils() + replies_.errors() > 0 || replies_.broken()) {
      return absl::InternalError("a key that is there was not answered: " + replies_.first_error());
    }
    return seconds;
  }

 private:
  uint64_t PresentKey() {
    while (true) {
      const uint64_t key = ((random_() >> 32) * keys_) >> 32;
      if (!kMix.Expires(key)) return key;
    }
  }

  void Wait(const Sweep* sweep) const {
    pollfd waiting[] = {{socket_.descriptor(), POLLIN, 0},
                        {sweep == nullptr ? -1 : sweep->descriptor(), POLLIN, 0}};
    poll(waiting, 2, -1);
  }

  const Socket socket_;
  const uint64_t keys_;
  const bool may_spin_;
  const RequestText text_{{"GET", KeyText(0)}};
  std::mt19937_64 random_{1};
  std::string request_;
  std::vector<char> received_;
  ReplyCounter replies_;
};

// Keeps processors busy with a thread of the lowest priority, which dcs-sim's sweeps also have. It
// only computes, so a server beside it waits for nothing but the processor.
class BusyThread {
 public:
  explicit BusyThread(const std::vector<int>& processors)
      : thread_([this, processors] { Compute(processors); }) {}
  ~BusyThread() {
    stop_.store(true, std::memory_order_relaxed);
    thread_.join();
  }
  BusyThread(const BusyThread&) = delete;
  BusyThread& operator=(const BusyThread&) = delete;

 private:
  static constexpr int kLowest = 19;

  void Compute(const std::vector<int>& processors) {
    PinThisThread(processors);
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowest);
    while (!stop_.load(std::memory_order_relaxed)) {
    }
  }

  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct Samples {
  std::vector<double> idle;
  std::vector<double> busy;
  std::vector<double> sweeping;
  int sweeps = 0;
};

struct Series {
  const char* name;
  std::vector<double> Samples::*samples;
};
constexpr Series kSeries[] = {{"idle", &Samples::idle},
                              {"beside a thread that only computes", &Samples::busy},
                              {"during a sweep", &Samples::sweeping}};

absl::Status SampleFor(double seconds, ClosedLoop& loop, std::vector<double>& samples) {
  bool ended = false;
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(seconds));
  while (Clock::now() < end) {
    const auto latency = loop.Get(nullptr, ended);
    if (!latency.ok()) return latency.status();
    samples.push_back(*latency);
  }
  return absl::OkStatus();
}

// A sample counts if its request was sent after the sweep's, and before the sweep's end was seen.
absl::Status SampleSweep(ClosedLoop& loop, const RunningServer& server, Samples& samples) {
  const auto sweep = PrepareSweep(server, Blocking::kNo);
  if (!sweep.ok()) return sweep.status();
  if (absl::Status status = (*sweep)->Start(); !status.ok()) return status;
  bool ended = false;
  while (!ended) {
    const auto latency = loop.Get(sweep->get(), ended);
    if (!latency.ok()) return latency.status();
    samples.sweeping.push_back(*latency);
    if (ended) break;
    const auto advanced = (*sweep)->Advance();
    if (!advanced.ok()) return advanced.status();
    ended = *advanced;
  }
  ++samples.sweeps;
  return absl::OkStatus();
}

absl::StatusOr<Samples> SampleServer(Comparison& comparison, size_t side) {
  const Settings& settings = comparison.settings();
  const auto server = comparison.Start(side);
  if (!server.ok()) return server.status();
  auto socket = Socket::Connect((*server)->resp_port(), Blocking::kNo);
  if (!socket.ok()) return socket.status();
  ClosedLoop loop(*std::move(socket), settings.latency_keys, !comparison.cores().shared());

  Samples samples;
  const Clock::time_point start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  do {
    const Mix& mix = samples.sweeps == 0 ? kMix : kRefill;
    absl::Status status = comparison.LoadKeys(**server, mix, 0, settings.latency_keys);
    if (!status.ok()) return status;
    comparison.WaitForDeadlines();
    status = SampleFor(kSeconds, loop, samples.idle);
    if (status.ok()) {
      const BusyThread busy(comparison.cores().server);
      status = SampleFor(kSeconds, loop, samples.busy);
    }
    if (status.ok()) status = SampleSweep(loop, **server, samples);
    if (!status.ok()) return status;
    comparison.progress().Detail(std::to_string(samples.sweeping.size()) + " samples during " +
                                 std::to_string(samples.sweeps) + " sweeps");
  } while (samples.sweeping.size() < settings.latency_samples &&
           elapsed() < settings.latency_seconds);
  return samples;
}

using BothSamples = std::array<Samples, kSides>;

std::string Counts(const BothSamples& samples, const Series& series) {
  const bool sweeping = series.samples == &Samples::sweeping;
  std::string text;
  for (const Samples& side : samples) {
    if (!text.empty()) text += " : ";
    text += std::to_string((side.*series.samples).size());
    if (sweeping) text += " in " + std::to_string(side.sweeps);
  }
  return text + (sweeping ? " sweeps" : " samples");
}

// p99.9 of the series relative to idle. `figures` begins with those of all series in order.
Figure Slowdown(const std::vector<Figure>& figures, size_t series) {
  const auto slowest = [&](size_t of) -> const Figure& {
    return figures[(of + 1) * std::size(kLevels) - 1];
  };
  Figure figure{figures.front().group,
                std::string("p99.9 ") + kSeries[series].name + " against idle", Unit::kTimes,
                Better::kLess, "slowdown"};
  for (size_t side = 0; side < kSides; ++side) {
    figure.sides[side].rounds = {Median(slowest(series).sides[side].rounds) /
                                 Median(slowest(0).sides[side].rounds)};
  }
  return figure;
}

std::vector<Figure> LatencyFigures(const BothSamples& samples, uint64_t keys) {
  const std::string group = "GET latency, one connection, " + tools::WithCommas(keys) + " keys";
  std::vector<Figure> figures;
  for (const Series& series : kSeries) {
    for (const Level& level : kLevels) {
      Figure figure{group,
                    std::string(series.name) + ", " + level.name,
                    Unit::kSeconds,
                    Better::kLess,
                    "time",
                    {},
                    Counts(samples, series)};
      for (size_t side = 0; side < kSides; ++side) {
        figure.sides[side].rounds = {Percentile(samples[side].*series.samples, level.percent)};
      }
      figures.push_back(std::move(figure));
    }
  }
  for (size_t series = 1; series < std::size(kSeries); ++series) {
    figures.push_back(Slowdown(figures, series));
  }
  return figures;
}

}  // namespace

absl::Status CompareLatency(Comparison& comparison) {
  comparison.progress().Begin("latency", kSides);
  BothSamples samples;
  for (size_t side = 0; side < kSides; ++side) {
    comparison.Step("GET beside sweeps", side, 0);
    auto sampled = SampleServer(comparison, side);
    if (!sampled.ok()) return sampled.status();
    samples[side] = *std::move(sampled);
  }
  comparison.Add(LatencyFigures(samples, comparison.settings().latency_keys));
  return absl::OkStatus();
}

}  // namespace dcs::bench
