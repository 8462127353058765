#include "kernels/ops/ease_top_k.hpp"

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"
#include "kernels/cpu/normal_matrix.hpp"
#include "kernels/cpu/predictor_row.hpp"

namespace nextbest::cpu {
namespace {

/// Columns [begin, end) of the inverse as rows of `columns`. L^-1 of a unit vector is 0 in front of its 1.
void invert_columns(Lower& a, Offset begin, Offset end, std::vector<float>& columns) {
  const Offset n = a.size(), count = end - begin;
  columns.assign(count * n, 0.0F);
  for (Offset r = 0; r < count; ++r) columns[r * n + begin + r] = 1;
  solve_lower(a.at(begin, begin), n - begin, n, columns.data() + begin, count, n);
  solve_lower_transposed(a.at(0, 0), n, n, columns.data(), count, n);
}

}  // namespace

void ease_top_k(Context& ctx, const CsrView<float>& units, std::span<const float> weight,
                std::span<const float> penalty, const PredictorLists& out) {
  Lower a = factorised_gramian(ctx, {units.cols, units.indptr, units.indices, {}}, weight, penalty);
  if (cancelled(ctx)) return;
  parallel_for(ctx, a.size(), kColumns, [&](Offset begin, Offset end, int) {
    std::vector<float> columns;
    invert_columns(a, begin, end, columns);
    std::vector<std::pair<Code, float>> weights;
    for (Offset j = begin; j < end; ++j) {
      const float* column = columns.data() + (j - begin) * a.size();
      weights.clear();
      for (Offset i = 0; i < a.size(); ++i)
        if (i != j) weights.emplace_back(static_cast<Code>(i), -column[i] / column[j]);
      write_predictors(weights, j, out);
    }
  });
}

}  // namespace nextbest::cpu
