#include "kernels/ops/gramian.hpp"

#include <algorithm>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"

namespace nextbest::cpu {
namespace {

constexpr Offset kPanelRows = 128;  // summed in float
constexpr Offset kMaxParts = 64;    // sums that may run at the same time

// Rows of one part. It follows from the shape alone, so the order of summation does too. A part does at least four
// times the work that clearing and adding its sum costs.
Offset rows_of_part(Offset rows, Offset dim) {
  const Offset spread = (rows + kMaxParts - 1) / kMaxParts;
  const Offset wanted = std::max({spread, 4 * dim, kPanelRows});
  return (wanted + kPanelRows - 1) / kPanelRows * kPanelRows;
}

void add_rows(Matrix<const float> factors, std::vector<float>& panel, double* sum) {
  const Offset dim = factors.cols;
  for (Offset begin = 0; begin < factors.rows; begin += kPanelRows) {
    lower_gramian(factors.row(begin), std::min(kPanelRows, factors.rows - begin), dim, factors.stride, panel.data());
    for (Offset i = 0; i < dim; ++i)
      for (Offset j = 0; j <= i; ++j) sum[i * dim + j] += panel[i * dim + j];
  }
}

}  // namespace

void gramian(Context& ctx, Matrix<const float> factors, Matrix<double> out) {
  const Offset dim = factors.cols, part_rows = rows_of_part(factors.rows, dim);
  const Offset parts = (factors.rows + part_rows - 1) / part_rows;
  const Context uninterrupted{ctx.device, ctx.threads, {}, {}};
  std::vector<double> sums(parts * dim * dim, 0.0);
  parallel_for(uninterrupted, parts, 1, [&](Offset p, Offset, int) {
    std::vector<float> panel(dim * dim);
    add_rows(factors.slice(p * part_rows, std::min(factors.rows, (p + 1) * part_rows)), panel,
             sums.data() + p * dim * dim);
  });
  parallel_for(uninterrupted, dim, 16, [&](Offset begin, Offset end, int) {
    for (Offset i = begin; i < end; ++i)
      for (Offset j = 0; j <= i; ++j) {
        double sum = 0;
        for (Offset p = 0; p < parts; ++p) sum += sums[(p * dim + i) * dim + j];
        out(i, j) = sum;
        out(j, i) = sum;
      }
  });
}

}  // namespace nextbest::cpu
