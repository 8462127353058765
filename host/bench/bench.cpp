#include "host/bench/bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "host/bench/zipf_baskets.hpp"
#include "host/bench/zipf_ratings.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/huge_pages.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/core/philox.hpp"
#include "kernels/ops/gramian.hpp"
#include "kernels/ops/pair_top_k.hpp"
#include "kernels/ops/rotate.hpp"
#include "kernels/ops/score_top_k.hpp"
#include "kernels/ops/solve_rows.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest {
namespace {

constexpr double kLinesPerItem = 80, kLinesPerCustomer = 15.5;

double median_seconds(int rounds, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  const auto middle = seconds.begin() + rounds / 2;
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle;
}

/// [rows, dim] around zero.
std::vector<float> random_factors(const Context& ctx, Offset rows, Offset dim, std::uint64_t stream) {
  std::vector<float> factors(rows * dim);
  parallel_for(ctx, rows, 1024, [&](Offset begin, Offset end, int) {
    for (Offset i = begin * dim; i < end * dim; ++i)
      factors[i] = static_cast<float>(philox_uniform(1, stream, static_cast<std::uint64_t>(i)) - .5);
  });
  return factors;
}

double number(Offset n) {
  return static_cast<double>(n);
}

/// What is measured on one retailer.
class Bench {
 public:
  Bench(Context& ctx, const BenchParams& params) : ctx_(ctx), params_(params) {
    const double lines = params.lines > 0 ? number(params.lines) : kLinesPerItem * number(params.items);
    customers_ = std::max<Offset>(1, static_cast<Offset>(lines / kLinesPerCustomer));
  }

  std::vector<BenchResult> run() {
    pairs();
    Csr<float> ratings = bench::zipf_ratings(ctx_, customers_, params_.items), by_item;
    const double entries = number(ratings.view().nnz());
    note("transpose", fmt::format("{} entries", ratings.view().nnz()),
         16 * entries + 8 * number(customers_ + params_.items), 0, [&] { transpose(ctx_, ratings.view(), by_item); });
    for (const Offset dim : params_.dims) {
      half_step("solve customers", ratings, dim);
      half_step("solve items", by_item, dim);
      with_items(dim, ratings);
    }
    return std::move(results_);
  }

 private:
  void note(const std::string& operation, const std::string& size, double bytes, double flops,
            const std::function<void()>& work) {
    results_.push_back({operation, size, median_seconds(params_.rounds, work), bytes, flops});
  }

  void pairs() {
    const bench::Baskets made = bench::zipf_baskets(ctx_, customers_, params_.items);
    const PairUnits units{made.items.view(), {}, made.customers};
    const Offset lines = made.items.view().nnz();
    const std::string size = fmt::format("{} lines, {} items", lines, params_.items);
    std::unique_ptr<const PairIndex> index;
    note("index pairs", size, 12 * number(lines), 0, [&] { index = index_pairs(ctx_, units); });
    double increments = 0;
    for (Offset u = 0; u < made.items.view().rows(); ++u)
      increments += number(made.items.view().row_size(u)) * number(made.items.view().row_size(u));
    const Offset tile = std::min<Offset>(params_.items, 32'768);
    const std::size_t cells = tile * params_.k;
    std::vector<Code> item(cells);
    std::vector<float> score(cells);
    std::vector<std::int64_t> count(cells), weight(cells), both(cells);
    std::vector<double> expected(cells);
    for (const auto& [measure, name] : {std::pair{Measure::kCount, "count"}, std::pair{Measure::kLlr, "llr"}})
      note(fmt::format("pairs by {}", name), size, 4 * increments + 12 * number(lines), increments, [&, by = measure] {
        for (Offset begin = 0; begin < params_.items; begin += tile) {
          const Offset rows = std::min(tile, params_.items - begin), k = params_.k;
          PairParams row_params{.measure = by, .k = params_.k, .begin = begin, .end = begin + rows};
          pair_top_k(ctx_, *index, row_params,
                     {{item.data(), rows, k},
                      {score.data(), rows, k},
                      {count.data(), rows, k},
                      {weight.data(), rows, k},
                      {both.data(), rows, k},
                      {expected.data(), rows, k}});
        }
      });
  }

  void half_step(const std::string& name, const Csr<float>& ratings, Offset dim) {
    const CsrView<float> rows = ratings.view();
    const std::vector<float> drawn = random_factors(ctx_, rows.cols, dim, 1);
    HugePageVector<BFloat16> factors(drawn.size());
    for (std::size_t i = 0; i < drawn.size(); ++i) factors[i] = BFloat16(drawn[i]);
    const std::vector<double> eigenvalues(dim, number(rows.cols) / 12);
    std::vector<float> out(rows.rows() * dim);
    RowSystems systems{rows, {factors.data(), rows.cols, dim}, eigenvalues, .01, .01};
    // Reading the vectors, then a dot product and a sum per step, the last step without the sum; squares for the
    // diagonal. Short rows, which are solved directly, take about as much.
    const double entries = number(rows.nnz()), passes = 3 + 2 * systems.steps - 1;
    note(name, fmt::format("{} entries, dim {}", rows.nnz(), dim),
         entries * (4 + 2 * number(dim)) + 4 * number(rows.rows() * dim), 2 * entries * number(dim) * passes, [&] {
           solve_rows(ctx_, systems, {out.data(), rows.rows(), dim});
         });
  }

  void with_items(Offset dim, const Csr<float>& ratings) {
    const std::vector<float> items = random_factors(ctx_, params_.items, dim, 2);
    const Offset users = std::min(params_.scored, customers_);
    const std::vector<float> scored = random_factors(ctx_, users, dim, 3);
    const std::string size = fmt::format("{} items, dim {}", params_.items, dim);
    const double factor_bytes = 4 * number(params_.items * dim);
    std::vector<double> gram(dim * dim);
    note("gramian", size, factor_bytes, number(params_.items * dim) * number(dim), [&] {
      gramian(ctx_, {items.data(), params_.items, dim}, {gram.data(), dim, dim});
    });
    const std::vector<std::int64_t> popularity(params_.items, 1);
    std::unique_ptr<const ItemIndex> index;
    note("index items", size, 2 * factor_bytes, 0, [&] {
      index = index_items(ctx_, {items.data(), params_.items, dim}, popularity);
    });
    const Offset k = params_.k;
    std::vector<Code> item(users * k);
    std::vector<float> score(users * k);
    Csr<float> owned;
    owned.cols = params_.items;
    owned.indptr.assign(ratings.indptr.begin(), ratings.indptr.begin() + users + 1);
    owned.indices.assign(ratings.indices.begin(), ratings.indices.begin() + owned.indptr.back());
    note("score, top k", fmt::format("{} customers, {}", users, size), factor_bytes + 4 * number(users * dim),
         2 * number(users) * number(params_.items) * number(dim), [&] {
           score_top_k(ctx_, {scored.data(), users, dim}, *index, {owned.view(), {}, {}, {}},
                       {{item.data(), users, k}, {score.data(), users, k}});
         });
  }

  Context& ctx_;
  const BenchParams& params_;
  Offset customers_ = 1;
  std::vector<BenchResult> results_;
};

}  // namespace

void BenchParams::validate() const {
  const auto within = [](Offset value, Offset least, Offset most, const char* name) {
    if (value < least || value > most)
      throw UsageError(fmt::format("--{} is {}; it must lie in {} to {}", name, value, least, most));
  };
  within(items, 100, 100'000'000, "items");
  within(lines, 0, Offset{1} << 36, "lines");
  for (const Offset dim : dims) within(dim, 1, 1'024, "dims");
  within(k, 1, 10'000, "k");
  within(scored, 1, Offset{1} << 30, "scored");
  within(rounds, 1, 100, "rounds");
}

BenchLimits measure_limits(Context& ctx, int rounds) {
  constexpr Offset kBytes = Offset{256} << 20, kPiece = Offset{1} << 20, kRows = 16'384, kDim = 512;
  HugePageVector<char> from(kBytes, 1), to(kBytes);
  const double copying = median_seconds(rounds, [&] {
    parallel_for(ctx, kBytes, kPiece,
                 [&](Offset begin, Offset end, int) { std::memcpy(&to[begin], &from[begin], end - begin); });
  });
  std::vector<float> factors = random_factors(ctx, kRows, kDim, 4);
  std::vector<double> identity(kDim * kDim);
  for (Offset d = 0; d < kDim; ++d) identity[d * (kDim + 1)] = 1;
  const double multiplying = median_seconds(rounds, [&] {
    rotate(ctx, {factors.data(), kRows, kDim}, {identity.data(), kDim, kDim});
  });
  return {2 * number(kBytes) / copying, 2 * number(kRows * kDim) * number(kDim) / multiplying};
}

std::vector<BenchResult> run_bench(Context& ctx, const BenchParams& params) {
  params.validate();
  return Bench(ctx, params).run();
}

}  // namespace nextbest
