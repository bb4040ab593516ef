// The subjects of store_bench: each file registers its benchmarks; main.cc lists them in order.
//
// Names are Subject/contestant[/variant]/argument:value/..., so that --benchmark_filter can choose:
//   store_bench --benchmark_filter='^Sweep/keyspace/.*keys:50000000/'
#pragma once

#include <cstdint>
#include <string>

#include "benchmark/benchmark.h"

namespace dcs::bench {

void RegisterCensus();
void RegisterChurn();
void RegisterEvacuation();
void RegisterExpire();
void RegisterGet();
void RegisterGrowth();
void RegisterLazyFree();
void RegisterLockHolds();
void RegisterMixed();
void RegisterPacedSweep();
void RegisterPageRead();
void RegisterPlainRead();
void RegisterScan();
void RegisterSet();
void RegisterSweep();

// Single operations over `keys` keys, `operations` in total: on one thread and on two.
inline void RegisterOperations(const std::string& name, benchmark::internal::Function* run,
                               int64_t keys, int64_t operations) {
  for (const int threads : {1, 2}) {
    benchmark::RegisterBenchmark(name.c_str(), run)
        ->ArgName("keys")
        ->Arg(keys)
        ->Iterations(operations / threads)
        ->Threads(threads)
        ->UseRealTime();
  }
}

// Enough for a stable figure within minutes; a multiple of every batch size.
inline constexpr int64_t kOperations = int64_t{1} << 21;

}  // namespace dcs::bench
