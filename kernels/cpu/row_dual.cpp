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

// The side of the kernel matrix in memory, whatever the row's length: rows are whole registers.
constexpr Offset kSide = kDualRowLimit;
using SideTag = hn::CappedTag<float, kSide>;
constexpr Offset kBlock = 4;  // dot products that are worked on together

// sums[j] = x . y_j for four vectors y_j.
HWY_INLINE void dot_block(const float* HWY_RESTRICT x, const float* HWY_RESTRICT y, Offset padded,
                          float* HWY_RESTRICT sums) {
  const Tag d;
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  for (Offset k = 0; k < padded; k += hn::Lanes(d)) {
    const auto v = hn::Load(d, x + k);
    s0 = hn::MulAdd(v, hn::Load(d, y + k), s0);
    s1 = hn::MulAdd(v, hn::Load(d, y + padded + k), s1);
    s2 = hn::MulAdd(v, hn::Load(d, y + 2 * padded + k), s2);
    s3 = hn::MulAdd(v, hn::Load(d, y + 3 * padded + k), s3);
  }
  sums[0] = hn::GetLane(hn::SumOfLanes(d, s0));
  sums[1] = hn::GetLane(hn::SumOfLanes(d, s1));
  sums[2] = hn::GetLane(hn::SumOfLanes(d, s2));
  sums[3] = hn::GetLane(hn::SumOfLanes(d, s3));
}

float inverse_weight(const SparseRow& row, Offset entry) {
  return row.weights ? 1.0F / row.weights[entry] : 1.0F;
}

// vectors = h, scaled = h / D, for every entry of the row.
void gather_scaled(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s) {
  const Tag d;
  const Offset padded = setup.padded, lanes = hn::Lanes(d);
  for (Offset k = 0; k < padded; ++k) s.inverse[k] = 1.0F / static_cast<float>(setup.dense[k] + row.ridge);
  for (Offset j = 0; j < row.size; ++j) {
    fetch_ahead(setup.factors, row.codes + j, row.codes_end);
    float* h = s.vectors.get() + j * padded;
    load_padded(setup.factors.row(row.codes[j]), setup.factors.cols, padded, h);
    for (Offset k = 0; k < padded; k += lanes)
      hn::Store(hn::Mul(hn::Load(d, h + k), hn::Load(d, s.inverse.get() + k)), d, s.scaled.get() + j * padded + k);
  }
}

// The upper triangle of K = H D^-1 H^T + C^-1, by whole blocks.
void build_kernel(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s, float* HWY_RESTRICT kernel) {
  const Offset n = row.size, padded = setup.padded, blocks_end = (n + kBlock - 1) / kBlock * kBlock;
  std::fill(s.vectors.get() + n * padded, s.vectors.get() + blocks_end * padded, 0.0F);
  std::fill_n(kernel, n * kSide, 0.0F);
  for (Offset i = 0; i < n; ++i) {
    for (Offset j = i / kBlock * kBlock; j < n; j += kBlock)
      dot_block(s.scaled.get() + i * padded, s.vectors.get() + j * padded, padded, kernel + i * kSide + j);
    kernel[i * kSide + i] += inverse_weight(row, i);
  }
}

// Solves K y = 1 by Cholesky without square roots, K = L diag(pivots) L^T, row by row: row j of what is left, divided
// by its pivot, is column j of L. Overwrites the kernel.
void solve_kernel(const SparseRow& row, float* HWY_RESTRICT kernel, float* HWY_RESTRICT y) {
  const SideTag d;
  const Offset n = row.size, lanes = hn::Lanes(d);
  HWY_ALIGN float rest[kSide];
  std::fill_n(rest, kSide, 1.0F);
  for (Offset j = 0; j < n; ++j) {
    float* HWY_RESTRICT upper = kernel + j * kSide;
    const float here = rest[j], inverse = 1.0F / std::max(upper[j], inverse_weight(row, j));
    y[j] = here * inverse;
    // Whole registers from the one that holds the diagonal: what lies left of it is not read again.
    const Offset first = j / lanes * lanes;
    for (Offset i = j + 1; i < n; ++i) {
      const auto factor = hn::Set(d, upper[i] * inverse);
      float* HWY_RESTRICT target = kernel + i * kSide;
      for (Offset k = first; k < n; k += lanes)
        hn::Store(hn::NegMulAdd(factor, hn::Load(d, upper + k), hn::Load(d, target + k)), d, target + k);
    }
    for (Offset k = first; k < n; k += lanes) {
      const auto column = hn::Mul(hn::Load(d, upper + k), hn::Set(d, inverse));
      hn::Store(column, d, upper + k);
      hn::Store(hn::NegMulAdd(column, hn::Set(d, here), hn::Load(d, rest + k)), d, rest + k);
    }
  }
  for (Offset j = n - 1; j >= 0; --j)
    for (Offset i = j + 1; i < n; ++i) y[j] -= kernel[j * kSide + i] * y[i];
}

RowOutcome dual(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s, float* w) {
  const Tag d;
  const Offset padded = setup.padded;
  gather_scaled(setup, row, s);
  HWY_ALIGN float kernel[kSide * kSide];
  float y[kSide];
  build_kernel(setup, row, s, kernel);
  solve_kernel(row, kernel, y);
  for (Offset k = 0; k < padded; k += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (Offset j = 0; j < row.size; ++j)
      sum = hn::MulAdd(hn::Set(d, y[j]), hn::Load(d, s.scaled.get() + j * padded + k), sum);
    hn::Store(sum, d, s.solution.get() + k);
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
