// store_bench: measures the store in one process, beside hash maps. All options are Google
// Benchmark's; --benchmark_list_tests lists the benchmarks.
//
// Without --benchmark_filter it skips sizes from ten million keys on and takes some minutes. With a
// filter it runs everything that matches:
//   store_bench --benchmark_filter='^Get' --benchmark_repetitions=5
//               --benchmark_report_aggregates_only=true
//
// The line "Library was built as DEBUG" refers to Debian's package of Google Benchmark; the line
// "build" tells how the store was built.
#include <cstdio>
#include <string>

#include "bench/contestants.h"
#include "bench/keys.h"
#include "bench/side_by_side/machine.h"
#include "bench/subjects.h"
#include "benchmark/benchmark.h"

namespace dcs::bench {
namespace {

constexpr void (*kSubjects[])() = {
    RegisterGet,       RegisterSet,        RegisterExpire,     RegisterMixed,    RegisterSweep,
    RegisterPlainRead, RegisterPageRead,   RegisterPacedSweep, RegisterCensus,   RegisterScan,
    RegisterGrowth,    RegisterEvacuation, RegisterChurn,      RegisterLazyFree, RegisterLockHolds,
};

// A leading "-" excludes matches. Eight digits are ten million keys and more.
constexpr const char* kDefaultFilter = "-keys:[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]";

void AddHeader() {
  benchmark::AddCustomContext("keys",
                              std::to_string(kKeyBytes) + " bytes, made within the time measured");
  benchmark::AddCustomContext(
      "values", std::to_string(kValueBytes) + " bytes, with a deadline unless the name says else");
  benchmark::AddCustomContext(
      "contestants",
      std::to_string(kShards) + " shards with a store::ShardMutex each, one hash function");
  benchmark::AddCustomContext("build", BuildFact());
  for (const auto& [name, fact] : MachineFacts()) benchmark::AddCustomContext(name, fact);
#ifndef NDEBUG
  std::fputs("***WARNING*** Built with assertions: these are not the store's figures.\n", stderr);
#endif
}

}  // namespace
}  // namespace dcs::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  for (const auto register_subject : dcs::bench::kSubjects) register_subject();
  dcs::bench::AddHeader();
  if (benchmark::GetBenchmarkFilter().empty()) {
    benchmark::SetBenchmarkFilter(dcs::bench::kDefaultFilter);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
