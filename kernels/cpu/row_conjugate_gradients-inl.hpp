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

constexpr Offset kBlock = 64;    // vectors that are worked on together: they stay in the first-level cache
constexpr Offset kFold = 4'096;  // entries whose terms are summed before they meet the others'

// One row with entries, kPadded dimensions (0: as many as the setup says).
template <Offset kPadded>
class ConjugateGradients {
 public:
  ConjugateGradients(const RowSolverSetup& setup, RowScratch& scratch, Fetcher& fetcher)
      : setup_(setup), s_(scratch), fetcher_(fetcher) {}

  // False when the solution is not finite. w [dim] is start and result.
  bool solve(const SparseRow& row, float* w) {
    const Offset dim = setup_.systems.factors.cols;
    const int steps = setup_.systems.steps;
    row_ = row;
    fetcher_.start_row(row);
    take_apart(w, dim, padded(), s_.solution.get());
    first_pass();
    double rz = start();
    for (int step = 1;; ++step) {
      if (!std::isfinite(rz)) return false;
      if (rz < FLT_MIN) break;  // the residual has vanished
      const bool last = step == steps;
      const double curvature = (last ? data_product<false>() : data_product<true>()) + dense_square_;
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

  // residual = sum c (1 - h.w) h, preconditioner = sum c h^2. Rows of one chunk leave their vectors in the scratch.
  // Sums run over chains in a block, then over the blocks of a fold, then over folds, which keeps the roundings few.
  void first_pass() {
    clear(s_.residual.get());
    clear(s_.preconditioner.get());
    float* residual = sum_of_fold(s_.residual.get(), s_.partial.get());
    float* squares = sum_of_fold(s_.preconditioner.get(), s_.partial_squares.get());
    for_blocks([&](Offset begin, Offset n, std::uint16_t* h, float* c) HWY_ATTR {
      gather(fetcher_, setup_.systems.factors, row_, begin, n, padded(), h, c);
      HWY_ALIGN float a[kBlock];
      const Offset closed = (n + 3) / 4 * 4;
      dot_vectors(fetcher_, h, closed, padded(), s_.solution.get(), a);
      const Quad quad;
      for (Offset j = 0; j < closed; j += hn::Lanes(quad))
        hn::Store(hn::Mul(hn::Load(quad, c + j), hn::Sub(hn::Set(quad, 1.0F), hn::Load(quad, a + j))), quad, a + j);
      if (row_.weights)
        add_vectors_and_squares<true>(h, closed, padded(), a, c, residual, squares);
      else
        add_vectors_and_squares<false>(h, closed, padded(), a, c, residual, squares);
      fold(begin + n, s_.partial.get(), s_.residual.get());
      fold(begin + n, s_.partial_squares.get(), s_.preconditioner.get());
    });
  }

  // Returns p . (sum c h h^T) p; where kProduct, product = (sum c h h^T) p. Rows of one chunk find their vectors in the
  // scratch, longer ones gather them again.
  template <bool kProduct>
  double data_product() {
    const bool gathered = row_.size <= setup_.chunk_rows;
    if (kProduct) clear(s_.product.get());
    if (!gathered) fetcher_.restart(row_);
    float* product = sum_of_fold(s_.product.get(), s_.partial.get());
    double square = 0;
    for_blocks([&](Offset begin, Offset n, std::uint16_t* h, float* c) HWY_ATTR {
      if (!gathered) gather(fetcher_, setup_.systems.factors, row_, begin, n, padded(), h, c);
      HWY_ALIGN float a[kBlock];
      const Offset closed = (n + 3) / 4 * 4;
      dot_vectors(fetcher_, h, closed, padded(), s_.direction.get(), a);
      const Quad quad;
      auto squares = hn::Zero(quad);
      for (Offset j = 0; j < closed; j += hn::Lanes(quad)) {
        const auto dot = hn::Load(quad, a + j), weighted = hn::Mul(dot, hn::Load(quad, c + j));
        squares = hn::MulAdd(weighted, dot, squares);
        hn::Store(weighted, quad, a + j);
      }
      square += hn::GetLane(hn::SumOfLanes(quad, squares));
      if (!kProduct) return;
      add_vectors(h, closed, padded(), a, product);
      fold(begin + n, s_.partial.get(), s_.product.get());
    });
    return square;
  }

  // Calls body(begin, n, vectors, weights) for blocks of the row that fit into the first-level cache. Rows of one chunk
  // have room for all their vectors, longer ones use the same for every block.
  template <class Body>
  HWY_INLINE void for_blocks(Body body) {
    for (Offset begin = 0; begin < row_.size; begin += kBlock) {
      const Offset place = row_.size <= setup_.chunk_rows ? begin : 0;
      body(begin, std::min(kBlock, row_.size - begin), s_.vectors.get() + place * padded(), s_.weights.get() + place);
    }
  }

  // Where the terms of a fold are summed: for rows of a single one in the total itself.
  float* sum_of_fold(float* total, float* partial) const {
    if (row_.size <= kFold) return total;
    clear(partial);
    return partial;
  }
  // After the first `end` entries: adds a finished fold to the total.
  HWY_INLINE void fold(Offset end, float* HWY_RESTRICT partial, float* HWY_RESTRICT total) const {
    if (row_.size <= kFold || (end % kFold != 0 && end != row_.size)) return;
    for (Offset k = 0; k < padded(); k += hn::Lanes(Tag())) add_to(hn::Load(Tag(), partial + k), total + k);
    clear(partial);
  }

  // From the sums of the first pass: r -= D w, M^-1 = 1 / (D + sum c h^2), p = M^-1 r. Returns r . p. A dimension
  // without any curvature is left as it is.
  double start() {
    const Tag d;
    auto sum = hn::Zero(d), square = sum;
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
      square = hn::MulAdd(hn::Mul(dense, p), p, square);
    }
    dense_square_ = hn::GetLane(hn::SumOfLanes(d, square));
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
    auto square = hn::Zero(d);
    for (Offset k = 0; k < padded(); k += hn::Lanes(d)) {
      const auto z = hn::Mul(hn::Load(d, s_.preconditioner.get() + k), hn::Load(d, s_.residual.get() + k));
      const auto p = hn::MulAdd(b, hn::Load(d, s_.direction.get() + k), z);
      hn::Store(p, d, s_.direction.get() + k);
      square = hn::MulAdd(hn::Mul(dense_at(k), p), p, square);
    }
    dense_square_ = hn::GetLane(hn::SumOfLanes(d, square));
  }

  HWY_INLINE Vec dense_at(Offset k) const {
    const Tag d;
    return hn::Add(hn::Load(d, s_.dense.get() + k), hn::Set(d, row_.ridge));
  }
  HWY_INLINE void clear(float* x) const {
    for (Offset k = 0; k < padded(); k += hn::Lanes(Tag())) hn::Store(hn::Zero(Tag()), Tag(), x + k);
  }
  const RowSolverSetup& setup_;
  RowScratch& s_;
  Fetcher& fetcher_;
  SparseRow row_;
  double dense_square_ = 0;  // p . D p
};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#endif
