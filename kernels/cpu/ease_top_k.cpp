#include "kernels/ops/ease_top_k.hpp"

#include "kernels/core/parallel.hpp"
#include "kernels/cpu/blas.hpp"
#include "kernels/cpu/predictor_row.hpp"
#include "kernels/ops/transpose.hpp"

namespace nextbest::cpu {
namespace {

constexpr Offset kTile = 256, kColumns = 128;

bool cancelled(const Context& ctx) {
  return ctx.cancelled && ctx.cancelled();
}

/// A square matrix of which the lower triangle counts, and its parts.
class Lower {
 public:
  explicit Lower(Offset n) : n_(n), values_(n * n, 0.0F) {}

  Offset size() const { return n_; }
  Offset tiles() const { return (n_ + kTile - 1) / kTile; }
  Offset tile_size(Offset t) const { return std::min(kTile, n_ - t * kTile); }
  float* at(Offset row, Offset column) { return values_.data() + row * n_ + column; }
  float* tile(Offset row, Offset column) { return at(row * kTile, column * kTile); }

 private:
  Offset n_;
  std::vector<float> values_;
};

/// Row i sums over the units of item i, so one thread adds to it, in the order of the units.
void add_gramian(Context& ctx, const CsrView<float>& units, std::span<const float> weight, Lower& a) {
  Csr<float> by_item;
  cpu::transpose(ctx, units, by_item);
  parallel_for(ctx, a.size(), 16, [&](Offset begin, Offset end, int) {
    for (Offset i = begin; i < end; ++i)
      for (const Code unit : by_item.view().row(i))
        for (const Code j : units.row(unit)) {
          if (j > i) break;
          *a.at(i, j) += weight[unit];
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
  Lower a(units.cols);
  add_gramian(ctx, units, weight, a);
  for (Offset i = 0; i < a.size(); ++i) *a.at(i, i) += penalty[i];
  if (cancelled(ctx)) return;
  factorise(ctx, a);
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
