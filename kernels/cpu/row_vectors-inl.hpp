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

using Tag = hn::CappedTag<float, 16>;  // vectors are padded to 16 floats, see RowSolverSetup

constexpr Offset kAhead = 16;  // entries between the one in work and the one whose vector is fetched

HWY_INLINE void fetch_ahead(Matrix<const BFloat16> factors, const Code* code, const Code* end) {
  if (code + kAhead >= end) return;
  const auto* bytes = reinterpret_cast<const std::byte*>(factors.row(code[kAhead]));
  const Offset length = factors.cols * static_cast<Offset>(sizeof(BFloat16));
  for (Offset b = 0; b < length; b += 64) hwy::Prefetch(bytes + b);
}

// Widened, and closed by zeros.
HWY_INLINE void load_padded(const BFloat16* HWY_RESTRICT from, Offset dim, Offset padded, float* HWY_RESTRICT to) {
  const Tag d;
  const hn::Rebind<std::uint16_t, Tag> narrow;
  const hn::RebindToUnsigned<Tag> wide;
  const auto* bits = reinterpret_cast<const std::uint16_t*>(from);
  const Offset lanes = hn::Lanes(d), whole = dim / lanes * lanes;
  for (Offset k = 0; k < whole; k += lanes)
    hn::Store(hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(wide, hn::LoadU(narrow, bits + k)))), d, to + k);
  for (Offset k = whole; k < dim; ++k) to[k] = from[k];
  for (Offset k = dim; k < padded; ++k) to[k] = 0;
}

HWY_INLINE void copy_padded(const float* HWY_RESTRICT from, Offset dim, Offset padded, float* HWY_RESTRICT to) {
  const Tag d;
  const Offset lanes = hn::Lanes(d), whole = dim / lanes * lanes;
  for (Offset k = 0; k < whole; k += lanes) hn::Store(hn::LoadU(d, from + k), d, to + k);
  for (Offset k = whole; k < dim; ++k) to[k] = from[k];
  for (Offset k = dim; k < padded; ++k) to[k] = 0;
}

bool all_finite(const float* w, Offset dim) {
  const Tag d;
  const Offset lanes = hn::Lanes(d), whole = dim / lanes * lanes;
  for (Offset k = 0; k < whole; k += lanes)
    if (!hn::AllTrue(d, hn::IsFinite(hn::LoadU(d, w + k)))) return false;
  return std::all_of(w + whole, w + dim, [](float x) { return std::isfinite(x); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace nextbest::cpu
HWY_AFTER_NAMESPACE();

#endif
