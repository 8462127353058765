#include "kernels/ops/ridge_top_k.hpp"

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"
#include "kernels/cpu/normal_matrix.hpp"
#include "kernels/cpu/predictor_row.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest::cpu {
namespace {

/// (X^T Y)_j for the targets [begin, end) as rows of `columns`. by_target  [targets, rows]
void fill_right_sides(const CsrView<float>& x, const CsrView<float>& by_target, Offset begin, Offset end,
                      std::vector<float>& columns) {
  columns.assign((end - begin) * x.cols, 0.0F);
  for (Offset j = begin; j < end; ++j) {
    float* column = columns.data() + (j - begin) * x.cols;
    const std::span<const Code> rows = by_target.row(j);
    const std::span<const float> wanted = by_target.row_values(j);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const std::span<const Code> predictors = x.row(rows[r]);
      const std::span<const float> values = x.row_values(rows[r]);
      const float y = wanted.empty() ? 1 : wanted[r];
      for (std::size_t p = 0; p < predictors.size(); ++p) column[predictors[p]] += y * (values.empty() ? 1 : values[p]);
    }
  }
}

}  // namespace

void ridge_top_k(Context& ctx, const CsrView<float>& x, const CsrView<float>& y, std::span<const float> penalty,
                 const PredictorLists& out) {
  Lower a = factorised_gramian(ctx, x, {}, penalty);
  if (cancelled(ctx)) return;
  Csr<float> by_target;
  cpu::transpose(ctx, y, by_target);
  const Offset n = a.size();
  parallel_for(ctx, y.cols, kColumns, [&](Offset begin, Offset end, int) {
    std::vector<float> columns;
    fill_right_sides(x, by_target.view(), begin, end, columns);
    if (n > 0) {
      solve_lower(a.at(0, 0), n, n, columns.data(), end - begin, n);
      solve_lower_transposed(a.at(0, 0), n, n, columns.data(), end - begin, n);
    }
    std::vector<std::pair<Code, float>> weights;
    for (Offset j = begin; j < end; ++j) {
      weights.clear();
      for (Offset i = 0; i < n; ++i) weights.emplace_back(static_cast<Code>(i), columns[(j - begin) * n + i]);
      write_predictors(weights, j, out);
    }
  });
}

}  // namespace nextbest::cpu
