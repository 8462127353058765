#include <algorithm>

#include <benchmark/benchmark.h>

#include "benchmarks/support/context.hpp"
#include "host/bench/zipf_baskets.hpp"
#include "kernels/ops/pair_top_k.hpp"

namespace nextbest::bench {
namespace {

/// Lists of 50 in tiles, as they are made by count_pairs().
void count_all(Context& ctx, const PairIndex& index, Measure measure) {
  constexpr Offset kRows = 20'000, kPlaces = 50;
  std::vector<Code> item(kRows * kPlaces);
  std::vector<float> score(kRows * kPlaces);
  std::vector<std::int64_t> count(kRows * kPlaces), weight(kRows * kPlaces), customers(kRows * kPlaces);
  std::vector<double> expected(kRows * kPlaces);
  for (Offset begin = 0; begin < index.items; begin += kRows) {
    const Offset n = std::min(kRows, index.items - begin);
    pair_top_k(ctx, index, {.measure = measure, .k = static_cast<int>(kPlaces), .begin = begin, .end = begin + n},
               {{item.data(), n, kPlaces},
                {score.data(), n, kPlaces},
                {count.data(), n, kPlaces},
                {weight.data(), n, kPlaces},
                {customers.data(), n, kPlaces},
                {expected.data(), n, kPlaces}});
  }
}

/// range(0) customers and a fifth as many items; with `everywhere`, one more item is in every basket.
void count_pairs(benchmark::State& state, Measure measure, bool everywhere) {
  Context ctx = asked_context();
  const Baskets baskets = zipf_baskets(ctx, state.range(0), state.range(0) / 5 + 1, everywhere);
  const auto index = index_pairs(ctx, {baskets.items.view(), {}, baskets.customers});
  for (auto _ : state) count_all(ctx, *index, measure);
  double increments = 0;
  for (Offset u = 0; u < baskets.items.view().rows(); ++u) {
    const auto size = static_cast<double>(baskets.items.view().row_size(u));
    increments += size * size;
  }
  state.counters["increments/s"] = benchmark::Counter(increments, benchmark::Counter::kIsIterationInvariantRate);
}

void index_units(benchmark::State& state) {
  Context ctx = asked_context();
  const Baskets baskets = zipf_baskets(ctx, state.range(0), state.range(0) / 5 + 1);
  for (auto _ : state) benchmark::DoNotOptimize(index_pairs(ctx, {baskets.items.view(), {}, baskets.customers}));
  state.counters["lines/s"] = benchmark::Counter(static_cast<double>(baskets.items.view().nnz()),
                                                 benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK_CAPTURE(count_pairs, llr, Measure::kLlr, false)->Arg(1000)->Arg(500'000)->UseRealTime();
BENCHMARK_CAPTURE(count_pairs, cosine, Measure::kCosine, false)->Arg(1000)->Arg(500'000)->UseRealTime();
BENCHMARK_CAPTURE(count_pairs, one_item_everywhere, Measure::kLlr, true)->Arg(1000)->Arg(500'000)->UseRealTime();
BENCHMARK(index_units)->Arg(1000)->Arg(500'000)->UseRealTime();

}  // namespace
}  // namespace nextbest::bench
