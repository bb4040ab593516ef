// What a policy is made of: the parts that release keys, each driven by the event queue.
//
// Each charges the simulated node for its work by the cost model, and notes what it really cost.
// Thread safety: one thread, the event queue's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "scanner/event_queue.h"
#include "store/keyspace.h"
#include "tools/simulate/node_cpu.h"
#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// What reclamation has done so far.
struct WorkLedger {
  uint64_t steps = 0;
  uint64_t looked_at = 0;
  int64_t real_cpu_ns = 0;
};

struct ScanTotals {
  uint64_t scans = 0;
  uint64_t failed = 0;
  uint64_t skipped = 0;
  uint64_t steps = 0;
  uint64_t visited = 0;
  uint64_t released = 0;
  uint64_t ended = 0;
  TimeMs duration_ms = 0;  // of those that have ended, in all
  int64_t cost_ns = 0;     // what their steps cost the node, by the cost model
};

// Where mechanisms work. All must outlive them.
struct Workbench {
  scanner::EventQueue& events;
  store::Keyspace& keyspace;
  const CostModel& costs;
  NodeCpu& cpu;
  WorkLedger& ledger;
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
};

std::vector<std::unique_ptr<Mechanism>> MechanismsOf(const Policy& policy, TimeMs duration_ms,
                                                     Workbench& bench);

}  // namespace dcs::simulate
