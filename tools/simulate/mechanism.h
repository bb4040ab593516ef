// What a policy is made of: the parts that release keys, each driven by the event queue.
//
// Each tells the ledger what it releases, charges the simulated node for its work by the cost model, and
// notes what it really cost. Thread safety: one thread, the event queue's.
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

// kPlanned: the scenario's. kEdge: one more, at which the node begins or ends to be busy. kLevel: one more, of
// levels alone. Shares of the CPU are of the time between two samples that are no kLevel; rates of traffic, between
// two that are kPlanned.
enum class SampleKind : uint8_t { kPlanned, kEdge, kLevel };

// Scans, or fast sweeps, of a policy that a plot marks and that get samples of their own.
inline constexpr size_t kMostMarkedTimes = 500;

// What reclamation has done so far.
struct WorkLedger {
  uint64_t steps = 0;
  uint64_t looked_at = 0;
  int64_t real_cpu_ns = 0;
};

// Where mechanisms work. All must outlive them.
struct Workbench {
  scanner::EventQueue& events;
  store::Keyspace& keyspace;
  const CostModel& costs;
  NodeCpu& cpu;
  ExpiryLedger& ledger;
  WorkLedger& work;
  // Of the present, beside the samples that the scenario plans.
  std::function<void(SampleKind)> take_sample;

  TimeMs now() const { return events.clock().Now(); }
};

class Mechanism {
 public:
  virtual ~Mechanism() = default;
  // Reclamation begins. Called from an event.
  virtual void Start() = 0;
  // Called when the node has answered a client, which is done at `at_ns`.
  virtual void AfterAnswer([[maybe_unused]] int64_t at_ns) {}
  // Called before each sample.
  virtual void BeforeSample() {}
  virtual void AddTo(ScanTotals&) const {}
  // What a plot should mark, in any order.
  virtual void AddTo(std::vector<Marker>&) const {}
};

std::vector<std::unique_ptr<Mechanism>> MechanismsOf(const Policy& policy, TimeMs duration_ms,
                                                     Workbench& bench);

}  // namespace dcs::simulate
