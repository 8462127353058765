// What is done with many vectors of a row at a time. Included once per instruction set, so the guard toggles.
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

// Has vectors brought into the second-level cache in good time: those of the rows to come bit by bit while a row is
// worked on, so that memory and arithmetic are busy at the same time.
class Fetcher {
 public:
  // codes_end closes all rows that will come, one after the other
  Fetcher(Matrix<const BFloat16> factors, const Code* codes_end)
      : factors_(factors), next_(nullptr), limit_(nullptr), codes_end_(codes_end) {}

  void start_row(const SparseRow& row) {
    const Code* row_end = row.codes + row.size;
    limit_ = codes_end_ - row_end > kAhead ? row_end + kAhead : codes_end_;
    next_ = std::max(next_, row.codes);
  }
  // A row that is read from memory in every pass starts again.
  void restart(const SparseRow& row) { next_ = row.codes; }

  HWY_INLINE void fetch_some(Offset most) {
    const Code* end = limit_ - next_ > most ? next_ + most : limit_;
    for (; next_ < end; ++next_) fetch(factors_, *next_);
  }
  // What is about to be read, where it has not come already.
  HWY_INLINE void catch_up(const Code* reading) {
    if (next_ < reading + kClose) fetch_some(reading + kClose - next_);
  }

 private:
  static constexpr Offset kAhead = 128, kClose = 32;

  Matrix<const BFloat16> factors_;
  const Code* next_;   // all before are fetched
  const Code* limit_;  // not to be passed in this row
  const Code* codes_end_;
};

// Entries [begin, begin + n) of the row to `vectors` and `weights`, closed by zeros to a multiple of four.
HWY_INLINE void gather(Fetcher& fetcher, Matrix<const BFloat16> factors, const SparseRow& row, Offset begin, Offset n,
                       Offset padded, std::uint16_t* vectors, float* weights) {
  const Code* codes = row.codes + begin;
  const bool whole = factors.cols == padded;
  for (Offset j = 0; j < n; ++j) {
    fetcher.catch_up(codes + j);
    const BFloat16* from = factors.row(codes[j]);
    whole ? copy_whole(from, padded, vectors + j * padded)
          : copy_padded(from, factors.cols, padded, vectors + j * padded);
  }
  if (row.weights)
    std::copy_n(row.weights + begin, n, weights);
  else
    std::fill_n(weights, n, 1.0F);
  const Offset closed = (n + 3) / 4 * 4;
  std::fill(vectors + n * padded, vectors + closed * padded, std::uint16_t{0});
  std::fill(weights + n, weights + closed, 0.0F);
}

HWY_INLINE void add_to(Vec x, float* HWY_RESTRICT y) {
  const Tag d;
  hn::Store(hn::Add(hn::Load(d, y), x), d, y);
}

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

// dots[j] = h_j . x for kGroup vectors, 4 or 8.
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

// The same for n vectors, n a multiple of four. A share of the vectors to come is fetched on the way: all of as many in
// the four passes of three steps, and some more.
HWY_INLINE void dot_vectors(Fetcher& fetcher, const std::uint16_t* HWY_RESTRICT h, Offset n, Offset padded,
                            const float* HWY_RESTRICT x, float* HWY_RESTRICT dots) {
  Offset j = 0;
  for (; j + 8 <= n; j += 8) {
    fetcher.fetch_some(3);
    dot_group<8>(h + j * padded, padded, x, dots + j);
  }
  if (j == n) return;
  fetcher.fetch_some(2);
  dot_group<4>(h + j * padded, padded, x, dots + j);
}

// y += sum_j a_j h_j over n vectors, n a multiple of 4; four chains of sums, which are added up at the end.
HWY_INLINE void add_vectors(const std::uint16_t* HWY_RESTRICT h, Offset n, Offset padded, const float* HWY_RESTRICT a,
                            float* HWY_RESTRICT y) {
  const Tag d;
  const Offset lanes = hn::Lanes(d);
  for (Offset k = 0; k < padded; k += 2 * lanes) {
    Vec even0 = hn::Zero(d), even1 = even0, even2 = even0, even3 = even0;
    Vec odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0;
    const auto step = [&](Offset j, Vec& even, Vec& odd) HWY_ATTR {
      const Pairs pairs = load_pairs(h + j * padded + k);
      const Vec factor = hn::Set(d, a[j]);
      even = hn::MulAdd(even_of(pairs), factor, even);
      odd = hn::MulAdd(odd_of(pairs), factor, odd);
    };
    for (Offset j = 0; j < n; j += 4)
      step(j, even0, odd0), step(j + 1, even1, odd1), step(j + 2, even2, odd2), step(j + 3, even3, odd3);
    add_to(hn::Add(hn::Add(even0, even1), hn::Add(even2, even3)), y + k);
    add_to(hn::Add(hn::Add(odd0, odd1), hn::Add(odd2, odd3)), y + k + lanes);
  }
}

// The same, and squares += sum_j c_j h_j^2, element by element; kWeighted is false where every c is 1.
template <bool kWeighted>
HWY_INLINE void add_vectors_and_squares(const std::uint16_t* HWY_RESTRICT h, Offset n, Offset padded,
                                        const float* HWY_RESTRICT a, const float* HWY_RESTRICT c, float* HWY_RESTRICT y,
                                        float* HWY_RESTRICT squares) {
  const Tag d;
  const Offset lanes = hn::Lanes(d);
  for (Offset k = 0; k < padded; k += 2 * lanes) {
    Vec even0 = hn::Zero(d), even1 = even0, odd0 = even0, odd1 = even0;
    Vec even_squares0 = even0, even_squares1 = even0, odd_squares0 = even0, odd_squares1 = even0;
    const auto step = [&](Offset j, Vec& even, Vec& odd, Vec& even_squares, Vec& odd_squares) HWY_ATTR {
      const Pairs pairs = load_pairs(h + j * padded + k);
      const Vec x = even_of(pairs), z = odd_of(pairs), factor = hn::Set(d, a[j]);
      even = hn::MulAdd(x, factor, even);
      odd = hn::MulAdd(z, factor, odd);
      const Vec weight = kWeighted ? hn::Set(d, c[j]) : factor;
      even_squares = hn::MulAdd(kWeighted ? hn::Mul(x, weight) : x, x, even_squares);
      odd_squares = hn::MulAdd(kWeighted ? hn::Mul(z, weight) : z, z, odd_squares);
    };
    for (Offset j = 0; j < n; j += 2) {
      step(j, even0, odd0, even_squares0, odd_squares0);
      step(j + 1, even1, odd1, even_squares1, odd_squares1);
    }
    add_to(hn::Add(even0, even1), y + k);
    add_to(hn::Add(odd0, odd1), y + k + lanes);
    add_to(hn::Add(even_squares0, even_squares1), squares + k);
    add_to(hn::Add(odd_squares0, odd_squares1), squares + k + lanes);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#endif
