#include <benchmark/benchmark.h>

#include "benchmarks/support/context.hpp"
#include "host/bench/zipf_ratings.hpp"
#include "kernels/core/philox.hpp"
#include "kernels/ops/solve_rows.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest::bench {
namespace {

/// One half-step: the rows of customers, or of items. range(0) customers and a fifth as many items, range(1) dim.
void solve(benchmark::State& state, bool items) {
  Context ctx = asked_context();
  const Offset customers = state.range(0), dim = state.range(1);
  Csr<float> ratings = zipf_ratings(ctx, customers, customers / 5 + 1), by_item;
  if (items) {
    transpose(ctx, ratings.view(), by_item);
    std::swap(ratings, by_item);
  }
  const CsrView<float> rows = ratings.view();
  std::vector<BFloat16> factors(rows.cols * dim);
  for (std::size_t i = 0; i < factors.size(); ++i)
    factors[i] = BFloat16(static_cast<float>(philox_uniform(1, 1, i) - .5));
  const std::vector<double> eigenvalues(dim, static_cast<double>(rows.cols) / 12);
  std::vector<float> out(rows.rows() * dim);
  RowSystems systems;
  systems.ratings = rows;
  systems.factors = {factors.data(), rows.cols, dim};
  systems.eigenvalues = eigenvalues;
  systems.unobserved_weight = .01;
  systems.regularization = .01;
  for (auto _ : state) solve_rows(ctx, systems, {out.data(), rows.rows(), dim});

  // Reading the vectors once, and once more per step: a dot product and a sum each, the last step without the sum;
  // the first pass sums the squares too.
  const double entries = static_cast<double>(rows.nnz()), passes = 3 + 2 * systems.steps - 1;
  using benchmark::Counter;
  state.counters["entries/s"] = Counter(entries, Counter::kIsIterationInvariantRate);
  state.counters["flop/s"] =
      Counter(2 * entries * static_cast<double>(dim) * passes, Counter::kIsIterationInvariantRate);
  state.counters["gathered B/s"] =
      Counter(entries * static_cast<double>(dim * sizeof(BFloat16)), Counter::kIsIterationInvariantRate);
}

void solve_customers(benchmark::State& state) {
  solve(state, false);
}
void solve_items(benchmark::State& state) {
  solve(state, true);
}

BENCHMARK(solve_customers)
    ->ArgsProduct({{1'000, 100'000}, {64, 128}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();
BENCHMARK(solve_items)
    ->ArgsProduct({{1'000, 100'000}, {64, 128}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace nextbest::bench
