// Google Benchmark's main(), which ends with exit code 7 where the device that is asked for is not there.
#include <benchmark/benchmark.h>

#include "benchmarks/support/context.hpp"

int main(int argc, char** argv) {
  return nextbest::bench::run_and_explain("bench_kernels", [&] {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
  });
}
