// Rows by conjugate gradients. Included once per instruction set, so the guard toggles.
#if defined(NEXTBEST_KERNELS_CPU_ROW_CONJUGATE_GRADIENTS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef NEXTBEST_KERNELS_CPU_ROW_CONJUGATE_GRADIENTS_INL_HPP
#undef NEXTBEST_KERNELS_CPU_ROW_CONJUGATE_GRADIENTS_INL_HPP
#else
#define NEXTBEST_KERNELS_CPU_ROW_CONJUGATE_GRADIENTS_INL_HPP
#endif

#include <cfloat>

#include "kernels/cpu/row_groups-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu {
namespace HWY_NAMESPACE {
namespace {

// One row with entries, kPadded dimensions (0: as many as the setup says).
template <Offset kPadded>
class ConjugateGradients {
 public:
  ConjugateGradients(const RowSolverSetup& setup, RowScratch& scratch, Gatherer& gatherer)
      : setup_(setup), s_(scratch), gatherer_(gatherer) {}

  // False when the solution is not finite. w [dim] is start and result.
  bool solve(const SparseRow& row, float* w) {
    const Offset dim = setup_.systems.factors.cols;
    const int steps = setup_.systems.steps;
    row_ = row;
    take_apart(w, dim, padded(), s_.solution.get());
    first_pass();
    double rz = start();
    for (int step = 1;; ++step) {
      if (!std::isfinite(rz)) return false;
      if (rz < FLT_MIN) break;  // the residual has vanished
      const bool last = step == steps;
      const double curvature = (last ? data_product<false>() : data_product<true>()) + dense_square();
      const auto alpha = static_cast<float>(rz / curvature);
      if (last) {
        advance(alpha);
        break;
      }
      const double next = advance_and_reduce_residual(alpha);
      turn(static_cast<float>(next / rz));
      rz = next;
    }
    put_together(s_.solution.get(), dim, w);
    return all_finite(w, dim);
  }

 private:
  Offset padded() const { return kPadded ? kPadded : setup_.padded; }

  // residual = sum c (1 - h.w) h, preconditioner = sum c h^2. Leaves the last chunk's vectors in the scratch. Sums run
  // per chunk, then over chunks, so that rows of any length lose no more than a few hundred roundings.
  void first_pass() {
    clear(s_.residual.get());
    clear(s_.preconditioner.get());
    for (Offset begin = 0; begin < row_.size; begin += setup_.chunk_rows) {
      const Offset n = std::min(setup_.chunk_rows, row_.size - begin);
      clear(s_.partial.get());
      clear(s_.partial_squares.get());
      for_groups(n, [&]<int kGroup>(Offset g) HWY_ATTR {
        HWY_ALIGN float a[kGroup];
        std::uint16_t* h = s_.vectors.get() + g * padded();
        float* c = s_.weights.get() + g;
        gatherer_.gather<kGroup>(row_, begin + g, padded(), h, c);
        dot_group<kGroup>(h, padded(), s_.solution.get(), a);
        for (int j = 0; j < kGroup; ++j) a[j] = c[j] * (1.0F - a[j]);
        add_group_and_squares<kGroup>(h, padded(), a, c, s_.partial.get(), s_.partial_squares.get());
      });
      add_to(s_.partial.get(), s_.residual.get());
      add_to(s_.partial_squares.get(), s_.preconditioner.get());
    }
  }

  // Returns p . (sum c h h^T) p; where kProduct, product = (sum c h h^T) p. Rows of one chunk find their vectors in the
  // scratch, longer ones gather them again.
  template <bool kProduct>
  double data_product() {
    const bool gathered = row_.size <= setup_.chunk_rows;
    if (kProduct) clear(s_.product.get());
    double square = 0;
    for (Offset begin = 0; begin < row_.size; begin += setup_.chunk_rows) {
      const Offset n = std::min(setup_.chunk_rows, row_.size - begin);
      const Quad quad;
      auto squares = hn::Zero(quad);
      if (kProduct) clear(s_.partial.get());
      for_groups(n, [&]<int kGroup>(Offset g) HWY_ATTR {
        HWY_ALIGN float dots[kGroup], a[kGroup];
        std::uint16_t* h = s_.vectors.get() + g * padded();
        float* c = s_.weights.get() + g;
        if (gathered)
          gatherer_.fetch_some();
        else
          gatherer_.gather<kGroup>(row_, begin + g, padded(), h, c);
        dot_group<kGroup>(h, padded(), s_.direction.get(), dots);
        for (std::size_t j = 0; j < kGroup; j += hn::Lanes(quad)) {
          const auto dot = hn::Load(quad, dots + j), weighted = hn::Mul(dot, hn::Load(quad, c + j));
          squares = hn::MulAdd(weighted, dot, squares);
          hn::Store(weighted, quad, a + j);
        }
        if (kProduct) add_group<kGroup>(h, padded(), a, s_.partial.get());
      });
      square += hn::GetLane(hn::SumOfLanes(quad, squares));
      if (kProduct) add_to(s_.partial.get(), s_.product.get());
    }
    return square;
  }

  // Calls body<8> for whole groups of the n gathered vectors and body<8> or body<4> for the rest, closed by zeros.
  template <class Body>
  HWY_INLINE static void for_groups(Offset n, Body body) {
    Offset g = 0;
    for (; g + 4 < n; g += 8) body.template operator()<8>(g);
    if (g < n) body.template operator()<4>(g);
  }

  // From the sums of the first pass: r -= D w, M^-1 = 1 / (D + sum c h^2), p = M^-1 r. Returns r . p. A dimension
  // without any curvature is left as it is.
  double start() {
    const Tag d;
    auto sum = hn::Zero(d);
    for (Offset k = 0; k < padded(); k += hn::Lanes(d)) {
      const auto dense = dense_at(k);
      const auto m = hn::Add(dense, hn::Load(d, s_.preconditioner.get() + k));
      const auto inverse = hn::IfThenElseZero(hn::Ne(m, hn::Zero(d)), hn::Div(hn::Set(d, 1.0F), m));
      const auto r = hn::NegMulAdd(dense, hn::Load(d, s_.solution.get() + k), hn::Load(d, s_.residual.get() + k));
      const auto p = hn::Mul(inverse, r);
      hn::Store(inverse, d, s_.preconditioner.get() + k);
      hn::Store(r, d, s_.residual.get() + k);
      hn::Store(p, d, s_.direction.get() + k);
      sum = hn::MulAdd(r, p, sum);
    }
    return hn::GetLane(hn::SumOfLanes(d, sum));
  }

  // p . D p
  double dense_square() {
    const Tag d;
    auto sum = hn::Zero(d);
    for (Offset k = 0; k < padded(); k += hn::Lanes(d)) {
      const auto p = hn::Load(d, s_.direction.get() + k);
      sum = hn::MulAdd(hn::Mul(dense_at(k), p), p, sum);
    }
    return hn::GetLane(hn::SumOfLanes(d, sum));
  }

  // w += alpha p
  void advance(float alpha) {
    const Tag d;
    const auto a = hn::Set(d, alpha);
    for (Offset k = 0; k < padded(); k += hn::Lanes(d)) {
      const auto w = hn::MulAdd(a, hn::Load(d, s_.direction.get() + k), hn::Load(d, s_.solution.get() + k));
      hn::Store(w, d, s_.solution.get() + k);
    }
  }

  // w += alpha p, r -= alpha (product + D p). Returns r . M^-1 r.
  double advance_and_reduce_residual(float alpha) {
    const Tag d;
    const auto a = hn::Set(d, alpha);
    auto sum = hn::Zero(d);
    for (Offset k = 0; k < padded(); k += hn::Lanes(d)) {
      const auto p = hn::Load(d, s_.direction.get() + k);
      hn::Store(hn::MulAdd(a, p, hn::Load(d, s_.solution.get() + k)), d, s_.solution.get() + k);
      const auto ap = hn::MulAdd(dense_at(k), p, hn::Load(d, s_.product.get() + k));
      const auto r = hn::NegMulAdd(a, ap, hn::Load(d, s_.residual.get() + k));
      hn::Store(r, d, s_.residual.get() + k);
      sum = hn::MulAdd(hn::Mul(r, hn::Load(d, s_.preconditioner.get() + k)), r, sum);
    }
    return hn::GetLane(hn::SumOfLanes(d, sum));
  }

  // p = M^-1 r + beta p
  void turn(float beta) {
    const Tag d;
    const auto b = hn::Set(d, beta);
    for (Offset k = 0; k < padded(); k += hn::Lanes(d)) {
      const auto z = hn::Mul(hn::Load(d, s_.preconditioner.get() + k), hn::Load(d, s_.residual.get() + k));
      hn::Store(hn::MulAdd(b, hn::Load(d, s_.direction.get() + k), z), d, s_.direction.get() + k);
    }
  }

  HWY_INLINE Vec dense_at(Offset k) const {
    const Tag d;
    return hn::Add(hn::Load(d, s_.dense.get() + k), hn::Set(d, row_.ridge));
  }
  HWY_INLINE void clear(float* x) const {
    for (Offset k = 0; k < padded(); k += hn::Lanes(Tag())) hn::Store(hn::Zero(Tag()), Tag(), x + k);
  }
  HWY_INLINE void add_to(const float* HWY_RESTRICT x, float* HWY_RESTRICT y) const {
    const Tag d;
    for (Offset k = 0; k < padded(); k += hn::Lanes(d))
      hn::Store(hn::Add(hn::Load(d, y + k), hn::Load(d, x + k)), d, y + k);
  }

  const RowSolverSetup& setup_;
  RowScratch& s_;
  Gatherer& gatherer_;
  SparseRow row_;
};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#endif
