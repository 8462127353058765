#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/cpu/row_solver.hpp"

// This file is compiled once per instruction set; its end is compiled once.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/row_dual.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/row_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu {
namespace HWY_NAMESPACE {
namespace {

using DoubleTag = hn::ScalableTag<double>;
using HalfTag = hn::Rebind<float, DoubleTag>;  // as many floats as a register holds doubles

HWY_INLINE double dot_double(const double* HWY_RESTRICT x, const double* HWY_RESTRICT y, Offset padded) {
  const DoubleTag d;
  const Offset lanes = hn::Lanes(d);
  auto even = hn::Zero(d), odd = even;
  for (Offset k = 0; k < padded; k += 2 * lanes) {
    even = hn::MulAdd(hn::Load(d, x + k), hn::Load(d, y + k), even);
    odd = hn::MulAdd(hn::Load(d, x + k + lanes), hn::Load(d, y + k + lanes), odd);
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
}

// exact = h in double, scaled = h / D, for every entry of the row.
void gather_scaled(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s) {
  const DoubleTag d;
  const HalfTag half;
  const Offset padded = setup.padded, lanes = hn::Lanes(d);
  const auto ridge = hn::Set(d, row.ridge), one = hn::Set(d, 1.0);
  for (Offset k = 0; k < padded; k += lanes)
    hn::Store(hn::Div(one, hn::Add(hn::Load(d, setup.dense.get() + k), ridge)), d, s.inverse.get() + k);
  for (Offset j = 0; j < row.size; ++j) {
    fetch_ahead(setup.factors, row.codes + j, row.codes_end);
    copy_padded(setup.factors.row(row.codes[j]), setup.factors.cols, padded, s.vectors.get());
    double* exact = s.exact.get() + j * padded;
    double* scaled = s.scaled.get() + j * padded;
    for (Offset k = 0; k < padded; k += lanes) {
      const auto h = hn::PromoteTo(d, hn::Load(half, s.vectors.get() + k));
      hn::Store(h, d, exact + k);
      hn::Store(hn::Mul(h, hn::Load(d, s.inverse.get() + k)), d, scaled + k);
    }
  }
}

// Solves K y = 1 for K = H D^-1 H^T + C^-1 by Cholesky. In exact arithmetic every pivot is at least 1 / c; one that has
// lost half of that is no longer worth anything.
RowOutcome solve_kernel_system(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s, double* y) {
  double l[kDualRowLimit][kDualRowLimit];
  const Offset n = row.size, padded = setup.padded;
  for (Offset i = 0; i < n; ++i) {
    const double inverse_weight = row.weights ? 1.0 / static_cast<double>(row.weights[i]) : 1.0;
    double rest = 1.0;
    for (Offset j = 0; j <= i; ++j) {
      double sum = dot_double(s.scaled.get() + i * padded, s.exact.get() + j * padded, padded);
      if (i == j) sum += inverse_weight;
      for (Offset k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      if (i != j) {
        l[i][j] = sum / l[j][j];
        rest -= l[i][j] * y[j];
        continue;
      }
      if (!(sum >= 0.5 * inverse_weight)) return std::isnan(sum) ? RowOutcome::kNotFinite : RowOutcome::kSingular;
      l[i][i] = std::sqrt(sum);
    }
    y[i] = rest / l[i][i];
  }
  for (Offset i = n - 1; i >= 0; --i) {
    for (Offset j = i + 1; j < n; ++j) y[i] -= l[j][i] * y[j];
    y[i] /= l[i][i];
  }
  return RowOutcome::kSolved;
}

RowOutcome dual(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s, float* w) {
  const DoubleTag d;
  const HalfTag half;
  const Offset padded = setup.padded;
  gather_scaled(setup, row, s);
  double y[kDualRowLimit];
  const RowOutcome outcome = solve_kernel_system(setup, row, s, y);
  if (outcome != RowOutcome::kSolved) return outcome;
  for (Offset k = 0; k < padded; k += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (Offset j = 0; j < row.size; ++j)
      sum = hn::MulAdd(hn::Set(d, y[j]), hn::Load(d, s.scaled.get() + j * padded + k), sum);
    hn::Store(hn::DemoteTo(half, sum), half, s.solution.get() + k);
  }
  std::copy_n(s.solution.get(), setup.factors.cols, w);
  return all_finite(w, setup.factors.cols) ? RowOutcome::kSolved : RowOutcome::kNotFinite;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(dual);

RowOutcome solve_dual(const RowSolverSetup& setup, const SparseRow& row, RowScratch& scratch, float* w) {
  return HWY_DYNAMIC_DISPATCH(dual)(setup, row, scratch, w);
}

}  // namespace nextbest::cpu
#endif  // HWY_ONCE
