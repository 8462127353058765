#include "kernels/cpu/score_tile.hpp"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/score_tile.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_NATIVE_FMA

using Tag = hn::CappedTag<float, 16>;
using Vec = hn::Vec<Tag>;

// Writes one row's pair of vectors and tells whether anything in it reaches the threshold.
HWY_INLINE bool store_pair(Tag d, Vec first, Vec second, float threshold, float* scores) {
  hn::Store(first, d, scores);
  hn::Store(second, d, scores + hn::Lanes(d));
  const Vec limit = hn::Set(d, threshold);
  return !(hn::AllTrue(d, hn::Lt(first, limit)) && hn::AllTrue(d, hn::Lt(second, limit)));
}

// Twelve named accumulators: vectors of scalable targets cannot stand in arrays.
HWY_INLINE unsigned score_strip(const float* const* user, const float* packed, Offset dim, const float* threshold,
                                float* scores) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  Vec a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  Vec b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
  for (Offset c = 0; c < dim; ++c) {
    const Vec first = hn::Load(d, packed + c * kTileItems);
    const Vec second = hn::Load(d, packed + c * kTileItems + lanes);
    Vec w = hn::Set(d, user[0][c]);
    a0 = hn::MulAdd(w, first, a0);
    b0 = hn::MulAdd(w, second, b0);
    w = hn::Set(d, user[1][c]);
    a1 = hn::MulAdd(w, first, a1);
    b1 = hn::MulAdd(w, second, b1);
    w = hn::Set(d, user[2][c]);
    a2 = hn::MulAdd(w, first, a2);
    b2 = hn::MulAdd(w, second, b2);
    w = hn::Set(d, user[3][c]);
    a3 = hn::MulAdd(w, first, a3);
    b3 = hn::MulAdd(w, second, b3);
    w = hn::Set(d, user[4][c]);
    a4 = hn::MulAdd(w, first, a4);
    b4 = hn::MulAdd(w, second, b4);
    w = hn::Set(d, user[5][c]);
    a5 = hn::MulAdd(w, first, a5);
    b5 = hn::MulAdd(w, second, b5);
  }
  unsigned rows = 0;
  rows |= unsigned{store_pair(d, a0, b0, threshold[0], scores)} << 0;
  rows |= unsigned{store_pair(d, a1, b1, threshold[1], scores + 1 * kTileItems)} << 1;
  rows |= unsigned{store_pair(d, a2, b2, threshold[2], scores + 2 * kTileItems)} << 2;
  rows |= unsigned{store_pair(d, a3, b3, threshold[3], scores + 3 * kTileItems)} << 3;
  rows |= unsigned{store_pair(d, a4, b4, threshold[4], scores + 4 * kTileItems)} << 4;
  rows |= unsigned{store_pair(d, a5, b5, threshold[5], scores + 5 * kTileItems)} << 5;
  return rows;
}

unsigned score_tile(const float* const* user, const float* packed, Offset dim, const float* threshold, float* scores) {
  static_assert(kTileUsers == 6);
  const int strip = 2 * static_cast<int>(hn::Lanes(Tag()));
  unsigned rows = 0;
  for (int first = 0; first < kTileItems; first += strip)
    rows |= score_strip(user, packed + first, dim, threshold, scores + first);
  return rows;
}

#else  // instruction sets that round between multiplication and addition: std::fma is slow there, and exact

unsigned score_tile(const float* const* user, const float* packed, Offset dim, const float* threshold, float* scores) {
  unsigned rows = 0;
  for (int u = 0; u < kTileUsers; ++u) {
    for (int i = 0; i < kTileItems; ++i) {
      float sum = 0;
      for (Offset c = 0; c < dim; ++c) sum = std::fma(user[u][c], packed[c * kTileItems + i], sum);
      scores[u * kTileItems + i] = sum;
      if (!(sum < threshold[u])) rows |= 1u << u;
    }
  }
  return rows;
}

#endif

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

HWY_EXPORT(score_tile);

unsigned score_tile(const float* const* user, const float* packed, Offset dim, const float* threshold, float* scores) {
  return HWY_DYNAMIC_DISPATCH(score_tile)(user, packed, dim, threshold, scores);
}

}  // namespace nextbest::cpu
#endif
