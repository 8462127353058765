// Four or eight vectors of a row at a time. Included once per instruction set, so the guard toggles.
#if defined(NEXTBEST_KERNELS_CPU_ROW_GROUPS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef NEXTBEST_KERNELS_CPU_ROW_GROUPS_INL_HPP
#undef NEXTBEST_KERNELS_CPU_ROW_GROUPS_INL_HPP
#else
#define NEXTBEST_KERNELS_CPU_ROW_GROUPS_INL_HPP
#endif

#include "kernels/cpu/row_vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu {
namespace HWY_NAMESPACE {
namespace {

using Quad = hn::CappedTag<float, 4>;

struct SparseRow {
  const Code* codes = nullptr;
  const float* weights = nullptr;  // null: every weight is 1
  Offset size = 0;
  float ridge = 0;  // reg * f^nu
};

// Copies vectors together, and has those of the entries to come brought into the cache in good time: while a row is
// worked on, those of the next one.
class Gatherer {
 public:
  // codes_end closes all rows that will come, one after the other
  Gatherer(Matrix<const BFloat16> factors, const Code* codes_end)
      : factors_(factors), next_(nullptr), limit_(nullptr), codes_end_(codes_end) {}

  // Entries [begin, begin + kGroup) of the row to `vectors` and `weights`, closed by zeros behind the row's end.
  template <int kGroup>
  HWY_INLINE void gather(const SparseRow& row, Offset begin, Offset padded, std::uint16_t* vectors, float* weights) {
    const Offset n = std::min<Offset>(kGroup, row.size - begin);
    const Code* codes = row.codes + begin;
    next_ = std::max(next_, codes + n);
    limit_ = codes_end_ - codes > kAhead ? codes + kAhead : codes_end_;
    fetch_entries(2 * kGroup);
    for (Offset j = 0; j < n; ++j) {
      copy_padded(factors_.row(codes[j]), factors_.cols, padded, vectors + j * padded);
      weights[j] = row.weights ? row.weights[begin + j] : 1.0F;
    }
    if (n == kGroup) return;
    std::fill(vectors + n * padded, vectors + kGroup * padded, std::uint16_t{0});
    std::fill(weights + n, weights + kGroup, 0.0F);
  }

  // A few more of the entries to come.
  HWY_INLINE void fetch_some() { fetch_entries(4); }

 private:
  static constexpr Offset kAhead = 256;

  HWY_INLINE void fetch_entries(Offset most) {
    const Code* end = limit_ - next_ > most ? next_ + most : limit_;
    for (; next_ < end; ++next_) fetch(factors_, *next_);
  }

  Matrix<const BFloat16> factors_;
  const Code* next_;   // all before are fetched
  const Code* limit_;  // not to be passed now
  const Code* codes_end_;
};

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void sum_four(Vec a, Vec b, Vec c, Vec e, float* HWY_RESTRICT sums) {
  sums[0] = hn::GetLane(a), sums[1] = hn::GetLane(b), sums[2] = hn::GetLane(c), sums[3] = hn::GetLane(e);
}
#else
// The sums of four registers' lanes: transposed by blocks of 128 bits while they are added, then block by block.
HWY_INLINE void sum_four(Vec a, Vec b, Vec c, Vec e, float* HWY_RESTRICT sums) {
  const Tag d;
  const Vec ab = hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
  const Vec ce = hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e));
  const hn::RepartitionToWide<Tag> wide;
  const auto x = hn::BitCast(wide, ab), y = hn::BitCast(wide, ce);
  const Vec blocks =
      hn::Add(hn::BitCast(d, hn::InterleaveLower(wide, x, y)), hn::BitCast(d, hn::InterleaveUpper(wide, x, y)));
  HWY_ALIGN float lanes[kMostLanes];
  hn::Store(blocks, d, lanes);
  const Quad quad;
  auto sum = hn::Load(quad, lanes);
  for (std::size_t i = 4; i < hn::Lanes(d); i += 4) sum = hn::Add(sum, hn::Load(quad, lanes + i));
  hn::Store(sum, quad, sums);
}
#endif

// dots[j] = h_j . x for the vectors of a group.
template <int kGroup>
HWY_INLINE void dot_group(const std::uint16_t* HWY_RESTRICT h, Offset padded, const float* HWY_RESTRICT x,
                          float* HWY_RESTRICT dots) {
  const Tag d;
  const Offset lanes = hn::Lanes(d);
  Vec s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (Offset k = 0; k < padded; k += 2 * lanes) {
    const Vec even = hn::Load(d, x + k), odd = hn::Load(d, x + k + lanes);
    const auto step = [&](Offset j, Vec& s) HWY_ATTR {
      const Pairs pairs = load_pairs(h + j * padded + k);
      s = hn::MulAdd(even_of(pairs), even, s);
      s = hn::MulAdd(odd_of(pairs), odd, s);
    };
    step(0, s0), step(1, s1), step(2, s2), step(3, s3);
    if (kGroup == 8) step(4, s4), step(5, s5), step(6, s6), step(7, s7);
  }
  sum_four(s0, s1, s2, s3, dots);
  if (kGroup == 8) sum_four(s4, s5, s6, s7, dots + 4);
}

// y += sum_j a_j h_j. The terms of a group are added among themselves first, which keeps the chain of roundings short.
template <int kGroup>
HWY_INLINE void add_group(const std::uint16_t* HWY_RESTRICT h, Offset padded, const float* HWY_RESTRICT a,
                          float* HWY_RESTRICT y) {
  const Tag d;
  const Offset lanes = hn::Lanes(d);
  for (Offset k = 0; k < padded; k += 2 * lanes) {
    Vec even = hn::Zero(d), odd = even, even2 = even, odd2 = even;
    for (int j = 0; j < kGroup; j += 2) {
      const Pairs x = load_pairs(h + j * padded + k), z = load_pairs(h + (j + 1) * padded + k);
      const Vec ax = hn::Set(d, a[j]), az = hn::Set(d, a[j + 1]);
      even = hn::MulAdd(even_of(x), ax, even);
      odd = hn::MulAdd(odd_of(x), ax, odd);
      even2 = hn::MulAdd(even_of(z), az, even2);
      odd2 = hn::MulAdd(odd_of(z), az, odd2);
    }
    hn::Store(hn::Add(hn::Load(d, y + k), hn::Add(even, even2)), d, y + k);
    hn::Store(hn::Add(hn::Load(d, y + k + lanes), hn::Add(odd, odd2)), d, y + k + lanes);
  }
}

// y += sum_j a_j h_j and squares += sum_j c_j h_j^2, element by element.
template <int kGroup>
HWY_INLINE void add_group_and_squares(const std::uint16_t* HWY_RESTRICT h, Offset padded, const float* HWY_RESTRICT a,
                                      const float* HWY_RESTRICT c, float* HWY_RESTRICT y, float* HWY_RESTRICT squares) {
  const Tag d;
  const Offset lanes = hn::Lanes(d);
  for (Offset k = 0; k < padded; k += 2 * lanes) {
    Vec even = hn::Zero(d), odd = even, even_squares = even, odd_squares = even;
    for (int j = 0; j < kGroup; ++j) {
      const Pairs pairs = load_pairs(h + j * padded + k);
      const Vec x = even_of(pairs), z = odd_of(pairs), aj = hn::Set(d, a[j]), cj = hn::Set(d, c[j]);
      even = hn::MulAdd(x, aj, even);
      odd = hn::MulAdd(z, aj, odd);
      even_squares = hn::MulAdd(hn::Mul(x, cj), x, even_squares);
      odd_squares = hn::MulAdd(hn::Mul(z, cj), z, odd_squares);
    }
    hn::Store(hn::Add(hn::Load(d, y + k), even), d, y + k);
    hn::Store(hn::Add(hn::Load(d, y + k + lanes), odd), d, y + k + lanes);
    hn::Store(hn::Add(hn::Load(d, squares + k), even_squares), d, squares + k);
    hn::Store(hn::Add(hn::Load(d, squares + k + lanes), odd_squares), d, squares + k + lanes);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#endif
