// Client traffic while keys expire: random reads and writes on a node that does one thing at a
// time.
//
// A stream accesses keys of one group at its own rate and popularity. Arrivals, keys and written
// values depend only on the seed, not on the policy, so every policy has the same clients. Only
// misses depend on the policy: a read that misses may fetch the value from elsewhere and write it a
// little later; until then other reads miss as well.
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
  // Called when the node has answered a command; `at_ns` is the time at which it is done.
  using Answered = absl::FunctionRef<void(int64_t at_ns)>;

  // All arguments must outlive this object.
  Traffic(const Scenario& scenario, scanner::EventQueue& events, store::Keyspace& keyspace,
          NodeCpu& cpu, ExpiryLedger& ledger);

  // Executes the commands that arrive before `until_ms`, each at its own time, and moves the event
  // queue to that time. REQUIRES: no event is due before `until_ms`; times do not go back. Errors:
  // those of the store.
  absl::Status RunUntil(TimeMs until_ms, Answered answered);

  TrafficCounts counts() const;  // sums over all streams, including most_waiting
  std::vector<TrafficCounts> StreamCounts() const;
  const Delays& delays() const { return delays_; }
  // The delays of the commands since the last call.
  Delays TakeRecentDelays();

 private:
  struct Stream {
    const TrafficStream& plan;
    size_t place;  // index among the streams
    KeyMaker& maker;
    uint64_t& keys;  // number of keys in its group so far
    std::optional<Zipf> zipf;
    Arrivals arrivals;
    Random random;
    int64_t next_ns = 0;
    uint64_t commands = 0;
    uint64_t waiting = 0;  // reads that wait for a value from elsewhere
    TrafficCounts counts{};
  };
  // A missed value that arrives from elsewhere.
  struct Fill {
    int64_t at_ns;
    uint64_t order;  // order among fills of the same time
    size_t stream;
    uint64_t number;
    bool operator>(const Fill& other) const {
      return at_ns != other.at_ns ? at_ns > other.at_ns : order > other.order;
    }
  };

  // The stream with the next command; nullptr if there is none.
  Stream* Earliest();
  static uint64_t PickKey(Stream& stream);
  void Read(Stream& stream, int64_t at_ns);
  absl::Status Write(Stream& stream, uint64_t number, int64_t at_ns);
  // Charges the node for one command and for the keys it released.
  void Charge(int64_t at_ns, const store::Transaction::ReleasedOnAccess& released);

  const Scenario& scenario_;
  scanner::EventQueue& events_;
  store::Keyspace& keyspace_;
  NodeCpu& cpu_;
  ExpiryLedger& ledger_;
  std::vector<std::unique_ptr<KeyMaker>> makers_;  // one per group
  std::vector<uint64_t> keys_;
  std::vector<Stream> streams_;
  std::priority_queue<Fill, std::vector<Fill>, std::greater<>> fills_;
  uint64_t fills_asked_ = 0;
  std::string name_;
  Delays delays_;
  Delays recent_;
};

// An upper bound of a scenario's traffic: every write adds a key if the stream makes new ones.
struct TrafficEstimate {
  double commands = 0;
  double new_keys = 0;
};
TrafficEstimate EstimateTraffic(const TrafficStream& stream, TimeMs duration_ms);

}  // namespace dcs::simulate
