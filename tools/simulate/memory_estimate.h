// What a scenario may come to hold in memory, reckoned before anything is loaded.
//
// Each figure is a bound: random draws exceed it with a chance of about one in a million. It counts
// the keys that traffic makes as if none of them were released, and what the store holds beside its
// keys (empty slots, dead records, open chunks; store/table.md). Checked against a loaded Keyspace
// in memory_estimate_test.cc. Bytes.
//
// Thread safety: free functions.
#pragma once

#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// The largest single key that can be drawn, with its value.
double LargestKeyBytes(const KeyGroup& group);
// The group's keys as they are loaded.
double LoadBytes(const KeyGroup& group);
// What the stream adds to that: new keys, values that replace others, reads that wait for a value.
double TrafficBytes(const Scenario& scenario, const TrafficStream& stream);
// One policy's run: all groups and streams, and its series.
double RunBytes(const Scenario& scenario);
// The report on all policies while it is written: the series, and the texts made of them.
double ReportBytes(const Scenario& scenario);

}  // namespace dcs::simulate
