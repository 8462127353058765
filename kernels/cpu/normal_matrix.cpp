#include "kernels/cpu/normal_matrix.hpp"

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest::cpu {
namespace {

/// Row i sums over the rows of x with predictor i, so one thread adds to it, in their order.
void add_gramian(Context& ctx, const CsrView<float>& x, std::span<const float> weight, Lower& a) {
  Csr<float> by_predictor;
  cpu::transpose(ctx, x, by_predictor);
  const CsrView<float> columns = by_predictor.view();
  parallel_for(ctx, a.size(), 16, [&](Offset begin, Offset end, int) {
    for (Offset i = begin; i < end; ++i) {
      const std::span<const Code> rows = columns.row(i);
      for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::span<const Code> others = x.row(rows[r]);
        const std::span<const float> values = x.row_values(rows[r]);
        const float own = (weight.empty() ? 1 : weight[rows[r]]) * (values.empty() ? 1 : columns.row_values(i)[r]);
        for (std::size_t o = 0; o < others.size() && others[o] <= i; ++o)
          *a.at(i, others[o]) += own * (values.empty() ? 1 : values[o]);
      }
    }
  });
}

/// A = L L^T, tile column by tile column; what one thread does with a tile does not depend on the others.
void factorise(Context& ctx, Lower& a) {
  for (Offset k = 0; k < a.tiles() && !cancelled(ctx); ++k) {
    const Offset width = a.tile_size(k), below = a.tiles() - k - 1;
    cholesky(a.tile(k, k), width, a.size());
    parallel_for(ctx, below, 1, [&](Offset t, Offset, int) {
      const Offset i = k + 1 + t;
      solve_lower(a.tile(k, k), width, a.size(), a.tile(i, k), a.tile_size(i), a.size());
    });
    parallel_for(ctx, below * below, 1, [&](Offset t, Offset, int) {
      const Offset i = k + 1 + t / below, j = k + 1 + t % below;
      if (j <= i)
        subtract_product(a.tile(i, k), a.tile_size(i), a.tile(j, k), a.tile_size(j), width, a.tile(i, j), a.size());
    });
  }
}

}  // namespace

Lower factorised_gramian(Context& ctx, const CsrView<float>& x, std::span<const float> weight,
                         std::span<const float> penalty) {
  Lower a(x.cols);
  add_gramian(ctx, x, weight, a);
  for (Offset i = 0; i < a.size(); ++i) *a.at(i, i) += penalty[i];
  if (!cancelled(ctx)) factorise(ctx, a);
  return a;
}

}  // namespace nextbest::cpu
