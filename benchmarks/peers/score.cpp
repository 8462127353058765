// Our side of benchmarks/peers/score_implicit_faiss.py: indexes the items and lists the best for each user, ROUNDS
// times.
//   bench_score FOLDER DIM K THREADS ROUNDS
// FOLDER holds users.f32, items.f32 (row-major), owned.indptr.i64, owned.indices.i32; popularity is the number of
// owners. Writes ours.item.i32 and ours.score.f32 [users, K] and prints the
// seconds of both steps of each round as JSON.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "benchmarks/support/raw_file.hpp"
#include "kernels/ops/score_top_k.hpp"

namespace {

using namespace nextbest;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return std::fputs("usage: bench_score FOLDER DIM K THREADS ROUNDS\n", stderr), 2;
  const std::filesystem::path folder = argv[1];
  const Offset dim = std::atoll(argv[2]), k = std::atoll(argv[3]);
  const auto w = bench::read_raw<float>(folder / "users.f32"), h = bench::read_raw<float>(folder / "items.f32");
  const Offset users = static_cast<Offset>(w.size()) / dim, items = static_cast<Offset>(h.size()) / dim;
  Csr<float> owned;
  owned.cols = items;
  owned.indptr = bench::read_raw<Offset>(folder / "owned.indptr.i64");
  owned.indices = bench::read_raw<Code>(folder / "owned.indices.i32");
  std::vector<std::int64_t> popularity(items, 0);
  for (const Code item : owned.indices) ++popularity[item];
  std::vector<Code> item(users * k);
  std::vector<float> score(users * k);

  Context ctx{Device::kCpu, std::atoi(argv[4]), {}, {}};
  for (int round = 0; round < std::atoi(argv[5]); ++round) {
    const double start = now(), cpu_start = cpu_seconds();
    const auto index = index_items(ctx, {h.data(), items, dim}, popularity);
    const double indexed = now(), cpu_indexed = cpu_seconds();
    score_top_k(ctx, {w.data(), users, dim}, *index, {owned.view(), {}, {}, {}},
                {{item.data(), users, k}, {score.data(), users, k}});
    const double end = now(), cpu_end = cpu_seconds();
    std::printf("{\"index_seconds\": %.4f, \"score_seconds\": %.4f, \"index_cpu\": %.4f, \"score_cpu\": %.4f}\n",
                indexed - start, end - indexed, cpu_indexed - cpu_start, cpu_end - cpu_indexed);
  }
  bench::write_raw(folder / "ours.item.i32", item);
  bench::write_raw(folder / "ours.score.f32", score);
  return 0;
}
