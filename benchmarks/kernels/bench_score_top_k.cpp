#include <cmath>

#include <benchmark/benchmark.h>

#include "benchmarks/support/context.hpp"
#include "kernels/core/philox.hpp"
#include "kernels/ops/score_top_k.hpp"

namespace nextbest::bench {
namespace {

/// Normal factors; with `skew`, norms fall with the code as they do after training with frequency scaling.
std::vector<float> factors(std::uint64_t stream, Offset rows, Offset dim, double skew) {
  std::vector<float> made(rows * dim);
  for (Offset r = 0; r < rows; ++r)
    for (Offset c = 0; c < dim; ++c)
      made[r * dim + c] = static_cast<float>(philox_normal(1, stream, static_cast<std::uint64_t>(r * dim + c)) *
                                             std::pow(static_cast<double>(r + 10), -skew));
  return made;
}

/// range(0) items, range(1) dim; 1024 users, top 10.
void score(benchmark::State& state, double skew) {
  constexpr Offset kUsers = 1024, kPlaces = 10;
  const Offset items = state.range(0), dim = state.range(1);
  Context ctx = asked_context();
  const std::vector<float> w = factors(1, kUsers, dim, 0), h = factors(2, items, dim, skew);
  const std::vector<std::int64_t> popularity(items, 1);
  const auto index = index_items(ctx, {h.data(), items, dim}, popularity);
  std::vector<Code> item(kUsers * kPlaces);
  std::vector<float> scores(kUsers * kPlaces);
  for (auto _ : state)
    score_top_k(ctx, {w.data(), kUsers, dim}, *index, {},
                {{item.data(), kUsers, kPlaces}, {scores.data(), kUsers, kPlaces}});
  // As if every product were made: what a plain matrix product would have to do in the same time.
  state.counters["flop/s"] = benchmark::Counter(2.0 * kUsers * static_cast<double>(items * dim),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK_CAPTURE(score, random, 0.0)->ArgsProduct({{1000, 300'000}, {64, 128}})->UseRealTime();
BENCHMARK_CAPTURE(score, falling_norms, 0.5)->ArgsProduct({{1000, 300'000}, {64, 128}})->UseRealTime();

}  // namespace
}  // namespace nextbest::bench
