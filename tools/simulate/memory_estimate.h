// Estimates the memory of a scenario before anything is loaded.
//
// Each figure is an upper bound: random draws exceed it with a chance of about one in a million. It
// assumes that no key made by traffic is released, and includes the store's overhead (empty slots,
// dead records, open chunks; store/table.md). memory_estimate_test.cc checks it against a loaded
// Keyspace. Unit: bytes.
//
// Thread safety: free functions.
#pragma once

#include "tools/simulate/scenario.h"

namespace dcs::simulate {

// The largest key that can be drawn, including its value.
double LargestKeyBytes(const KeyGroup& group);
// The group's keys after loading.
double LoadBytes(const KeyGroup& group);
// The memory that the stream adds: new keys, replaced values, reads that wait for a value.
double TrafficBytes(const Scenario& scenario, const TrafficStream& stream);
// The run of one policy: all groups, streams and series.
double RunBytes(const Scenario& scenario);
// The report on all policies while it is written: its series and texts.
double ReportBytes(const Scenario& scenario);

}  // namespace dcs::simulate
