// Our side of benchmarks/peers/pairs_implicit.py.
//   bench_pairs make FOLDER CUSTOMERS ITEMS                 writes baskets.indptr.i64, baskets.indices.i32,
//   customers.i32 bench_pairs count FOLDER MEASURE K THREADS ROUNDS       indexes, counts, and makes all measures of
//   the pairs kept;
//                                                           prints the seconds of each round as JSON
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "benchmarks/support/raw_file.hpp"
#include "benchmarks/support/zipf_baskets.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/ops/pair_top_k.hpp"

namespace {

using namespace nextbest;

constexpr Offset kTileRows = 20'000;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

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

int count(const std::filesystem::path& folder, Measure by, Offset k, int threads, int rounds) {
  Csr<float> baskets;
  baskets.indptr = bench::read_raw<Offset>(folder / "baskets.indptr.i64");
  baskets.indices = bench::read_raw<Code>(folder / "baskets.indices.i32");
  for (const Code item : baskets.indices) baskets.cols = std::max<Offset>(baskets.cols, item + 1);
  const auto customers = bench::read_raw<Code>(folder / "customers.i32");
  Tile tile(kTileRows, k);
  for (int round = 0; round < rounds; ++round) {
    Context ctx{Device::kCpu, threads, {}, {}};
    const double start = now(), cpu_start = cpu_seconds();
    const auto index = index_pairs(ctx, {baskets.view(), {}, customers});
    const double indexed = now(), cpu_indexed = cpu_seconds();
    double measuring = 0;
    std::int64_t pairs = 0, sum = 0;
    for (Offset begin = 0; begin < baskets.cols; begin += kTileRows) {
      const Offset rows = std::min(kTileRows, baskets.cols - begin);
      PairParams params{.measure = by, .k = static_cast<int>(k), .begin = begin, .end = begin + rows};
      pair_top_k(ctx, *index, params, tile.view(rows, k));
      const double counted = cpu_seconds();
      measure(ctx, index->totals, begin, rows, k, tile);
      measuring += cpu_seconds() - counted;
      for (Offset i = 0; i < rows * k; ++i) {
        pairs += tile.item[i] != kNoCode;
        sum += tile.count[i] + tile.customers[i];
      }
    }
    std::printf(
        "{\"seconds\": %.4f, \"index_seconds\": %.4f, \"cpu\": %.4f, \"index_cpu\": %.4f, \"measures_cpu\": "
        "%.4f, \"pairs\": %lld, \"sum\": %lld}\n",
        now() - start, indexed - start, cpu_seconds() - cpu_start, cpu_indexed - cpu_start, measuring,
        static_cast<long long>(pairs), static_cast<long long>(sum));
    std::fflush(stdout);
  }
  return 0;
}

int make(const std::filesystem::path& folder, Offset customers, Offset items) {
  const bench::Baskets made = bench::zipf_baskets({Device::kCpu, 2, {}, {}}, customers, items);
  bench::write_raw(folder / "baskets.indptr.i64", made.items.indptr);
  bench::write_raw(folder / "baskets.indices.i32", made.items.indices);
  bench::write_raw(folder / "customers.i32", made.customers);
  std::printf("%zu baskets, %zu lines\n", made.customers.size(), made.items.indices.size());
  return 0;
}

Measure measure_named(const char* name) {
  return std::strcmp(name, "count") == 0    ? Measure::kCount
         : std::strcmp(name, "cosine") == 0 ? Measure::kCosine
                                            : Measure::kLlr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "make") == 0) return make(argv[2], std::atoll(argv[3]), std::atoll(argv[4]));
  if (argc == 7 && std::strcmp(argv[1], "count") == 0)
    return count(argv[2], measure_named(argv[3]), std::atoll(argv[4]), std::atoi(argv[5]), std::atoi(argv[6]));
  std::fputs("usage: bench_pairs make FOLDER CUSTOMERS ITEMS | count FOLDER MEASURE K THREADS ROUNDS\n", stderr);
  return 2;
}
