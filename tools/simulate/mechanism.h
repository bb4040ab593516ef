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
  std::function<void()> take_sample;  // of the present, beside the samples that the scenario plans

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
