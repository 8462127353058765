// Pieces that the row solvers share. Included once per instruction set, so the guard toggles.
#if defined(NEXTBEST_KERNELS_CPU_ROW_VECTORS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef NEXTBEST_KERNELS_CPU_ROW_VECTORS_INL_HPP
#undef NEXTBEST_KERNELS_CPU_ROW_VECTORS_INL_HPP
#else
#define NEXTBEST_KERNELS_CPU_ROW_VECTORS_INL_HPP
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/cpu/row_solver.hpp"

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// A register of pairs of 16-bit numbers comes apart into one of floats from the even places and one from the odd
// places. Vectors of floats that meet such pairs stand in that order too: of every 2 * lanes dimensions first the even
// ones.
using Tag = hn::CappedTag<float, kMostLanes>;
using PairTag = hn::RebindToUnsigned<Tag>;
using Vec = hn::Vec<Tag>;
using Pairs = hn::Vec<PairTag>;

HWY_INLINE Vec even_of(Pairs pairs) {
  return hn::BitCast(Tag(), hn::ShiftLeft<16>(pairs));
}
HWY_INLINE Vec odd_of(Pairs pairs) {
  return hn::BitCast(Tag(), hn::And(pairs, hn::Set(PairTag(), 0xFFFF'0000U)));
}
HWY_INLINE Pairs load_pairs(const std::uint16_t* aligned) {
  return hn::Load(PairTag(), reinterpret_cast<const std::uint32_t*>(aligned));
}

// Natural order to that of pairs and back, padded with zeros.
HWY_INLINE void take_apart(const float* HWY_RESTRICT from, Offset dim, Offset padded, float* HWY_RESTRICT to) {
  const Tag d;
  const Offset lanes = hn::Lanes(d), whole = dim / (2 * lanes) * (2 * lanes);
  HWY_ALIGN float rest[2 * kMostLanes] = {};
  std::copy(from + whole, from + dim, rest);
  for (Offset k = 0; k < padded; k += 2 * lanes) {
    Vec even = hn::Zero(d), odd = even;
    if (k < whole)
      hn::LoadInterleaved2(d, from + k, even, odd);
    else if (k == whole)
      hn::LoadInterleaved2(d, rest, even, odd);
    hn::Store(even, d, to + k);
    hn::Store(odd, d, to + k + lanes);
  }
}
HWY_INLINE void put_together(const float* HWY_RESTRICT from, Offset dim, float* HWY_RESTRICT to) {
  const Tag d;
  const Offset lanes = hn::Lanes(d), whole = dim / (2 * lanes) * (2 * lanes);
  for (Offset k = 0; k < whole; k += 2 * lanes)
    hn::StoreInterleaved2(hn::Load(d, from + k), hn::Load(d, from + k + lanes), d, to + k);
  for (Offset k = whole; k < dim; ++k) to[k] = from[whole + (k - whole) / 2 + (k % 2) * lanes];
}

// A row of 16-bit numbers whose length needs no padding.
HWY_INLINE void copy_whole(const BFloat16* from, Offset padded, std::uint16_t* HWY_RESTRICT to) {
  const hn::CappedTag<std::uint16_t, 2 * kMostLanes> d;
  const auto* bits = reinterpret_cast<const std::uint16_t*>(from);
  for (Offset k = 0; k < padded; k += hn::Lanes(d)) hn::Store(hn::LoadU(d, bits + k), d, to + k);
}

// Any row of 16-bit numbers, padded with zeros.
HWY_INLINE void copy_padded(const BFloat16* from, Offset dim, Offset padded, std::uint16_t* HWY_RESTRICT to) {
  const hn::CappedTag<std::uint16_t, 2 * kMostLanes> d;
  const auto* bits = reinterpret_cast<const std::uint16_t*>(from);
  const Offset lanes = hn::Lanes(d), whole = dim / lanes * lanes;
  for (Offset k = 0; k < whole; k += lanes) hn::Store(hn::LoadU(d, bits + k), d, to + k);
  if (whole == padded) return;
  std::copy(bits + whole, bits + dim, to + whole);
  std::fill(to + dim, to + padded, std::uint16_t{0});
}

HWY_INLINE bool all_finite(const float* w, Offset dim) {
  const Tag d;
  const Offset lanes = hn::Lanes(d), whole = dim / lanes * lanes;
  for (Offset k = 0; k < whole; k += lanes)
    if (!hn::AllTrue(d, hn::IsFinite(hn::LoadU(d, w + k)))) return false;
  return std::all_of(w + whole, w + dim, [](float x) { return std::isfinite(x); });
}

HWY_INLINE void fetch(Matrix<const BFloat16> factors, Code code) {
  const auto* bytes = reinterpret_cast<const std::byte*>(factors.row(code));
  const Offset length = factors.cols * static_cast<Offset>(sizeof(BFloat16));
  for (Offset b = 0; b < length; b += 64) __builtin_prefetch(bytes + b, 0, 2);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#endif
