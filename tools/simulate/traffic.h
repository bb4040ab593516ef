// What clients do while keys expire: reads and writes at random, on a node that does one thing at a
// time.
//
// A stream asks for keys of one group at its own rate and popularity. Arrivals, keys and what is
// written depend on the seed alone, not on the policy: every policy meets the same clients. Only what
// is missed does: a read that finds nothing may fetch the value from elsewhere and write it a little
// later, and until then others miss it too.
//
// Thread safety: one thread, the event queue's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "scanner/event_queue.h"
#include "store/keyspace.h"
#include "store/transaction.h"
#include "tools/simulate/arrivals.h"
#include "tools/simulate/delays.h"
#include "tools/simulate/expiry_ledger.h"
#include "tools/simulate/key_maker.h"
#include "tools/simulate/node_cpu.h"
#include "tools/simulate/report.h"
#include "tools/simulate/scenario.h"
#include "tools/simulate/zipf.h"

namespace dcs::simulate {

class Traffic {
 public:
  // Called when the node has answered a command, with the time at which it is done.
  using Answered = absl::FunctionRef<void(int64_t at_ns)>;

  // All must outlive it.
  Traffic(const Scenario& scenario, scanner::EventQueue& events, store::Keyspace& keyspace,
          NodeCpu& cpu, ExpiryLedger& ledger);

  // Executes what arrives before `until_ms`, each command at its own time, to which the event queue
  // is moved. REQUIRES: no event falls due before that; times do not go back. Errors: what the store
  // refuses.
  absl::Status RunUntil(TimeMs until_ms, Answered answered);

  TrafficCounts counts() const;  // the sums of all streams', of most_waiting too
  std::vector<TrafficCounts> StreamCounts() const;
  const Delays& delays() const { return delays_; }
  // Of the commands since it was last asked.
  Delays TakeRecentDelays();

 private:
  struct Stream {
    const TrafficStream& plan;
    size_t place;  // among the streams
    KeyMaker& maker;
    uint64_t& keys;  // of its group, so far
    std::optional<Zipf> zipf;
    Arrivals arrivals;
    Random random;
    int64_t next_ns = 0;
    uint64_t commands = 0;
    uint64_t waiting = 0;  // for a value from elsewhere
    TrafficCounts counts{};
  };
  // A value that was missed arrives from elsewhere.
  struct Fill {
    int64_t at_ns;
    uint64_t order;  // of those at the same time
    size_t stream;
    uint64_t number;
    bool operator>(const Fill& other) const {
      return at_ns != other.at_ns ? at_ns > other.at_ns : order > other.order;
    }
  };

  // The stream whose command comes first; nullptr where there is none.
  Stream* Earliest();
  static uint64_t PickKey(Stream& stream);
  void Read(Stream& stream, int64_t at_ns);
  absl::Status Write(Stream& stream, uint64_t number, int64_t at_ns);
  // Charges the node for one command, and for what it released.
  void Charge(int64_t at_ns, const store::Transaction::ReleasedOnAccess& released);

  const Scenario& scenario_;
  scanner::EventQueue& events_;
  store::Keyspace& keyspace_;
  NodeCpu& cpu_;
  ExpiryLedger& ledger_;
  std::vector<std::unique_ptr<KeyMaker>> makers_;  // of the groups
  std::vector<uint64_t> keys_;
  std::vector<Stream> streams_;
  std::priority_queue<Fill, std::vector<Fill>, std::greater<>> fills_;
  uint64_t fills_asked_ = 0;
  std::string name_;
  Delays delays_;
  Delays recent_;
};

// What a scenario's traffic comes to, at most: every write a new key where the stream makes new ones.
struct TrafficEstimate {
  double commands = 0;
  double new_keys = 0;
};
TrafficEstimate EstimateTraffic(const TrafficStream& stream, TimeMs duration_ms);

}  // namespace dcs::simulate
