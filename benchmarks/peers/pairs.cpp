// Our side of pairs_implicit.py.
//   bench_pairs make MATRIX CUSTOMERS ITEMS      writes baskets: indptr.i64, indices.i32, customers.i32
//   bench_pairs count MATRIX MEASURE K           indexes, counts, and makes all measures of the pairs kept
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "benchmarks/support/clock.hpp"
#include "benchmarks/support/raw_file.hpp"
#include "benchmarks/support/zipf_baskets.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/ops/pair_top_k.hpp"

namespace {

using namespace nextbest;

constexpr Offset kTileRows = 20'000;

/// Lists of one tile of rows, and the measures of what is listed.
struct Tile {
  Tile(Offset rows, Offset k)
      : item(rows * k),
        score(rows * k),
        count(rows * k),
        weight(rows * k),
        customers(rows * k),
        expected(rows * k),
        measures(rows * k) {}
  PairLists view(Offset rows, Offset k) {
    return {{item.data(), rows, k},   {score.data(), rows, k},     {count.data(), rows, k},
            {weight.data(), rows, k}, {customers.data(), rows, k}, {expected.data(), rows, k}};
  }

  std::vector<Code> item;
  std::vector<float> score;
  std::vector<std::int64_t> count, weight, customers;
  std::vector<double> expected;
  std::vector<std::array<double, 9>> measures;
};

void measure(const Context& ctx, const PairTotals& totals, Offset begin, Offset rows, Offset k, Tile& tile) {
  parallel_for(ctx, rows, 256, [&](Offset from, Offset to, int) {
    for (Offset i = from * k; i < to * k; ++i) {
      if (tile.item[i] == kNoCode) continue;
      const PairCounts n{static_cast<double>(tile.count[i]), static_cast<double>(totals.count[begin + i / k]),
                         static_cast<double>(totals.count[tile.item[i]]), static_cast<double>(totals.units)};
      tile.measures[i] = {support(n), confidence(n), wilson_lower(n.both, n.a),
                          lift(n),    jaccard(n),    cosine(n),
                          npmi(n),    llr(n),        shrunk_lift(n.both, tile.expected[i], 5)};
    }
  });
}

void count(const std::filesystem::path& folder, Measure by, Offset k) {
  Csr<float> baskets;
  baskets.indptr = bench::read_raw<Offset>(folder / "indptr.i64");
  baskets.indices = bench::read_raw<Code>(folder / "indices.i32");
  for (const Code item : baskets.indices) baskets.cols = std::max<Offset>(baskets.cols, item + 1);
  const auto customers = bench::read_raw<Code>(folder / "customers.i32");
  Tile tile(kTileRows, k);
  Context ctx = bench::on_all_cores();
  const bench::Clock clock;
  const auto index = index_pairs(ctx, {baskets.view(), {}, customers});
  const nlohmann::json indexed = clock.taken();
  double measuring = 0;
  std::int64_t pairs = 0, sum = 0;
  for (Offset begin = 0; begin < baskets.cols; begin += kTileRows) {
    const Offset rows = std::min(kTileRows, baskets.cols - begin);
    PairParams params{.measure = by, .k = static_cast<int>(k), .begin = begin, .end = begin + rows};
    pair_top_k(ctx, *index, params, tile.view(rows, k));
    const bench::Clock measuring_clock;
    measure(ctx, index->totals, begin, rows, k, tile);
    measuring += static_cast<double>(measuring_clock.taken()["cpu_seconds"]);
    for (Offset i = 0; i < rows * k; ++i) {
      pairs += tile.item[i] != kNoCode;
      sum += tile.count[i] + tile.customers[i];
    }
  }
  nlohmann::json taken = clock.taken();
  taken.update({{"index_cpu_seconds", indexed["cpu_seconds"]},
                {"measures_cpu_seconds", measuring},
                {"pairs", pairs},
                {"sum", sum}});
  std::cout << taken << '\n';
}

void make(const std::filesystem::path& folder, Offset customers, Offset items) {
  const bench::Baskets made = bench::zipf_baskets(bench::on_all_cores(), customers, items);
  bench::write_raw(folder / "indptr.i64", made.items.indptr);
  bench::write_raw(folder / "indices.i32", made.items.indices);
  bench::write_raw(folder / "customers.i32", made.customers);
}

Measure measure_named(const char* name) {
  return std::strcmp(name, "count") == 0    ? Measure::kCount
         : std::strcmp(name, "cosine") == 0 ? Measure::kCosine
                                            : Measure::kLlr;
}

}  // namespace

int main(int argc, char** argv) {
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
