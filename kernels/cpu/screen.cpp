#define HWY_WANT_AVX3_DL  // AVX-512 with products of bytes, which Highway leaves out unless asked
#include "kernels/cpu/screen.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/eight_bits.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/screen.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nextbest::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// No sum A lies outside (-kBeyond, kBeyond), and differences of two such numbers fit 32 bits.
constexpr std::int32_t kBeyond = static_cast<std::int32_t>(kMostDims * 127 * 127 + 1);

/// Sets what the sum A of each user must reach in a tile and tells whether the tile can matter to any.
HWY_INLINE bool least_sums(const UserGroup& g, const CpuItemIndex::Tile& tile, Offset dim, std::int32_t* least) {
  const hn::CappedTag<double, kGroupUsers> d;
  const hn::Rebind<std::int32_t, decltype(d)> whole;
  const double units = static_cast<double>(dim) * 0x1p-24, gamma = units / (1 - units);
  const auto smallest = hn::Set(d, static_cast<double>(dim) * 0x1p-149);
  const auto lowest = hn::Set(d, -kBeyond), highest = hn::Set(d, kBeyond);
  const auto item_norm = hn::Set(d, tile.norm), item_error = hn::Set(d, tile.error);
  bool any = false;
  for (std::size_t u = 0; u < kGroupUsers; u += hn::Lanes(d)) {
    const auto threshold = hn::Load(d, g.threshold + u);
    const auto product = hn::Mul(hn::Load(d, g.norm + u), item_norm);
    const auto rounding = hn::Add(hn::Mul(hn::Set(d, gamma), product), smallest);
    const auto quantized =
        hn::Add(hn::Mul(hn::Load(d, g.error + u), item_norm), hn::Mul(hn::Load(d, g.hat + u), item_error));
    const auto scales = hn::Mul(hn::Load(d, g.inverse_scale + u), hn::Set(d, tile.inverse_scale));
    auto sum = hn::Mul(hn::Sub(threshold, hn::Add(rounding, quantized)), scales);
    sum = hn::Sub(sum, hn::Set(d, 2));  // 1 for the rounding of all this, 1 for the truncation below
    sum = hn::IfThenElse(hn::Gt(sum, lowest), sum, lowest);
    sum = hn::IfThenElse(hn::Lt(sum, highest), sum, highest);
    sum = hn::IfThenElse(hn::Lt(product, hn::Set(d, 0x1p126)), sum, lowest);
    hn::Store(hn::DemoteTo(whole, sum), whole, least + u);
    any = any || !hn::AllTrue(d, hn::Lt(hn::Add(product, rounding), threshold));
  }
  return any;
}

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL

struct Sums {
  __m512i a, b, c;
};

// sum += products of four bytes without sign and four with, in each lane. Written as the instruction: Highway 1.0.3
// compiles for this target without the compiler's own name for it.
HWY_INLINE void add_products(__m512i& sum, const __m512i& w, const __m512i& h) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(h));
}
HWY_INLINE void add_products(Sums& sums, std::uint32_t quad, const __m512i& a, const __m512i& b, const __m512i& c) {
  const __m512i w = _mm512_set1_epi32(static_cast<int>(quad));
  add_products(sums.a, w, a);
  add_products(sums.b, w, b);
  add_products(sums.c, w, c);
}

// Bit i: lane i is not negative.
HWY_INLINE std::uint64_t not_negative(const Sums& s) {
  const auto lanes = [](const __m512i& v) {
    return std::uint64_t{static_cast<std::uint16_t>(~_mm512_movepi32_mask(v))};
  };
  return lanes(s.a) | lanes(s.b) << 16 | lanes(s.c) << 32;
}
HWY_INLINE __m512i all_of(const Sums& s) {
  return _mm512_and_si512(_mm512_and_si512(s.a, s.b), s.c);
}

// Users are offset by 128 to have no sign, as the instruction wants. The sums start at what that adds and at what they
// must reach, both negated: an item may matter where its sum does not end negative.
HWY_INLINE bool screen_tile(const UserGroup& g, const std::int8_t* packed, const std::int32_t* sum, Offset steps,
                            const std::int32_t* least, std::uint64_t* passed) {
  const auto start = [&](int i) {
    return _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_slli_epi32(_mm512_loadu_si512(sum + i), 7));
  };
  const Sums offset{start(0), start(16), start(32)};
  const auto below = [&](int u) {
    const __m512i limit = _mm512_set1_epi32(least[u]);
    return Sums{_mm512_sub_epi32(offset.a, limit), _mm512_sub_epi32(offset.b, limit),
                _mm512_sub_epi32(offset.c, limit)};
  };
  Sums s0 = below(0), s1 = below(1), s2 = below(2), s3 = below(3);
  Sums s4 = below(4), s5 = below(5), s6 = below(6), s7 = below(7);
  const std::uint32_t* quad = g.quads.get();
  for (Offset step = 0; step < steps; ++step, quad += kGroupUsers, packed += 4 * kTileItems) {
    const __m512i a = _mm512_load_si512(packed), b = _mm512_load_si512(packed + 64),
                  c = _mm512_load_si512(packed + 128);
    add_products(s0, quad[0], a, b, c);
    add_products(s1, quad[1], a, b, c);
    add_products(s2, quad[2], a, b, c);
    add_products(s3, quad[3], a, b, c);
    add_products(s4, quad[4], a, b, c);
    add_products(s5, quad[5], a, b, c);
    add_products(s6, quad[6], a, b, c);
    add_products(s7, quad[7], a, b, c);
  }
  const __m512i first =
      _mm512_and_si512(_mm512_and_si512(all_of(s0), all_of(s1)), _mm512_and_si512(all_of(s2), all_of(s3)));
  const __m512i second =
      _mm512_and_si512(_mm512_and_si512(all_of(s4), all_of(s5)), _mm512_and_si512(all_of(s6), all_of(s7)));
  if (_mm512_movepi32_mask(_mm512_and_si512(first, second)) == 0xFFFF) return false;
  passed[0] = not_negative(s0);
  passed[1] = not_negative(s1);
  passed[2] = not_negative(s2);
  passed[3] = not_negative(s3);
  passed[4] = not_negative(s4);
  passed[5] = not_negative(s5);
  passed[6] = not_negative(s6);
  passed[7] = not_negative(s7);
  return true;
}

HWY_INLINE void write(const Sums& s, std::int32_t* to) {
  _mm512_storeu_si512(to, s.a);
  _mm512_storeu_si512(to + 16, s.b);
  _mm512_storeu_si512(to + 32, s.c);
}

HWY_INLINE void products(const UserGroup& g, const std::int8_t* packed, Offset steps, std::int32_t* sums) {
  const Sums none{_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
  for (int u = 0; u < kGroupUsers; u += 4) {
    Sums s0 = none, s1 = none, s2 = none, s3 = none;
    const std::uint32_t* quad = g.quads.get() + u;
    const std::int8_t* from = packed;
    for (Offset step = 0; step < steps; ++step, quad += kGroupUsers, from += 4 * kTileItems) {
      const __m512i a = _mm512_load_si512(from), b = _mm512_load_si512(from + 64), c = _mm512_load_si512(from + 128);
      add_products(s0, quad[0], a, b, c);
      add_products(s1, quad[1], a, b, c);
      add_products(s2, quad[2], a, b, c);
      add_products(s3, quad[3], a, b, c);
    }
    write(s0, sums + u * kTileItems);
    write(s1, sums + (u + 1) * kTileItems);
    write(s2, sums + (u + 2) * kTileItems);
    write(s3, sums + (u + 3) * kTileItems);
  }
}

#elif HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE

constexpr hn::CappedTag<std::int32_t, 8> kWide;
constexpr hn::Repartition<std::int16_t, decltype(kWide)> kShort;
using Wide = hn::Vec<decltype(kWide)>;
using Short = hn::Vec<decltype(kShort)>;
constexpr int kPairItems = static_cast<int>(hn::MaxLanes(kWide)) / 2;  // each item takes two lanes, for two dims each

// Sums of products of 16 bits, in the two vectors that ReorderWidenMulAccumulate asks for.
struct Sums {
  Wide even, odd;
};

HWY_INLINE void add_products(Sums& sums, const Short& w, const Short& h) {
  sums.even = hn::ReorderWidenMulAccumulate(kWide, w, h, sums.even, sums.odd);
}
HWY_INLINE Short user_quad(std::uint32_t quad) {
  const hn::Half<hn::Repartition<std::uint32_t, decltype(kWide)>> words;
  const hn::Repartition<std::uint8_t, decltype(words)> bytes;
  return hn::PromoteTo(kShort, hn::BitCast(bytes, hn::Set(words, quad)));
}
HWY_INLINE void write(const Sums& s, std::int32_t* to) {
  const Wide pairs = hn::RearrangeToOddPlusEven(s.even, s.odd);
  alignas(64) std::int32_t lanes[2 * kPairItems];
  hn::Store(pairs, kWide, lanes);
  for (int i = 0; i < kPairItems; ++i) to[i] = lanes[2 * i] + lanes[2 * i + 1];
}

// Four users x two vectors of items: what 16 registers hold.
HWY_INLINE void four_users(const std::uint32_t* quad, const std::int8_t* packed, Offset steps, std::int32_t* sums) {
  const hn::Rebind<std::int8_t, decltype(kShort)> bytes;
  const Sums none{hn::Zero(kWide), hn::Zero(kWide)};
  Sums a0 = none, a1 = none, a2 = none, a3 = none, b0 = none, b1 = none, b2 = none, b3 = none;
  for (Offset step = 0; step < steps; ++step, quad += kGroupUsers, packed += 4 * kTileItems) {
    const Short a = hn::PromoteTo(kShort, hn::Load(bytes, packed));
    const Short b = hn::PromoteTo(kShort, hn::Load(bytes, packed + 4 * kPairItems));
    const Short w0 = user_quad(quad[0]), w1 = user_quad(quad[1]), w2 = user_quad(quad[2]), w3 = user_quad(quad[3]);
    add_products(a0, w0, a);
    add_products(b0, w0, b);
    add_products(a1, w1, a);
    add_products(b1, w1, b);
    add_products(a2, w2, a);
    add_products(b2, w2, b);
    add_products(a3, w3, a);
    add_products(b3, w3, b);
  }
  const Sums* const all[] = {&a0, &b0, &a1, &b1, &a2, &b2, &a3, &b3};
  for (int i = 0; i < 8; ++i) write(*all[i], sums + i / 2 * kTileItems + i % 2 * kPairItems);
}

HWY_INLINE void products(const UserGroup& g, const std::int8_t* packed, Offset steps, std::int32_t* sums) {
  for (int u = 0; u < kGroupUsers; u += 4)
    for (int i = 0; i < kTileItems; i += 2 * kPairItems)
      four_users(g.quads.get() + u, packed + 4 * i, steps, sums + u * kTileItems + i);
}

#else

HWY_INLINE void products(const UserGroup& g, const std::int8_t* packed, Offset steps, std::int32_t* sums) {
  for (int u = 0; u < kGroupUsers; ++u)
    for (int i = 0; i < kTileItems; ++i) {
      std::int32_t sum = 0;
      for (Offset s = 0; s < steps; ++s)
        for (int c = 0; c < 4; ++c)
          sum += static_cast<std::int32_t>(g.quads[s * kGroupUsers + u] >> (8 * c) & 255) *
                 packed[(s * kTileItems + i) * 4 + c];
      sums[u * kTileItems + i] = sum;
    }
}

#endif

#if !(HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL)

HWY_INLINE bool screen_tile(const UserGroup& g, const std::int8_t* packed, const std::int32_t* sum, Offset steps,
                            const std::int32_t* least, std::uint64_t* passed) {
  alignas(64) std::int32_t sums[kGroupUsers * kTileItems];
  products(g, packed, steps, sums);
  std::uint64_t some = 0;
  for (int u = 0; u < kGroupUsers; ++u) {
    std::uint64_t bits = 0;
    for (int i = 0; i < kTileItems; ++i)
      bits |= std::uint64_t{sums[u * kTileItems + i] - 128 * sum[i] >= least[u]} << i;
    some |= passed[u] = bits;
  }
  return some != 0;
}

#endif

void least_scores(const UserGroup& g, const CpuItemIndex& items, Offset tile, float* least, Offset stride) {
  alignas(64) std::int32_t sums[kGroupUsers * kTileItems];
  products(g, items.packed.get() + tile * items.tile_bytes(), items.steps, sums);
  const CpuItemIndex::Tile& about = items.tiles[tile];
  const std::int32_t* sum = items.sum.data() + tile * kTileItems;
  const double dim = static_cast<double>(items.dim);
  for (int u = 0; u < kGroupUsers; ++u, least += stride) {
    const double product = g.norm[u] * about.norm;
    const bool known = product > 0x1p-60 && product < 0x1p126;
    const auto scale = static_cast<float>(known ? 1 / (g.inverse_scale[u] * about.inverse_scale) : 0);
    const auto off =
        static_cast<float>(known ? g.error[u] * about.norm + g.hat[u] * about.error + (dim + 16) * 0x1p-23 * product
                                 : std::numeric_limits<double>::infinity());
    for (int i = 0; i < kTileItems; ++i)
      least[i] = scale * static_cast<float>(sums[u * kTileItems + i] - 128 * sum[i]) - off;
  }
}

HWY_FLATTEN float reached_by(const float* x, int n, int k, float most) {
  const auto enough = [&](float y) HWY_ATTR {
    int count = 0;
    for (int i = 0; i < n; ++i) count += x[i] >= y ? 1 : 0;
    return count >= k;
  };
  float low = -most, high = most;
  if (!enough(low)) return -std::numeric_limits<float>::infinity();
  for (int halving = 0; halving < 10; ++halving) {
    const float middle = low + (high - low) / 2;
    const bool more = enough(middle);
    low = more ? middle : low;
    high = more ? high : middle;
  }
  return low;
}

Offset screen_tiles(const UserGroup& group, const CpuItemIndex& items, Offset first, Offset last,
                    std::uint64_t* passed) {
  for (Offset tile = first; tile < last; ++tile) {
    alignas(64) std::int32_t least[kGroupUsers];
    if (!least_sums(group, items.tiles[tile], items.dim, least)) return last;
    if (screen_tile(group, items.packed.get() + tile * items.tile_bytes(), items.sum.data() + tile * kTileItems,
                    items.steps, least, passed))
      return tile;
  }
  return last;
}

void score_rows(const float* user, const float* const* rows, Offset dim, float* scores) {
  float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
  const float *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  const float *r4 = rows[4], *r5 = rows[5], *r6 = rows[6], *r7 = rows[7];
  for (Offset c = 0; c < dim; ++c) {
    const float w = user[c];
    s0 = std::fma(w, r0[c], s0);
    s1 = std::fma(w, r1[c], s1);
    s2 = std::fma(w, r2[c], s2);
    s3 = std::fma(w, r3[c], s3);
    s4 = std::fma(w, r4[c], s4);
    s5 = std::fma(w, r5[c], s5);
    s6 = std::fma(w, r6[c], s6);
    s7 = std::fma(w, r7[c], s7);
  }
  const float all[kScoreRows] = {s0, s1, s2, s3, s4, s5, s6, s7};
  std::copy_n(all, kScoreRows, scores);
}

}  // namespace nextbest::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nextbest::cpu {

ScreenedUser screen_user(const float* user, Offset dim, std::uint32_t* quads) {
  ScreenedUser about;
  about.norm = norm_above(user, dim);
  std::fill_n(quads, (dim + 3) / 4, 0x80808080U);
  if (!std::isfinite(about.norm) || about.norm == 0) return about;
  about.inverse_scale = 127 / static_cast<double>(largest_of(user, dim));
  std::vector<std::int8_t> q(dim + 8);
  const EightBits bits = to_eight_bits(user, dim, about.inverse_scale, q.data());
  about.hat = bits.seen;
  about.error = bits.rest;
  // A sign bit that is turned adds 128.
  for (Offset step = 0; step < (dim + 3) / 4; ++step) {
    std::uint32_t quad;
    std::memcpy(&quad, q.data() + 4 * step, 4);
    quads[step] ^= quad;
  }
  return about;
}

HWY_EXPORT(screen_tiles);
HWY_EXPORT(least_scores);
HWY_EXPORT(reached_by);
HWY_EXPORT(score_rows);

Offset screen_tiles(const UserGroup& group, const CpuItemIndex& items, Offset first, Offset last,
                    std::uint64_t* passed) {
  return HWY_DYNAMIC_DISPATCH(screen_tiles)(group, items, first, last, passed);
}
void least_scores(const UserGroup& group, const CpuItemIndex& items, Offset tile, float* least, Offset stride) {
  HWY_DYNAMIC_DISPATCH(least_scores)(group, items, tile, least, stride);
}
float reached_by(const float* x, int n, int k, float most) {
  return HWY_DYNAMIC_DISPATCH(reached_by)(x, n, k, most);
}
void score_rows(const float* user, const float* const* rows, Offset dim, float* scores) {
  HWY_DYNAMIC_DISPATCH(score_rows)(user, rows, dim, scores);
}

}  // namespace nextbest::cpu
#endif
