// Our side of pairs_implicit.py.
//   bench_pairs make MATRIX CUSTOMERS ITEMS      writes baskets: indptr.i64, indices.i32, customers.i32
//   bench_pairs count MATRIX MEASURE K           indexes, counts, and makes all measures of the pairs kept
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "benchmarks/support/clock.hpp"
#include "benchmarks/support/context.hpp"
#include "benchmarks/support/raw_file.hpp"
#include "host/bench/zipf_baskets.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/ops/pair_measures.hpp"
#include "kernels/ops/pair_top_k.hpp"

namespace {

using namespace nextbest;

constexpr Offset kTileRows = 33'000;  // what count_pairs() takes for lists of 50

/// Lists of one tile of rows, and the measures of what is listed.
struct Tile {
  Tile(Offset rows, Offset k_)
      : k(k_),
        item(rows * k),
        score(rows * k),
        count(rows * k),
        weight(rows * k),
        customers(rows * k),
        both(rows * k),
        a(rows * k),
        b(rows * k),
        expected(rows * k) {
    for (auto& column : measures) column.resize(rows * k);
  }
  PairLists view(Offset rows) {
    return {{item.data(), rows, k},   {score.data(), rows, k},     {count.data(), rows, k},
            {weight.data(), rows, k}, {customers.data(), rows, k}, {expected.data(), rows, k}};
  }

  Offset k;
  std::vector<Code> item;
  std::vector<float> score;
  std::vector<std::int64_t> count, weight, customers;
  std::vector<double> both, a, b, expected;
  std::array<std::vector<double>, 9> measures;
};

/// What is listed, in numbers that two runs can be compared by.
struct Listed {
  std::int64_t pairs, sum;
};

Listed measure(const Context& ctx, const PairTotals& totals, Offset begin, Offset rows, Tile& tile) {
  std::atomic<std::int64_t> pairs = 0, sum = 0;
  parallel_for(ctx, rows, 256, [&](Offset from, Offset to, int) {
    const std::size_t first = from * tile.k, n = (to - from) * tile.k;
    Listed listed{0, 0};
    for (std::size_t i = first; i < first + n; ++i) {
      const Offset target = begin + static_cast<Offset>(i) / tile.k;
      tile.both[i] = static_cast<double>(tile.count[i]);
      tile.a[i] = static_cast<double>(totals.count[target]);
      listed.pairs += tile.item[i] != kNoCode;
      listed.sum += tile.count[i] + tile.customers[i];
      tile.b[i] = static_cast<double>(tile.item[i] == kNoCode ? 1 : totals.count[tile.item[i]]);
    }
    const auto part = [&](std::vector<double>& column) { return std::span(column).subspan(first, n); };
    auto& m = tile.measures;
    pair_measures(
        {part(tile.both), part(tile.a), part(tile.b), part(tile.expected), static_cast<double>(totals.units)},
        {part(m[0]), part(m[1]), part(m[2]), part(m[3]), part(m[4]), part(m[5]), part(m[6]), part(m[7]), part(m[8])});
    pairs += listed.pairs;
    sum += listed.sum;
  });
  return {pairs, sum};
}

void count(const std::filesystem::path& folder, Measure by, Offset k) {
  Csr<float> baskets;
  baskets.indptr = bench::read_raw<Offset>(folder / "indptr.i64");
  baskets.indices = bench::read_raw<Code>(folder / "indices.i32");
  for (const Code item : baskets.indices) baskets.cols = std::max<Offset>(baskets.cols, item + 1);
  const auto customers = bench::read_raw<Code>(folder / "customers.i32");
  Tile tile(kTileRows, k);
  Context ctx = bench::asked_context();
  const bench::Clock clock;
  const auto index = index_pairs(ctx, {baskets.view(), {}, customers});
  const nlohmann::json indexed = clock.taken();
  double measuring = 0;
  std::int64_t pairs = 0, sum = 0;
  for (Offset begin = 0; begin < baskets.cols; begin += kTileRows) {
    const Offset rows = std::min(kTileRows, baskets.cols - begin);
    PairParams params{.measure = by, .k = static_cast<int>(k), .begin = begin, .end = begin + rows};
    pair_top_k(ctx, *index, params, tile.view(rows));
    const bench::Clock measuring_clock;
    const Listed listed = measure(ctx, index->totals, begin, rows, tile);
    measuring += static_cast<double>(measuring_clock.taken()["cpu_seconds"]);
    pairs += listed.pairs;
    sum += listed.sum;
  }
  nlohmann::json taken = clock.taken();
  taken.update({{"index_cpu_seconds", indexed["cpu_seconds"]},
                {"measures_cpu_seconds", measuring},
                {"pairs", pairs},
                {"sum", sum}});
  std::cout << taken << '\n';
}

void make(const std::filesystem::path& folder, Offset customers, Offset items) {
  const bench::Baskets made = bench::zipf_baskets(bench::asked_context(), customers, items);
  bench::write_raw(folder / "indptr.i64", made.items.indptr);
  bench::write_raw(folder / "indices.i32", made.items.indices);
  bench::write_raw(folder / "customers.i32", made.customers);
}

Measure measure_named(const char* name) {
  return std::strcmp(name, "count") == 0    ? Measure::kCount
         : std::strcmp(name, "cosine") == 0 ? Measure::kCosine
                                            : Measure::kLlr;
}

int run(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "make") == 0) {
    make(argv[2], std::atoll(argv[3]), std::atoll(argv[4]));
  } else if (argc == 5 && std::strcmp(argv[1], "count") == 0) {
    count(argv[2], measure_named(argv[3]), std::atoll(argv[4]));
  } else {
    std::fputs("usage: bench_pairs make MATRIX CUSTOMERS ITEMS | count MATRIX MEASURE K\n", stderr);
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return nextbest::bench::run_and_explain("bench_pairs", [&] { return run(argc, argv); });
}
