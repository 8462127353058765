// Short rows of equal length, one per lane. Included once per instruction set, so the guard toggles.
#if defined(NEXTBEST_KERNELS_CPU_ROW_DUAL_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef NEXTBEST_KERNELS_CPU_ROW_DUAL_INL_HPP
#undef NEXTBEST_KERNELS_CPU_ROW_DUAL_INL_HPP
#else
#define NEXTBEST_KERNELS_CPU_ROW_DUAL_INL_HPP
#endif

#include <cstring>

#include "kernels/cpu/row_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR
constexpr Offset kBlockLanes = 1;
HWY_INLINE void transpose_blocks(Pairs&, Pairs&, Pairs&, Pairs&) {}
#else
constexpr Offset kBlockLanes = 4;  // of a block of 128 bits

// The columns of four registers seen as 4 x 4 matrices, one per block, become rows.
HWY_INLINE void transpose_blocks(Pairs& a, Pairs& b, Pairs& c, Pairs& e) {
  const PairTag d;
  const hn::RepartitionToWide<PairTag> wide;
  const auto low_ab = hn::BitCast(wide, hn::InterleaveLower(d, a, b));
  const auto high_ab = hn::BitCast(wide, hn::InterleaveUpper(d, a, b));
  const auto low_ce = hn::BitCast(wide, hn::InterleaveLower(d, c, e));
  const auto high_ce = hn::BitCast(wide, hn::InterleaveUpper(d, c, e));
  a = hn::BitCast(d, hn::InterleaveLower(wide, low_ab, low_ce));
  b = hn::BitCast(d, hn::InterleaveUpper(wide, low_ab, low_ce));
  c = hn::BitCast(d, hn::InterleaveLower(wide, high_ab, high_ce));
  e = hn::BitCast(d, hn::InterleaveUpper(wide, high_ab, high_ce));
}
#endif

// Rows of n entries each, as many as a register has lanes: w = D^-1 H^T y with K y = 1, K = H D^-1 H^T + C^-1. Lane l
// holds row l. Lanes do not meet, so a row's result does not depend on its neighbours.
class DualRows {
 public:
  DualRows(const RowSolverSetup& setup, RowScratch& scratch, Offset n)
      : setup_(setup), s_(scratch), padded_(setup.padded), n_(n), lanes_(hn::Lanes(Tag())) {}

  // codes[l], weights[l] (null: every weight is 1) and ridge[l] of row l. The solutions go to s.solved [lanes, padded].
  void solve(const Code* const* codes, const float* const* weights, const float* ridge) {
    invert_dense(ridge);
    invert_weights(weights);
    for (Offset j = 0; j < n_; ++j) load_entries(codes, j);
    for (Offset j = n_; j < round_up(n_); ++j)  // blocks of four entries
      std::fill_n(pairs(j, 0), padded_ / 2 * lanes_, 0U);
    for (Offset i = 0; i < n_; i += 2)
      for (Offset j = i / 4 * 4; j < n_; j += 4) build_block(i, j);
    factorise();
    substitute();
    store_solutions();
  }

 private:
  static Offset round_up(Offset n) { return (n + 3) / 4 * 4; }
  std::uint32_t* pairs(Offset j, Offset p) const { return s_.lanes.get() + (j * padded_ / 2 + p) * lanes_; }
  float* inverse(Offset k) const { return s_.inverse.get() + k * lanes_; }
  float* kernel(Offset i, Offset j) const { return s_.kernel.get() + (i * kDualRowLimit + j) * lanes_; }
  float* inverse_weight(Offset j) const { return s_.inverse_weights.get() + j * lanes_; }
  float* dual(Offset j) const { return s_.dual.get() + j * lanes_; }

  void invert_dense(const float* ridge) {
    const Tag d;
    const Vec one = hn::Set(d, 1.0F), ridges = hn::Load(d, ridge);
    for (Offset k = 0; k < padded_; ++k)
      hn::Store(hn::Div(one, hn::Add(hn::Set(d, setup_.dense[k]), ridges)), d, inverse(k));
  }

  void invert_weights(const float* const* weights) {
    for (Offset j = 0; j < n_; ++j)
      for (Offset l = 0; l < lanes_; ++l) inverse_weight(j)[l] = weights[l] ? 1.0F / weights[l][j] : 1.0F;
  }

  // Vector j of every row, turned so that a register holds one pair of dimensions of all rows. Blocks of 128 bits are
  // laid side by side first: of four rows that follow each other, one comes to stand in each of four registers.
  void load_entries(const Code* const* codes, Offset j) {
    const PairTag d;
    const Offset width = lanes_ * 2;  // 16-bit numbers in a register
    const Matrix<const BFloat16>& factors = setup_.systems.factors;
    for (Offset l = 0; l < lanes_; ++l) {
      const auto* from = reinterpret_cast<const std::uint16_t*>(factors.row(codes[l][j]));
      std::uint16_t* to = s_.staged.get() + l % 4 * width + l / 4 * 8;
      const Offset whole = factors.cols / 8 * 8;
      for (Offset k = 0; k < whole; k += 8) std::memcpy(to + k / 8 * 4 * width, from + k, 16);
      for (Offset k = whole; k < padded_; ++k)
        to[k / 8 * 4 * width + k % 8] = k < factors.cols ? from[k] : std::uint16_t{0};
    }
    for (Offset p = 0; p < padded_ / 2; p += 4) {
      const std::uint16_t* staged = s_.staged.get() + p * width;
      Pairs a = load_pairs(staged), b = load_pairs(staged + width), c = load_pairs(staged + 2 * width),
            e = load_pairs(staged + 3 * width);
      transpose_blocks(a, b, c, e);
      hn::Store(a, d, pairs(j, p));
      hn::Store(b, d, pairs(j, p + 1));
      hn::Store(c, d, pairs(j, p + 2));
      hn::Store(e, d, pairs(j, p + 3));
    }
  }

  // Entries (i, j .. j + 3) and (i + 1, j .. j + 3) of K.
  void build_block(Offset i, Offset j) {
    const Tag d;
    const PairTag u;
    Vec s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    for (Offset p = 0; p < padded_ / 2; ++p) {
      const Pairs x = hn::Load(u, pairs(i, p)), y = hn::Load(u, pairs(i + 1, p));
      const Vec even = hn::Load(d, inverse(2 * p)), odd = hn::Load(d, inverse(2 * p + 1));
      const Vec xe = hn::Mul(even_of(x), even), xo = hn::Mul(odd_of(x), odd);
      const Vec ye = hn::Mul(even_of(y), even), yo = hn::Mul(odd_of(y), odd);
      const auto step = [&](Offset column, Vec& s, Vec& t) HWY_ATTR {
        const Pairs z = hn::Load(u, pairs(column, p));
        const Vec ze = even_of(z), zo = odd_of(z);
        s = hn::MulAdd(xo, zo, hn::MulAdd(xe, ze, s));
        t = hn::MulAdd(yo, zo, hn::MulAdd(ye, ze, t));
      };
      step(j, s0, t0), step(j + 1, s1, t1), step(j + 2, s2, t2), step(j + 3, s3, t3);
    }
    hn::Store(s0, d, kernel(i, j)), hn::Store(s1, d, kernel(i, j + 1));
    hn::Store(s2, d, kernel(i, j + 2)), hn::Store(s3, d, kernel(i, j + 3));
    hn::Store(t0, d, kernel(i + 1, j)), hn::Store(t1, d, kernel(i + 1, j + 1));
    hn::Store(t2, d, kernel(i + 1, j + 2)), hn::Store(t3, d, kernel(i + 1, j + 3));
  }

  // K = L diag(pivots) L^T in the upper triangle: row j of what is left, divided by its pivot, is column j of L. And
  // dual = diag(pivots)^-1 L^-1 1 on the way.
  void factorise() {
    const Tag d;
    for (Offset j = 0; j < n_; ++j) hn::Store(hn::Set(d, 1.0F), d, dual(j));
    for (Offset j = 0; j < n_; ++j) {
      // The diagonal has lost what was taken off it; C^-1 is added to the left-over, which is never negative but for
      // rounding: so a pivot does not fall below 1 / c.
      const Vec left = hn::Max(hn::Load(d, kernel(j, j)), hn::Zero(d));
      const Vec inverse_pivot = hn::Div(hn::Set(d, 1.0F), hn::Add(left, hn::Load(d, inverse_weight(j))));
      const Vec here = hn::Load(d, dual(j));
      hn::Store(hn::Mul(here, inverse_pivot), d, dual(j));
      for (Offset i = j + 1; i < n_; ++i) {
        const Vec upper = hn::Load(d, kernel(j, i)), factor = hn::Mul(upper, inverse_pivot);
        for (Offset k = i; k < n_; ++k)
          hn::Store(hn::NegMulAdd(factor, hn::Load(d, kernel(j, k)), hn::Load(d, kernel(i, k))), d, kernel(i, k));
        hn::Store(hn::NegMulAdd(factor, here, hn::Load(d, dual(i))), d, dual(i));
      }
      for (Offset i = j + 1; i < n_; ++i) hn::Store(hn::Mul(hn::Load(d, kernel(j, i)), inverse_pivot), d, kernel(j, i));
    }
  }

  // y = L^-T dual
  void substitute() {
    const Tag d;
    for (Offset j = n_ - 2; j >= 0; --j) {
      Vec y = hn::Load(d, dual(j));
      for (Offset i = j + 1; i < n_; ++i) y = hn::NegMulAdd(hn::Load(d, kernel(j, i)), hn::Load(d, dual(i)), y);
      hn::Store(y, d, dual(j));
    }
  }

  // w = D^-1 sum y_j h_j, turned back.
  void store_solutions() {
    const Tag d;
    const PairTag u;
    HWY_ALIGN float turned[kMostLanes];
    for (Offset k = 0; k < padded_; k += 4) {
      Vec w0 = hn::Zero(d), w1 = w0, w2 = w0, w3 = w0;
      for (Offset j = 0; j < n_; ++j) {
        const Pairs x = hn::Load(u, pairs(j, k / 2)), z = hn::Load(u, pairs(j, k / 2 + 1));
        const Vec y = hn::Load(d, dual(j));
        w0 = hn::MulAdd(even_of(x), y, w0);
        w1 = hn::MulAdd(odd_of(x), y, w1);
        w2 = hn::MulAdd(even_of(z), y, w2);
        w3 = hn::MulAdd(odd_of(z), y, w3);
      }
      Pairs a = hn::BitCast(u, hn::Mul(w0, hn::Load(d, inverse(k))));
      Pairs b = hn::BitCast(u, hn::Mul(w1, hn::Load(d, inverse(k + 1))));
      Pairs c = hn::BitCast(u, hn::Mul(w2, hn::Load(d, inverse(k + 2))));
      Pairs e = hn::BitCast(u, hn::Mul(w3, hn::Load(d, inverse(k + 3))));
      transpose_blocks(a, b, c, e);
      const auto spread = [&](Pairs rows, Offset first) HWY_ATTR {
        hn::Store(hn::BitCast(d, rows), d, turned);
        float* to = s_.solved.get() + k + (kBlockLanes == 1 ? first : first * padded_);
        for (Offset l = 0; l < lanes_; l += kBlockLanes)
          std::memcpy(to + l * padded_, turned + l, kBlockLanes * sizeof(float));
      };
      spread(a, 0), spread(b, 1), spread(c, 2), spread(e, 3);
    }
  }

  const RowSolverSetup& setup_;
  RowScratch& s_;
  Offset padded_, n_, lanes_;
};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#endif
