#include "kernels/ops/nearest_rows.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "kernels/core/touched_sums.hpp"
#include "kernels/math/top_k_list.hpp"

namespace nextbest::cpu {
namespace {

constexpr Offset kGrain = 16;  // queries per piece of work

struct NearerFirst {
  bool operator()(const ScoredItem& x, const ScoredItem& y) const {
    return x.score != y.score ? x.score > y.score : x.item < y.item;
  }
};

void write_best(const std::vector<ScoredItem>& best, Offset query, const NearestRowLists& out) {
  const auto found = static_cast<Offset>(best.size());
  for (Offset place = 0; place < found; ++place) {
    out.row(query, place) = best[place].item;
    out.product(query, place) = best[place].score;
  }
  std::fill(out.row.row(query) + found, out.row.row(query) + out.row.cols, kNoCode);
  std::fill(out.product.row(query) + found, out.product.row(query) + out.product.cols, 0.0F);
}

}  // namespace

void nearest_rows(Context& ctx, const CsrView<float>& queries, const CsrView<float>& by_column,
                  std::span<const Code> not_for_query, const NearestRowLists& out) {
  std::vector<std::unique_ptr<TouchedSums>> sums(ctx.threads);  // each made by the thread that uses it
  parallel_for(ctx, queries.rows(), kGrain, [&](Offset begin, Offset end, int thread) {
    if (!sums[thread]) sums[thread] = std::make_unique<TouchedSums>(by_column.cols);
    TopKList best;
    for (Offset query = begin; query < end; ++query) {
      const std::span<const Code> columns = queries.row(query);
      const std::span<const float> weights = queries.row_values(query);
      for (std::size_t i = 0; i < columns.size(); ++i)
        sums[thread]->add(by_column.row(columns[i]), by_column.row_values(columns[i]), weights[i]);
      const Code except = not_for_query.empty() ? kNoCode : not_for_query[query];
      if (except >= 0 && except < by_column.cols) sums[thread]->forget(except);
      best.open(static_cast<std::size_t>(out.row.cols));
      sums[thread]->drain([&](Code row, float product) {
        if (product >= best.threshold()) best.offer({product, row}, NearerFirst());
      });
      write_best(best.sorted(NearerFirst()), query, out);
    }
  });
}

}  // namespace nextbest::cpu
