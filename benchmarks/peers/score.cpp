// Our side of score_implicit.py and score_faiss.py: indexes the items, and lists the best for each customer.
//   bench_score MATRIX FACTORS DIM K
// MATRIX: as bench_als matrix writes it: its first rows are what the customers own, and popularity is the number of
// owners. FACTORS: customers.f32, items.f32 (row-major). Writes ours.score.f32 [customers, K] there.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "benchmarks/support/clock.hpp"
#include "benchmarks/support/context.hpp"
#include "benchmarks/support/raw_file.hpp"
#include "kernels/ops/score_top_k.hpp"

namespace {

int run(int argc, char** argv) {
  using namespace nextbest;
  if (argc != 5) return std::fputs("usage: bench_score MATRIX FACTORS DIM K\n", stderr), 2;
  const std::filesystem::path matrix = argv[1], factors = argv[2];
  const Offset dim = std::atoll(argv[3]), k = std::atoll(argv[4]);
  const auto w = bench::read_raw<float>(factors / "customers.f32"), h = bench::read_raw<float>(factors / "items.f32");
  const Offset customers = static_cast<Offset>(w.size()) / dim, items = static_cast<Offset>(h.size()) / dim;
  Csr<float> owned;
  owned.cols = items;
  owned.indptr = bench::read_raw<Offset>(matrix / "indptr.i64");
  owned.indices = bench::read_raw<Code>(matrix / "indices.i32");
  std::vector<std::int64_t> popularity(items, 0);
  for (const Code item : owned.indices) ++popularity[item];
  owned.indptr.resize(customers + 1);
  owned.indices.resize(owned.indptr.back());
  std::vector<Code> item(customers * k);
  std::vector<float> score(customers * k);

  Context ctx = bench::asked_context();
  const bench::Clock clock;
  const auto index = index_items(ctx, {h.data(), items, dim}, popularity);
  const double indexed = clock.taken()["seconds"];
  score_top_k(ctx, {w.data(), customers, dim}, *index, {owned.view(), {}, {}, {}},
              {{item.data(), customers, k}, {score.data(), customers, k}});
  nlohmann::json taken = clock.taken();
  taken["index_seconds"] = indexed;
  std::cout << taken << '\n';
  bench::write_raw(factors / "ours.score.f32", score);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return nextbest::bench::run_and_explain("bench_score", [&] { return run(argc, argv); });
}
