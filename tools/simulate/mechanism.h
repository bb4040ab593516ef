// The mechanisms of a policy: the parts that release keys, each driven by the event queue.
//
// Each mechanism reports its releases to the ledger, charges the simulated node for its work by the
// cost model, and records the real cost. Thread safety: one thread, the event queue's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "scanner/event_queue.h"
#include "store/keyspace.h"
#include "tools/simulate/expiry_ledger.h"
#include "tools/simulate/node_cpu.h"
#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// kPlanned: a sample of the scenario. kEdge: an extra sample at which the node becomes busy or
// idle. kLevel: an extra sample of levels only. CPU shares cover the time between two samples other
// than kLevel; traffic rates cover the time between two kPlanned samples.
enum class SampleKind : uint8_t { kPlanned, kEdge, kLevel };

// Maximum number of scans or fast sweeps of a policy that a plot marks and that get extra samples.
inline constexpr size_t kMostMarkedTimes = 500;

// The work of reclamation since the start.
struct WorkLedger {
  uint64_t steps = 0;
  uint64_t looked_at = 0;
  int64_t real_cpu_ns = 0;
};

// The environment of mechanisms. All members must outlive them.
struct Workbench {
  scanner::EventQueue& events;
  store::Keyspace& keyspace;
  const CostModel& costs;
  NodeCpu& cpu;
  ExpiryLedger& ledger;
  WorkLedger& work;
  // Takes an extra sample now, beside the scenario's planned samples.
  std::function<void(SampleKind)> take_sample;

  TimeMs now() const { return events.clock().Now(); }
};

class Mechanism {
 public:
  virtual ~Mechanism() = default;
  // Starts reclamation. Called from an event.
  virtual void Start() = 0;
  // Called after the node has answered a client; the answer is done at `at_ns`.
  virtual void AfterAnswer([[maybe_unused]] int64_t at_ns) {}
  // Called before each sample.
  virtual void BeforeSample() {}
  virtual void AddTo(ScanTotals&) const {}
  // Adds the marks for plots, in any order.
  virtual void AddTo(std::vector<Marker>&) const {}
};

std::vector<std::unique_ptr<Mechanism>> MechanismsOf(const Policy& policy, TimeMs duration_ms,
                                                     Workbench& bench);

}  // namespace dcs::simulate
