#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstddef>

#include "kernels/cpu/row_solver.hpp"

// This file is compiled once per instruction set; its end is compiled once.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/row_conjugate_gradients.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cpu/row_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu {
namespace HWY_NAMESPACE {
namespace {

using Quad = hn::CappedTag<float, 4>;

constexpr Offset kGroup = 8;  // vectors that are worked on together

// Entries [begin, begin + kGroup) of the row to `vectors` and `weights`, closed by zeros behind the row's end.
void gather_group(const RowSolverSetup& setup, const SparseRow& row, Offset begin, float* vectors, float* weights) {
  const Offset n = std::min(kGroup, row.size - begin);
  for (Offset j = 0; j < n; ++j) {
    const Code* code = row.codes + begin + j;
    fetch_ahead(setup.factors, code, row.codes_end);
    load_padded(setup.factors.row(*code), setup.factors.cols, setup.padded, vectors + j * setup.padded);
    weights[j] = row.weights ? row.weights[begin + j] : 1.0F;
  }
  std::fill(vectors + n * setup.padded, vectors + kGroup * setup.padded, 0.0F);
  std::fill(weights + n, weights + kGroup, 0.0F);
}

// ---- eight vectors at a time ---------------------------------------------------------------------------------------

#if HWY_TARGET == HWY_SCALAR
template <class V>
HWY_INLINE void sum_four(Tag, V a, V b, V c, V e, float* HWY_RESTRICT sums) {
  sums[0] = hn::GetLane(a), sums[1] = hn::GetLane(b), sums[2] = hn::GetLane(c), sums[3] = hn::GetLane(e);
}
#else
// The sums of four registers' lanes: transposed by blocks of 128 bits while they are added, then block by block.
template <class V>
HWY_INLINE void sum_four(Tag d, V a, V b, V c, V e, float* HWY_RESTRICT sums) {
  const V ab = hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
  const V ce = hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e));
  const hn::RepartitionToWide<Tag> wide;
  const auto x = hn::BitCast(wide, ab), y = hn::BitCast(wide, ce);
  const V blocks =
      hn::Add(hn::BitCast(d, hn::InterleaveLower(wide, x, y)), hn::BitCast(d, hn::InterleaveUpper(wide, x, y)));
  HWY_ALIGN float lanes[hn::MaxLanes(Tag())];
  hn::Store(blocks, d, lanes);
  const Quad quad;
  auto sum = hn::Load(quad, lanes);
  for (std::size_t i = 4; i < hn::Lanes(d); i += 4) sum = hn::Add(sum, hn::Load(quad, lanes + i));
  hn::Store(sum, quad, sums);
}
#endif

// dots[j] = h_j . x for the eight vectors of a group.
HWY_INLINE void dot_group(const float* HWY_RESTRICT h, Offset padded, const float* HWY_RESTRICT x,
                          float* HWY_RESTRICT dots) {
  const Tag d;
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (Offset k = 0; k < padded; k += hn::Lanes(d)) {
    const auto v = hn::Load(d, x + k);
    s0 = hn::MulAdd(hn::Load(d, h + k), v, s0);
    s1 = hn::MulAdd(hn::Load(d, h + padded + k), v, s1);
    s2 = hn::MulAdd(hn::Load(d, h + 2 * padded + k), v, s2);
    s3 = hn::MulAdd(hn::Load(d, h + 3 * padded + k), v, s3);
    s4 = hn::MulAdd(hn::Load(d, h + 4 * padded + k), v, s4);
    s5 = hn::MulAdd(hn::Load(d, h + 5 * padded + k), v, s5);
    s6 = hn::MulAdd(hn::Load(d, h + 6 * padded + k), v, s6);
    s7 = hn::MulAdd(hn::Load(d, h + 7 * padded + k), v, s7);
  }
  sum_four(d, s0, s1, s2, s3, dots);
  sum_four(d, s4, s5, s6, s7, dots + 4);
}

// y += sum_j a_j h_j. The eight terms are added among themselves first, which keeps the chain of roundings short.
HWY_INLINE void add_group(const float* HWY_RESTRICT h, Offset padded, const float* HWY_RESTRICT a,
                          float* HWY_RESTRICT y) {
  const Tag d;
  const auto a0 = hn::Set(d, a[0]), a1 = hn::Set(d, a[1]), a2 = hn::Set(d, a[2]), a3 = hn::Set(d, a[3]);
  const auto a4 = hn::Set(d, a[4]), a5 = hn::Set(d, a[5]), a6 = hn::Set(d, a[6]), a7 = hn::Set(d, a[7]);
  for (Offset k = 0; k < padded; k += hn::Lanes(d)) {
    auto even = hn::Mul(hn::Load(d, h + k), a0);
    auto odd = hn::Mul(hn::Load(d, h + padded + k), a1);
    even = hn::MulAdd(hn::Load(d, h + 2 * padded + k), a2, even);
    odd = hn::MulAdd(hn::Load(d, h + 3 * padded + k), a3, odd);
    even = hn::MulAdd(hn::Load(d, h + 4 * padded + k), a4, even);
    odd = hn::MulAdd(hn::Load(d, h + 5 * padded + k), a5, odd);
    even = hn::MulAdd(hn::Load(d, h + 6 * padded + k), a6, even);
    odd = hn::MulAdd(hn::Load(d, h + 7 * padded + k), a7, odd);
    hn::Store(hn::Add(hn::Load(d, y + k), hn::Add(even, odd)), d, y + k);
  }
}

// y += sum_j c_j h_j^2, element by element.
HWY_INLINE void add_squares(const float* HWY_RESTRICT h, Offset padded, const float* HWY_RESTRICT c,
                            float* HWY_RESTRICT y) {
  const Tag d;
  for (Offset k = 0; k < padded; k += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (Offset j = 0; j < kGroup; ++j) {
      const auto v = hn::Load(d, h + j * padded + k);
      sum = hn::MulAdd(hn::Mul(v, hn::Set(d, c[j])), v, sum);
    }
    hn::Store(hn::Add(hn::Load(d, y + k), sum), d, y + k);
  }
}

// ---- conjugate gradients -------------------------------------------------------------------------------------------

HWY_INLINE void add_to(const float* HWY_RESTRICT x, Offset padded, float* HWY_RESTRICT y) {
  const Tag d;
  for (Offset k = 0; k < padded; k += hn::Lanes(d))
    hn::Store(hn::Add(hn::Load(d, y + k), hn::Load(d, x + k)), d, y + k);
}

// residual = sum c (1 - h.w) h, preconditioner = sum c h^2. Leaves the last chunk's vectors in the scratch. Sums run
// per chunk, then over chunks, so that rows of any length lose no more than a few hundred roundings.
void first_pass(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s) {
  const Offset padded = setup.padded;
  std::fill_n(s.residual.get(), padded, 0.0F);
  std::fill_n(s.preconditioner.get(), padded, 0.0F);
  HWY_ALIGN float a[kGroup];
  for (Offset begin = 0; begin < row.size; begin += setup.chunk_rows) {
    const Offset n = std::min(setup.chunk_rows, row.size - begin);
    std::fill_n(s.partial.get(), padded, 0.0F);
    std::fill_n(s.partial_squares.get(), padded, 0.0F);
    for (Offset g = 0; g < n; g += kGroup) {
      float* h = s.vectors.get() + g * padded;
      float* c = s.weights.get() + g;
      gather_group(setup, row, begin + g, h, c);
      dot_group(h, padded, s.solution.get(), a);
      for (Offset j = 0; j < kGroup; ++j) a[j] = c[j] * (1.0F - a[j]);
      add_group(h, padded, a, s.partial.get());
      add_squares(h, padded, c, s.partial_squares.get());
    }
    add_to(s.partial.get(), padded, s.residual.get());
    add_to(s.partial_squares.get(), padded, s.preconditioner.get());
  }
}

// Returns p . (sum c h h^T) p; where `product_too`, product = (sum c h h^T) p. Rows of one chunk find their vectors in
// the scratch, longer ones gather them again.
double data_product(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s, bool product_too) {
  const Offset padded = setup.padded;
  const Quad quad;
  if (product_too) std::fill_n(s.product.get(), padded, 0.0F);
  HWY_ALIGN float dots[kGroup], a[kGroup];
  double square = 0;
  for (Offset begin = 0; begin < row.size; begin += setup.chunk_rows) {
    const Offset n = std::min(setup.chunk_rows, row.size - begin);
    auto squares = hn::Zero(quad);
    std::fill_n(s.partial.get(), padded, 0.0F);
    for (Offset g = 0; g < n; g += kGroup) {
      float* h = s.vectors.get() + g * padded;
      float* c = s.weights.get() + g;
      if (row.size > setup.chunk_rows) gather_group(setup, row, begin + g, h, c);
      dot_group(h, padded, s.direction.get(), dots);
      for (Offset j = 0; j < kGroup; j += hn::Lanes(quad)) {
        const auto dot = hn::Load(quad, dots + j), weighted = hn::Mul(dot, hn::Load(quad, c + j));
        squares = hn::MulAdd(weighted, dot, squares);
        hn::Store(weighted, quad, a + j);
      }
      if (product_too) add_group(h, padded, a, s.partial.get());
    }
    square += hn::GetLane(hn::SumOfLanes(quad, squares));
    if (product_too) add_to(s.partial.get(), padded, s.product.get());
  }
  return square;
}

// From the sums of the first pass: r -= D w, M^-1 = 1 / (D + sum c h^2), p = M^-1 r. Returns r . p. A dimension without
// any curvature is left as it is.
double start(const RowSolverSetup& setup, float ridge, RowScratch& s) {
  const Tag d;
  auto sum = hn::Zero(d);
  for (Offset k = 0; k < setup.padded; k += hn::Lanes(d)) {
    const auto dense = hn::Add(hn::Load(d, setup.dense_float.get() + k), hn::Set(d, ridge));
    const auto m = hn::Add(dense, hn::Load(d, s.preconditioner.get() + k));
    const auto inverse = hn::IfThenElseZero(hn::Ne(m, hn::Zero(d)), hn::Div(hn::Set(d, 1.0F), m));
    const auto r = hn::NegMulAdd(dense, hn::Load(d, s.solution.get() + k), hn::Load(d, s.residual.get() + k));
    const auto p = hn::Mul(inverse, r);
    hn::Store(inverse, d, s.preconditioner.get() + k);
    hn::Store(r, d, s.residual.get() + k);
    hn::Store(p, d, s.direction.get() + k);
    sum = hn::MulAdd(r, p, sum);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// p . D p
double dense_square(const RowSolverSetup& setup, float ridge, const float* HWY_RESTRICT p) {
  const Tag d;
  auto sum = hn::Zero(d);
  for (Offset k = 0; k < setup.padded; k += hn::Lanes(d)) {
    const auto dense = hn::Add(hn::Load(d, setup.dense_float.get() + k), hn::Set(d, ridge));
    const auto v = hn::Load(d, p + k);
    sum = hn::MulAdd(hn::Mul(dense, v), v, sum);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// w += alpha p
void advance(const RowSolverSetup& setup, float alpha, RowScratch& s) {
  const Tag d;
  const auto a = hn::Set(d, alpha);
  for (Offset k = 0; k < setup.padded; k += hn::Lanes(d)) {
    const auto w = hn::MulAdd(a, hn::Load(d, s.direction.get() + k), hn::Load(d, s.solution.get() + k));
    hn::Store(w, d, s.solution.get() + k);
  }
}

// r -= alpha (product + D p). Returns r . M^-1 r.
double reduce_residual(const RowSolverSetup& setup, float ridge, float alpha, RowScratch& s) {
  const Tag d;
  const auto a = hn::Set(d, alpha);
  auto sum = hn::Zero(d);
  for (Offset k = 0; k < setup.padded; k += hn::Lanes(d)) {
    const auto dense = hn::Add(hn::Load(d, setup.dense_float.get() + k), hn::Set(d, ridge));
    const auto ap = hn::MulAdd(dense, hn::Load(d, s.direction.get() + k), hn::Load(d, s.product.get() + k));
    const auto r = hn::NegMulAdd(a, ap, hn::Load(d, s.residual.get() + k));
    hn::Store(r, d, s.residual.get() + k);
    sum = hn::MulAdd(hn::Mul(r, hn::Load(d, s.preconditioner.get() + k)), r, sum);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// p = M^-1 r + beta p
void turn(const RowSolverSetup& setup, float beta, RowScratch& s) {
  const Tag d;
  const auto b = hn::Set(d, beta);
  for (Offset k = 0; k < setup.padded; k += hn::Lanes(d)) {
    const auto z = hn::Mul(hn::Load(d, s.preconditioner.get() + k), hn::Load(d, s.residual.get() + k));
    hn::Store(hn::MulAdd(b, hn::Load(d, s.direction.get() + k), z), d, s.direction.get() + k);
  }
}

RowOutcome conjugate_gradients(const RowSolverSetup& setup, const SparseRow& row, RowScratch& s, float* w) {
  const Offset dim = setup.factors.cols;
  const auto ridge = static_cast<float>(row.ridge);
  copy_padded(w, dim, setup.padded, s.solution.get());
  first_pass(setup, row, s);
  double rz = start(setup, ridge, s);
  for (int step = 1;; ++step) {
    if (!std::isfinite(rz)) return RowOutcome::kNotFinite;
    if (rz < FLT_MIN) break;  // the residual has vanished
    const bool last = step == setup.steps;
    const double curvature = data_product(setup, row, s, !last) + dense_square(setup, ridge, s.direction.get());
    const auto alpha = static_cast<float>(rz / curvature);
    advance(setup, alpha, s);
    if (last) break;
    const double next = reduce_residual(setup, ridge, alpha, s);
    turn(setup, static_cast<float>(next / rz), s);
    rz = next;
  }
  std::copy_n(s.solution.get(), dim, w);
  return all_finite(w, dim) ? RowOutcome::kSolved : RowOutcome::kNotFinite;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(conjugate_gradients);

RowOutcome solve_by_conjugate_gradients(const RowSolverSetup& setup, const SparseRow& row, RowScratch& scratch,
                                        float* w) {
  return HWY_DYNAMIC_DISPATCH(conjugate_gradients)(setup, row, scratch, w);
}

}  // namespace nextbest::cpu
#endif  // HWY_ONCE
